"""Word count in SQL: wordcount_duckdb.py OUTPUT FILE..."""
import sys

from lines_duckdb import copy

copy("""SELECT word, count(*) FROM (SELECT unnest(string_split(translate(line, E'\\t\\x0b\\f\\r', '    '), ' ')) AS word FROM lines)
        WHERE word <> '' GROUP BY word ORDER BY word""", sys.argv[2:], sys.argv[1], "\t")
