"""What networks do between workers and their master."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time

import processes
from catalogue import Skipped, expect, fault
from child import until
from cluster import LEASE
from crowd import Crowd, descriptors_missing
from proxy import Proxy
from worker_deaths import SMALL


def through_proxy(trial, cluster, names=("a",)):
    """Workers that reach their master by a proxy; the token's file is there for that port too."""
    proxy = Proxy(cluster.port, trial.seed)
    trial.at_end(proxy.close)
    introduce(cluster, proxy)
    return proxy, [cluster.worker(name, port=proxy.port) for name in names]


def introduce(cluster, proxy):
    """Puts the token where workers look for it that go to the proxy."""
    until("the token", cluster.token)
    state = cluster.folder / "state"
    record = state / f"127.0.0.1-{proxy.port}"
    shutil.copy(state / f"127.0.0.1-{cluster.port}", record)
    record.chmod(0o600)
    cluster.proxies.append((proxy, record))


def cut(trial, mode, seconds, runs):
    """The line of one worker is cut in the middle of a task, and heals; another worker reaches the master all the time."""
    cluster = trial.cluster()
    cluster.hold("middle-map-0")
    cluster.hold("before-reduce")
    cluster.master(*cluster.step_options(), *SMALL)
    proxy, workers = through_proxy(trial, cluster)
    cluster.until_event("middle", "map", 0)
    workers.append(cluster.worker("near"))
    proxy.mode = mode
    time.sleep(seconds)
    cluster.let_go("middle-map-0")
    if runs == 2:
        cluster.until_event("before", "map", 0, after=1 + index_of(cluster, "map", 0), seconds=LEASE * 8)
    proxy.mode = "pass"
    # The reduces are held until it is back, so that it gets work again.
    cluster.until_event("before", "reduce", 0, seconds=60)
    cluster.until_event("before", "reduce", 1, seconds=60)
    cluster.let_go("before-reduce")
    trial.finish(cluster, seconds=60)
    expect(cluster.attempts("map", 0) == runs, f"map 0 was run {cluster.attempts('map', 0)} times, not {runs}")
    expect([worker.wait(15) for worker in workers] == [0, 0], "the workers did not end with 0")


def index_of(cluster, kind, task):
    return next(i for i, row in enumerate(cluster.events()) if row[:3] == ("before", kind, task))


@fault("N1", "a worker is cut off for less than a lease: nothing is lost, nothing runs again", short=True)
def short_cut(trial):
    cut(trial, "blackhole", LEASE * 0.4, 1)
    cut(trial, "refuse", LEASE * 0.4, 1)


@fault("N2", "a worker is cut off for longer than a lease and comes back: its task ran elsewhere, its report is stale")
def long_cut(trial):
    cut(trial, "blackhole", LEASE * 2.5, 2)
    cut(trial, "refuse", LEASE * 2.5, 2)


@fault("N2b", "iptables drops all that passes at the master's port for longer than a lease, and heals", ["iptables"])
def dropped_packets(trial):
    cluster = trial.cluster()
    cluster.hold("middle-map")
    cluster.master(*cluster.step_options(), *SMALL)
    for name in ("a", "b"):
        cluster.worker(name)
    cluster.until_event("middle", "map", after=1)
    rule = ["-i", "lo", "-p", "tcp", "--dport", str(cluster.port), "-j", "DROP"]
    subprocess.run(["iptables", "-w", "-I", "INPUT", *rule], check=True)
    trial.at_end(lambda: subprocess.run(["iptables", "-w", "-D", "INPUT", *rule], capture_output=True))
    time.sleep(LEASE * 3)
    subprocess.run(["iptables", "-w", "-D", "INPUT", *rule], check=True)
    cluster.let_go("middle-map")
    trial.finish(cluster, seconds=90)
    trial.say(f"a map ran at most {cluster.attempts('map')} times")


@fault("N4", "one direction alone is dead, each in turn, for longer than a lease")
def one_way(trial):
    for mode in ("deaf", "mute"):
        cut(trial, mode, LEASE * 2.5, 2)


@fault("N5", "a worker's machine vanishes without a goodbye: its task goes to another after a lease, descriptors come back")
def half_open(trial):
    cluster = trial.cluster()
    cluster.hold("middle-map-0")
    master = cluster.master(*cluster.step_options(), *SMALL)
    proxy, workers = through_proxy(trial, cluster)
    cluster.until_event("middle", "map", 0)
    proxy.mode = "blackhole"
    workers[0].kill()
    cluster.worker("near")
    cluster.let_go("middle-map-0")
    trial.finish(cluster, seconds=60)
    expect(master.process.returncode == 0, "the master failed")
    expect(cluster.attempts("map", 0) == 2, f"map 0 was run {cluster.attempts('map', 0)} times, not twice")


