"""COUNT empty tasks on a Dask cluster: tasks_dask.py COUNT"""
import sys

from cluster_dask import cluster
from counting import Stopwatch


def nothing(number):
    return number


if __name__ == "__main__":
    with cluster() as client, Stopwatch():
        count = int(sys.argv[1])
        assert client.gather(client.map(nothing, range(count))) == list(range(count))
