"""Clocks that jump or differ, and a machine that sleeps."""

import signal
import time

from catalogue import expect, fault
from cluster import LEASE
from master_others import stop_all
from needs import FAKETIME
from worker_deaths import SMALL


THROUGH = ["env"]
"""libfaketime sets a variable when a process begins, and a Swift program whose environment was moved by that finds no
arguments; so another program goes before, from which it inherits the variable."""


def faked(offset):
    """Environment of a process whose wall clock is off. The monotonic clock stays, and so do the times of files."""
    return {"LD_PRELOAD": str(FAKETIME), "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1", **offset}


def held_job(trial, cluster, act, workers=("a", "b"), environment=None):
    """A job that is held in its maps while `act` is done; no task may run twice."""
    cluster.hold("middle-map")
    for name in workers:
        cluster.worker(name, wrap=THROUGH, **(environment or {}))
    cluster.until_event("middle", "map", after=1)
    act()
    time.sleep(LEASE * 1.5)
    cluster.let_go("middle-map")
    trial.finish(cluster)
    expect(cluster.attempts("map") == 1, f"a map task was run {cluster.attempts('map')} times")


@fault("C1", "the wall clocks of master and workers jump an hour ahead, then two hours back: no lease ends", ["faketime"])
def jumping_clock(trial):
    for first, second in (("+1h", "-1h"), ("-1h", "+1h")):
        cluster = trial.cluster()
        clock = cluster.folder / "clock"
        clock.write_text("+0\n")
        environment = faked({"FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1"})
        cluster.master(*cluster.step_options(), *SMALL, wrap=THROUGH, **environment)

        def jump():
            clock.write_text(first + "\n")
            time.sleep(1)
            clock.write_text(second + "\n")

        held_job(trial, cluster, jump, environment=environment)


@fault("C2", "a worker's clock is five hours ahead of its master's", ["faketime"])
def differing_clocks(trial):
    cluster = trial.cluster()
    cluster.master(*cluster.step_options(), *SMALL)
    held_job(trial, cluster, lambda: None, environment=faked({"FAKETIME": "+5h"}))


@fault("C3", "all processes stand still for three leases, as when the machine sleeps, and go on", short=True)
def suspended(trial):
    cluster = trial.cluster()
    cluster.master(*cluster.step_options(), *SMALL)

    def sleep():
        stop_all(cluster, signal.SIGSTOP)
        time.sleep(LEASE * 3)
        stop_all(cluster, signal.SIGCONT)

    held_job(trial, cluster, sleep)
