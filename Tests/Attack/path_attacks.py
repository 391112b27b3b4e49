"""Names that lead elsewhere, links that somebody else has laid, names that garble logs."""

import base64
import os
import pathlib
import re
import shutil
import subprocess
import sys

import healthy
import names
import wire
from attack_trial import LINES_WITH_TOKEN_MAX, check_log_bytes, fault_both_ways
from catalogue import Skipped, expect, fault
from cluster import PROGRAMS

NOBODY = 65_534


def listing(folder):
    """Every file below it, but for those that the job itself makes, with its content's size and time."""
    own = ("logs", "out", "tmp", "steps", "state")
    found = {}
    for path in pathlib.Path(folder).rglob("*"):
        if path.relative_to(folder).parts[0] not in own:
            status = path.lstat()
            found[str(path)] = (status.st_mode, status.st_size, status.st_mtime_ns)
    return found


def canaries(folder):
    """Files that an attack has made, where one could lead."""
    places = [pathlib.Path(folder), pathlib.Path("/"), pathlib.Path("/etc"), pathlib.Path("/tmp"), pathlib.Path.home()]
    found = [str(path) for path in places[0].rglob("*") if names.CANARY.decode() in path.name]
    return found + [str(p / e) for p in places[1:] for e in os.listdir(p) if names.CANARY.decode() in e]


def calls(name, version):
    """A call with the name in each place of each method that takes one."""
    text = wire.string(name)
    place = {
        b"version": wire.integer(version), b"name": wire.string(b"w"), b"slots": wire.integer(1),
        b"applications": wire.array(wire.string(b"none")), b"host": wire.string(b""),
        b"scratch": b"<base64></base64>", b"address": wire.string(b"")}
    poll = {
        b"worker": wire.integer(1), b"instance": wire.string(b"x"), b"sequence": wire.integer(1),
        b"reports": wire.array(), b"running": wire.array(), b"capacity": wire.integer(0),
        b"wait_seconds": b"<double>0</double>"}
    report = {b"attempt": wire.string(b"1-map-0-1"), b"outcome": wire.string(b"failed"), b"reason": wire.string(b"r")}
    for method in (b"register_worker", b"job.why", b"worker.drain", b"worker.kick", b"system.methodHelp", b"system.methodSignature",
                   b"system.methodExist"):
        yield wire.call(method, text)
    yield wire.call(name.replace(b"<", b""))
    yield wire.call(b"complete_task", text, wire.string(b"w"), wire.struct({}))
    yield wire.call(b"complete_task", wire.string(b"1-map-0-1"), text, wire.struct({}))
    yield wire.call(b"complete_task", wire.string(b"1-map-0-1"), wire.string(b"w"), wire.struct({b"k": text}))
    yield wire.call(b"worker.leave", wire.integer(1), text)
    yield wire.call(b"system.multicall", wire.array(wire.struct({b"methodName": text, b"params": wire.array()})))
    for member in (b"kind", b"state"):
        yield wire.call(b"job.tasks", wire.struct({member: text}))
    yield wire.call(b"access.token", wire.struct({b"role": text}))
    for member in (b"name", b"host", b"address", b"pin"):
        yield wire.call(b"worker.register", wire.struct(place | {member: text}))
    yield wire.call(b"worker.register", wire.struct(place | {b"applications": wire.array(text)}))
    encoded = b"<base64>%s</base64>" % base64.b64encode(name)
    yield wire.call(b"worker.register", wire.struct(place | {b"scratch": encoded}))
    yield wire.call(b"worker.poll", wire.struct(poll | {b"instance": text}))
    yield wire.call(b"worker.poll", wire.struct(poll | {b"running": wire.array(text)}))
    for member in (b"attempt", b"outcome", b"reason"):
        yield wire.call(b"worker.poll", wire.struct(poll | {b"reports": wire.array(wire.struct(report | {member: text}))}))


def escaped(name):
    """As a URL's component: nothing but letters, digits and escapes."""
    return b"".join(bytes([b]) if chr(b).isalnum() and b < 0x80 else b"%%%02X" % b for b in name)


