"""One line of 100 MB: what each application makes of it, and how much memory its worker takes for that."""

import hashlib
import re
import sys

from data import File
from running import Failed, master, succeeded, write

BYTES = 100_000_000
FRAME = (b"first\t1\n", b"\nlast\t2\n")
MEASURED = """#!{python}
import os, resource, subprocess, sys
code = subprocess.call(["{worker}", *sys.argv[1:]])
with open("{memory}", "a") as file:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=file)
sys.exit(code)
"""
ERRORS_MAX = 10_000
"""Bytes: what a job says of a long line must not be as long."""
TRIALS = []


def trial(name, *options, gigabytes, fails=None, frame=FRAME):
    """Adds the decorated function, which computes the result from the line, to what is tried.

    gigabytes: the most memory that a worker may take: it holds a line, and where it keeps keys a copy or two.
    fails: what the job must say, where it must fail.
    """

    def add(body):
        def run(programs, folder):
            line = b"abcdefghi " * (BYTES // 10)
            write(folder, [File("long.txt", frame[0] + line + frame[1])])
            attempt(programs, folder, [*options, "--workers", "1", "--reduces", "1"], body, line, gigabytes, fails)

        TRIALS.append((name, run))
        return body

    return add


def attempt(programs, folder, options, body, line, gigabytes, fails):
    """Runs the job with a worker around which a script stands that notes what it took."""
    worker = folder / "measured-worker"
    worker.write_text(MEASURED.format(python=sys.executable, worker=str(programs / "mr-worker"), memory=str(folder / "memory")))
    worker.chmod(0o755)
    run = master(programs, folder, [*options, "--worker-program", str(worker)], ["long.txt"])
    if fails:
        if run.code != 1 or not re.search(fails, run.errors) or len(run.errors) > ERRORS_MAX:
            raise Failed(f"it must fail with '{fails}'; exit code {run.code}: {run.errors[-500:]}")
    else:
        found, wanted = b"".join(succeeded(run).parts), body(line)
        if found != wanted:
            digests = [hashlib.sha256(text).hexdigest()[:12] for text in (found, wanted)]
            raise Failed(f"the result has {len(found)} bytes ({digests[0]}) and must have {len(wanted)} ({digests[1]})")
    taken = max(int(number) for number in (folder / "memory").read_text().split() if number.isdigit()) / 1e6
    if taken > gigabytes:
        raise Failed(f"the worker took {taken:.2f} GB, and {gigabytes} GB are allowed")
    print(f"       {' '.join(options[:4])}: {taken:.2f} GB", flush=True)


@trial("wordcount", gigabytes=0.3)
def wordcount(line):
    return b"1\t1\n2\t1\nabcdefghi\t%d\nfirst\t1\nlast\t1\n" % (BYTES // 10)


@trial("grep", "--app", "grep", "--pattern", "^(abc|x).*hi $", gigabytes=0.3)
def grep(line):
    return b"long.txt:2\t" + line + b"\n"


@trial("uniq", "--app", "uniq", gigabytes=0.4)
def uniq(line):
    return line + b"\nfirst\t1\nlast\t2\n"


@trial("top", "--app", "top", "--option", "lines=true", gigabytes=0.5)
def top(line):
    return line + b"\t1\nfirst\t1\t1\nlast\t2\t1\n"


@trial("sort", "--app", "sort", gigabytes=0.3)
def sort(line):
    return line + b"\nfirst\t1\nlast\t2\n"


@trial("streaming", "--mapper", "cat", "--reducer", "cat", gigabytes=0.3)
def streaming(line):
    return line + b"\t\nfirst\t1\nlast\t2\n"


@trial("sum, no field", "--app", "sum", gigabytes=0.3, fails=r"line 2 of long\.txt has no field 2")
def no_field(line):
    raise AssertionError("it must fail")


@trial("sum, no number", "--app", "sum", "--option", "number=1", gigabytes=0.3, frame=(b"1\tfirst\n", b""),
       fails=r"line 2 of long\.txt: field 1, \"abcdefghi .*is no number")
def no_number(line):
    raise AssertionError("it must fail")
