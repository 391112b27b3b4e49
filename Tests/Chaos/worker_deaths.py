"""Workers die: at each step of a task, at each of their calls, all at once, again and again."""

import os
import shutil
import signal
import time

import invariants
import processes
from catalogue import expect, fault
from child import until
from injection import inject, worker_program

SMALL = ["--split-size", "4K", "--reduces", "2"]


def kill_at(trial, stage, kind, task=0):
    """Kills the worker that has come to a stage of a task; another one must do it again, within a lease."""
    cluster = trial.cluster()
    cluster.hold(f"{stage}-{kind}-{task}")
    cluster.master(*cluster.step_options(), *SMALL)
    for name in ("a", "b"):
        cluster.worker(name)
    row = cluster.until_event(stage, kind, task)
    kill_pid(cluster.worker_of(row))
    until("the killed worker's program to end", lambda: processes.state(row[4]) in (None, "Z"), 5)
    cluster.let_go(f"{stage}-{kind}-{task}")
    trial.finish(cluster)
    expect(cluster.attempts(kind, task) == 2, f"{kind} {task} was run {cluster.attempts(kind, task)} times, not twice")


def kill_pid(pid, number=signal.SIGKILL):
    expect(pid > 1, "the trial found no worker process")
    os.kill(pid, number)


@fault("W1", "kill -9 of a worker that has a task and has not begun with it", short=True)
def before_work(trial):
    kill_at(trial, "before", "map")


@fault("W2", "kill -9 of a worker in the middle of its input")
def in_mid_read(trial):
    kill_at(trial, "middle", "map")


@fault("W3", "kill -9 of a worker at each write, sync and rename of its files", ["strace"], short=True)
def at_every_call(trial):
    kills = 0
    calls = ["pwrite64,write,writev,pwritev,pwritev2", "fsync,fdatasync", "rename,renameat,renameat2",
             "openat", "unlink,unlinkat", "read,pread64"]
    for call in calls[:3] if trial.is_short else calls:
        ended = 0
        for number in range(1, 120, 3 if trial.is_short or call == "openat" else 1):
            cluster = trial.cluster()
            program = worker_program(cluster, inject(call, "signal=KILL", number))
            cluster.master("--workers", "1", "--worker-program", program, *SMALL)
            trial.finish(cluster)
            was_killed = "was killed by signal" in cluster.master_child.log
            kills += was_killed
            ended = 0 if was_killed else ended + 1
            cluster.remove()
            if ended == 2:
                break
    expect(kills > 5, f"only {kills} kills")
    trial.say(f"{kills} kills")


def kill_in_delay(trial, calls, path, pattern):
    """Kills a worker after a call has done its work and before the worker goes on: strace holds it there for 5 s.

    path: the file that the call is about, in the cluster; None for the first such call. pattern: what is there then.
    """
    cluster = trial.cluster()
    target = path and cluster.folder / path
    program = worker_program(cluster, inject(calls, "delay_exit=5000000", 1, target))
    master = cluster.master("--workers", "1", "--worker-program", program, *SMALL)
    until(f"{pattern}", lambda: list(cluster.folder.glob(pattern)), 10)
    time.sleep(0.3)
    kill_pid(until("the worker", lambda: [p for p in cluster.own_processes() if processes.program(p) == "mr-worker"])[0])
    trial.finish(cluster)
    trial.expect_told(master, "was killed by signal 9")


@fault("W4", "kill -9 of a worker after it gave its map output a name, before it reports", ["strace"])
def before_map_report(trial):
    kill_in_delay(trial, "rename,renameat,renameat2", None, "tmp/mr-scratch-*/1-map-?-1")


