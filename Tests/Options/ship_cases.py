"""Files that programs find in their working folders."""

import io
import tarfile

import expected
from data import File, lines
from inputs import expect, trial
from running import same, succeeded, write


@trial("--files")
def shipped(bench):
    """A program, and data of its own; two of one name are refused."""
    program = b"#!/bin/sh\ngrep -a -F -f patterns || test $? = 1\n"
    write(bench.folder, [File("src/patterns", b"hot\n\xff\n"), File("src/choose", program), File("other/choose", program)])
    (bench.folder / "src/choose").chmod(0o755)
    run = succeeded(bench.run(
        "--files", "src/patterns", "--files", "src/choose", "--mapper", "./choose", "--reducer", "cat", "--reduces", "1"))
    chosen = [line for line in expected.all_lines(bench.files) if b"hot" in line or b"\xff" in line]
    same(run.parts[0], expected.sorted_pairs(chosen), "lines that a shipped program chooses")
    expect(lines(run.parts[0]) and len(chosen) < len(expected.all_lines(bench.files)), "some lines, and not all")
    refused = bench.run("--files", "src/choose", "--files", "other/choose", "--mapper", "./choose", "--output", "none")
    expect(refused.code == 64, f"two files of one name must be refused, and the exit code was {refused.code}")


@trial("--archives")
def unpacked(bench):
    """An archive's files stand in a folder of its name, and data in them is read by a program in another."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in (("lists/patterns", b"hot\n\xff\n"), ("empty", b"")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    write(bench.folder, [File("src/words.tar.gz", packed.getvalue())])
    run = succeeded(bench.run(
        "--archives", "src/words.tar.gz#words", "--mapper", "grep -a -F -f words/lists/patterns || test $? = 1", "--reducer", "cat",
        "--reduces", "1"))
    chosen = [line for line in expected.all_lines(bench.files) if b"hot" in line or b"\xff" in line]
    same(run.parts[0], expected.sorted_pairs(chosen), "lines that patterns of an archive choose")
