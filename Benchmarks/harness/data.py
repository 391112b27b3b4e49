"""The data: made once, deterministically, and used again. Each set has a folder, and beside it what it must come out as."""
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .settings import BENCHMARKS, PROJECT

MB, GB = 1_000_000, 1_000_000_000
FREE_SPACE_KEPT = 2 * GB  # bytes that stay free on the disk
EXPECTED_VERSION = "1"    # of how expectations are computed


@dataclass(frozen=True)
class DataSet:
    """`kind` is text, records, real, sample or empty-lines; `byte_count` is what it takes, or about that for real text."""
    name: str
    kind: str
    file_count: int
    byte_count: int
    seed: int = 1

    @property
    def megabytes(self):
        return self.byte_count / MB


TEXT_64M = DataSet("text-64m", "text", 16, 64 * MB)
TEXT_256M = DataSet("text-256m", "text", 16, 256 * MB)
TEXT_1G = DataSet("text-1g", "text", 16, GB)
TEXT_10G = DataSet("text-10g", "text", 16, 10 * GB)
SMALL = DataSet("small", "text", 10_000, 10_000 * 2048, seed=2)
REAL = DataSet("real", "real", 16, 160 * MB)
RECORDS_64M = DataSet("records-64m", "records", 8, 64 * MB)
RECORDS_500M = DataSet("records-500m", "records", 8, 500 * MB)
SAMPLE = DataSet("sample-data", "sample", 8, 4_400_000)


def empty_lines(count):
    return DataSet(f"empty-lines-{count}", "empty-lines", 1, count)


class NoData(Exception):
    """Why a data set can't be had."""


class DataFolder:
    def __init__(self, settings):
        self.folder = settings.folder / "data"
        self.programs = settings.folder / "programs"

    def files(self, data):
        """The files of a set in order, made now if they are not there."""
        if data.kind == "sample":
            return sorted(str(path) for path in (PROJECT / "sample-data").glob("*.txt"))
        folder = self.folder / data.name
        if not folder.exists():
            self._make(data, folder)
        return sorted(str(path) for path in folder.iterdir())

    def byte_count(self, data):
        return sum(os.path.getsize(path) for path in self.files(data))

    def expected(self, data, operation):
        """The digest of what `operation` must give, computed once by `expect.py`, which shares nothing with the project."""
        files = self.files(data)
        stamp = f"{EXPECTED_VERSION} {len(files)} files, {self.byte_count(data)} bytes"
        self.folder.mkdir(parents=True, exist_ok=True)
        noted = self.folder / f"{data.name}.{operation}"
        if noted.exists():
            digest, _, of = noted.read_text().strip().partition(" of ")
            if of == stamp:
                return digest
        print(f"  computing what {operation} of {data.name} must give", file=sys.stderr, flush=True)
        # A process of its own, so that its memory does not count as this one's.
        answer = subprocess.run(
            [sys.executable, BENCHMARKS / "harness/expect.py", operation], input="\0".join(files), text=True,
            capture_output=True, check=True)
        noted.write_text(f"{answer.stdout.strip()} of {stamp}\n")
        return answer.stdout.strip()

    def require_space(self, byte_count, purpose):
        self.folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.folder).free - FREE_SPACE_KEPT
        if byte_count > free:
            raise NoData(
                f"{purpose} needs {byte_count / GB:.1f} GB and {max(free, 0) / GB:.1f} GB of {self.folder} may be used "
                f"({FREE_SPACE_KEPT / GB:.0f} GB stay free): set BENCH_DIR to a folder with more room")

    def _make(self, data, folder):
        # The output of a sort and its temporary files are each as large again.
        self.require_space(3 * data.byte_count, f"the data set {data.name}, with what is made of it,")
        print(f"  making {data.name}, {data.megabytes:.0f} MB", file=sys.stderr, flush=True)
        unfinished = folder.with_name(folder.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        if data.kind == "empty-lines":
            (unfinished / "lines.txt").write_bytes(b"\n" * data.byte_count)
        else:
            self._generate(data, unfinished)
        unfinished.rename(folder)

    def _generate(self, data, unfinished):
        size = str(data.byte_count // data.file_count)
        if data.kind == "real":
            command = [sys.executable, BENCHMARKS / "data/real.py", unfinished, str(data.file_count), str(data.byte_count)]
        else:
            command = [self.programs / f"data-{data.kind}", unfinished, str(data.file_count), size, str(data.seed)]
        made = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        if made.returncode:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise NoData(f"{data.name} could not be made: {made.stderr.strip()[-300:]}")


def read_through(files):
    """Reads files once, so that everyone finds them in the page cache."""
    for path in files:
        with open(path, "rb", buffering=0) as file:
            while file.read(1 << 22):
                pass
