"""What else befalls a master: a power cut, a damaged journal, a rival, a stopped clock, another job, changed input."""

import os
import random
import shutil
import signal
import time

import invariants
from catalogue import expect, fault
from cluster import LEASE
from mounts import PowerCut

OPTIONS = ["--workers", "1", "--split-size", "4K", "--reduces", "2"]


def cut_off(trial, lines=240):
    """A cluster whose master was killed when one reduce task was done and the other was not."""
    cluster = trial.cluster(lines)
    options = [*cluster.step_options(), *OPTIONS]
    cluster.hold("before-reduce-1")
    cluster.master(*options)
    cluster.until_status("one reduce task to end", lambda s: s["reduces"]["completed"] == 1)
    cluster.master_child.kill()
    cluster.let_go("before-reduce-1")
    return cluster, options


@fault("M11", "power cut: what was not synced is lost; the job goes on from what the disk holds", ["loop"])
def power_cut(trial):
    cluster = trial.cluster(600)
    disk = PowerCut(trial, cluster)
    cluster.output = disk.place / "out"
    cluster.temporary = disk.place / "tmp"
    cluster.temporary.mkdir()
    os.sync()
    cluster.master(*OPTIONS)
    images = []
    while cluster.master_child.is_running and len(images) < 12:
        time.sleep(trial.random.uniform(0.01, 0.05))
        stop_all(cluster, signal.SIGSTOP)
        images.append(disk.snapshot(cluster.folder / f"disk-{len(images)}"))
        stop_all(cluster, signal.SIGCONT)
    trial.finish(cluster)
    for image in images:
        disk.mount(image)
        cluster.temporary.mkdir(exist_ok=True)
        trial.restart_until_done(cluster, OPTIONS)
        resumed = "resuming: " in cluster.master_child.log
        invariants.check(cluster, trial.counts(cluster), 0)
        trial.say("went on" if resumed else "began")
        image.unlink()


def stop_all(cluster, number):
    """Nothing may write while the disk is copied."""
    for pid in cluster.own_processes():
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass  # It ended meanwhile.


@fault("M12", "the journal is cut short, flipped, or emptied: refused with its name, or nothing is lost", short=True)
def damaged_journal(trial):
    cluster, options = cut_off(trial)
    kept = cluster.folder / "kept"
    shutil.copytree(cluster.output, kept)
    before = cluster.attempts("map")
    refused = 0
    for round_number in range(6 if trial.is_short else 30):
        shutil.rmtree(cluster.output)
        shutil.copytree(kept, cluster.output)
        how = damage(cluster.output / ".mr-journal", random.Random(trial.seed * 1000 + round_number))
        code = cluster.master(*options).wait(30)
        log = cluster.master_child.log
        if code == 64:
            expect(".mr-journal/journal" in log, f"{how}: refused without the journal's name: {log}")
            expect(not (cluster.output / "_SUCCESS").exists(), f"{how}: refused, and _SUCCESS is there")
            refused += 1
        else:
            expect(code == 0, f"{how}: exit code {code}: {log}")
            expect("resuming: " in log, f"{how}: began again without a word: {log}")
            invariants.check_output(cluster, trial.counts(cluster), code)
    trial.say(f"{refused} refused; at most {cluster.attempts('map') - before} map attempts more")


def damage(folder, rng):
    """Spoils one of the journal's files; answers what was done."""
    name = rng.choice(["journal", "journal-wal"])
    path = folder / name
    data = bytearray(path.read_bytes())
    place = rng.randrange(len(data))
    match rng.choice(["flip", "cut", "zero"]):
        case "flip":
            data[place] ^= 1 << rng.randrange(8)
            how = f"a bit of byte {place} flipped"
        case "cut":
            del data[place:]
            how = f"cut to {place} bytes"
        case "zero":
            data[place:place + 512] = bytes(len(data[place:place + 512]))
            how = f"512 bytes from {place} are zeros"
    path.write_bytes(data)
    return f"{name}: {how}"


@fault("M13", "a second master on the same output is refused; the lock of a killed one is taken over", short=True)
def two_masters(trial):
    cluster = trial.cluster()
    options = [*cluster.step_options(), *OPTIONS]
    cluster.hold("before-map")
    first = cluster.master(*options)
    cluster.until_event("before", "map")
    second = cluster.start("second", [*cluster.master_command(*options), "--listen", "127.0.0.1:0"])
    expect(second.wait(20) == 64, f"the second master ended with {second.process.returncode}: {second.log}")
    expect(str(cluster.output) in second.log, f"the refusal does not name the output: {second.log}")
    expect(first.is_running, "the first master ended")
    first.kill()
    cluster.let_go("before-map")
    cluster.master(*options)
    trial.finish(cluster)


@fault("M14", "the master stands still for longer than a lease: nobody's task is taken away", short=True)
def stopped_master(trial):
    cluster = trial.cluster()
    options = [*cluster.step_options(), "--split-size", "4K", "--reduces", "2"]
    cluster.hold("middle-map")
    workers = [cluster.worker(name) for name in ("a", "b")]
    master = cluster.master(*options)
    cluster.until_event("middle", "map", after=1)
    master.signal(signal.SIGSTOP)
    time.sleep(LEASE * 3)
    master.signal(signal.SIGCONT)
    time.sleep(1)
    cluster.let_go("middle-map")
    trial.finish(cluster)
    expect(cluster.attempts("map") == 1, f"a map task was run {cluster.attempts('map')} times")
    expect([w.wait(10) for w in workers] == [0, 0], "the workers did not end with 0")


@fault("M15", "another command line or changed input on an interrupted job's output is refused with the reason", short=True)
def other_job(trial):
    cluster, options = cut_off(trial)
    for other, words in (
        (["--workers", "1"], "it ran 'streaming', and this is 'wordcount'"),
        ([*options[:-1], "3"], "it had 2 reduce tasks, and this has 3"),
        ([*options[:-4], "--split-size", "5K", "--reduces", "2"], "--split-size"),
    ):
        code = cluster.master(*other).wait(20)
        expect(code == 64, f"{other} ended with {code}")
        trial.expect_told(cluster.master_child, words)
    path = cluster.folder / "input" / "0.txt"
    old = path.stat()
    path.write_bytes(cluster.texts[0] + b"more\n")
    expect(cluster.master(*options).wait(20) == 64, "changed input was accepted")
    trial.expect_told(cluster.master_child, "has changed since it began")
    path.write_bytes(cluster.texts[0])
    os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))
    cluster.master(*options)
    trial.finish(cluster)


@fault("M16", "an input file grows while the job runs: the job fails, and says which", short=True)
def growing_input(trial):
    cluster = trial.cluster()
    cluster.hold("before-map-0")
    cluster.master(*cluster.step_options(), *OPTIONS)
    cluster.until_event("before", "map", 0)
    with open(cluster.folder / "input" / "0.txt", "ab") as file:
        file.write(b"more words\n")
    cluster.let_go("before-map-0")
    trial.finish(cluster, code=1)
    trial.expect_told(cluster.master_child, "0.txt", "changed")
