"""One attack being tried: a running job with a healthy worker, which must not notice."""

import functools
import statistics
import time

import processes
from catalogue import expect, fault
from child import PATIENCE, until
from cluster import WORKER
from healthy import Healthy, proxy
from tickets import session_key, ticket, ticket_key, token
from trial import Trial
from wire import Door, careless

MEMORY_MAX = 128 << 20
"""Bytes by which an attack may make a program grow: far less than what the attack sends."""
DELAY_MAX = 1.0
"""Seconds that 99 of 100 calls of a healthy worker take at most, on a machine that has nothing else to do."""
LINES_PER_SECOND_MAX = 12
"""Log lines that strangers may cause: a few of each kind, and how many more there were."""
LINES_WITH_TOKEN_MAX = 110
"""Lines that those may cause who have the token and come under ever new names."""


class Target:
    """A job that runs while it is attacked.

    token: the owner's, which may do everything. secret: what workers join with. tls: whether the master serves other
    machines; its good worker has then come with a join line. trust: a context for a certificate that it has not made.
    state: the folder of another target's master, of the same user.
    """

    def __init__(
            self, trial, lines=240, options=(), worker=True, holds=True, backups=False, tls=None, trust=None, state=None):
        self.trial = trial
        self.cluster = trial.cluster(lines)
        self.tls = trial.over_tls if tls is None else tls
        if self.tls:
            self.cluster.host = "0.0.0.0"
        if state:
            (self.cluster.folder / "state").rmdir()
            (self.cluster.folder / "state").symlink_to(state)
        if holds:
            self.cluster.hold("before-map-0")
        step = [word for word in self.cluster.step_options() if not (backups and word == "--no-backup-tasks")]
        self.master = self.cluster.master("--reduces", "2", "--split-size", "1500", *step, *options)
        self.master.wait_for("listening on")
        if self.tls and not trust:
            trust = careless() if "--tls-cert" in options else self.cluster.trust()
        self.port = Door(self.cluster.port, trust)
        self.token = self.cluster.token()
        self.secret = self.role_secret("worker")
        self.numbers = {}
        before = listening()
        self.worker = self.join("good") if worker else None
        if worker:
            self.worker.wait_for("joined")
            data_port = until("the worker's data port", lambda: self._data_port(before), 10)
            self.data_port = Door(data_port, careless() if self.tls else None)
            self.session("good")
        if worker and holds:
            self.cluster.until_event("before", "map", 0)
        self.healthy = Healthy(self.port, self.secret)
        until("the healthy worker's first poll", self.healthy.delays, 20)
        self.memory = {child.name: processes.peak_memory(child.pid) for child in self.programs}
        self.log_sizes = {child.name: len(child.log_path.read_bytes()) for child in self.programs}
        self.began = time.monotonic()

    # Ways in

    def role_secret(self, role):
        """A secret that people carry, from the owner."""
        return self.owner().access.token({"role": role})["secret"]

    def owner(self):
        """A client of the methods that may do everything."""
        return proxy(self.port, self.token)

    @functools.cached_property
    def pin(self):
        """Of the master's key; empty without TLS."""
        return self.owner().access.token({"role": "worker"})["pin"]

    def join_line(self, port=None, pin=None, secret=None):
        """What a worker on another machine would be told, by way of 127.0.0.1."""
        return f"mr1.{pin or self.pin}.{secret or self.secret}@127.0.0.1:{port or self.port:d}"

    def join(self, name, line=None, options=()):
        """Starts a worker of one slot; with TLS one that has been told nothing but a join line, by a file."""
        if not self.tls:
            return self.cluster.worker(name, *options)
        path = self.cluster.folder / "state" / f"{name}.line"
        path.write_text((line or self.join_line()) + "\n")
        command = [WORKER, "--slots", "1", "--name", name, *options]
        return self.cluster.start(name, command, MR_JOIN_FILE=str(path))

    # What is seen

    def begun(self, kind):
        """The tasks of that kind whose programs have begun."""
        return {row[2] for row in self.cluster.events() if row[:2] == ("before", kind)}

    def standing(self):
        """What no stranger may change, while all programs are held."""
        status = self.owner().job.status()
        workers = self.owner().job.workers({})["workers"]
        parts = [status[name] for name in ("maps", "reduces", "attempts")]
        return parts, [(w["worker"], w["name"], w["state"], w["running"], w["held_outputs"]) for w in workers]

    # Tickets and sessions

    @functools.cached_property
    def session_key(self):
        """What the master makes the workers' own secrets from."""
        return session_key(self.cluster.record().with_name(self.cluster.record().name + ".access"))

    def number(self, name):
        """The number of the worker of that name."""
        if name not in self.numbers:
            workers = self.owner().job.workers({})["workers"]
            self.numbers[name] = next(w["worker"] for w in workers if w["name"] == name)
        return self.numbers[name]

    def session(self, name):
        """What that worker shows to the master."""
        return token(self.session_key, self.number(name))

    def ticket(self, holder="good", **other):
        """A ticket that is good at that worker's data port."""
        return ticket(ticket_key(self.session_key, self.number(holder)), **other)

    def keys(self, port):
        """What opens that port: the owner's token, or a ticket."""
        return self.token if port == self.port else self.ticket()

    @property
    def programs(self):
        return [child for child in (self.master, self.worker) if child]

    def _data_port(self, before):
        new = listening() - before - {self.port}
        return new.pop() if len(new) == 1 else None

    def new_log(self, child):
        """What the program has logged since the attack began, as bytes."""
        return child.log_path.read_bytes()[self.log_sizes[child.name]:]

    def check(self, says=(), lines=LINES_PER_SECOND_MAX):
        """No program has ended or grown, the healthy worker was served, and the log tells of it without flooding."""
        seconds = time.monotonic() - self.began
        for child in self.programs:
            expect(child.is_running, f"{child.name} ended with {child.process.returncode}: {child.log[-600:]}")
            growth = processes.peak_memory(child.pid) - self.memory[child.name]
            expect(growth < MEMORY_MAX, f"{child.name} grew by {growth >> 20} MiB")
            log = self.new_log(child)
            check_log_bytes(child.name, log)
            count = log.count(b"\n")
            expect(count <= lines * (seconds + 2), f"{child.name} logged {count} lines in {seconds:.1f} s")
        for text in says:
            until(f"the master to log '{text}'", lambda: text.encode() in self.new_log(self.master), 10)
        until("the healthy worker to be served", lambda: len(self.healthy.delays()) >= 10, 20)
        delays = self.healthy.delays()
        p99 = statistics.quantiles(delays, n=100, method="inclusive")[98]
        expect(p99 < DELAY_MAX * PATIENCE, f"of the healthy worker's calls 1 of 100 took {p99:.2f} s or more")
        growth = max(processes.peak_memory(child.pid) - self.memory[child.name] for child in self.programs)
        self.trial.say(f"healthy calls {len(delays)}, p99 {p99 * 1000:.0f} ms, grew by {growth / (1 << 20):.0f} MiB")

    def finish(self, says=(), lines=LINES_PER_SECOND_MAX):
        """Checks, and lets the job come to its end, with the right bytes."""
        self.check(says, lines)
        self.healthy.end()
        self.cluster.let_go("before-map-0")
        self.trial.finish(self.cluster, seconds=60)
        for child in self.programs:
            check_log_bytes(child.name, child.log_path.read_bytes())


