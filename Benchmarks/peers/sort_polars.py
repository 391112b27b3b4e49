"""Sorts lines with the streaming engine of Polars: sort_polars.py OUTPUT FILE..."""
import sys

import polars

lines = polars.scan_lines(sys.argv[2:], name="line").sort("line")
lines.sink_csv(sys.argv[1], separator="\x01", include_header=False, quote_style="never", engine="streaming")