@fault("N6b", "300 ms between a worker and its master: slower, and nothing else")
def slow_line(trial):
    cluster = trial.cluster()
    cluster.master(*cluster.step_options(), *SMALL)
    proxy, _ = through_proxy(trial, cluster)
    proxy.delay = 0.3
    trial.finish(cluster, seconds=60)
    expect(cluster.attempts("map") == 1, "a map ran again")


@fault("N6", "1 Mbit/s and 300 ms to a worker that sees none of the files: it gets on, and keeps its leases", ["namespace"])
def thin_line(trial):
    cluster = trial.cluster(8_000)
    cluster.master("--split-size", "64K", "--reduces", "2", "--no-backup-tasks")
    proxy = Proxy(cluster.port, trial.seed)
    trial.at_end(proxy.close)
    proxy.rate, proxy.delay = 125_000, 0.3
    introduce(cluster, proxy)
    begin = time.monotonic()
    far = other_machine(cluster, "far", 1, port=proxy.port, hides=("input", "out"))
    trial.finish(cluster, seconds=90)
    size = sum(map(len, cluster.texts))
    expect(time.monotonic() - begin > size / proxy.rate, "it had the input by another way")
    expect("reassigned" not in cluster.master_child.log, f"a lease ended: {cluster.master_child.log[-800:]}")
    expect(far.wait(15) == 0, "the worker did not end with 0")
    trial.say(f"{size >> 10} KiB of input in {time.monotonic() - begin:.1f} s")


@fault("N7", "connections are reset at random, one piece in ten", short=True)
def random_resets(trial):
    cluster = trial.cluster(600)
    cluster.master("--split-size", "1K", "--reduces", "2")
    proxy, _ = through_proxy(trial, cluster, ("a", "b"))
    proxy.reset_chance = 0.1
    trial.finish(cluster, seconds=90)
    trial.say(f"{proxy.resets} resets")


@fault("N8", "answers get lost after the master acted, so that workers ask again: same answer, nothing counted twice", short=True)
def lost_answers(trial):
    cluster = trial.cluster()
    cluster.master(*cluster.step_options(), *SMALL)
    proxy, _ = through_proxy(trial, cluster)
    end = time.monotonic() + 40
    while cluster.master_child.is_running and time.monotonic() < end:
        if proxy.drop_answers == 0 and proxy.dropped < 12:
            proxy.drop_answers = 1
        time.sleep(0.03)
    trial.finish(cluster, seconds=30)
    expect(proxy.dropped > 3, f"only {proxy.dropped} answers were lost")
    trial.say(f"{proxy.dropped} answers lost; a map ran at most {cluster.attempts('map')} times")


@fault("W5", "kill -9 of a worker whose report has left and whose answer has not come", short=True)
def no_answer(trial):
    cluster = trial.cluster()
    cluster.hold("after-map-0")
    cluster.master(*cluster.step_options(), *SMALL)
    proxy, workers = through_proxy(trial, cluster)
    cluster.until_event("after", "map", 0)
    proxy.mode = "deaf"
    cluster.let_go("after-map-0")
    cluster.until_status("the map to be completed", lambda s: s["maps"]["completed"] >= 1, LEASE * 8)
    workers[0].kill()
    cluster.worker("near")
    trial.finish(cluster, seconds=60)
    expect(cluster.attempts("map", 0) <= 2, "map 0 ran more than twice")


def other_machine(cluster, name, number, port=None, hides=()):
    """A worker that takes itself for one on another machine, and whose files nobody else sees: data goes by HTTP.

    hides: folders of the cluster that it doesn't see either.
    """
    boot_id = cluster.folder / f"boot-id-{name}"
    boot_id.write_text(f"00000000-0000-4000-8000-{number:012}\n")
    scratch = cluster.folder / f"scratch-{name}"
    scratch.mkdir()
    own = "".join(f"mount -t tmpfs none {folder} && " for folder in [scratch, *(cluster.folder / name for name in hides)])
    command = f"mount --bind {boot_id} /proc/sys/kernel/random/boot_id && {own}exec \"$@\""
    return cluster.worker(name, "--scratch", str(scratch), port=port, wrap=["unshare", "-m", "sh", "-c", command, "sh"])


