"""COUNT empty tasks on Spark, inside its own virtual machine, which is the fastest way: tasks_spark.py COUNT"""
import sys

from counting import Stopwatch
from session_spark import session

with session() as spark, Stopwatch():
    count = int(sys.argv[1])
    assert spark.range(0, count, 1, count)._jdf.rdd().count() == count
