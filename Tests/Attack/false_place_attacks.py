"""Workers that were let in and say that they are somewhere, or somebody, else; and ever more of them."""

import http.client
import threading
import time
import xmlrpc.client

import healthy
from attack_trial import LINES_WITH_TOKEN_MAX
from catalogue import expect, fault
from certificates import pin, self_signed
from evil_data import EvilData
from evil_worker import EvilWorker
from worker_attacks import lie

HEADER = "\r\nX-Injected: 1\r\n\r\n"


PLACES = {
    "the address of another": lambda t, d, p: dict(address=f"127.0.0.1:{t.data_port:d}", pin=p),
    "the pin of another": lambda t, d, p: dict(address=d.address, pin=t.pin),
    "no pin at the address of another": lambda t, d, p: dict(address=f"127.0.0.1:{t.data_port:d}"),
    "the master's address": lambda t, d, p: dict(address=f"127.0.0.1:{t.port:d}", pin=t.pin),
    "no key's pin": lambda t, d, p: dict(address=d.address, pin="!" * 64),
    "lines in its address": lambda t, d, p: dict(address=d.address + HEADER, pin=p),
    "lines in its pin": lambda t, d, p: dict(address=d.address, pin=HEADER),
    "lines in its name": lambda t, d, p: dict(address=d.address, pin=p, name="evil" + HEADER),
    "lines in its host": lambda t, d, p: dict(address=d.address, pin=p, host=HEADER),
    "a path in its scratch": lambda t, d, p: dict(host=boot(), scratch=b"/etc\r\n/../../proc/self"),
}
"""What is false about where a worker is: by its target, an evil data port, and the pin of that."""


def boot():
    """What workers of this machine call it."""
    return open("/proc/sys/kernel/random/boot_id").read().strip()


@fault("H10c", "over TLS: workers that give others' addresses and pins, and lines in names and addresses")
def false_places(trial):
    identity = self_signed(trial.cluster(lines=0).folder, "evil")
    for name in trial.random.sample(sorted(PLACES), 3) if trial.is_short else PLACES:
        lead_astray(trial, name, identity)


def lead_astray(trial, name, identity):
    """A worker makes three map outputs, and says that they are there."""
    target = trial.target(lines=400, tls=True)
    data = EvilData("garbage", identity)
    trial.at_end(data.end)
    evil = EvilWorker(target.port, target.secret, **PLACES[name](target, data, pin(identity[0])))
    ends = lie(target, evil)
    target.check(lines=LINES_WITH_TOKEN_MAX)
    target.finish(lines=LINES_WITH_TOKEN_MAX)
    ends.set()
    seen = str(data.seen)
    expect("X-Injected" not in seen, f"{name}: a header was injected: {seen[:300]}")
    expect(target.secret not in seen and target.session("good") not in seen, f"{name}: a secret was sent")
    if name == "the pin of another":
        expect(not data.seen, f"{name}: a server with another key was asked: {seen[:300]}")
    expect("good gets no more" not in target.master.log, f"{name}: the good worker was blamed: {target.master.log[-500:]}")


@fault("H10d", "over TLS: a secret registers again and again, a thousand times in one request, far beyond what a master serves")
def registrations(trial):
    # A journal would only slow it down.
    target = trial.target(tls=True, options=("--no-journal",))
    evil = EvilWorker(target.port, target.secret, name="evil")
    evil.register()
    calls = [{"methodName": "worker.register", "params": [evil.place | {"name": f"evil-{n}"}]} for n in range(1_000)]
    document = xmlrpc.client.dumps((calls,), "system.multicall").encode()
    headers = {"Authorization": f"Bearer {target.secret}", "Content-Type": "text/xml"}
    end = time.monotonic() + 12
    counts, errors = [], []

    def hammer():
        connection = healthy.connection_to(target.port)
        try:
            while time.monotonic() < end:
                connection.request("POST", "/RPC2", document, headers)
                answer = connection.getresponse().read()
                counts.append((answer.count(b"<name>token<"), answer.count(b"<name>faultCode<")))
        except (OSError, http.client.HTTPException) as error:
            errors.append(error)

    threads = [threading.Thread(target=hammer, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    expect(counts and not errors, f"{len(counts)} answers, and {errors}")
    taken, refused = (sum(column) for column in zip(*counts))
    expect(taken + refused == 1_000 * len(counts), f"{len(counts)} answers with {taken} and {refused}")
    trial.say(f"{taken} registered, {refused} refused")
    # Some lines a second of those that join, and as many of those that are lost.
    target.finish(lines=2 * LINES_WITH_TOKEN_MAX)


@fault("H10e", "a worker from elsewhere takes the name of one that the master has started itself", short=True)
def false_name(trial):
    target = trial.target(tls=True, worker=False, options=("--workers", "1"))
    target.cluster.until_event("before", "map", 0)
    for applications in (("nothing",), ("streaming",)):
        evil = EvilWorker(target.port, target.secret, name="local-1", applications=applications)
        code = evil.fault("worker.register", evil.place)
        expect(code == 101, f"the name is answered with {code}")
    target.finish(lines=LINES_WITH_TOKEN_MAX)
