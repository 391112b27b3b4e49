"""Word count as Ray tasks, one for each file, added up in a tree: wordcount_ray.py OUTPUT FILE..."""
import sys

from cluster_ray import cluster
from counting import Stopwatch, count_file, in_groups, summed, write_counts

with cluster() as ray, Stopwatch():
    count, add = ray.remote(count_file), ray.remote(lambda *counters: summed(counters))
    counts = [count.remote(path) for path in sys.argv[2:]]
    while len(counts) > 1:
        counts = [add.remote(*group) for group in in_groups(counts)]
    write_counts(sys.argv[1], ray.get(counts[0]))
