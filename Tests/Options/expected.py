"""What jobs must give: computed by coreutils, or one line after the other in Python, with nothing of the project's own code."""

import collections
import fractions
import os
import re
import subprocess

from data import lines

ENVIRONMENT = dict(os.environ, LC_ALL="C")


def piped(command, data):
    """What a shell command makes of some bytes."""
    return subprocess.run(["sh", "-c", command], input=data, env=ENVIRONMENT, check=True, capture_output=True).stdout


def all_lines(files):
    return [line for file in files for line in lines(file.content)]


def text_of(all_of_them):
    return b"".join(line + b"\n" for line in all_of_them)


def pairs_text(pairs):
    return b"".join(b"%s\t%s\n" % pair for pair in pairs)


# Words


def words_of(text, lowercase=False, letters=False):
    text = text.lower() if lowercase else text
    return re.findall(rb"[A-Za-z]+", text) if letters else text.split()


def counted(items):
    """A line `item TAB count` for each, in byte order."""
    counts = collections.Counter(items)
    return pairs_text((item, b"%d" % counts[item]) for item in sorted(counts))


def wordcount(files, **rule):
    return counted(word for line in all_lines(files) for word in words_of(line, **rule))


def ngrams(files, n=2, **rule):
    runs = []
    for line in all_lines(files):
        words = words_of(line, **rule)
        runs += [b" ".join(words[i:i + n]) for i in range(len(words) - n + 1)]
    return counted(runs)


def index(files):
    names = collections.defaultdict(set)
    for file in files:
        for word in file.content.split():
            names[word].add(escaped(file.name).replace(b",", b"\\,"))
    return pairs_text((word, b",".join(sorted(names[word]))) for word in sorted(names))


def top(files, k=10, items=words_of):
    counts = collections.Counter(item for line in all_lines(files) for item in items(line))
    best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:k]
    return pairs_text((item, b"%d" % count) for item, count in best)


def field_of(line, number, separator=b"\t"):
    """As awk has it: one that is not there is empty."""
    fields = line.split(separator)
    return fields[number - 1] if number <= len(fields) else b""


# Lines


def escaped(name):
    return os.fsencode(name).replace(b"\\", b"\\\\").replace(b"\t", b"\\t").replace(b"\n", b"\\n")


def grep(files, pattern):
    """By grep itself, of each file by itself."""
    found = []
    for file in sorted(files, key=lambda file: os.fsencode(file.name)):
        run = subprocess.run(
            ["grep", "-a", "-n", "-E", "-e", pattern], input=file.content, env=ENVIRONMENT, capture_output=True)
        for line in lines(run.stdout):
            number, _, text = line.partition(b":")
            found.append(b"%s:%s\t%s" % (escaped(file.name), number, text))
    return text_of(found)


def sort(files, command="sort"):
    return piped(command, text_of(all_lines(files)))


# Pairs


def pair_of(line):
    key, _, value = line.partition(b"\t")
    return key, value


def sorted_pairs(lines_of_pairs):
    """Cut at their first TAB, in order of their keys; those of a key stay as they are."""
    return pairs_text(sorted(map(pair_of, lines_of_pairs), key=lambda pair: pair[0]))


def grouped(files, field=1, number=2, separator=b"\t"):
    groups = collections.defaultdict(list)
    for line in all_lines(files):
        text = field_of(line, number, separator).strip(b" \t\n\v\f\r").decode()
        groups[field_of(line, field, separator)].append(fractions.Fraction(text))
    return groups


def number_text(number):
    """Digits without zeros that mean nothing; the number has at most 36 decimals."""
    scaled = number * 10 ** 36
    assert scaled.denominator == 1
    sign = b"-" if scaled < 0 else b""
    whole, decimals = divmod(abs(scaled.numerator), 10 ** 36)
    text = b"%d.%036d" % (whole, decimals)
    return sign + text.rstrip(b"0").rstrip(b".")


def numbers(files, choose, **fields):
    """A line for each key, with what `choose` makes of its numbers."""
    groups = grouped(files, **fields)
    return pairs_text((key, number_text(choose(groups[key]))) for key in sorted(groups))


def mean(decimals=9):
    # Python rounds a half of a Fraction to the even digit.
    return lambda values: fractions.Fraction(round(sum(values) / len(values) * 10 ** decimals), 10 ** decimals)


# Joins


def cut_key(line, field, separator):
    """The key, and the other fields with a separator before each."""
    fields = line.split(separator) if line else []
    if field > len(fields):
        return b"", b"".join(separator + text for text in fields)
    rest = fields[:field - 1] + fields[field:]
    return fields[field - 1], b"".join(separator + text for text in rest)


def join(left, right, kind="inner", left_field=1, right_field=1, separator=b"\t", empty=b""):
    sides = []
    for files, field in ((left, left_field), (right, right_field)):
        rows = collections.defaultdict(list)
        for line in all_lines(files):
            key, rest = cut_key(line, field, separator)
            rows[key].append(rest)
        sides.append(rows)
    missing = [separator + empty]
    made = []
    for key in sorted(set(sides[0]) | set(sides[1])):
        lefts, rights = (side.get(key, []) for side in sides)
        if not rights:
            rights = missing if kind in ("left", "outer") else []
        elif not lefts:
            lefts = missing if kind in ("right", "outer") else []
        made += [key + one + other for one in lefts for other in rights]
    return text_of(made)
