"""The jobs that both sides run, and what of their results is compared."""

import collections
import gzip
import pathlib
import sys

from data import File, lines
from running import Failed, Setting, master, same, succeeded, write

JOBS = []
STEP = f"{sys.executable} {pathlib.Path(__file__).resolve().parent / 'step.py'}"
CUT = "LC_ALL=C sed 's/ /\\t/'"
LF_ALONE = {"textinputformat.record.delimiter": "\\n"}
SPLIT = 2000
"""Bytes of the splits of both sides, so that there are many."""


def job(what):
    """Adds the decorated function, which takes a Bench, to what is compared."""

    def add(body):
        JOBS.append((what, body))
        return body

    return add


class Bench:
    """A folder with input, this project's programs, and Hadoop."""

    def __init__(self, programs, hadoop, folder, source):
        self.programs, self.hadoop, self.folder, self.source = programs, hadoop, folder, source
        self.files = []
        self.split = SPLIT

    def add(self, *files):
        write(self.folder, files)
        self.files += files

    def ours(self, *options, reduces=3):
        setting = Setting(2, str(self.split))
        count = ["--reduces", str(reduces)] if reduces is not None else []
        return succeeded(master(
            self.programs, self.folder, [*setting.options(), "--overwrite", *count, *options], [file.name for file in self.files]))

    def theirs(self, reduces=3, conf=(), ends=LF_ALONE, **fields):
        conf = {"mapreduce.input.fileinputformat.split.maxsize": self.split} | dict(ends) | dict(conf)
        return self.hadoop.run([self.folder / file.name for file in self.files], reduces, conf, **fields)


def expect(condition, text):
    if not condition:
        raise Failed(text)


def key_of(line):
    return line.partition(b"\t")[0]


def groups(parts, name):
    """Lines by key. Each part must be in the order of its keys, and each key in one part."""
    found, owner = collections.defaultdict(list), {}
    for index, part in enumerate(parts):
        keys = [key_of(line) for line in lines(part)]
        expect(keys == sorted(keys), f"{name}: part {index} is not in the order of its keys")
        for key, line in zip(keys, lines(part)):
            expect(owner.setdefault(key, index) == index, f"{name}: key {key!r:.100} is in two parts")
            found[key].append(line)
    return found


def same_groups(ours, theirs):
    """The same keys with the same lines: of one key Hadoop promises no order."""
    mine, other = groups(ours.parts, "ours"), groups(theirs.parts, "Hadoop")
    expect(len(ours.parts) == len(theirs.parts), f"{len(ours.parts)} parts, and Hadoop has {len(theirs.parts)}")
    for key in sorted(set(mine) | set(other)):
        one, two = (sorted(side.get(key, [])) for side in (mine, other))
        expect(one == two, f"key {key!r:.100} has {len(one)} lines, as {one[:3]!r:.200}, and in Hadoop {len(two)}, as "
               f"{two[:3]!r:.200}")


def same_counters(ours, theirs, *, combines=False):
    """Records in and out, groups, and what programs count."""
    counters = ours.summary["counters"]
    pairs = {
        "records read": (ours.summary["records"], "MAP_INPUT_RECORDS"),
        "records made by map": (ours.summary["map_output_records"], "MAP_OUTPUT_RECORDS"),
        "keys": (ours.summary["distinct_keys"], "REDUCE_INPUT_GROUPS"),
        "records written": (counters["output_records"], "REDUCE_OUTPUT_RECORDS"),
    }
    for name, (number, their_name) in pairs.items():
        expect(number == theirs.counter(their_name), f"{name}: {number}, and Hadoop's {their_name} is {theirs.counter(their_name)}")
    own = theirs.own_counters()
    expect(ours.summary["user_counters"] == own, f"counters {ours.summary['user_counters']}, and Hadoop's are {own}")


def compare(bench, *options, **fields):
    """A job with these programs on both sides."""
    words = [word for name, command in fields.items() for word in (f"--{name}", command)]
    ours, theirs = bench.ours(*words, *options), bench.theirs(**fields)
    same_groups(ours, theirs)
    same_counters(ours, theirs)
    return ours, theirs


