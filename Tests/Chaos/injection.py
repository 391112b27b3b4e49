"""strace as the one who kills, delays, or lets system calls fail in a program that was built for release."""


def inject(calls, what, when, path=None):
    """The beginning of a command line whose program meets the fault at its calls number `when`, counted by thread.

    calls: as 'fdatasync' or 'rename,renameat'. what: as 'signal=KILL', 'error=EIO', 'delay_exit=2000000'. when: as 3 or
    '3+'. path: only calls that have to do with that file. Programs that it starts in turn are left alone.
    """
    paths = [] if path is None else ["-P", str(path)]
    return [
        "strace", "-f", "-b", "execve", "-qqq", "-o", "/dev/null", *paths, "-e", f"trace={calls}",
        "-e", f"inject={calls}:{what}:when={when}"]


def worker_program(cluster, first, name="worker-under-strace"):
    """A program for --worker-program: the first start has `first` before its command line, all later ones do not."""
    from cluster import WORKER

    path = cluster.folder / name
    words = " ".join(f"'{word}'" for word in first)
    path.write_text(
        f"#!/bin/sh\nif mkdir '{cluster.folder}/{name}.used' 2>/dev/null; then exec {words} '{WORKER}' \"$@\"; fi\n"
        f"exec '{WORKER}' \"$@\"\n")
    path.chmod(0o755)
    return str(path)
