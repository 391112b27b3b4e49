"""Programs of the user that crash, write too much, leave things behind, or are not deterministic."""

import pathlib

import reference
import invariants
import processes
from catalogue import expect, fault
from child import until

WORKERS = ["--split-size", "4K", "--reduces", "2"]


def run(trial, mapper, reducer=None, cluster=None, code=0, parts=None, extra=(), skipped=False, gate=None):
    """A streaming job on two workers from elsewhere, which must live on whatever the programs do.

    gate: a file that appears when both are there, for mappers that wait for it.
    """
    cluster = cluster or trial.cluster()
    programs = ["--mapper", mapper] + (["--reducer", reducer] if reducer else [])
    master = cluster.master(*programs, *WORKERS, *extra)
    cluster.until_status("the master to answer", lambda s: True)
    workers = [cluster.worker(name) for name in ("a", "b")]
    if gate:
        cluster.until_status("two workers", lambda s: s["workers"] == 2)
        gate.touch()
    peak = 0
    while master.is_running:
        peak = max([peak, *(processes.peak_memory(w.pid) for w in workers)])
        try:
            master.wait(0.2)
        except Exception:
            pass  # Not ended yet.
    found = master.wait(1)
    expect(found == code, f"exit code {found}, not {code}: {master.log[-800:]}")
    cluster.dismiss_strangers()
    codes = [worker.wait(15) for worker in workers]
    expect(codes == [0, 0], f"the workers ended with {codes}: {workers[0].log[-300:]}{workers[1].log[-300:]}")
    if parts is not False:
        invariants.check(cluster, trial.counts(cluster) if parts is None else parts, code, skipped=skipped)
    return cluster, master, peak


COUNT = "awk -F '\\t' '{n[$1] += $2} END {for (k in n) print k \"\\t\" n[k]}' | LC_ALL=C sort"
SPLIT = "tr -s ' ' '\\n' | sed 's/$/\\t1/'"


@fault("U1", "a record on which the mapper always crashes: four attempts on two workers, the record named; workers live", short=True)
def poison(trial):
    cluster = trial.cluster()
    cluster.add_bytes(b"good line\npoison here\n", "9.txt")
    note, gate = cluster.folder / "tries", cluster.folder / "gate"
    mapper = poisoned(f"echo $mapreduce_task_attempt_id >> {note}; echo the poison >&2")
    mapper = f"until [ -e {gate} ]; do sleep 0.05; done; {mapper}"
    _, master, _ = run(trial, mapper, "cat", cluster, code=1, gate=gate)
    trial.expect_told(master, "record 2 of the split, byte 10 of input/9.txt, 12 bytes", "the poison")
    trial.expect_told(master, "failed on worker a", "failed on worker b")
    tries = set(note.read_text().split())
    expect(len(tries) == 4, f"{len(tries)} attempts, not 4: {tries}")


def poisoned(last_words="true"):
    """A mapper that gives each word a 1, and crashes on each line with poison in it."""
    words = "for w in $l; do printf '%s\\t1\\n' \"$w\"; done"
    return f"while read -r l; do case $l in *poison*) {last_words}; kill -SEGV $$;; esac; {words}; done"


@fault("U2", "the same with --skip-bad-records: left out, counted and listed; one more than allowed fails the job", short=True)
def skipped(trial):
    cluster = trial.cluster()
    bad = sorted(trial.random.sample(range(400), 5))
    lines = [b"poison %d" % n if n in bad else b"good w%d w%d" % (n % 7, n % 11) for n in range(400)]
    cluster.add_bytes(b"\n".join(lines) + b"\n", "9.txt")
    kept = [cluster.texts[0], b"\n".join(line for n, line in enumerate(lines) if n not in bad)]
    _, master, _ = run(
        trial, poisoned(), COUNT, cluster, parts=reference.word_counts(kept, 2), extra=["--skip-bad-records", "5"], skipped=True)
    rows = [row.split("\t") for row in (cluster.output / "_SKIPPED").read_text().splitlines()]
    found = [(row[1], int(row[2]), int(row[3]), row[5]) for row in rows]
    starts = [sum(len(line) + 1 for line in lines[:n]) for n in bad]
    wanted = [("input/9.txt", start, len(lines[n]) + 1, lines[n].decode()) for n, start in zip(bad, starts)]
    expect(sorted(found) == sorted(wanted), f"_SKIPPED lists {found}, not {wanted}")
    second = trial.cluster()
    second.add_bytes(cluster.texts[1], "9.txt")
    _, master, _ = run(trial, poisoned(), COUNT, second, code=1, parts=[b"", b""], extra=["--skip-bad-records", "4"])
    trial.expect_told(master, "--skip-bad-records")


