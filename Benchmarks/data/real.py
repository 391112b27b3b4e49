#!/usr/bin/env python3
"""Collects prose in many languages from Debian's documentation packages: real.py FOLDER FILES BYTES.

The packages are downloaded with apt-get beside FOLDER and read without being installed; where that can't be, what this
machine has under /usr/share is taken. All is made UTF-8 without control characters, because some programs that read
it know nothing else, then cut at line ends into FILES files. FOLDER.txt lists the packages.
"""
import gzip
import html
import io
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

# Those with many different words first: reading ends when there is enough. In a row, the first that exists is taken.
PACKAGES = [
    ("debian-handbook",), ("manpages-de",), ("manpages-fr",), ("manpages-pl",), ("manpages-es",), ("manpages-ru",),
    ("manpages-ja",), ("dict-gcide",), ("dict-wn",), ("debian-reference-ja",), ("debian-reference-zh-cn",),
    ("perl-doc",), ("python3.11-doc", "python3.13-doc"), ("postgresql-doc-15", "postgresql-doc-17"),
    ("linux-doc-6.1", "linux-doc-6.12", "linux-doc"),
]
FALLBACKS = ["/usr/share/doc", "/usr/share/man", "/usr/share/info", "/usr/share/perl"]
SUFFIXES = (".html", ".txt", ".rst", ".pod", ".dict", ".1", ".2", ".3", ".4", ".5", ".7", ".8", ".md", "changelog")
FILE_BYTES_MAX = 64_000_000
TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.S | re.I)
ROFF = re.compile(r"^[.'].*\n|\\f(?:\[\w*\]|\(..|.)|\\&", re.M)
CONTROL = {code: " " for code in [*range(32), 127] if chr(code) not in "\t\n"} | {0: None}


def text_of(name, content):
    """The prose in one file, or nothing if it is not of a kind that has any."""
    if name.endswith((".gz", ".dz")):
        name, content = name[:-3], gzip.decompress(content)
    if not name.endswith(SUFFIXES) or b"\0" in content[:4096]:
        return ""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if name.endswith(".html"):
        text = html.unescape(TAGS.sub(" ", text))
    elif name[-2:-1] == ".":
        text = ROFF.sub("", text)
    # html.unescape can make surrogates of broken references; they have no place in UTF-8.
    text = text.translate(CONTROL).encode("utf-8", "ignore").decode("utf-8")
    text = re.sub(r"[ \t]*\n\s*", "\n", re.sub(r"[ \t]{2,}", " ", text)).strip()
    return text + "\n" if text else ""


def package_files(package, folder):
    """Names and bytes of the files in a package; raises CalledProcessError when there is no such package."""
    if not (found := sorted(folder.glob(f"{package}_*.deb"))):
        subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        found = sorted(folder.glob(f"{package}_*.deb"))
    archive = subprocess.run(["dpkg-deb", "--fsys-tarfile", found[-1]], check=True, stdout=subprocess.PIPE).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        for member in members:
            if member.isfile() and member.size < FILE_BYTES_MAX:
                yield member.name, members.extractfile(member).read()


def local_files():
    for top in FALLBACKS:
        for folder, folders, names in os.walk(top):
            folders.sort()
            for name in sorted(names):
                path = Path(folder, name)
                if path.is_file() and not path.is_symlink() and path.stat().st_size < FILE_BYTES_MAX:
                    yield str(path), path.read_bytes()


def sources(folder):
    """A name and a generator of files for each source, best first."""
    for alternatives in PACKAGES:
        for package in alternatives:
            try:
                files = package_files(package, folder)
                first = next(files)
            except (subprocess.CalledProcessError, OSError, StopIteration) as problem:
                print(f"{package}: {problem}", file=sys.stderr)
                continue
            yield package, (item for part in ([first], files) for item in part)
            break
    yield "this machine", local_files()


def main():
    output, file_count, byte_count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folder = output.parent / "packages"
    folder.mkdir(exist_ok=True)
    found, size, taken = [], 0, []
    for name, files in sources(folder):
        before = size
        for path, content in files:
            if size >= byte_count:
                break
            encoded = text_of(path, content).encode()
            found.append(encoded)
            size += len(encoded)
        taken.append(f"{name}\t{size - before}\n")
        if size >= byte_count:
            break
    whole, start = b"".join(found)[:byte_count], 0
    whole = whole[:whole.rfind(b"\n") + 1]
    for number in range(file_count):
        end = len(whole) if number == file_count - 1 else whole.find(b"\n", len(whole) * (number + 1) // file_count) + 1
        (output / f"real-{number:05}.txt").write_bytes(whole[start:end])
        start = end
    (output.parent / "real.txt").write_text("".join(taken))


main()
