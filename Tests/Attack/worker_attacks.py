"""Workers that were let in and keep to no rule, and what they serve."""

import http.client
import threading
import time
import xmlrpc.client

import invariants
import wire
from attack_trial import LINES_WITH_TOKEN_MAX, fault_both_ways
from catalogue import expect, fault
from certificates import pin, self_signed
from child import until
from evil_data import ANSWERS, EvilData
from evil_worker import EvilWorker, success

QUEUE_MAX = 256
"""Short tasks that the master lets a worker queue beyond its slots."""


def refused_registrations(evil):
    """What a worker may not say of itself."""
    yield from ({"slots": n} for n in (0, -1, 1_000_000_000, 2_147_483_647, 1.5, "1", None))
    yield from ({"version": n} for n in (0, -1, 1, evil.version + 1, "4"))
    yield from ({"name": n} for n in ("", "x" * 256, 5, None))
    yield from ({"applications": a} for a in ("streaming", [1], ["x"] * 100_000, ["x" * 5_000], None))
    yield from ({"scratch": s} for s in ("text", xmlrpc.client.Binary(b"x" * 5_000), None))
    yield from ({"address": a} for a in (5, "x" * 256, None))
    yield from ({"pin": p} for p in (5, "A" * 65, "A" * 1_000_000))


def refused_polls(evil):
    """What a poll may not hold; each must be a fault."""
    worker = evil.number
    yield from ({"worker": n} for n in (0, -1, worker + 1_000, 2_147_483_647, "1"))
    yield from ({"instance": i} for i in ("", "x" * 32, 5))
    yield from ({"capacity": n} for n in (-1, 1_000_000_000, 1.5))
    yield from ({"wait_seconds": n} for n in (-1.0, "x"))
    yield from ({"running": r} for r in (["x"], ["1-map-0"], [5], ["1-map-0-1"] * 2_000_000, "1-map-0-1"))
    for wrong in (
        {"bytes": -1.0}, {"bytes": 1e300}, {"bytes": 0.5}, {"bytes": "100"}, {"checksum": "xyz"}, {"checksum": "1" * 9},
        {"checksum": 5}, {"counters": {"input_records": -1.0}}, {"counters": {"input_records": 1e300}},
        {"counters": {"input_records": "x"}}, {"counters": []}, {"outcome": "perfect"}, {"outcome": 5},
        {"attempt": "1-map-0"}, {"attempt": "1-map-0-1/../x"}, {"top": [[1, 2]]},
        {"top": [[xmlrpc.client.Binary(b"k"), 5]] * 1_000}, {"skipped": [{}] * 5_000}, {"skipped": "x"},
    ):
        yield {"reports": [success("1-map-0-1") | wrong]}
    yield {"reports": [{"attempt": "1-map-0-1", "outcome": "failed", "reason": "x" * 5_000_000}]}
    yield {"reports": [{"attempt": "1-map-0-1", "outcome": "fetch_failed", "reason": "x", "lost": "9" * 1_000}]}


def tasks_of_others():
    """Attempts that it was never given."""
    for attempt in ("1-map-0-1", "1-map-0-2", "1-map-0-999999999", "1-map-1-1", "1-map-999999999-1", "2-map-0-1",
                    "999999999-map-0-1", "1-reduce-0-1", "1-reduce-1-1", "1-reduce-999999999-1"):
        yield success(attempt)
        yield success(attempt, bytes=9e15)
        yield {"attempt": attempt, "outcome": "failed", "reason": "\x7f not mine"}
        yield {"attempt": attempt, "outcome": "failed_for_good", "reason": "not mine"}
        yield {"attempt": attempt, "outcome": "refused", "reason": "not mine"}
        yield {"attempt": attempt, "outcome": "handed_back"}
        yield {"attempt": attempt, "outcome": "disk_full", "reason": "not mine"}
        yield {"attempt": attempt, "outcome": "fetch_failed", "reason": "x", "lost": "0.1 1.1", "damaged": "2.1"}


