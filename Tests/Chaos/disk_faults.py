"""Disks that are full, broken, read-only, or not what they were."""

import os
import shutil

import invariants
from catalogue import expect, fault
from child import until
from injection import inject, worker_program
from mounts import fill, run, tmpfs

SMALL = ["--split-size", "4K", "--reduces", "2"]


def full_scratch(trial, options):
    """One worker has no room for map output, another has: the job ends all the same."""
    cluster = trial.cluster()
    small = cluster.folder / "small"
    tmpfs(trial, small, options)
    cluster.hold("before-map")
    master = cluster.master(*cluster.step_options(), *SMALL)
    cluster.worker("poor", "--scratch", str(small))
    cluster.until_event("before", "map")
    fill(small)
    for number in range(50):
        try:
            (small / f"file-{number}").touch()
        except OSError:
            break
    cluster.worker("rich")
    cluster.until_event("before", "map", after=1)
    cluster.let_go("before-map")
    trial.finish(cluster)
    told = "".join(child.log for child in cluster.children) + master.log
    expect("o space left" in told or "no room" in told, f"nobody said that a disk is full: {told[-900:]}")


@fault("D1", "one worker's scratch disk is full (bytes, then inodes): its tasks fail by name, others do them", ["tmpfs"],
       short=True)
def scratch_full(trial):
    for options in ("size=256k", "size=4m,nr_inodes=8"):
        full_scratch(trial, options)


@fault("D2", "the output disk is full: the job fails and names the path, no part is cut short", ["tmpfs"], short=True)
def output_full(trial):
    cluster = trial.cluster(20_000, words=60_000)
    tmpfs(trial, cluster.output, "size=400k")
    cluster.master("--workers", "1", "--reduces", "2")
    trial.finish(cluster, code=1)
    trial.expect_told(cluster.master_child, str(cluster.output))


@fault("D3", "the journal's disk is full for a while: the master says so, waits, and goes on with room", ["tmpfs"],
       short=True)
def journal_full(trial):
    cluster = trial.cluster()
    tmpfs(trial, cluster.output, "size=2m")
    cluster.hold("before-map-1")
    master = cluster.master("--workers", "2", *cluster.step_options(), *SMALL)
    cluster.until_event("before", "map", 1)
    filler = fill(cluster.output)
    cluster.let_go("before-map-1")
    master.wait_for("no room for the journal")
    filler.unlink()
    trial.finish(cluster)
    trial.expect_told(master, "the journal can be written again")


@fault("D3b", "the journal's disk is full, and the master is killed while it waits", ["tmpfs"])
def journal_full_and_killed(trial):
    cluster = trial.cluster()
    tmpfs(trial, cluster.output, "size=2m")
    options = ["--workers", "2", *cluster.step_options(), *SMALL]
    cluster.hold("before-map-1")
    master = cluster.master(*options)
    cluster.until_event("before", "map", 1)
    filler = fill(cluster.output)
    cluster.let_go("before-map-1")
    master.wait_for("no room for the journal")
    master.kill()
    filler.unlink()
    cluster.master(*options)
    trial.finish(cluster)


@fault("D4", "a worker's write, sync or rename fails with EIO, each in turn: the attempt fails, the job doesn't", ["strace"])
def worker_errors(trial):
    told = 0
    for call in ("pwrite64", "write", "writev,pwritev", "fsync,fdatasync", "rename,renameat,renameat2"):
        for number in range(1, 9):
            cluster = trial.cluster()
            # Only below the folders that the worker writes: its sockets and terminal are another matter.
            for path in (cluster.output / ".mr-drafts", None)[:1 if call == "write" else 2]:
                program = worker_program(cluster, inject(call, "error=EIO", number, path))
                cluster.master("--workers", "1", "--worker-program", program, *SMALL)
                trial.finish(cluster)
                told += "nput/output error" in cluster.master_child.log
                shutil.rmtree(cluster.output)
                (cluster.folder / "worker-under-strace.used").rmdir()
    trial.say(f"told of in {told} jobs")


@fault("D5", "a sync of the journal fails once: the master stops and says so, the next start goes on", ["strace"],
       short=True)
def journal_sync_error(trial):
    stopped = 0
    for number in range(1, 30, 7 if trial.is_short else 1):
        cluster = trial.cluster()
        options = ["--workers", "1", *SMALL]
        wrap = inject("fdatasync", "error=EIO", number, cluster.output / ".mr-journal/journal-wal")
        code = cluster.master(*options, wrap=wrap).wait(40)
        if code == 0:
            # Nothing failed, or only the note that all is done, which nobody needs any more.
            invariants.check(cluster, trial.counts(cluster), 0)
            break
        stopped += 1
        expect(code in (1, 64), f"sync {number} failed: exit code {code}: {cluster.master_child.log[-500:]}")
        trial.expect_told(cluster.master_child, "journal")
        expect(not (cluster.output / "_SUCCESS").exists(), "_SUCCESS is there after a failed sync")
        cluster.master(*options)
        trial.finish(cluster)
    expect(stopped > 0, "no sync was reached")
    trial.say(f"stopped {stopped} times")


