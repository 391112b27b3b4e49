"""What the Python peers share: counting the words of a file, writing counts, and saying how long the work took."""
import sys
import time
from collections import Counter

BLOCK_SIZE = 1 << 23


class Stopwatch:
    """Tells the harness, on standard error, how long the work took without start-up and shutdown."""

    def __enter__(self):
        self.began = time.perf_counter()

    def __exit__(self, *_):
        print(f"work-seconds {time.perf_counter() - self.began:.6f}", file=sys.stderr)


def count_file(path):
    found = Counter()
    with open(path, "rb") as file:
        while block := file.read(BLOCK_SIZE):
            # Up to the end of the line, so that no word is cut.
            found.update((block + file.readline()).split())
    return found


def summed(counters):
    total = Counter()
    for counter in counters:
        total.update(counter)
    return total


def in_groups(items, size=4):
    return [items[start:start + size] for start in range(0, len(items), size)]


def write_counts(path, counts):
    with open(path, "wb") as file:
        file.writelines(b"%b\t%d\n" % item for item in sorted(counts.items()))
