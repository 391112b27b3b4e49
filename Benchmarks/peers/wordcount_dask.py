"""Word count as Dask tasks, one for each file, added up in a tree: wordcount_dask.py OUTPUT FILE..."""
import sys

from cluster_dask import cluster
from counting import Stopwatch, count_file, in_groups, summed, write_counts

if __name__ == "__main__":
    with cluster() as client, Stopwatch():
        counts = client.map(count_file, sys.argv[2:])
        while len(counts) > 1:
            counts = client.map(summed, in_groups(counts))
        write_counts(sys.argv[1], counts[0].result())
