"""Where secrets must not be found."""

import os
import pathlib
import shutil
import stat
import subprocess

from catalogue import Skipped, expect, fault
from cluster import PROGRAMS

NOBODY = 65_534
LEAK = r"""
cat > /dev/null
env; cat /proc/$PPID/environ 2> /dev/null | tr '\0' '\n'
for id in $PPID $(cat /proc/$PPID/task/*/children); do tr '\0' ' ' < /proc/$id/cmdline; echo; done
ls -l /proc/self/fd
env >&2
"""


@fault("H14", "secrets in environments, arguments, logs, journals and files that others can read", short=True)
def leaks(trial):
    cluster = trial.cluster(lines=20)
    secrets = {name: f"hidden-{trial.random.getrandbits(64):016x}" for name in ("MR_TOKEN", "MR_JOIN", "MR_ADMIN_SECRET")}
    cluster.hold("before-map")
    step = cluster.step_options()
    master = cluster.master("--reduces", "2", *step)
    master.wait_for("listening on")
    cluster.worker("good", **secrets)
    cluster.until_event("before", "map")
    token = cluster.token()
    state = cluster.folder / "state" / f"127.0.0.1-{cluster.port}"
    expect(stat.S_IMODE(state.stat().st_mode) == 0o600, f"the token's file has mode {oct(state.stat().st_mode)}")
    for pid in cluster.own_processes():
        try:
            line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue  # It ended meanwhile.
        expect(token.encode() not in line, f"the token is among the arguments of {line[:200]!r}")
    search(cluster, {"token": token} | secrets, "while the job runs")
    cluster.let_go("before-map")
    trial.finish(cluster)
    search(cluster, {"token": token} | secrets, "when it is over")
    leaky = trial.cluster(lines=20)
    leaky.master("--reduces", "1", "--mapper", LEAK)
    leaky.master_child.wait_for("listening on")
    token = leaky.token()
    leaky.worker("leaky", **secrets)
    expect(leaky.master_child.wait(40) == 0, f"the job failed: {leaky.master_child.log[-500:]}")
    # What root's programs find in /proc is root's to find; the environment that they get is theirs.
    text = (leaky.output / "part-00000").read_bytes()
    given = text if os.geteuid() else b""
    for name, secret in secrets.items():
        expect(secret.encode() not in given, f"{name} came out")
    expect(token.encode() not in text, "the token came out")
    descriptors = [line for line in text.split(b"\n") if b" -> " in line]
    expect(len(descriptors) <= 4, f"descriptors are open: {descriptors}")


def search(cluster, secrets, when):
    """Looks into every file but the one that is for the token."""
    for path in cluster.folder.rglob("*"):
        if not path.is_file() or path.parent.name == "state":
            continue
        data = path.read_bytes()
        for name, secret in secrets.items():
            expect(secret.encode() not in data, f"{name} is in {path} {when}")


@fault("H14a", "programs of a worker without privileges look for its secrets, and others for the master's", needs=["root"])
def other_users(trial):
    if not shutil.which("setpriv"):
        raise Skipped("setpriv is not installed")
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    cluster = trial.cluster(lines=20)
    for name in (".", "input", "tmp", "steps", "logs", "state"):
        os.chown(cluster.folder / name, NOBODY, NOBODY)
    programs = cluster.folder / "programs"
    programs.mkdir()
    for name in ("mr-master", "mr-worker"):
        shutil.copy(PROGRAMS / name, programs / name)
    secret = f"hidden-{trial.random.getrandbits(64):016x}"
    command = cluster.master_command("--reduces", "1", "--mapper", LEAK, "--task-cpus", "1", "--task-memory", "1G")
    cluster.master_child = cluster.start("master-0", [*as_nobody, str(programs / "mr-master"), *command[1:]])
    cluster.master_child.wait_for("listening on")
    worker = cluster.start(
        "worker", [*as_nobody, str(programs / "mr-worker"), "--master", f"127.0.0.1:{cluster.port}", "--name", "w"],
        MR_JOIN=secret)
    expect(cluster.master_child.wait(40) == 0, f"the job failed: {cluster.master_child.log[-500:]}")
    text = (cluster.output / "part-00000").read_bytes()
    expect(b"mapreduce_task_id" in text, f"the program told nothing: {text[:300]!r}")
    expect(secret.encode() not in text, "a program has read the worker's first environment")
    expect("limits of programs hold: memory by rlimit" in worker.log and "cpus by nothing" in worker.log, worker.log[-500:])
    expect("limits    by rlimits" in cluster.master_child.log + cluster.master_child.out_path.read_text(), "no summary of limits")
    refused = trial.cluster(lines=20)
    state = refused.folder / "state"
    os.chown(state, 1_234, 1_234)
    child = refused.start("stranger", [*as_nobody, str(programs / "mr-master"), "--listen", "127.0.0.1:0", "--output",
                                       str(cluster.folder / "tmp" / "out"), str(cluster.folder / "input" / "0.txt")])
    expect(child.wait(20) != 0, "a state folder of somebody else was taken")
    expect("not yours" in child.log or "denied" in child.log, child.log[-500:])
