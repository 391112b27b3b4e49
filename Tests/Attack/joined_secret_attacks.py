"""Where the secrets of a master that serves other machines must not be found."""

import base64
import pathlib
import re
import stat

import healthy
import tickets
import wire
from catalogue import expect, fault
from child import until
from cluster import WORKER
from secret_attacks import LEAK

TICKET = re.compile(rb"\d+-reduce-\d+-\d+\.\d+\.\d+\.[A-Z2-7]{52}")


def spellings(data):
    """Bytes as a program might write them."""
    hex = data.hex()
    return {data, base64.b32encode(data).rstrip(b"="), base64.b64encode(data).rstrip(b"="), hex.encode(), hex.upper().encode()}


def secrets(target, workers=6):
    """All that must not be read, by name."""
    state = target.cluster.folder / "state"
    key = (state / "tls" / "key.pem").read_text().splitlines()
    session = target.session_key
    found = {"the owner's token": {target.token.encode()}, "the join secret": {target.secret.encode()},
             "the private key": {line.encode() for line in key[1:-1]}, "the session key": spellings(session),
             "the viewer's secret": {target.role_secret("viewer").encode()}}
    for number in range(1, workers + 1):
        found[f"the session of worker {number}"] = {tickets.token(session, number).encode()}
        found[f"the ticket key of worker {number}"] = spellings(tickets.ticket_key(session, number))
    return found


def expect_none(data, secrets, place):
    """Nothing of them is in these bytes, and no ticket."""
    for name, texts in secrets.items():
        expect(not any(text in data for text in texts), f"{name} is in {place}")
    expect(not TICKET.search(data), f"a ticket is in {place}")


def search(target, secrets, when):
    """Looks into every file outside the state folder, and at every command line."""
    for path in target.cluster.folder.rglob("*"):
        if path.is_file() and "state" not in path.relative_to(target.cluster.folder).parts[:1]:
            expect_none(path.read_bytes(), secrets, f"{path} {when}")
    for pid in target.cluster.own_processes():
        for name in ("cmdline", "environ"):
            try:
                expect_none(pathlib.Path(f"/proc/{pid}/{name}").read_bytes(), secrets, f"{name} of {pid} {when}")
            except OSError:
                continue  # It ended meanwhile.


def answers(target):
    """What the methods and pages say that everybody may see who looks on."""
    viewer = target.role_secret("viewer")
    for method, values in (("job.status", ()), ("job.tasks", ({},)), ("job.workers", ({},)), ("job.why", ("1-map-0",)), ("job.diagnose", ())):
        answer = getattr(healthy.proxy(target.port, viewer), method)(*values)
        yield method, repr(answer).encode()
    for path in (b"/logs/1-map-0", b"/logs/1-map-0-1", b"/logs/1-map-0-1?from=0", b"/nothing"):
        yield path.decode(), wire.exchange(target.port, wire.request(b"GET", path, viewer))
    for token in ("wrong", target.secret):
        yield "a refusal", wire.exchange(target.port, wire.request(b"GET", b"/logs/1-map-0", token))


@fault("H14b", "secrets of a master with TLS in files, logs, journals, pages, answers, arguments and environments", short=True)
def joined_leaks(trial):
    target = trial.target(tls=True)
    line = target.join_line()
    typed = target.cluster.start("typed", [WORKER, "--slots", "1", "--name", "typed", "--join", line])
    typed.wait_for("joined")
    words = pathlib.Path(f"/proc/{typed.pid}/cmdline").read_bytes().split(b"\0")
    expect(b"--join" in words and target.secret.encode() not in b"".join(words), f"the secret is still among {words}")
    until("the other worker to have work", lambda: len(target.begun("map")) >= 2, 20)
    hidden = secrets(target)
    state = target.cluster.folder / "state"
    for path in (path for path in state.rglob("*") if path.is_file() and path.suffix != ".line"):
        mode = stat.S_IMODE(path.stat().st_mode)
        expect(mode == 0o600, f"{path} has mode {oct(mode)}")
    for folder in (state / "tls",):
        expect(stat.S_IMODE(folder.stat().st_mode) == 0o700, f"{folder} is open")
    for name, answer in answers(target):
        expect_none(answer, hidden, f"the answer of {name}")
    search(target, hidden, "while the job runs")
    target.finish()
    search(target, hidden, "when it is over")
    left = sorted(path.name for path in state.iterdir() if path.suffix != ".line")
    expect("tls" in left and not any(name.endswith(".join") for name in left), f"left in the state folder: {left}")


@fault("H14c", "a program of a worker that was told its join line on the command line looks for secrets", short=True)
def joined_programs(trial):
    cluster = trial.cluster(lines=20)
    cluster.host = "0.0.0.0"
    cluster.master("--reduces", "1", "--mapper", LEAK).wait_for("listening on")
    path = cluster.record().with_name(cluster.record().name + ".join")
    line = path.read_text().strip()
    secret, token = line.split(".")[2].split("@")[0], cluster.token()
    session = tickets.session_key(path.with_suffix(".access"))
    cluster.start("typed", [WORKER, "--slots", "1", "--name", "typed", "--join", line])
    expect(cluster.master_child.wait(40) == 0, f"the job failed: {cluster.master_child.log[-500:]}")
    text = (cluster.output / "part-00000").read_bytes()
    expect(b"mapreduce_task_id" in text and b"--join" in text, f"the program told nothing: {text[:300]!r}")
    hidden = {"the join secret": secret, "the owner's token": token, "the session": tickets.token(session, 1)}
    for name, value in hidden.items():
        expect(value.encode() not in text, f"{name} came out")
    descriptors = [row for row in text.split(b"\n") if b" -> " in row]
    expect(len(descriptors) <= 4, f"descriptors are open: {descriptors}")
