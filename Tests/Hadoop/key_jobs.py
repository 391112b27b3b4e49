"""Jobs with keys of several fields."""

import collections

from data import File, lines
from jobs import expect, job


def fields(line, *numbers):
    found = line.split(b"\t")
    return tuple(found[number - 1] for number in numbers)


def rows(bench, count):
    """Lines of four fields: a name, a whole number, a name, and which line it is."""
    names = [b"", b"a", b"b", b"a\x01", b"\xff", b"hot"]
    made = []
    for number in range(count):
        name = b"hot" if bench.source.random.random() < 0.5 else bench.source.random.choice(names)
        made.append(b"%s\t%d\t%s\t%d" % (name, bench.source.random.randint(-50, 50), bench.source.random.choice(names), number))
    return b"\n".join(made)


def by_part(parts, together, order):
    """Of each key the lines, and the fields that they are sorted by in their order; a key must be in one part."""
    found, owner, orders = collections.defaultdict(list), {}, {}
    for index, part in enumerate(parts):
        for line in lines(part):
            key = fields(line, *together)
            expect(owner.setdefault(key, index) == index, f"key {key!r:.100} is in two parts")
            found[key].append(line)
    for key, members in found.items():
        orders[key] = [fields(line, *order) for line in members]
    return {key: sorted(members) for key, members in found.items()}, orders


@job("secondary sort, beside KeyFieldBasedPartitioner and KeyFieldBasedComparator")
def secondary_sort(bench):
    bench.add(File("in/rows.tsv", rows(bench, 900)))
    for together, order, options, theirs_options in (
            ((1,), (1, 2), ("1", "1,2nr"), ("-k1,1", "-k1,1 -k2,2nr")), ((1,), (1, 2), ("1", "1,2n"), ("-k1,1", "-k1,1 -k2,2n")),
            ((1,), (1, 2, 3), ("1", "1,3r,2n"), ("-k1,1", "-k1,1 -k3,3r -k2,2n")),
            ((1, 2), (1, 2), ("1,2", "1,2"), ("-k1,2", "-k1,2"))):
        ours = bench.ours("--mapper", "cat", "--reducer", "cat", "--partition-key", options[0], "--sort-key", options[1])
        # All fields are in the key: an empty one at its end would end Hadoop's comparison. Nothing is left for the value.
        theirs = bench.theirs(mapper="cat", reducer="sed 's/\\t$//'", key_fields=4, conf={
            "mapreduce.partition.keypartitioner.options": theirs_options[0],
            "mapreduce.partition.keycomparator.options": theirs_options[1]})
        mine, other = (by_part(side.parts, together, order) for side in (ours, theirs))
        expect(mine[0] == other[0], f"--partition-key {options[0]}: the keys have other lines")
        for key, values in mine[1].items():
            first = next((number for number, pair in enumerate(zip(values, other[1][key])) if pair[0] != pair[1]), None)
            near = slice(max((first or 0) - 1, 0), (first or 0) + 3)
            expect(first is None, f"--sort-key {options[1]}: near line {first} of key {key} is {values[near]}, and in Hadoop "
                   f"{other[1][key][near]}")
