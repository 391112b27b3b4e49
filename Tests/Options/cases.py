"""The table of what is tried: options, input, and what they must give."""

import dataclasses
import re

import expected
from data import lines
from running import Failed, same

CASES = []


def before_tab(line):
    return line.partition(b"\t")[0]


def whole(line):
    return line


def joined_key(separator):
    return lambda line: line.partition(separator)[0]


@dataclasses.dataclass
class Case:
    """A job, and what its parts must be."""

    options: list
    expect: object
    """From the input's files, what a job with one part gives."""
    data: str = "texts"
    """Which of the data sets it reads."""
    key: object = before_tab
    """The key of a line of the output: lines with the same one are in the same part."""
    in_order: bool = False
    """Whether the parts, one after the other, are the whole."""
    by_split: bool = False
    """Whether there is a part for each split: then they are the same all together only, however the input is cut."""
    read: object = bytes
    """Makes the text of a part of what is in it."""

    @property
    def name(self):
        return " ".join(self.options) + (f" ({self.data})" if self.data != "texts" else "")


def case(*options, **more):
    """Adds the decorated function, which computes what a job with these options must give, to the table."""

    def add(body):
        CASES.append(Case(list(options), body, **more))
        return body

    return add


def app(name, options, body, **more):
    """Adds a case of an application that comes with the project."""
    CASES.append(Case(["--app", name, *options.split()], body, **more))


# Words

for words, rule in {
        "": {}, "--lowercase": {"lowercase": True}, "--letters": {"letters": True},
        "--lowercase --letters": {"lowercase": True, "letters": True}}.items():
    app("wordcount", words, lambda files, rule=rule: expected.wordcount(files, **rule))
    app("ngrams", words, lambda files, rule=rule: expected.ngrams(files, **rule))
    app("top", words, lambda files, rule=rule: expected.top(files, items=lambda line: expected.words_of(line, **rule)))
app("wordcount", "--reduces 1", expected.wordcount)
app("wordcount", "--reduces 9", expected.wordcount)
app("ngrams", "--option n=1", lambda files: expected.ngrams(files, 1))
app("ngrams", "--option n=5 --reduces 2", lambda files: expected.ngrams(files, 5))
app("index", "", expected.index)
app("top", "--option k=3", lambda files: expected.top(files, 3))
app("top", "--option lines=true --option k=1000", lambda files: expected.top(files, 1000, lambda line: [line]))
app("top", "--option field=2", lambda files: expected.top(files, items=lambda line: [expected.field_of(line, 2)]))
app("top", "--option field=2 --option separator=,",
    lambda files: expected.top(files, items=lambda line: [expected.field_of(line, 2, b",")]))

# Lines

for pattern in ("beta", "^[^a-z]*$", "a.b|[0-9]{4}|^$", "\\\\|käse"):
    app("grep", "", lambda files, pattern=pattern: expected.grep(files, pattern))
    CASES[-1].options += ["--pattern", pattern]
app("sort", "", expected.sort, key=whole, in_order=True)
app("sort", "--reduces 7 --task-buffer 2M", expected.sort, key=whole, in_order=True)
app("sort", "--unique", lambda files: expected.sort(files, "sort -u"), key=whole, in_order=True)
app("uniq", "", lambda files: expected.sort(files, "sort -u"), key=whole, in_order=True)
app("uniq", "--option count=true --reduces 3", lambda files: expected.sort(files, "sort | uniq -c"), key=whole, in_order=True)

# Numbers

for name, choose in {"sum": sum, "min": min, "max": max, "mean": expected.mean()}.items():
    app(name, "", lambda files, choose=choose: expected.numbers(files, choose), data="numbers")
    app(name, "--option field=2 --option number=1 --option separator=,", lambda files, choose=choose: expected.numbers(
        files, choose, field=2, number=1, separator=b","), data="commas")
