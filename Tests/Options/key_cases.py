"""Keys of several fields: what coreutils' sort does with -t and -k."""

import expected
from cases import app, case, whole


def sorted_by(*options):
    """All lines in the order of sort with these options, those that it takes for equal in the order of their bytes."""
    return lambda files: expected.sort(files, " ".join(["sort", *options]))


def fields(separator, *numbers):
    """The fields of a line that bring it to a part."""
    return lambda line: tuple(expected.field_of(line, number, separator) for number in numbers)


TAB = "-t \"$(printf '\\t')\""

for options, command in {
        "--sort-key 1": "-k 1,1", "--sort-key 2n": "-k 2,2n", "--sort-key 1,2nr": "-k 1,1 -k 2,2nr",
        "--sort-key 3r,1": "-k 3,3r -k 1,1", "--sort-key 2nr,2r": "-k 2,2nr -k 2,2r"}.items():
    for data in ("numbers", "texts"):
        app("sort", options, sorted_by(TAB, command), data=data, key=whole, in_order=True)
app("sort", "--sort-key 1 --unique", sorted_by(TAB, "-u -k 1,1"), key=whole, in_order=True)
app("sort", "--sort-key 2n --unique --reduces 2", sorted_by(TAB, "-u -k 2,2n"), data="numbers", key=whole, in_order=True)
app("sort", "--sort-key 1n,2 --field-separator ,", sorted_by("-t , -k 1,1n -k 2,2"), data="commas", key=whole, in_order=True)

for keys, order, together in (
        ("1", "-k 1,1", fields(b"\t", 1)), ("2", "-k 2,2", fields(b"\t", 2)), ("3,1", "-k 3,3 -k 1,1", fields(b"\t", 3, 1))):
    case("--mapper", "cat", "--reducer", "cat", "--partition-key", keys, data="numbers", key=together)(sorted_by(TAB, order))
case("--mapper", "cat", "--partition-key", "1", "--sort-key", "1,2nr", data="numbers", key=fields(b"\t", 1))(
    sorted_by(TAB, "-k 1,1 -k 2,2nr"))
case("--reducer", "cat", "--partition-key", "1", "--sort-key", "2n", "--reduces", "2", key=fields(b"\t", 1))(
    sorted_by(TAB, "-k 2,2n"))
case("--mapper", "cat", "--reducer", "cat", "--partition-key", "2", "--sort-key", "1r,2", "--field-separator", " ",
     key=fields(b" ", 2))(sorted_by("-t ' ' -k 1,1r -k 2,2"))
case("--mapper", "cat", "--combiner", "uniq", "--reducer", "uniq", "--partition-key", "1", "--sort-key", "1,2n", data="numbers",
     key=fields(b"\t", 1))(lambda files: expected.piped("uniq", sorted_by(TAB, "-k 1,1 -k 2,2n")(files)))

# Ranges

case("--mapper", "cat", "--total-order", "--reduces", "5", in_order=True)(
    lambda files: expected.sorted_pairs(expected.all_lines(files)))
case("--mapper", "cat", "--reducer", "cat", "--total-order", "--sort-key", "2n,1", data="numbers", in_order=True)(
    sorted_by(TAB, "-k 2,2n -k 1,1"))
case("--mapper", "cat", "--total-order", "--partition-key", "1", "--sort-key", "1,2nr", data="numbers", in_order=True)(
    sorted_by(TAB, "-k 1,1 -k 2,2nr"))
