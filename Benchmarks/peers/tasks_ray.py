"""COUNT empty tasks on Ray: tasks_ray.py COUNT"""
import sys

from cluster_ray import cluster
from counting import Stopwatch

with cluster() as ray, Stopwatch():
    count, nothing = int(sys.argv[1]), ray.remote(lambda number: number)
    assert ray.get([nothing.remote(number) for number in range(count)]) == list(range(count))