@fault("W8", "a worker on another machine is killed while others fetch from it: its maps run again", ["namespace"], short=True)
def holder_dies(trial):
    cluster = trial.cluster(2_000)
    cluster.hold("before-map-1")
    cluster.master(*cluster.step_options(), "--split-size", "16K", "--reduces", "2")
    workers = {"x": other_machine(cluster, "x", 1), "y": other_machine(cluster, "y", 2)}
    held = cluster.worker_of(cluster.until_event("before", "map", 1))
    cluster.until_status("the other maps to end", lambda s: s["maps"]["completed"] == s["maps"]["total"] - 1)
    victim = next(child for child in workers.values() if child.pid != held)
    # It takes a request and never answers it whole.
    os.kill(victim.pid, signal.SIGSTOP)
    cluster.let_go("before-map-1")
    cluster.until_status("all maps to end", lambda s: s["maps"]["completed"] == s["maps"]["total"])
    time.sleep(0.3)
    victim.kill()
    trial.finish(cluster, seconds=60)
    expect(cluster.attempts("map", 1) == 1, "the map of the worker that lives ran again")
    trial.say(f"a map ran at most {cluster.attempts('map')} times")


@fault("N11", "the master's port is taken: it says so and ends with 64")
def port_taken(trial):
    cluster = trial.cluster()
    with socket.create_server(("127.0.0.1", cluster.port)):
        code = cluster.master(*SMALL).wait(20)
    expect(code == 64, f"exit code {code}")
    trial.expect_told(cluster.master_child, str(cluster.port))
    cluster.master("--workers", "1", *SMALL)
    trial.finish(cluster)


@fault("N10", "the master listens on ::1 and its workers come by it")
def version_six(trial):
    cluster = trial.cluster()
    cluster.master("--workers", "1", *SMALL, "--listen", f"[::1]:{cluster.port}")
    trial.finish(cluster)
    trial.expect_told(cluster.master_child, "[::1]")


@fault("N12", "10,000 workers come back at once to a master that was started again; a task goes on meanwhile", short=True)
def many_return(trial):
    # With the one that works, as many as a master serves.
    count = 499 if trial.is_short else 9_999
    reason = descriptors_missing(count)
    if reason:
        raise Skipped(reason)
    cluster = trial.cluster()
    # The lease of real deployments: each worker polls at least every third of it.
    options = [*cluster.step_options(), *SMALL, "--task-timeout", "30"]
    cluster.hold("before-map")
    cluster.master(*options)
    until("the token", cluster.token)
    cluster.worker("real")
    cluster.until_event("before", "map")
    took, peaks = asyncio.run(come_back(trial, cluster, count, options))
    expect(took < 60 and max(peaks) < 1 << 30, f"{took:.0f} s, {max(peaks) >> 20} MiB")
    expect(cluster.attempts("map") == 1, "the task of the real worker was taken away")
    trial.say(f"{count + 1:,} workers, the master took at most {max(peaks) >> 20} MiB")


async def come_back(trial, cluster, count, options):
    """Seconds until all were answered by the second master, and the memory that each master took at most."""
    crowd = Crowd(cluster.port, cluster.token(), count)
    members = asyncio.create_task(crowd.run())
    came = await crowd.until_back(120)
    expect(crowd.back() == count, f"only {crowd.back()} came at first, with {crowd.refusals} refusals")
    peaks = [processes.peak_memory(cluster.master_child.pid)]
    cluster.master_child.kill()
    crowd.start += 1
    crowd.tries = crowd.refusals = 0
    master = cluster.master(*options)
    took = await crowd.until_back(90)
    trial.say(f"{came:.1f} s to come, {took:.1f} s to come back in {crowd.tries:,} tries, {crowd.refusals:,} of them refused")
    expect(crowd.back() == count, f"only {crowd.back()} of {count} came back, with {crowd.refusals} refusals")
    peaks.append(processes.peak_memory(master.pid))
    cluster.let_go("before-map")
    await asyncio.to_thread(trial.finish, cluster, 0, 90)
    crowd.is_over = True
    await asyncio.wait_for(members, 30)
    trial.say(f"{crowd.stopped:,} were told that the job is over")
    expect(not crowd.silences, f"no answer in time: {crowd.silences[:3]}")
    return took, peaks