ROUTES = [
    (b"GET", b"/input/%s/0"), (b"GET", b"/input/1/%s"), (b"GET", b"/input/%s"), (b"GET", b"/sample/%s"),
    (b"PUT", b"/output/%s"), (b"PUT", b"/logs/%s?written=1"), (b"PUT", b"/logs/1-map-0-1?written=%s"),
    (b"PUT", b"/logs/1-map-0-1?written=1&end=%s"), (b"GET", b"/logs/%s"), (b"GET", b"/logs/1-map-0-1?from=%s"),
    (b"GET", b"/intermediate/%s/0"), (b"GET", b"/intermediate/1-map-0-1/%s"), (b"PUT", b"/intermediate/%s"),
    (b"GET", b"/%s"), (b"DELETE", b"/%s"),
]
DATA_ROUTES = [(m, r) for m, r in ROUTES if b"intermediate" in r or r == b"/%s"]


def requests(name, token, routes):
    for method, route in routes:
        for form in (escaped(name), name):
            yield wire.request(method, route % form, token, b"x" if method == b"PUT" else b"")


@fault_both_ways("H8", "50 hostile names in every parameter of every method and every component of every route")
def traversal(trial):
    target = trial.target()
    folder = target.cluster.folder
    before = listing(folder)
    chosen = names.hostile(folder)
    if trial.is_short:
        chosen = trial.random.sample(chosen, 12)
    version = healthy.version(target.port, target.token)
    ticket = target.ticket()
    tries = []
    for name in chosen:
        tries += [(target.port, wire.post(target.token, document)) for document in calls(name, version)]
        tries += [(target.port, data) for data in requests(name, target.token, ROUTES)]
        tries += [(target.data_port, data) for data in requests(name, ticket, DATA_ROUTES)]
    answers = wire.at_once(wire.exchange, tries, 8)
    served = 0
    for (port, data), answer in zip(tries, answers):
        status = wire.status(answer)
        is_call = data.startswith(b"POST /RPC2")
        shown = data[:300]
        # Names that are names may be taken: those of workers and of methods. None of them becomes a file's.
        expect(status == 200 if is_call else status in range(400, 500) or status in (501, 505) or is_harmless(data, status),
               f"port {port} answered {status} to {shown!r}: {answer[:300]!r}")
        expect(is_call or b"root:" not in answer, f"a file came back for {shown!r}")
        expect(b"X-Injected" not in answer.partition(b"\r\n\r\n")[0], f"a header was injected by {shown!r}")
        served += 1
    expect(listing(folder) == before, "files have changed")
    expect(not canaries(folder), f"files appeared: {canaries(folder)}")
    trial.say(f"{served} requests")
    target.finish(lines=LINES_WITH_TOKEN_MAX)
    expect(not canaries(folder), f"files appeared: {canaries(folder)}")


def is_harmless(data, status):
    """Whether the request, as it stands on the wire, names something that is there: a name that ends a line, say."""
    target = data.split(b" ")[1]
    return status in (200, 201) and re.fullmatch(rb"/(logs|input|intermediate)/[0-9a-z-]+(/[0-9]+)?(\?[a-z0-9=&]*)?", target)


EVIL_LINKS = r"""
import os, sys, time
folder, victims, seconds = sys.argv[1], sys.argv[2:4], float(sys.argv[4])
names = ("part-00000", "part-00001", "_SUCCESS", "_SKIPPED", ".mr-drafts", ".mr-journal", "_FAILED")
begin, turn = time.monotonic(), 0
while time.monotonic() < begin + seconds:
    turn += 1
    for number, name in enumerate(names):
        path = os.path.join(folder, name)
        try:
            # For some time there is nothing in the way, and links come only while a job runs.
            if turn % 50 < 25:
                os.symlink(victims[(turn + number) % 2], path)
            else:
                os.unlink(path)
        except OSError:
            pass
    time.sleep(0.002)
"""


def as_nobody(*command):
    """Starts a program as another user."""
    return subprocess.Popen(
        ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command], stdout=subprocess.DEVNULL)