def texts(bench):
    """Hadoop tells how a file is compressed by the end of its name, we by how it begins; and it turns backslashes in names."""
    files = bench.source.texts()
    for file, name in zip(files, ("a.txt", "b c.txt", "c.gz", "d.bz2", "hot.tsv", "rest.txt"), strict=True):
        file.name = "in/" + name
    return files


@job("awkward text through a mapper and a reducer")
def awkward(bench):
    bench.add(*texts(bench))
    compare(bench, mapper=CUT, reducer="cat")


@job("lines as they are: sorted and grouped without programs of ours")
def identity(bench):
    bench.add(*texts(bench))
    ours, theirs = bench.ours("--reducer", "cat"), bench.theirs()
    same_groups(ours, theirs)
    same_counters(ours, theirs)


@job("words counted, with a combiner, and counters of the programs")
def words(bench):
    bench.add(*[File(f"in/{number}.txt", file.content) for number, file in enumerate(texts(bench))])
    fields = {"mapper": f"{STEP} map", "combiner": f"{STEP} combine", "reducer": f"{STEP} reduce"}
    ours, _ = compare(bench, **fields)
    built_in = bench.ours("--app", "wordcount")
    for index, part in enumerate(ours.parts):
        same(built_in.parts[index], part, f"part {index} of --app wordcount, beside the programs'")


@job("one key with 90 % of the records")
def hot(bench):
    bench.add(File("in/hot.tsv", bench.source.table(3000, bench.source.fields, hot=0.9)))
    compare(bench, mapper="cat", reducer="cut -f 1 | uniq -c | sed 's/^ *\\([0-9]*\\) \\(.*\\)/\\2\\t\\1/'")


@job("a line of 5 MB, no LF at the end")
def long(bench):
    bench.split = 700_000
    bench.add(File("in/long.txt", b"short\t1\n" + b"long " * 1_000_000 + b"\t2\nlast"))
    compare(bench, mapper="cat", reducer="cat")


@job("no records at all, and a mapper that makes none")
def nothing(bench):
    bench.add(File("in/empty.gz", b"", gzip.compress))
    ours, _ = compare(bench, mapper="cat", reducer="cat")
    expect(ours.parts == [b"", b"", b""], "three parts of no bytes")
    bench.add(File("in/some.txt", b"one\ntwo\n"))
    compare(bench, mapper="grep -a no-such-line || true", reducer="cat")


@job("CR: Hadoop ends lines at CR, LF and CRLF; here only LF does, as with textinputformat.record.delimiter set to it")
def carriage_returns(bench):
    text = b"a\t1\r\nb\t2\rc\t3\n\r\nd\t4\r"
    bench.add(File("in/cr.txt", text))
    compare(bench, mapper="cat", reducer="cat")
    theirs = bench.theirs(ends={}, mapper="cat", reducer="cat")
    write(bench.folder, [File("in/cr.txt", text.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))])
    same_groups(bench.ours("--mapper", "cat", "--reducer", "cat"), theirs)


@job("sorted over all parts, beside TotalOrderPartitioner with the same cuts")
def total_order(bench):
    text = bench.source.table(800, bench.source.fields)
    bench.add(File("in/rows.txt", text), *texts(bench))
    ours = bench.ours("--app", "sort", reduces=4)
    cuts = [lines(part)[0] for part in ours.parts[1:] if part]
    expect(len(cuts) == 3 and len(set(cuts)) == 3, "every part has its own range")
    (bench.folder / "cuts").write_bytes(b"".join(cut + b"\n" for cut in cuts))
    # Keys are whole lines, and are written without values.
    theirs = bench.theirs(reduces=4, cuts=bench.folder / "cuts", key_fields=0, values="no")
    for index, part in enumerate(theirs.parts):
        same(ours.parts[index], part, f"part {index}, beside Hadoop's")
