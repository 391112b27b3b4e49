"""COUNT empty tasks on a pool of two Python processes, one message for each: tasks_pool.py COUNT"""
import sys
from multiprocessing import Pool

from counting import Stopwatch


def nothing(number):
    return number


if __name__ == "__main__":
    with Pool(2) as pool, Stopwatch():
        count = int(sys.argv[1])
        assert sum(pool.imap_unordered(nothing, range(count))) == count * (count - 1) // 2
