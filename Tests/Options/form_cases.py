"""Records that are not lines, and first records that are none."""

import os

import expected
from cases import app, case, whole
from data import FIXED, File, lines
from inputs import expect, trial


def records(file, form):
    """A file's records, without what ends them, by the definition of each form."""
    text = file.content
    if form == "lines":
        return lines(text)
    if form == "nul":
        found = text.split(b"\0")
        return found[:-1] if found[-1] == b"" else found
    if form.startswith("fixed"):
        return [text[at:at + FIXED] for at in range(0, len(text), FIXED)]
    if form == "file":
        return [text] if text else []
    found, start, quoted = [], 0, False
    for at, byte in enumerate(text):
        quoted ^= byte == ord('"')
        if byte == ord("\n") and not quoted:
            found.append(text[start:at].removesuffix(b"\r"))
            start = at + 1
    return found + [text[start:]] * (start < len(text))


def over(form, body, skips=0):
    """What an application makes of records in the place of lines: body gets all of them."""
    return lambda files: body([record for file in files for record in records(file, form)[skips:]])


def counted_uniq(all_of_them):
    counts = {record: all_of_them.count(record) for record in set(all_of_them)}
    return b"".join(b"%7d %s\n" % (counts[record], record) for record in sorted(counts))


for form, data in (("nul", "texts"), ("nul", "nul_terminated"), (f"fixed:{FIXED}", "sevens"), ("csv", "tables"), ("file", "texts")):
    for name, options, body, more in (
            ("sort", "", lambda found: expected.text_of(sorted(found)), {"in_order": True}),
            ("uniq", "--option count=true", counted_uniq, {"in_order": True}),
            ("wordcount", "--reduces 2", lambda found: expected.counted(w for r in found for w in r.split()), {})):
        app(name, f"--input-format {form} {options}", over(form, body), data=data, **more)

app("sum", "--input-format csv --option separator=,", lambda files: expected.numbers(
    [File("", b"".join(record.partition(b',"')[0] + b"\n" for file in files for record in records(file, "csv")))], sum,
    separator=b","), data="commas_last")
app("sum", "--skip-header", lambda files: expected.numbers(headless(files), sum), data="headed")
app("sort", "--skip-header", over("lines", lambda found: expected.text_of(sorted(found)), skips=1), key=whole, in_order=True)
app("uniq", "--skip-header --input-format nul", over("nul", lambda found: expected.text_of(sorted(set(found))), skips=1),
    data="nul_terminated", in_order=True)
app("grep", "--input-format nul --pattern beta --reduces 1", lambda files: expected.text_of(
    b"%s:%d\t%s" % (expected.escaped(file.name), number, record)
    for file in sorted(files, key=lambda file: os.fsencode(file.name))
    for number, record in enumerate(records(file, "nul"), 1) if b"beta" in record),
    data="nul_terminated", key=whole)


def headless(files):
    return [File(file.name, b"".join(line + b"\n" for line in lines(file.content)[1:])) for file in files]


@case("--mapper", "tr '\\n\\0' ' \\n'", "--reducer", "cat", "--input-format", "nul", data="nul_terminated")
def nul_to_program(files):
    return expected.sorted_pairs(record.replace(b"\n", b" ") for file in files for record in records(file, "nul"))


@case("--mapper", "tr '\\n' '.' | fold -b -w 7; echo", "--reducer", "cat", "--input-format", f"fixed:{FIXED}", data="sevens")
def fixed_to_program(files):
    # Each mapper ends with an empty line more, so that the last record has its LF.
    wanted = [record.replace(b"\n", b".") for file in files for record in records(file, f"fixed:{FIXED}")]
    return expected.sorted_pairs(wanted)


@case("--mapper", "wc -c", "--input-format", "file", key=whole)
def files_to_program(files):
    return expected.sorted_pairs(b"%d" % len(file.content) for file in files)


@case("--mapper", "cat", "--reducer", "cat", "--skip-header")
def headless_to_program(files):
    return expected.sorted_pairs(expected.all_lines(headless(files)))


@trial("--input-format")
def not_whole(bench):
    """A file that is no whole number of records, and one that ends within quotes, are refused by name."""
    bench.add([File("in/eight.bin", b"12345678"), File("in/open.csv", b'a,"b\n' * 301)])
    for form, name in ((f"fixed:{FIXED}", "in/eight.bin"), ("csv", "in/open.csv"), ("words", "in/a.txt")):
        refused = bench.run("--input-format", form, "--output", "none", inputs=[name])
        expect(refused.code == 64 or form == "csv" and refused.code == 1, f"--input-format {form}: exit code {refused.code}")
        expect(name in refused.errors or form == "words", f"--input-format {form} does not name {name}: {refused.errors}")
        expect(not refused.parts, "no parts")
