"""Jobs without a reduce step: all parts, one after the other, are what the mapper makes of the input."""

import expected
from cases import case
from inputs import trial
from running import same, succeeded


@case("--mapper", "sed 's/hot/HOT/'", "--reduces", "0", in_order=True, by_split=True)
def changed(files):
    return expected.text_of(line.replace(b"hot", b"HOT", 1) for line in expected.all_lines(files))


@case("--mapper", "grep -a hot || test $? = 1", "--reduces", "0", "--pack-files", in_order=True, by_split=True)
def chosen(files):
    return expected.text_of(line for line in expected.all_lines(files) if b"hot" in line)


@case("--mapper", "tr -d '\\n'", "--reduces", "0", "--skip-header", in_order=True, by_split=True)
def without_ends(files):
    """Not a line in it."""
    return b"".join(line for file in files for line in file.content.removesuffix(b"\n").split(b"\n")[1:])


@case("--mapper", "cat", "--reduces", "0", "--input-format", "nul", data="nul_terminated", in_order=True, by_split=True)
def nul_terminated(files):
    return b"".join(file.content + (b"" if file.content.endswith(b"\0") else b"\0") for file in files)


@trial("--reduces")
def merged_as_they_are(bench):
    succeeded(bench.run("--mapper", "sed 's/hot/HOT/'", "--reduces", "0", "--merge", "all"))
    same((bench.folder / "all").read_bytes(), changed(bench.files), "--merge")