@fault("D5b", "any write, sync or rename of the master fails with EIO: exit 1 or 64 and words, never a wrong result", ["strace"])
def master_errors(trial):
    stopped = 0
    for call in ("pwrite64", "fsync", "rename,renameat,renameat2", "mkdir,mkdirat"):
        for number in range(1, 40):
            cluster = trial.cluster()
            options = ["--workers", "1", *SMALL]
            code = cluster.master(*options, wrap=inject(call, "error=EIO", number)).wait(40)
            expect(code in (0, 1, 64), f"{call} {number} failed: exit {code}: {cluster.master_child.log[-500:]}")
            invariants.check_output(cluster, trial.counts(cluster), code)
            if code == 0:
                cluster.remove()
                break
            stopped += 1
            expect("nput/output error" in cluster.master_child.log or "disk I/O error" in cluster.master_child.log,
                   f"{call} {number} failed, and it did not say so: {cluster.master_child.log[-500:]}")
            trial.restart_until_done(cluster, options)
            invariants.check(cluster, trial.counts(cluster), 0)
            cluster.remove()
    trial.say(f"stopped {stopped} times")


def spoil_map_output(trial, spoil):
    """Map output of a worker that lives is spoiled after it was reported; the map runs again, and the result is right."""
    cluster = trial.cluster()
    cluster.hold("before-map-1")
    cluster.master("--workers", "2", *cluster.step_options(), *SMALL)
    cluster.until_event("before", "map", 1)
    cluster.until_status("the other maps to end", lambda s: s["maps"]["completed"] == s["maps"]["total"] - 1)
    done = until("map output", lambda: sorted(cluster.temporary.glob("mr-scratch-*/1-map-0-*")))
    for path in done:
        spoil(path)
    cluster.let_go("before-map-1")
    trial.finish(cluster)
    expect(cluster.attempts("map", 0) == 2, f"map task 0 was run {cluster.attempts('map', 0)} times, not twice")


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)


@fault("D6", "one bit of map output flips on the disk: seen, and the map runs again, once", short=True)
def flipped(trial):
    spoil_map_output(trial, flip)


@fault("D7", "map output loses its last byte: seen, and the map runs again, once")
def truncated(trial):
    spoil_map_output(trial, lambda path: os.truncate(path, path.stat().st_size - 1))


@fault("D8", "map output is deleted by somebody: the map runs again, once", short=True)
def deleted(trial):
    spoil_map_output(trial, os.unlink)


@fault("D8b", "all that lies in the temporary folder is deleted while the job runs, folders too: workers join again", short=True)
def cleaned(trial):
    cluster = trial.cluster()
    cluster.hold("before-map-1")
    cluster.master("--workers", "2", *cluster.step_options(), *SMALL)
    cluster.until_event("before", "map", 1)
    cluster.until_status("the other maps to end", lambda s: s["maps"]["completed"] == s["maps"]["total"] - 1)
    for path in cluster.temporary.iterdir():
        shutil.rmtree(path)
    cluster.let_go("before-map-1")
    trial.finish(cluster)
    trial.expect_told(cluster.master_child, "was deleted, and map output with it; joining again")


@fault("D9", "the scratch folder is read-only, missing, or a file: the worker refuses to start, with the reason", ["tmpfs"],
       short=True)
def bad_scratch(trial):
    cluster = trial.cluster()
    read_only = cluster.folder / "read-only"
    tmpfs(trial, read_only, "size=1m")
    run("mount", "-o", "remount,ro", read_only)
    file = cluster.folder / "a-file"
    file.touch()
    cluster.master("--workers", "1", *cluster.step_options(), *SMALL)
    for index, path in enumerate((read_only, cluster.folder / "missing", file)):
        worker = cluster.worker(f"bad-{index}", "--scratch", str(path))
        expect(worker.wait(20) not in (0, None), f"--scratch {path} was accepted")
        trial.expect_told(worker, str(path), "--scratch")
    trial.finish(cluster)


@fault("D10", "input that is missing, a folder in a folder, a FIFO, or oddly named: refused by name, or read", short=True)
def odd_input(trial):
    cluster = trial.cluster(0)
    folder = cluster.folder / "input"
    os.mkfifo(cluster.folder / "fifo")
    (cluster.folder / "empty-folder").mkdir()
    for name in ("missing.txt", "fifo", "empty-folder"):
        code = cluster.start(f"refuse-{name}", [*cluster.master_command(), name]).wait(20)
        expect(code == 64, f"input '{name}': exit code {code}")
        trial.expect_told(cluster.children[-1], name)
    for name in (b"new\nline.txt", b"not-utf8-\xff.txt", b" space and 'quotes'.txt", b"-dash.txt"):
        text = b"odd name " + name.replace(b"\n", b" ") + b"\n"
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(text)
        cluster.texts.append(text)
    cluster.master("--workers", "1", "--reduces", "2")
    trial.finish(cluster)
