"""Workers that stand still, come back too late, or are slow and healthy."""

import os
import signal
import time

from catalogue import expect, fault
from child import until
from cluster import LEASE
from worker_deaths import SMALL


def stall(trial, stage, kind, task=0):
    """Stops a worker and its program for longer than a lease; wakes it when another has done its task."""
    cluster = trial.cluster()
    place = f"{stage}-{kind}-{task}"
    cluster.hold(place)
    cluster.master(*cluster.step_options(), *SMALL)
    workers = [cluster.worker(name) for name in ("a", "b")]
    row = cluster.until_event(stage, kind, task)
    zombie = cluster.worker_of(row)
    if kind == "map":
        cluster.hold("before-reduce-1")
    for pid in (zombie, row[4]):
        os.kill(pid, signal.SIGSTOP)
    cluster.until_event("before", kind, task, after=cluster.events().index(("before", *row[1:])) + 1, seconds=LEASE * 4)
    before = None
    cluster.let_go(place)
    if kind == "map":
        cluster.until_status("the second attempt", lambda s: s["maps"]["completed"] == s["maps"]["total"])
    else:
        part = cluster.output / f"part-{task:05}"
        until("the part", part.exists)
        before = part.read_bytes()
    for pid in (row[4], zombie):
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass  # Its job is over, and somebody ended it.
    time.sleep(0.5)
    if kind == "map":
        cluster.let_go("before-reduce-1")
    trial.finish(cluster)
    expect(cluster.attempts(kind, task) == 2, f"{kind} {task} was begun {cluster.attempts(kind, task)} times, not twice")
    if before is not None:
        expect(part.read_bytes() == before, "the part changed after the zombie woke")
    codes = [worker.wait(15) for worker in workers]
    expect(codes == [0, 0], f"the workers ended with {codes}")


@fault("W13", "a worker stands still for longer than a lease in a map task, then goes on: its report is stale", short=True)
def zombie_mapper(trial):
    stall(trial, "middle", "map")


@fault("W14", "a worker stands still at the end of a reduce task until another has committed the part: no byte changes")
def zombie_reducer(trial):
    stall(trial, "after", "reduce")


@fault("W15", "a worker stands still after a reduce task was written and before it reports")
def zombie_committer(trial):
    stall(trial, "before", "reduce")


@fault("W16", "a task that takes three leases in a healthy worker is run once", short=True)
def long_task(trial):
    cluster = trial.cluster()
    cluster.hold("middle-map-0")
    cluster.master(*cluster.step_options(), *SMALL)
    cluster.worker("a")
    cluster.until_event("middle", "map", 0)
    time.sleep(LEASE * 3)
    cluster.let_go("middle-map-0")
    trial.finish(cluster)
    expect(cluster.attempts("map", 0) == 1, f"it was run {cluster.attempts('map', 0)} times")


@fault("W17", "one task takes for ever on a healthy worker: a backup attempt wins, the first is cancelled")
def straggler(trial):
    for kind in ("map", "reduce"):
        cluster = trial.cluster()
        cluster.hold(f"middle-{kind}-0")
        cluster.master(*cluster.step_options()[1:], *SMALL)
        workers = [cluster.worker(name) for name in ("a", "b")]
        row = cluster.until_event("middle", kind, 0)
        os.kill(row[4], signal.SIGSTOP)  # The program alone: its worker goes on to poll.
        cluster.let_go(f"middle-{kind}-0")
        trial.finish(cluster, seconds=60)
        expect(cluster.attempts(kind, 0) == 2, f"{kind} 0 was run {cluster.attempts(kind, 0)} times, not twice")
        expect([worker.wait(15) for worker in workers] == [0, 0], "the workers did not end with 0")
