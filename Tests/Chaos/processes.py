"""The machine's processes, as /proc shows them."""

import os
import pathlib


def marked(text):
    """The numbers of the live processes whose environment holds the text. Only this trial's own have it."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if text.encode() in (entry / "environ").read_bytes() and state(int(entry.name)) != "Z":
                found.append(int(entry.name))
        except OSError:
            continue  # It ended meanwhile.
    return found


def _fields(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def state(pid):
    """One letter, as in ps; None when there is no such process."""
    try:
        return _fields(pid)[0]
    except OSError:
        return None


def parent(pid):
    """The number of the parent; 0 when there is no such process."""
    try:
        return int(_fields(pid)[1])
    except OSError:
        return 0


def program(pid):
    """The name of the program's file; empty when it can't be told."""
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return ""


def children(pid):
    """The numbers of the direct children."""
    return [int(e.name) for e in pathlib.Path("/proc").iterdir() if e.name.isdigit() and parent(int(e.name)) == pid]


def worker_above(pid):
    """The mr-worker that started the process, or one that did so for it; 0 when it is gone."""
    while pid > 1 and not program(pid).startswith("mr-worker"):
        pid = parent(pid)
    return pid if pid > 1 else 0


def peak_memory(pid):
    """The most memory that the process had so far, in bytes; 0 when there is no such process."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM")), 0)


def describe(pid):
    """Number, state and command line, for people."""
    try:
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        words = "?"
    return f"{pid} {state(pid)} {words[:120]}"
