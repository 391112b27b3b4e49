"""Word count with the streaming engine of Polars: wordcount_polars.py OUTPUT FILE..."""
import sys

import polars

spaces = {character: " " for character in "\t\v\f\r"}
words = polars.col("line").str.replace_many(spaces).str.split(" ").alias("word")
counted = (
    polars.scan_lines(sys.argv[2:], name="line").select(words).explode("word")
    .filter(polars.col("word") != "").group_by("word").len().sort("word"))
counted.sink_csv(sys.argv[1], separator="\t", include_header=False, quote_style="never", engine="streaming")
