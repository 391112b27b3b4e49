"""Dask distributed at what data workers do: data_dask.py LARGE_BYTES SMALL_COUNT COMPUTATION_COUNT REPEATS. Prints seconds as JSON."""
import functools
import json
import os
import statistics
import sys
import time

from dask.distributed import wait

from cluster_dask import cluster


def inc(number):
    return number + 1


def random_bytes(count):
    return os.urandom(count)


def seconds(body):
    began = time.perf_counter()
    body()
    return time.perf_counter() - began


def moved(client, source, destination, count, size, order):
    """How long it takes until the destination has objects that the source has made."""
    futures = client.map(random_bytes, [size] * count, pure=False, workers=[source])
    wait(futures)
    if order:
        time_taken = seconds(lambda: client.replicate(futures, workers=[destination]))
    else:
        time_taken = seconds(lambda: counted(client, futures, size, destination))
    holders = client.who_has(futures)
    check(order is False or all(destination in holders[future.key] for future in futures))
    return time_taken


def counted(client, futures, size, destination):
    argument, expected = (futures[0], size) if len(futures) == 1 else (futures, len(futures))
    check(client.submit(len, argument, pure=False, workers=[destination]).result() == expected)


def check(is_right):
    if not is_right:
        sys.exit("data_dask.py: Dask's answer is wrong")


def computed(client, count):
    check(client.gather(client.map(inc, range(count), pure=False)) == list(range(1, count + 1)))


def main():
    large, small_count, computation_count, repeats = map(int, sys.argv[1:])
    with cluster() as client:
        source, destination = sorted(client.scheduler_info()["workers"])
        computed(client, 100)
        move = functools.partial(moved, client, source, destination)
        measures = {
            "large copied": lambda: move(1, large, True), "large computed": lambda: move(1, large, False),
            "small copied": lambda: move(small_count, 1_024, True), "small computed": lambda: move(small_count, 1_024, False),
            "built-in": lambda: seconds(lambda: computed(client, computation_count)),
        }
        measures["Python"] = measures["built-in"]
        print(json.dumps({name: statistics.median(measure() for _ in range(repeats)) for name, measure in measures.items()}))


if __name__ == "__main__":
    main()
