"""Programs of the user that crash, write too much, leave things behind, or are not deterministic."""

import reference
import invariants
import processes
from catalogue import expect, fault

WORKERS = ["--split-size", "4K", "--reduces", "2"]


def run(trial, mapper, reducer=None, cluster=None, code=0, parts=None, extra=()):
    """A streaming job on two workers from elsewhere, which must live on whatever the programs do."""
    cluster = cluster or trial.cluster()
    programs = ["--mapper", mapper] + (["--reducer", reducer] if reducer else [])
    master = cluster.master(*programs, *WORKERS, *extra)
    workers = [cluster.worker(name) for name in ("a", "b")]
    peak = 0
    while master.is_running:
        peak = max([peak, *(processes.peak_memory(w.pid) for w in workers)])
        try:
            master.wait(0.2)
        except Exception:
            pass  # Not ended yet.
    found = master.wait(1)
    expect(found == code, f"exit code {found}, not {code}: {master.log[-800:]}")
    codes = [worker.wait(15) for worker in workers]
    expect(codes == [0, 0], f"the workers ended with {codes}: {workers[0].log[-300:]}{workers[1].log[-300:]}")
    if parts is not False:
        invariants.check(cluster, trial.counts(cluster) if parts is None else parts, code)
    return cluster, master, peak


COUNT = "awk -F '\\t' '{n[$1] += $2} END {for (k in n) print k \"\\t\" n[k]}' | LC_ALL=C sort"
SPLIT = "tr -s ' ' '\\n' | sed 's/$/\\t1/'"


@fault("U1", "a record on which the mapper always crashes: four attempts, then the job fails by name; workers live", short=True)
def poison(trial):
    cluster = trial.cluster()
    cluster.add_bytes(b"good line\npoison here\n", "9.txt")
    note = cluster.folder / "tries"
    mapper = f"while read -r l; do case $l in *poison*) echo x >> {note}; echo the poison >&2; kill -SEGV $$;; esac; done"
    _, master, _ = run(trial, mapper, "cat", cluster, code=1)
    trial.expect_told(master, "9.txt", "the poison")
    tries = len(note.read_text().split())
    expect(tries == 4, f"{tries} attempts, not 4")


@fault("U6", "one key of 300 MB and no line end: an error that names the limit; the worker's memory stays bounded")
def gigantic_line(trial):
    _, master, peak = run(trial, "head -c 300000000 /dev/zero", "wc -c", code=1, parts=[])
    trial.expect_told(master, "may have 268435456")
    expect(peak < 3 << 30, f"a worker took {peak >> 20} MiB")
    trial.say(f"at most {peak >> 20} MiB in a worker")


@fault("U6b", "a mapper that writes 200 MB for each task: it goes to the disk, memory stays bounded")
def gigantic_output(trial):
    cluster = trial.cluster(60)
    mapper = "cat > /dev/null; seq 1 2000000 | sed 's/$/\\tsome more bytes that make it long, and then longer than it was before/'"
    _, _, peak = run(trial, mapper, "wc -l", cluster, parts=False)
    total = sum(int((cluster.output / f"part-0000{n}").read_text()) for n in (0, 1))
    expect(total == 2_000_000, f"{total} lines, not 2,000,000")
    invariants.check(cluster, [(cluster.output / f"part-0000{n}").read_bytes() for n in (0, 1)], 0)
    expect(peak < 1 << 30, f"a worker took {peak >> 20} MiB")
    trial.say(f"at most {peak >> 20} MiB in a worker")


@fault("U7", "NUL, invalid UTF-8, CR, empty keys and values, many TABs: the bytes come out as they went in", short=True)
def odd_bytes(trial):
    cluster = trial.cluster(0)
    alphabet = [b"\0", b"\xff", b"\xc3", b"\r", b"\t", b"a", b"b", b"\x80", b"", b"\xe2\x82\xac"]
    lines = [b"".join(trial.random.choices(alphabet, k=trial.random.randrange(9))) for _ in range(3_000)]
    cluster.add_bytes(b"\n".join(lines))
    run(trial, "cat", None, cluster, parts=reference.sorted_pairs(cluster.texts, 2))


@fault("U8", "a mapper leaves a process behind that holds its output open: it is killed, or waited for, and no hang", short=True)
def daemon(trial):
    run(trial, f"(sleep 2 & ) ; {SPLIT}", COUNT)
    run(trial, f"(sleep 1000 > /dev/null 2>&1 & ) ; {SPLIT}", COUNT)


@fault("U9", "a mapper writes 100 MB to standard error: no part of it stays, memory stays bounded")
def chatty(trial):
    _, master, peak = run(trial, f"yes | head -c 100000000 >&2; {SPLIT}", COUNT)
    expect(len(master.log) < 100_000, "the master's log took it all")
    expect(peak < 512 << 20, f"a worker took {peak >> 20} MiB")


@fault("U10", "a mapper that writes something else each time: all parts are of the same, accepted attempts", short=True)
def random_mapper(trial):
    cluster = trial.cluster()
    cluster.hold("none")
    # Each attempt of a map task stamps its lines; what comes out must have one stamp a task.
    stamp = "cat > /dev/null; for k in 1 2 3 4 5 6 7 8; do echo \"k$k\t$mapreduce_task_partition $mapreduce_task_attempt_id\"; done"
    master = cluster.master("--mapper", f"{stamp}; sleep 0.2", "--reducer", "cat", *WORKERS)
    workers = [cluster.worker("a"), cluster.worker("b")]
    cluster.until_status("a map to end", lambda s: s["maps"]["completed"] >= 1)
    workers[0].kill()
    expect(master.wait(40) == 0, master.log[-500:])
    rows = b"".join((cluster.output / f"part-0000{n}").read_bytes() for n in (0, 1)).split(b"\n")[:-1]
    stamps = {}
    for row in rows:
        task, attempt = row.split(b"\t")[1].split()
        stamps.setdefault(task, set()).add(attempt)
    expect(all(len(s) == 1 for s in stamps.values()), f"a task has two stamps: {stamps}")
    expect(len(rows) == 8 * len(stamps), f"{len(rows)} lines of {len(stamps)} tasks")


@fault("U11", "a mapper that reads nothing and succeeds: no error, empty parts", short=True)
def reads_nothing(trial):
    cluster = trial.cluster(20_000)
    run(trial, "true", "cat", cluster, parts=[b"", b""])
