"""A mapper and a reducer that count words, for both sides: bytes in, bytes out, whatever they are."""

import itertools
import sys

ENDS = b"\n"


def rows():
    for line in sys.stdin.buffer:
        yield line[:-1] if line.endswith(ENDS) else line


def mapped():
    for line in rows():
        words = line.split()
        for word in words:
            sys.stdout.buffer.write(word + b"\t1\n")
        print(f"reporter:counter:words,of lines,{len(words)}", file=sys.stderr)


def reduced(counts):
    pairs = (line.split(b"\t", 1) for line in rows())
    for word, group in itertools.groupby(pairs, key=lambda pair: pair[0]):
        sys.stdout.buffer.write(b"%s\t%d\n" % (word, sum(int(count) for _, count in group)))
        if counts:
            print("reporter:counter:words,distinct,1", file=sys.stderr)


if sys.argv[1] == "map":
    mapped()
else:
    reduced(sys.argv[1] == "reduce")
