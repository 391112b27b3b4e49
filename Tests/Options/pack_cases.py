"""Compressed parts, as gzip and libzstd itself unpack them."""

import ctypes
import ctypes.util
import gzip

import expected
from cases import app, case, whole
from data import File
from inputs import expect, trial
from running import parts, same, succeeded

TEXT_MAX = 4 << 20
"""Bytes: more than any part here has."""


def unzstd(data):
    """By the library, so that no program need be there."""
    library = ctypes.CDLL(ctypes.util.find_library("zstd"))
    library.ZSTD_decompress.restype = ctypes.c_size_t
    room = ctypes.create_string_buffer(TEXT_MAX)
    count = library.ZSTD_decompress(room, ctypes.c_size_t(TEXT_MAX), data, ctypes.c_size_t(len(data)))
    expect(not library.ZSTD_isError(ctypes.c_size_t(count)), "libzstd can't unpack a part")
    return room[:count]


for pack, read in (("gz", gzip.decompress), ("zst", unzstd)):
    app("wordcount", f"--compress {pack}", expected.wordcount, read=read)
    app("sort", f"--compress {pack} --reduces 5", expected.sort, read=read, key=whole, in_order=True)
    case("--mapper", "cat", "--reducer", "cat", "--compress", pack, read=read)(
        lambda files: expected.sorted_pairs(expected.all_lines(files)))
    case("--mapper", "cat", "--reduces", "0", "--compress", pack, read=read, in_order=True, by_split=True)(
        lambda files: expected.text_of(expected.all_lines(files)))


for when in ("auto", "always", "never"):
    app("wordcount", f"--compress-intermediate {when}", expected.wordcount)


@trial("--compress-intermediate")
def compressed_on_the_way(bench):
    """What it says is checked at the beginning."""
    run = bench.run("--compress-intermediate", "sometimes")
    expect(run.code == 64 and "auto, always and never" in run.errors, f"code {run.code}: {run.errors}")


@trial("--compress")
def packed_parts(bench):
    """They are told apart by their names, are input as they stand, and are merged into what a file's name asks for."""
    counts = expected.wordcount(bench.files)
    for pack, read in (("gz", gzip.decompress), ("zst", unzstd)):
        for name, unpack in (("all.txt", bytes), ("all.gz", gzip.decompress), ("all.zst", unzstd)):
            succeeded(bench.run("--compress", pack, "--overwrite", "--merge", name))
            same(unpack((bench.folder / name).read_bytes()), counts, f"--compress {pack} --merge {name}")
            (bench.folder / name).unlink()
        names = sorted(path.name for path in (bench.folder / "mr-out").glob("part-*"))
        expect(names == [f"part-0000{n}.{pack}" for n in range(4)], f"parts are {names}")
        run = succeeded(bench.run("--app", "sort", "--output", f"again-{pack}", inputs=["mr-out"]))
        same(b"".join(run.parts), expected.sort([File("", counts)]), "parts as input")
        expect(sorted(map(read, parts(bench.folder / "mr-out"))) != [], "parts can be read")
