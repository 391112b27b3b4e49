"""Input with everything in it that has broken a text tool before, from a seed."""

import bz2
import gzip
import itertools
import random

PIECES = [
    b" ", b" ", b" ", b"\n", b"\n", b"\r\n", b"\t", b"\v", b"\f", b"\0", b"\xff\xfe", b"\xc3", b"hot", b"hot", b"hot ", b"a", b"ab",
    b"Ab", b"a\0", b"a\0\0", b"12345678", b"123456781234567", b"1234567812345678abcdefgh", b"\n\n\n", "käse".encode(),
    "数据".encode(), b",", b"\\", b"alpha beta", b"beta", b"BETA"]
KEYS = [
    b"", b"\0", b"\0\0", b"\0\xff", b"\x01", b"\xff", b"\xff\xfe", b"\xc3", b"a", b"a\0", b"a\x01", b"ab", b" ", b"A",
    "käse".encode(), b"12345678", b"1234567812345678a", b"a\\b", b"\r"]
NUMBERS = [
    b"0", b"-0", b"+1", b"-1", b"12", b"007", b"9223372036854775807", b"-9223372036854775808", b"0.1", b"-0.1", b".5", b"5.",
    b"1e3", b"1.5E-7", b"-2.25e+2", b"0.000000000000000000000000000000000001", b"1e18", b"0.3333333333333333", b" 7 ", b"1e-36",
    b"9999999999999999999.999999999999999999999999999999999999", b"-9999999999999999999.5"]
LONG = 70_000
"""Bytes of a line that is longer than what is read at once."""


FIXED = 7
"""Bytes of a record of --input-format fixed."""


class File:
    """An input file: its name, what it holds, and the bytes that are on the disk."""

    def __init__(self, name, content, pack=None):
        # A name's bytes that are no UTF-8 are what Python makes of them (surrogateescape).
        self.name, self.content = name, content
        self.stored = pack(content) if pack else content


def lines(text):
    """Lines without their ends; only LF ends one."""
    found = text.split(b"\n")
    return found[:-1] if found[-1] == b"" else found


class Source:
    """Makes the data sets; the same seed makes the same ones."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self, size):
        """Pieces in any order, without an LF at the end."""
        made = bytearray()
        while len(made) < size:
            made += self.random.choice(PIECES)
            if self.random.random() < 0.02:
                made.append(self.random.randrange(256))
        return bytes(made).rstrip(b"\n")

    def table(self, count, rest, keys=KEYS, hot=0.0):
        """Lines `key TAB rest`; so many of them, as a share, have one and the same key."""
        made = []
        for _ in range(count):
            key = b"hot" if self.random.random() < hot else self.random.choice(keys)
            made.append(key + b"\t" + rest() + (b"\r" if self.random.random() < 0.1 else b""))
        return b"\n".join(made) + (b"\n" if self.random.random() < 0.5 else b"")

    def number(self):
        if self.random.random() < 0.5:
            return self.random.choice(NUMBERS)
        return b"%d.%03d" % (self.random.randint(-99, 99), self.random.randrange(1000))

    def fields(self):
        return b"\t".join(self.random.choice(KEYS) for _ in range(self.random.randrange(4)))

    # Data sets

    def texts(self):
        """What most applications read: awkward text, a compressed file, a line of 70,000 bytes, a table with a hot key."""
        letters = bytes(itertools.islice(itertools.cycle(b"xyz"), LONG))
        return [
            File("in/a.txt", self.text(3000) + b"\n" + letters + b"\nlast line\n"),
            File("in/b c,\\.txt", self.text(1500)),
            File("in/c.gz", self.text(1500) + b"\n", gzip.compress),
            File("in/d.log", self.text(700) + b"\n", bz2.compress),
            File("in/hot.tsv", self.table(150, self.fields, hot=0.9)),
            # No UTF-8 either.
            File("in/tab\tnewline\n\udcff.txt", self.text(500)),
        ]

    def numbers(self):
        return [
            File("in/n1.tsv", self.table(120, self.number)),
            File("in/n2.tsv.gz", self.table(60, self.number, hot=0.9), gzip.compress)]

    def commas(self):
        """Numbers first, and a comma after them."""
        rows = [b",".join(reversed(line.partition(b"\t")[::2])) for line in lines(self.table(80, self.number, KEYS[:-1]))]
        return [File("in/commas.txt", b"\n".join(row.replace(b"\r", b"") for row in rows))]

    def commas_last(self):
        """Keys first, then a number, and behind it quotes with line ends in them."""
        rows = lines(self.table(90, self.number, KEYS[:-1], hot=0.5).replace(b"\t", b",").replace(b"\r", b""))
        ends = [b"\n", b',"two\nlines"\n', b',"\r\n"\n']
        return [File("in/keys.csv", b"".join(row + self.random.choice(ends) for row in rows))]

    def headed(self):
        """Tables that say at the top what their columns are."""
        tables = [b"key\tnumber\n" + self.table(count, self.number) for count in (90, 40, 1)]
        return [File("in/h1.tsv", tables[0]), File("in/h2.tsv.gz", tables[1], gzip.compress), File("in/h3.tsv", tables[2])]

    def nul_terminated(self):
        """As find -print0 writes names, with and without the last NUL."""
        texts = [b"".join(self.random.choice(PIECES).replace(b"\0", b"/") + b"\0" * self.random.randrange(2) for _ in range(600))
                 for _ in range(3)]
        return [File("in/one", texts[0] + b"\0"), File("in/two", texts[1] + b"last"), File("in/three.gz", texts[2], gzip.compress)]

    def sevens(self):
        """Records of seven bytes, a compressed file of them too."""
        texts = [b"".join(self.random.choice([b"abcdefg", b"\0\n\r\t \xff,", b"1234567", b"\n" * 7]) for _ in range(n))
                 for n in (300, 20)]
        return [File("in/sevens.bin", texts[0]), File("in/more.bin.gz", texts[1], gzip.compress)]

    def tables(self):
        """CSV whose quoted fields hold line ends, commas and quotes."""
        fields = [b"a", b"", b'"a,b"', b'"two\nlines"', b'"two\r\nlines"', b'""', b'"said ""hot"""', b'"\n\n\n"', b"\xff", b'","']
        texts = []
        for count in (300, 30):
            rows = [b",".join(self.random.choice(fields) for _ in range(self.random.randrange(1, 5))) for _ in range(count)]
            texts.append(b"".join(row + self.random.choice([b"\n", b"\r\n"]) for row in rows))
        return [File("in/t1.csv", texts[0] + b"last,row"), File("in/t2.csv.gz", texts[1], gzip.compress)]

    def poison(self):
        """Some lines that a program does not survive."""
        rows = lines(self.table(80, self.fields, hot=0.5))
        for at in (0, 30, 31, len(rows)):
            rows.insert(at, b"hot\t\0" + "käse".encode())
        return [File("in/poison.tsv", b"\n".join(rows))]

    def sides(self):
        """Two tables to join."""
        return [
            File("in/left-1.tsv", self.table(60, self.fields, hot=0.2)),
            File("in/left-2.tsv", self.table(40, self.fields) + b"\n\n"),
            File("in/right.tsv.gz", self.table(40, self.fields, keys=[*KEYS[::2], b"right alone"], hot=0.2), gzip.compress)]

    def nothing(self):
        """A file that holds nothing, which can't be told by its size."""
        return [File("in/empty.gz", b"", gzip.compress)]
