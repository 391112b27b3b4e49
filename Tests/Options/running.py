"""One run of mr-master in a folder of its own, and what it leaves."""

import dataclasses
import json
import os
import pathlib
import re
import subprocess

SECONDS_MAX = 300


class Failed(Exception):
    """A job did not do what it must; the text says what was expected and what was seen."""


@dataclasses.dataclass
class Run:
    code: int
    errors: str
    summary: dict
    parts: list
    """The bytes of each part, in order."""


@dataclasses.dataclass(frozen=True)
class Setting:
    """How a job is run. None of it may change the result."""

    workers: int
    split_size: str = None

    def options(self):
        size = ["--split-size", self.split_size] if self.split_size else []
        return ["--workers", str(self.workers), *size]

    def __str__(self):
        return f"{self.workers} workers, splits of {self.split_size or 'any size'}"


SETTINGS = [Setting(1), Setting(2, "1K"), Setting(2, "300")]


def write(folder, files):
    for file in files:
        path = folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.stored)


def environment(folder):
    """That of a program which keeps all that it makes below one folder."""
    (folder / "tmp").mkdir(exist_ok=True)
    own = {"MR_STATE_DIR": str(folder / "state"), "TMPDIR": str(folder / "tmp"), "LC_ALL": "C"}
    return {name: value for name, value in os.environ.items() if not name.startswith("MR_")} | own


def master(programs, folder, options, inputs, stdin=None):
    """Runs a job to its end, whatever that is."""
    command = [str(programs / "mr-master"), "--listen", "127.0.0.1:0", "--json", *options, "--", *inputs]
    run = subprocess.run(
        command, cwd=folder, env=environment(folder), input=stdin or b"", capture_output=True, timeout=SECONDS_MAX)
    output = options[options.index("--output") + 1] if "--output" in options else "mr-out"
    summary = json.loads(run.stdout) if run.stdout.startswith(b"{") else {}
    return Run(run.returncode, run.stderr.decode(errors="replace"), summary, parts(folder / output))


def parts(output):
    found = [path.name for path in pathlib.Path(output).glob("part-*")]
    names = sorted(name for name in found if re.fullmatch(r"part-\d{5,}(\.gz|\.zst)?", name))
    return [(output / name).read_bytes() for name in names]


def succeeded(run):
    if run.code != 0:
        raise Failed(f"exit code {run.code}: {run.errors[-600:]}")
    return run


def shown(text, limit=120):
    return repr(text[:limit]) + (f" and {len(text) - limit} bytes more" if len(text) > limit else "")


def same(found, expected, what):
    """Fails with the first difference of two byte strings."""
    if found == expected:
        return
    one, other = found.split(b"\n"), expected.split(b"\n")
    number = next((i for i, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), min(len(one), len(other)))
    line = [shown(text[number]) if number < len(text) else "nothing more" for text in (one, other)]
    raise Failed(f"{what}: line {number + 1} is {line[0]} and must be {line[1]}")
