"""The master is killed: at random moments, and at each of its calls that changes something."""

import shutil
import signal
import time

import invariants
from catalogue import Failed, expect, fault
from injection import inject

OPTIONS = ["--workers", "1", "--split-size", "4K", "--reduces", "2"]
SELF_ENDED_MAX = 2
"""Runs in a row that came to their end by themselves: the call is not made that often."""


def kill_at_every(trial, calls, path=None, options=OPTIONS, lines=240, step=1, first=1, rounds_max=200, kills_min=1):
    """Kills a run at its call number 1, then another at number 2, and so on; each must come to its end when restarted."""
    cluster = trial.cluster(lines)
    parts = trial.counts(cluster)
    kills = ended = 0
    number = first
    while ended < SELF_ENDED_MAX and number < rounds_max:
        target = path and cluster.output / path
        code = cluster.master(*options, wrap=inject(calls, "signal=KILL", number, target)).wait(60)
        expect(code in (0, -9, 137), f"call {number} of {calls}: exit code {code}: {cluster.master_child.log[-600:]}")
        ended = ended + 1 if code == 0 else 0
        kills += code != 0
        if code != 0:
            finish_after_kill(trial, cluster, options, parts, f"killed at {calls} number {number}")
        else:
            invariants.check(cluster, parts, 0)
        shutil.rmtree(cluster.output, ignore_errors=True)
        number += step
    expect(kills >= kills_min, f"{calls} was never reached")
    trial.say(f"{kills} kills")


def finish_after_kill(trial, cluster, options, parts, what):
    """Starts the killed master again, and checks what it makes of it."""
    was_done = has_ended(cluster)
    try:
        code = cluster.master(*options).wait(60)
        if code == 64 and was_done and "holds a finished job" in cluster.master_child.log:
            code = 0  # Killed after its last act: it says that the job is done, and leaves it alone.
            sweep(cluster)
        expect(code == 0, f"then exit code {code}: {cluster.master_child.log[-600:]}")
        invariants.check(cluster, parts, 0)
    except Failed as failure:
        raise Failed(f"{what}, {failure}") from None


@fault("M1", "kill -9 of the master at each write to the journal's log", ["strace"])
def at_journal_writes(trial):
    kill_at_every(trial, "pwrite64", ".mr-journal/journal-wal")


@fault("M2", "kill -9 of the master at each sync of the journal", ["strace"], short=True)
def at_journal_syncs(trial):
    kill_at_every(trial, "fdatasync,fsync", step=3 if trial.is_short else 1)


@fault("M3", "kill -9 of the master before an answer leaves, after its events were synced", ["strace"])
def at_answers(trial):
    kill_at_every(trial, "writev,sendto,sendmsg,write", step=3)


@fault("M4", "kill -9 of the master after an answer was handed to the kernel", ["strace"])
def at_marks(trial):
    kill_at_every(trial, "pwrite64", step=2)


@fault("M5", "kill -9 of the master when a request has come and nothing of it is stored", ["strace"])
def at_reads(trial):
    kill_at_every(trial, "read,readv,recvfrom,recvmsg", step=4)


@fault("M6", "kill -9 of the master at each rename and each folder that it makes", ["strace"])
def at_renames(trial):
    kill_at_every(trial, "rename,renameat,renameat2,mkdir,mkdirat")


@fault("M7", "kill -9 of the master when all maps are done and reduces begin", short=True)
def at_phase_change(trial):
    for stage in ("before-reduce", "after-map-1"):
        cluster = trial.cluster()
        options = [*cluster.step_options(), *OPTIONS]
        cluster.hold(stage)
        cluster.master(*options)
        where, kind = stage.split("-")[:2]
        cluster.until_event(where, kind, 1 if kind == "map" else None)
        cluster.master_child.kill()
        cluster.let_go(stage)
        cluster.master(*options)
        cluster.master_child.wait_for("resuming: ")
        trial.finish(cluster)


@fault("M8", "kill -9 of the master while the journal's log is folded into its database", ["strace"])
def while_folding(trial):
    kill_at_every(trial, "pwrite64,fdatasync", ".mr-journal/journal", lines=3_000, first=1, step=1, rounds_max=40,
                  options=["--workers", "2", "--split-size", "256", "--reduces", "2"])


@fault("M9", "kill -9 of the master around _SUCCESS and while it takes its journal away", ["strace"], short=True)
def around_success(trial):
    kill_at_every(trial, "unlink,unlinkat", step=6 if trial.is_short else 1)
    kill_at_every(trial, "openat,fsync,close", "_SUCCESS")


@fault("M10", "kill -9 of the master during its recovery, five times", ["strace"])
def during_recovery(trial):
    for call in ("pread64", "fdatasync", "openat", "pwrite64"):
        cluster = trial.cluster()
        master = cluster.master(*OPTIONS, wrap=inject("fdatasync", "signal=KILL", 8))
        master.wait(30)
        for _ in range(5):
            number = trial.random.randint(1, 12)
            cluster.master(*OPTIONS, wrap=inject(call, "signal=KILL", number, cluster.output / ".mr-journal/journal"))
            if cluster.master_child.wait(30) == 0:
                break
        else:
            trial.restart_until_done(cluster, OPTIONS)
        trial.finish(cluster)


@fault("M0", "kill -9 of the master at random moments, over and over, workers from elsewhere stay", short=True)
def at_random(trial):
    for _ in range(2 if trial.is_short else 8):
        cluster = trial.cluster(800)
        options = ["--split-size", "2K", "--reduces", "2"]
        for name in ("a", "b"):
            cluster.worker(name)
        kills = 0
        while True:
            master = cluster.master(*options)
            time.sleep(trial.random.uniform(0.02, 0.15) * (1 + kills / 2))
            if kills > 20 or master.kill() == 0:
                break  # Let it run, or it was faster.
            kills += 1
            if has_ended(cluster):
                break
        if master.wait(40) == -9:
            trial.say("once killed when all was done")
            for child in cluster.children:
                child.signal(signal.SIGINT)  # They wait for another master, as they should.
            invariants.check(cluster, trial.counts(cluster), 0)
        else:
            trial.finish(cluster)


def sweep(cluster):
    """Another job with the same temporary folder, which takes along what killed workers left there."""
    cluster.start("sweep", [*cluster.master_command("--workers", "1"), "--output", "other", "--overwrite"]).wait(20)


def has_ended(cluster):
    """Whether a killed master had nothing left to do: what it would say of that is exit code 64, a finished job."""
    return (cluster.output / "_SUCCESS").exists() and not (cluster.output / ".mr-journal" / "journal").exists()
