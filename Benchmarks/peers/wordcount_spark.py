"""Word count with Spark's data frames: wordcount_spark.py OUTPUT FILE..."""
import sys

from counting import Stopwatch
from pyspark.sql import functions
from session_spark import session, write

with session() as spark, Stopwatch():
    words = spark.read.text(sys.argv[2:]).select(functions.explode(functions.split("value", r"[ \t\n\x0B\f\r]+")).alias("word"))
    counted = words.where("word <> ''").groupBy("word").count().orderBy("word")
    write(counted.select(functions.concat_ws("\t", "word", functions.col("count").cast("string"))), sys.argv[1])