app("mean", "--option decimals=0", lambda files: expected.numbers(files, expected.mean(0)), data="numbers")
app("mean", "--option decimals=36 --reduces 2", lambda files: expected.numbers(files, expected.mean(36)), data="numbers")
# Keys by number: there is nothing but numbers to add up in the second field.
app("max", "--option field=2 --option number=2",
    lambda files: expected.numbers(files, max, field=2), data="numbers")
app("sum", "--option field=3",
    lambda files: expected.numbers(files, sum, field=3), data="numbers")
# Joins

SIDES = ["--option", "left=left*", "--option", "right=in/right.*"]


def sides(files):
    return [[file for file in files if file.name.startswith("in/" + side)] for side in ("left", "right")]


def join(options, key=before_tab, **more):
    app("join", options, lambda files: expected.join(*sides(files), **more), data="sides", key=key)
    CASES[-1].options += SIDES


join("")
for kind in ("inner", "left", "right", "outer"):
    join(f"--option type={kind} --reduces 3", kind=kind)
join("--option field=2 --option type=outer --option empty=none,none", left_field=2, right_field=2, kind="outer",
     empty=b"none,none")
join("--option left-field=2 --option right-field=1 --option type=left", left_field=2, kind="left")
join("--option separator=a --option type=outer", key=joined_key(b"a"), separator=b"a", kind="outer")

# Programs

CUT = "sed 's/ /\\t/'"


def mapped(files):
    """What CUT makes of each line."""
    return [line.replace(b" ", b"\t", 1) for line in expected.all_lines(files)]


@case("--reducer", "cat")
def only_reducer(files):
    return expected.sorted_pairs(expected.all_lines(files))


@case("--mapper", CUT)
def only_mapper(files):
    return expected.sorted_pairs(mapped(files))


@case("--mapper", CUT, "--reducer", "cut -f 1 | uniq -c", "--reduces", "3", key=lambda line: line[8:])
def counting(files):
    return expected.piped("cut -f 1 | uniq -c", expected.sorted_pairs(mapped(files)))


@case("--mapper", CUT, "--combiner", "sort -u", "--reducer", "sort -u")
def combining(files):
    return expected.piped("sort -u", expected.sorted_pairs(mapped(files)))


@case("--mapper", "sed \"s/^/$WHO\\t/\"", "--env", "WHO=me and you", "--reducer", "cat", key=whole)
def environment(files):
    return expected.text_of(b"me and you\t" + line for line in expected.all_lines(files))


@case("--mapper", CUT, "--reducer", "cat", "--pack-files")
def packed(files):
    return expected.sorted_pairs(mapped(files))


@case("--mapper", "sed '/hot.*käse/Q3'", "--skip-bad-records", "1000", data="poison")
def skipping(files):
    return expected.sorted_pairs(line for line in expected.all_lines(files) if not re.search("hot.*käse".encode(), line))


def over_nothing():
    """Every application over a file that holds nothing: parts of no bytes."""
    seen = {}
    for case in CASES:
        name = case.options[1] if case.options[0] == "--app" else case.options[0]
        if name not in seen and case.data != "sides":
            seen[name] = Case(case.options, lambda files: b"", "nothing")
    return list(seen.values())


def check(case, parts, text):
    """The parts must be what one part would be, spread by key; text: the bytes of that one."""
    parts = [case.read(part) for part in parts]
    if case.in_order:
        return same(b"".join(parts), text, "all parts")
    found, owners = [lines(part) for part in parts], {}
    for index, part in enumerate(found):
        for line in part:
            if owners.setdefault(case.key(line), index) != index:
                raise Failed(f"key {case.key(line)!r:.200} is in parts {owners[case.key(line)]} and {index}")
    spread = [[] for _ in parts]
    for line in lines(text):
        owner = owners.get(case.key(line))
        if owner is None:
            raise Failed(f"no part has the key {case.key(line)!r:.200}")
        spread[owner].append(line)
    for index, (part, wanted) in enumerate(zip(parts, spread)):
        same(part, expected.text_of(wanted), f"part {index}")