@fault_both_ways("H10", "a worker that was let in reports what it never had, lies about sizes, and sits on tasks")
def evil_worker(trial):
    target = trial.target(lines=400)
    before = target.cluster.status()
    evil = EvilWorker(target.port, target.secret)
    for wrong in refused_registrations(evil):
        code = evil.fault("worker.register", evil.place | wrong) if None not in wrong.values() else wrong_nil(evil, wrong)
        expect(code is not None, f"a worker was registered with {str(wrong)[:100]}")
    evil.register()
    for wrong in refused_polls(evil):
        code = evil.fault("worker.poll", evil.poll_struct() | wrong)
        expect(code is not None, f"a poll was taken with {str(wrong)[:200]}")
    evil.register()
    for report in tasks_of_others():
        answer = evil.poll(reports=[report])
        expect(answer["verdicts"] == ["stale"], f"{report} was {answer['verdicts']}")
    evil.poll(running=[f"1-map-{n}-1" for n in range(20)])
    for _ in range(20):
        evil.poll()
    after = target.cluster.status()
    for part in ("maps", "reduces", "attempts"):
        expect(after[part] == before[part], f"{part} were {before[part]} and are {after[part]}")
    sitters = [EvilWorker(target.port, target.secret, name=f"sitter-{n}", slots=2) for n in range(2)]
    held = sit(sitters)
    expect(all(len(h) <= 2 + QUEUE_MAX for h in held), f"one worker got {max(map(len, held))} tasks")
    trial.say(f"sitters got {[len(h) for h in held]} tasks")
    for sitter in sitters:
        sitter.leave()
    evil.leave()
    target.finish(lines=LINES_WITH_TOKEN_MAX)


def wrong_nil(evil, wrong):
    """Python's library doesn't send nil by itself."""
    struct = {k: v for k, v in (evil.place | wrong).items() if v is not None}
    return evil.fault("worker.register", struct)


def sit(workers):
    """Each takes all that it is given, and does nothing with it but to say that it runs. Answers what each got."""
    held = []
    for worker in workers:
        worker.register()
        mine = []
        for _ in range(5):
            answer = worker.poll(capacity=1_000, running=mine)
            mine += [a["attempt"] for a in answer["assignments"]]
        held.append(mine)
    return held


@fault("H10a", "workers that take tasks, say that they run, and never end them, until they are sent away")
def sitters(trial):
    target = trial.target(lines=400, backups=True)
    workers = [EvilWorker(target.port, target.secret, name=f"sitter-{n}", slots=1) for n in range(2)]
    for worker in workers:
        worker.register()
    ends = threading.Event()
    trial.at_end(ends.set)

    def run(worker):
        mine = []
        try:
            while not ends.wait(0.2):
                answer = worker.poll(capacity=4, running=mine)
                mine = [a for a in mine if a not in answer["cancelled"]] + [a["attempt"] for a in answer["assignments"]]
        except (OSError, xmlrpc.client.Error, AttributeError):
            return  # The job is over, and the master gone.

    for worker in workers:
        threading.Thread(target=run, args=(worker,), daemon=True).start()
    target.check()
    target.healthy.end()
    target.cluster.let_go("before-map-0")
    end = time.monotonic() + 15
    while target.master.is_running and time.monotonic() < end:
        time.sleep(0.1)
    if target.master.is_running:
        # Both attempts of one task may be theirs: then somebody has to send them away.
        for worker in workers:
            kick(target, worker.place["name"])
        trial.say("they had to be sent away")
    trial.finish(target.cluster, seconds=60)
    ends.set()


def kick(target, name):
    """Sends a worker away, unless the job has ended meanwhile."""
    try:
        target.owner().worker.kick(name)
    except OSError:
        pass  # The master is gone.