@fault("H9", "another user lays links in the output and scratch folders, before the job and while it runs", needs=["root"])
def links(trial):
    if not shutil.which("setpriv"):
        raise Skipped("setpriv is not installed")
    cluster = trial.cluster()
    victim = cluster.folder / "victim"
    victim.mkdir()
    (victim / "passwd").write_text("root:x:0:0\n")
    os.chmod(cluster.folder, 0o755)
    cluster.output.mkdir()
    for shared in (cluster.output, cluster.temporary):
        os.chmod(shared, 0o1777)
    secret = str(victim / "passwd")
    for link in ("part-00000", "part-00001", "_SUCCESS"):
        as_nobody("ln", "-s", secret, str(cluster.output / link)).wait(20)
    for link, goal in (("mr-scratch-0-aaaaaa", victim), ("mr-scratch-0-bbbbbb", "/")):
        as_nobody("ln", "-s", str(goal), str(cluster.temporary / link)).wait(20)
    as_nobody("mkdir", str(cluster.temporary / "mr-scratch-0-cccccc")).wait(20)
    as_nobody("ln", "-s", secret, str(cluster.temporary / "mr-scratch-0-cccccc" / "1-map-0-1")).wait(20)
    before = listing(cluster.folder)
    code = cluster.master("--reduces", "2", "--workers", "2").wait(40)
    expect(code == 64, f"a folder that holds parts was taken: exit code {code}")
    expect(listing(cluster.folder) == before, "files have changed")
    evil = as_nobody(sys.executable, "-c", EVIL_LINKS, str(cluster.output), secret, str(victim), "8")
    trial.at_end(lambda: (evil.kill(), evil.wait(10)))
    tried, ended = 0, 0
    while evil.poll() is None:
        code = cluster.master("--overwrite", "--restart", "--reduces", "2", "--workers", "2").wait(40)
        tried += 1
        ended += code == 0
        expect(listing(cluster.folder) == before, f"files have changed after exit code {code}")
        expect(not code or len(cluster.master_child.log.splitlines()) > 0, f"exit code {code} and no reason")
    for path in cluster.output.iterdir():
        if path.is_symlink():
            path.unlink()
    for name in ("mr-scratch-0-aaaaaa", "mr-scratch-0-bbbbbb"):
        expect((cluster.temporary / name).is_symlink(), f"{name} was removed")
        (cluster.temporary / name).unlink()
    expect((cluster.temporary / "mr-scratch-0-cccccc").is_dir(), "another user's folder was swept away")
    shutil.rmtree(cluster.temporary / "mr-scratch-0-cccccc")
    cluster.master("--overwrite", "--restart", "--reduces", "2", "--workers", "2")
    trial.finish(cluster, seconds=60)
    expect((victim / "passwd").read_text() == "root:x:0:0\n", "the victim was written to")
    trial.say(f"{ended} of {tried} jobs came through while links were laid")


GARBLED = [b"\x1b[2Jx", b"a\nmr-master: the job succeeded", b"a\rb", "a\u2028b\u202ec".encode(), "\u009b31m".encode(), b"\xff"]


@fault("H15", "control characters in names, reasons and programs' last words", short=True)
def injection(trial):
    target = trial.target()
    version = healthy.version(target.port, target.token)
    for name in GARBLED:
        for document in calls(name, version):
            wire.exchange(target.port, wire.post(target.token, document))
        for data in [*requests(name, target.token, ROUTES), wire.post(target.token, b"", b"X-Odd: " + name)]:
            wire.exchange(target.port, data)
    agents = (wire.post("wrong", b"x", b"User-Agent: " + name.replace(b"\n", b"")) for name in GARBLED)
    wire.at_once(wire.exchange, ((target.port, data) for data in agents))
    target.check(lines=LINES_WITH_TOKEN_MAX)
    target.healthy.end()
    target.cluster.let_go("before-map-0")
    trial.finish(target.cluster, seconds=60)
    loud = trial.cluster()
    loud.master(
        "--reduces", "2", "--workers", "2", "--mapper", r"printf '\033[2Jlast\rwords\nmr-master: done\n\302\233' >&2; exit 3")
    code = loud.master_child.wait(40)
    expect(code == 1, f"exit code {code}")
    for child, path in [(c, p) for c in (target.master, target.worker, loud.master_child) for p in (c.log_path, c.out_path)]:
        log = path.read_bytes()
        check_log_bytes(f"{child.name}'s {path.suffix}", log)
        lines = [line for line in log.splitlines() if line.startswith(b"mr-master: the job succeeded")]
        expect(not lines, f"a line was injected: {lines}")
    for command in (["diagnose"], ["why", "1-map-0"], ["workers"], ["status"]):
        done = subprocess.run(
            [str(PROGRAMS / "mr-ctl"), *command, "--output", str(loud.output)], capture_output=True, cwd=loud.folder,
            env=loud.environment(), timeout=60)
        check_log_bytes(f"mr-ctl {command[0]}", done.stdout + done.stderr)
