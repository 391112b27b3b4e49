"""Records that are not lines."""

from data import FIXED, lines
from jobs import expect, job

FIXED_FORMAT = "org.apache.hadoop.mapreduce.lib.input.FixedLengthInputFormat"


def same_lines(ours, theirs):
    mine, other = (sorted(line for part in side.parts for line in lines(part)) for side in (ours, theirs))
    expect(mine == other, f"{len(mine)} lines, as {mine[:3]!r:.200}, and in Hadoop {len(other)}, as {other[:3]!r:.200}")


@job("records of a fixed length, beside FixedLengthInputFormat")
def fixed(bench):
    bench.add(*bench.source.sevens())
    mapper = f"tr '\\n' '.' | fold -b -w {FIXED}"
    ours = bench.ours("--input-format", f"fixed:{FIXED}", "--mapper", mapper, "--reducer", "cat")
    theirs = bench.theirs(mapper=mapper, reducer="cat", format=FIXED_FORMAT, ends={}, conf={
        "fixedlengthinputformat.record.length": FIXED, "mapreduce.input.fileinputformat.split.maxsize": 700})
    same_lines(ours, theirs)
    expect(ours.summary["records"] == theirs.counter("MAP_INPUT_RECORDS"), "as many records")
