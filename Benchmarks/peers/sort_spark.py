"""Sorts lines with Spark's data frames: sort_spark.py OUTPUT FILE..."""
import sys

from counting import Stopwatch
from session_spark import session, write

with session() as spark, Stopwatch():
    write(spark.read.text(sys.argv[2:]).orderBy("value"), sys.argv[1])
