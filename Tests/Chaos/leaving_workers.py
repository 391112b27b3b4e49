"""Workers that leave in peace, that others can't reach, and whose map output is no good."""

import pathlib
import signal
import subprocess

from catalogue import expect, fault
from child import until
from network_faults import other_machine
from worker_deaths import SMALL

NO_LEASE = ["--task-timeout", "60"]
"""Whoever waits for the end of a lease is too late for the trial's deadline."""


def all_mapped(cluster):
    return cluster.until_status("all maps to end", lambda s: s["maps"]["completed"] == s["maps"]["total"])


def expect_single_maps(cluster):
    expect(cluster.attempts("map") == 1, f"a map ran {cluster.attempts('map')} times")


@fault("W18", "SIGTERM to a worker: its task and its map output go elsewhere, it ends with 0, and no map runs again", short=True)
def drained(trial):
    cluster = trial.cluster(1_000)
    cluster.hold("before-reduce")
    cluster.master(*cluster.step_options(), *SMALL, *NO_LEASE)
    leaving = cluster.worker("leaving")
    cluster.until_event("before", "reduce")
    leaving.signal(signal.SIGTERM)
    # Nobody else is there: what it made can only have gone to the master.
    expect(leaving.wait(20) == 0, "the draining worker did not end with 0")
    trial.expect_told(leaving, "draining because of SIGTERM", "drained")
    trial.expect_told(cluster.master_child, "worker leaving drains")
    cluster.let_go("before-reduce")
    cluster.worker("heir")
    trial.finish(cluster, seconds=30)
    expect_single_maps(cluster)


@fault("W18b", "the master is told to drain a worker while others read from it: nothing is lost, no map runs again", ["namespace"])
def drained_by_order(trial):
    cluster = trial.cluster(1_000)
    cluster.hold("before-map-1")
    cluster.hold("before-reduce")
    cluster.master(*cluster.step_options(), *SMALL, *NO_LEASE)
    workers = {name: other_machine(cluster, name, number) for number, name in enumerate(("x", "y"), 1)}
    held = cluster.worker_of(cluster.until_event("before", "map", 1))
    cluster.until_status("the other maps to end", lambda s: s["maps"]["completed"] == s["maps"]["total"] - 1)
    name = next(name for name, child in workers.items() if child.pid != held)
    cluster.let_go("before-map-1")
    all_mapped(cluster)
    expect(cluster.proxy_client().worker.drain(name) is True, "the order was not taken")
    # What runs there goes back, and the other one reads from it when it has done its own.
    cluster.let_go("before-reduce")
    expect(workers[name].wait(20) == 0, "the draining worker did not end with 0")
    trial.finish(cluster, seconds=30)
    expect_single_maps(cluster)


@fault("W18c", "the master is killed after a worker has drained: the next one finds what was handed over, and no map runs again",
       short=True)
def drained_then_killed(trial):
    cluster = trial.cluster(1_000)
    cluster.hold("before-reduce")
    options = [*cluster.step_options(), *SMALL, *NO_LEASE]
    master = cluster.master(*options)
    leaving = cluster.worker("leaving")
    cluster.until_event("before", "reduce")
    leaving.signal(signal.SIGTERM)
    expect(leaving.wait(20) == 0, "the draining worker did not end with 0")
    master.kill()
    cluster.let_go("before-reduce")
    cluster.master(*options)
    cluster.worker("heir")
    trial.finish(cluster, seconds=30)
    expect_single_maps(cluster)


def data_port(pid):
    """The one port at which a worker listens."""
    inodes = set()
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        target = str(entry.readlink())
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return next(int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A" and row[9] in inodes)


def close_port(trial, port, target):
    """Nobody on this machine reaches it any more."""
    rule = ["-o", "lo", "-p", "tcp", "--dport", str(port), *target]
    subprocess.run(["iptables", "-w", "-I", "OUTPUT", *rule], check=True)
    trial.at_end(lambda: subprocess.run(["iptables", "-w", "-D", "OUTPUT", *rule], check=True))


def apart(trial, target, seconds):
    """Two workers on machines of their own that reach the master, and not each other."""
    cluster = trial.cluster(1_000)
    cluster.hold("before-map-1")
    cluster.master(*cluster.step_options(), *SMALL, *NO_LEASE)
    workers = [other_machine(cluster, name, number) for number, name in enumerate(("x", "y"), 1)]
    cluster.until_event("before", "map", 1)
    cluster.until_status("the other maps to end", lambda s: s["maps"]["completed"] == s["maps"]["total"] - 1)
    for worker in workers:
        close_port(trial, data_port(worker.program_pid("mr-worker")), target)
    cluster.let_go("before-map-1")
    trial.finish(cluster, seconds=seconds)
    expect_single_maps(cluster)
    trial.expect_told(cluster.master_child, "can't reach worker", "by way of the master")
    expect([worker.wait(15) for worker in workers] == [0, 0], "the workers did not end with 0")


@fault("N3", "workers that can't reach each other: map output goes by way of the master, and no map runs again",
       ["namespace", "iptables"], short=True)
def unreachable(trial):
    apart(trial, ["-j", "REJECT", "--reject-with", "tcp-reset"], 30)


@fault("N3b", "the same, where packets between workers vanish without a word", ["namespace", "iptables"])
def silent(trial):
    apart(trial, ["-j", "DROP"], 90)


@fault("H11", "three map outputs of one worker are bad: it is excluded, all it made is made again elsewhere, the result is right",
       short=True)
def excluded(trial):
    cluster = trial.cluster(1_000)
    cluster.hold("before-reduce-0")
    cluster.master(*cluster.step_options(), *SMALL, *NO_LEASE)
    cluster.worker("bad")
    cluster.until_event("before", "reduce", 0)
    outputs = sorted(cluster.temporary.glob("mr-scratch-*/1-map-*"))
    expect(len(outputs) > 4, f"only {len(outputs)} map outputs")
    for path in outputs[:3]:
        data = bytearray(path.read_bytes())
        for offset in range(0, len(data) * 3 // 4, 50):
            data[offset] ^= 0x10
        path.write_bytes(data)
    cluster.worker("good")
    until("the exclusion", lambda: "worker bad gets no more map tasks" in cluster.master_child.log, 20)
    cluster.let_go("before-reduce-0")
    trial.finish(cluster, seconds=30)
    expect(cluster.attempts("map") == 2, f"a map ran {cluster.attempts('map')} times, not twice")
