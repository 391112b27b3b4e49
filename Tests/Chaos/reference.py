"""What a job must give, computed one line after the other, with nothing of the project's own code."""

import collections

MASK = (1 << 64) - 1


def _mix(a, b):
    product = a * b
    return (product & MASK) ^ (product >> 64)


def partition(key, count):
    """The part that a key belongs to, as docs of the partition hash define it."""
    value = len(key)
    words = [key[i:i + 8] for i in range(0, len(key), 8)] or [b""]
    for word in words:
        value = _mix(value ^ int.from_bytes(word, "little"), 0x9E3779B97F4A7C15)
    return _mix(value, 0xD1B54A32D192ED03) % count


def spread(pairs, count):
    """Pairs of key and line, by part."""
    parts = [[] for _ in range(count)]
    for key, line in pairs:
        parts[partition(key, count)].append(line)
    return [b"".join(lines) for lines in parts]


def word_counts(texts, reduces):
    """The parts of wordcount, and of step.sh as mapper and reducer."""
    counts = collections.Counter(word for text in texts for word in text.split())
    return spread(((word, b"%s\t%d\n" % (word, counts[word])) for word in sorted(counts)), reduces)


def sorted_pairs(texts, reduces):
    """The parts of a streaming job without mapper and reducer: lines cut at their first TAB, in order of their keys."""
    lines = [line for text in texts for line in _lines(text)]
    pairs = [line.partition(b"\t") for line in lines]
    pairs.sort(key=lambda pair: pair[0])
    return spread(((key, key + b"\t" + value + b"\n") for key, _, value in pairs), reduces)


def _lines(text):
    """Lines without their ends; only LF ends one."""
    lines = text.split(b"\n")
    return lines[:-1] if lines[-1] == b"" else lines
