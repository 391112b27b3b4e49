"""Sorts lines in SQL: sort_duckdb.py OUTPUT FILE..."""
import sys

from lines_duckdb import copy

copy("SELECT line FROM lines ORDER BY line", sys.argv[2:], sys.argv[1], "\x01")