@fault("W6", "kill -9 of a worker whose map output is still needed, and its files vanish: maps run again, once each", short=True)
def output_lost(trial):
    cluster = trial.cluster()
    for task in (0, 1):
        cluster.hold(f"before-map-{task}")
    cluster.master(*cluster.step_options(), *SMALL)
    workers = {name: cluster.worker(name, "--scratch", str(folder(cluster, name))) for name in "ab"}
    # Each runs one of the two, whichever came first.
    owner = cluster.worker_of(cluster.until_event("before", "map", 0))
    cluster.until_event("before", "map", 1)
    cluster.let_go("before-map-0")
    cluster.until_status("map 0 to end", lambda s: s["maps"]["completed"] == s["maps"]["total"] - 1)
    victim = next(name for name, child in workers.items() if child.pid == owner)
    workers[victim].kill()
    shutil.rmtree(cluster.folder / victim)
    cluster.let_go("before-map-1")
    trial.finish(cluster)
    expect(cluster.attempts("map", 0) == 2, f"map 0 was run {cluster.attempts('map', 0)} times, not twice")
    expect(cluster.attempts("map", 1) == 1, f"map 1 was run {cluster.attempts('map', 1)} times, not once")


def folder(cluster, name):
    path = cluster.folder / name
    path.mkdir()
    return path


@fault("W7", "kill -9 of a worker whose map output all reduces have: nothing runs again")
def output_fetched(trial):
    cluster = trial.cluster()
    cluster.hold("after-reduce")
    cluster.master(*cluster.step_options(), *SMALL)
    mapper = cluster.worker("mapper", "--scratch", str(folder(cluster, "mapper")))
    cluster.until_event("after", "reduce")
    for name in ("a", "b"):
        cluster.worker(name)
    until("both reduces", lambda: len({r[2] for r in cluster.events() if r[:2] == ("after", "reduce")}) == 2)
    others = [row for row in cluster.events() if row[:2] == ("after", "reduce") and cluster.worker_of(row) != mapper.pid]
    mapper.kill()
    shutil.rmtree(cluster.folder / "mapper", ignore_errors=True)
    cluster.let_go("after-reduce")
    trial.finish(cluster)
    for row in others:
        expect(cluster.attempts("reduce", row[2]) == 1, f"reduce {row[2]} had all it needs and ran again")
    expect(others, "no reduce task ran elsewhere")


@fault("W9", "kill -9 of a worker before, in the middle and at the end of a reduce task", short=True)
def reducer(trial):
    for stage in ("before",) if trial.is_short else ("before", "middle", "after"):
        kill_at(trial, stage, "reduce")


@fault("W10", "kill -9 of a worker after it wrote and synced a part, before it reports", ["strace"])
def before_reduce_report(trial):
    kill_in_delay(trial, "fsync,fdatasync", "out/.mr-drafts/1-reduce-0-1", "out/.mr-drafts/1-reduce-0-1")


@fault("W11", "kill -9 of all workers at once; others come three leases later", short=True)
def all_at_once(trial):
    cluster = trial.cluster()
    cluster.hold("middle-map")
    cluster.master(*cluster.step_options(), *SMALL)
    workers = [cluster.worker(name) for name in ("a", "b", "c")]
    cluster.until_event("middle", "map", after=1)
    for worker in workers:
        worker.kill()
    cluster.let_go("middle-map")
    time.sleep(6)
    expect(cluster.master_child.is_running, "the master did not wait for workers")
    for name in ("d", "e"):
        cluster.worker(name)
    trial.finish(cluster)


@fault("W12", "workers are killed at random, each is replaced at once, until the job ends")
def crash_loop(trial):
    cluster = trial.cluster(1_000)
    mapper, reducer = cluster.step_options()[2::2]
    cluster.master("--mapper", f"sleep 0.2; {mapper}", "--reducer", f"sleep 0.2; {reducer}", "--split-size", "1K", "--reduces", "2")
    workers = [cluster.worker(f"w{n}") for n in range(3)]
    count = 3
    end = time.monotonic() + 12
    while cluster.master_child.is_running and time.monotonic() < end:
        time.sleep(trial.random.uniform(0.05, 0.3))
        victim = trial.random.randrange(3)
        workers[victim].kill()
        workers[victim] = cluster.worker(f"w{count}")
        count += 1
    code = cluster.master_child.wait(60)
    for worker in workers:
        worker.signal(signal.SIGINT)
    if code == 1:
        trial.expect_told(cluster.master_child, "lost")
        trial.say("the job failed: too many workers lost under one task")
    invariants.check(cluster, trial.counts(cluster), code, scratch_is_clean=False)
    trial.say(f"{count - 3} kills")