class AttackTrial(Trial):
    """What an attack's body gets. over_tls: whether its targets serve other machines."""

    over_tls = False

    def target(self, **options):
        """A job with one healthy worker, held in its first map task."""
        target = Target(self, **options)
        self.at_end(target.healthy.end)
        return target


def fault_both_ways(id, what, short=True, short_over_tls=False):
    """Adds the decorated function to the catalogue, and once more for a master that serves other machines."""

    def add(body):
        def over_tls(trial):
            trial.over_tls = True
            body(trial)

        fault(id, what, short=short)(body)
        fault(id + "s", "over TLS: " + what, short=short_over_tls)(over_tls)
        return body

    return add


def check_log_bytes(name, log):
    """Nothing in a log moves the cursor, or is no text."""
    bad = sorted({byte for byte in log if (byte < 0x20 and byte != 0x0A) or byte == 0x7F})
    expect(not bad, f"{name} logged raw bytes {bad}: {log[-300:]!r}")
    try:
        text = log.decode()
    except UnicodeDecodeError as error:
        expect(False, f"{name} logged what is not UTF-8: {error}")
    expect(not any(0x80 <= ord(c) < 0xA0 or c in "\u2028\u2029\u202e" for c in text), f"{name} logged control characters")


def listening():
    """The ports of 127.0.0.1 at which somebody listens."""
    rows = [line.split() for line in open("/proc/net/tcp")][1:]
    return {int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A" and row[1].startswith("0100007F")}