@fault("U3", "a mapper that hangs and ignores SIGTERM: it is killed with all that it started, and the job fails by the time-out", short=True)
def hung(trial):
    _, master, _ = run(
        trial, "trap '' TERM HUP INT; sleep 1000 & sleep 1000", "cat", code=1, parts=[b"", b""], extra=["--task-progress-timeout", "1"])
    trial.expect_told(master, "took no input and wrote nothing for 1 s", "--task-progress-timeout")


def control_groups():
    """Folders of control groups that a worker made and did not take away."""
    return [str(path) for path in pathlib.Path("/sys/fs/cgroup").glob("**/mr-worker-*") if path.is_dir()]


@fault("U4", "a fork bomb within --task-processes: the attempt fails by that name, other tasks go on, and nothing is left", ["cgroup"])
def fork_bomb(trial):
    cluster = trial.cluster()
    once = cluster.folder / "once"
    bomb = f"if mkdir {once}; then b() {{ b | b & b; }}; b; exit 1; fi 2>/dev/null; {SPLIT}"
    before = control_groups()
    _, master, _ = run(trial, bomb, COUNT, cluster, extra=["--task-processes", "60", "--task-progress-timeout", "10"])
    trial.expect_told(master, "it could not start processes: --task-processes 60")
    left = [path for path in control_groups() if path not in before]
    expect(not left, f"control groups are left: {left}")


@fault("U4b", "a worker is killed with a limited program in it: program and control groups go all the same", ["cgroup"])
def killed_with_limits(trial):
    cluster = trial.cluster()
    before = control_groups()
    flag = cluster.folder / "flag"
    mapper = f"if mkdir {flag}; then setsid sleep 1000 & sleep 1000; fi 2>/dev/null; {SPLIT}"
    master = cluster.master("--mapper", mapper, "--reducer", COUNT, *WORKERS, "--task-processes", "60", "--task-memory", "256M")
    first = cluster.worker("a")
    until("the program to hang", flag.exists)
    first.kill()
    cluster.worker("b")
    expect(master.wait(40) == 0, master.log[-500:])
    invariants.check(cluster, trial.counts(cluster), 0, scratch_is_clean=False)
    until("the control groups to go", lambda: not [path for path in control_groups() if path not in before], 15)


@fault("U5", "a memory hog within --task-memory: only it is killed, by that name; other tasks and the workers go on", ["cgroup"])
def memory_hog(trial):
    cluster = trial.cluster()
    once = cluster.folder / "once"
    hog = f"if mkdir {once}; then exec awk 'BEGIN {{s = \"x\"; while (1) s = s s}}'; fi 2>/dev/null; {SPLIT}"
    _, master, peak = run(trial, hog, COUNT, cluster, extra=["--task-memory", "64M"])
    trial.expect_told(master, "was killed by SIGKILL: it used more than --task-memory 64MiB")
    expect(peak < 512 << 20, f"a worker took {peak >> 20} MiB")


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
    # Else a job that is over before anybody looks never shows a map that has ended.
    cluster.hold("reducers")
    reducer = f"while [ -e {cluster.steps}/hold-reducers ]; do sleep 0.05; done; cat"
    # Each attempt of a map task stamps its lines; what comes out must have one stamp a task.
    stamp = "cat > /dev/null; for k in 1 2 3 4 5 6 7 8; do echo \"k$k\t$mapreduce_task_partition $mapreduce_task_attempt_id\"; done"
    master = cluster.master("--mapper", f"{stamp}; sleep 0.2", "--reducer", reducer, *WORKERS)
    workers = [cluster.worker("a"), cluster.worker("b")]
    cluster.until_status("a map to end", lambda s: s["maps"]["completed"] >= 1)
    workers[0].kill()
    cluster.let_go("reducers")
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