@fault("H10b", "a worker that says that everything it gets is done at once, with outputs that nobody finds")
def instant(trial):
    target = trial.target(lines=400)
    evil = EvilWorker(target.port, target.secret, slots=2, address="127.0.0.1:1", scratch=str(target.cluster.folder).encode())
    ends = threading.Event()
    trial.at_end(ends.set)
    done = []

    def run():
        try:
            evil.register()
            reports = []
            while not ends.wait(0.05):
                answer = evil.poll(capacity=1, reports=reports)
                reports = [success(a["attempt"], bytes=1_000) for a in answer["assignments"]]
                done.extend(r["attempt"] for r in reports)
        except (OSError, xmlrpc.client.Error):
            return  # The job is over, and the master gone.

    threading.Thread(target=run, daemon=True).start()
    until("the evil worker to lie", lambda: len(done) >= 2, 20)
    target.check()
    target.healthy.end()
    target.cluster.let_go("before-map-0")
    code = target.master.wait(120)
    ends.set()
    trial.say(f"{len(done)} lies, exit code {code}")
    if code:
        trial.expect_told(target.master, "the job failed at", "evil")
    trial_outcome(trial, target, code)


def trial_outcome(trial, target, code):
    """The result is right, or there is none; workers that lie may cost the job, and no more."""
    target.cluster.dismiss_strangers()
    invariants.check(target.cluster, trial.counts(target.cluster), code)


@fault_both_ways("H11", "a data port that serves empty, short, endless and garbled data to reducers")
def evil_data(trial):
    for kind in ANSWERS[:2] if trial.is_short else ANSWERS:
        serve(trial, kind)


def lie(target, evil, count=3):
    """The worker takes so many map tasks, says that all is well, and stays. Answers what ends it."""
    evil.register()
    taken, reports = [], []
    while len(taken) < count:
        answer = evil.poll(capacity=1, reports=reports, wait_seconds=1.0)
        reports = [success(a["attempt"], bytes=65_536) for a in answer["assignments"]]
        taken += [r["attempt"] for r in reports]
    answer = evil.poll(reports=reports)
    expect(answer["verdicts"] == ["accepted"], f"its lies are {answer['verdicts']}")
    ends = threading.Event()
    target.trial.at_end(ends.set)

    def stay():
        try:
            while not ends.wait(0.3):
                evil.poll()
        except (OSError, xmlrpc.client.Error, http.client.HTTPException):
            return  # The job is over, and the master gone.

    threading.Thread(target=stay, daemon=True).start()
    return ends


def serve(trial, kind):
    """A worker makes three map outputs, and serves them so."""
    target = trial.target(lines=400)
    identity = self_signed(target.cluster.folder / "state", "evil") if target.tls else None
    data = EvilData(kind, identity)
    trial.at_end(data.end)
    its_pin = pin(identity[0]) if identity else ""
    evil = EvilWorker(target.port, target.secret, slots=1, address=data.address, pin=its_pin)
    ends = lie(target, evil)
    target.check()
    target.healthy.end()
    target.cluster.let_go("before-map-0")
    until("somebody to ask the evil data port", lambda: data.seen, 30)
    check_tickets(target, data)
    trial.finish(target.cluster, seconds=120)
    ends.set()
    excluded = "gets no more map tasks" in target.master.log
    trial.say(f"{kind}: {len(data.seen)} requests, {'excluded' if excluded else 'not excluded'}")
    expect(not any("etc/passwd" in path for path, _ in data.seen), "a redirect was followed")


def check_tickets(target, data):
    """What a fetcher has shown to one holder is of no use at another's door, nor at the master's."""
    path, headers = data.seen[0]
    ticket = headers.get("Authorization", "").removeprefix("Bearer ")
    expect(ticket and target.secret not in str(data.seen) and target.token not in str(data.seen), f"{headers}")
    expect(target.session("good") not in str(data.seen), "the fetcher has shown its session to a worker")
    for port in (target.port, target.data_port):
        try:
            answer = wire.exchange(port, wire.request(b"GET", path.encode(), ticket))
        except ConnectionError:
            return  # The job is over, and the door gone.
        expect(wire.status(answer) in (0, 401, 429), f"a ticket for another holder is answered {answer[:200]!r}")
