"""What each credential is for: every method and route with every role, and what a session may do to others."""

import re
import subprocess
import time
import xmlrpc.client

import healthy
import wire
from attack_trial import fault_both_ways
from catalogue import expect, fault
from child import until
from cluster import PROGRAMS
from evil_worker import EvilWorker

FORBIDDEN, DISMISSED = 102, 103
ALLOWS = {
    "none": set(), "worker": {"worker"}, "session": {"worker", "data"}, "viewer": {"viewer"}, "submitter": {"viewer", "submitter"},
    "admin": {"worker", "viewer", "submitter", "admin", "data"},
}
"""The roles whose methods a credential opens, by the credential; data is for workers that have joined."""
LEAST = {
    "job.cancel": "submitter", "access.token": "admin", "worker.kick": "admin", "worker.drain": "admin", "job.status": "viewer",
    "job.tasks": "viewer", "job.workers": "viewer", "job.why": "viewer", "job.diagnose": "viewer", "worker.poll": "worker",
    "worker.register": "worker", "worker.leave": "worker", "register_worker": "worker", "request_task": "worker",
    "complete_task": "worker", "register": "worker", "add_keys": "worker", "computations_ended": "worker", "get_worker_secret": "worker", "submit": "submitter",
    "submit_many": "submitter", "upload_file": "submitter", "scatter": "submitter", "delete_data": "submitter", "broadcast": "submitter"}
"""Roles that no description may change."""
ANEW = ("worker.register", "register_worker", "request_task", "complete_task")
"""For the secret alone: they would make another worker of a session's, or speak for one that is known by its name alone."""
THEMSELVES = {
    "list_workers": ("viewer", "submitter", "admin"), "send_message": ("admin",), "receive_message": ("admin",)}
"""Who may call methods that look at the credential themselves, because they are for launched workers too."""
HARMLESS = {"string": "", "base64": xmlrpc.client.Binary(b""), "int": 1, "struct": {}, "array": [], "boolean": True, "double": 0.0}
"""By what a signature says: nothing that a method would do much with."""
ROUTES = [
    ("GET", "/input/1/0", "data"), ("GET", "/sample/1/lines", "data"), ("GET", "/intermediate/1-map-0-9/0", "data"),
    ("PUT", "/intermediate/1-map-0-9", "data"), ("PUT", "/output/1-reduce-0-9", "data"),
    ("PUT", "/logs/1-map-0-99?written=1", "data"), ("GET", "/logs/1-map-0", "viewer"), ("GET", "/logs/1-map-0-1?from=0", "viewer")]


def credentials(target):
    """A secret by the name of the credential."""
    evil = EvilWorker(target.port, target.secret, name="session")
    evil.register()
    return {
        "none": None, "worker": target.secret, "session": evil.session, "viewer": target.role_secret("viewer"),
        "submitter": target.role_secret("submitter"), "admin": target.token}


def opens(name, method, role):
    """Whether a credential opens a method, which is for that role."""
    if method in THEMSELVES:
        return name in THEMSELVES[method]
    return name != "none" and (role is None or role in ALLOWS[name])


def outcome(target, secret, method, values):
    """The status, when it is not 200, or else the code of the fault, or None."""
    document = xmlrpc.client.dumps(tuple(values), method).encode()
    answer = wire.exchange(target.port, wire.post(secret, document))
    return wire.status(answer) if wire.status(answer) != 200 else wire.fault_code(answer)


@fault_both_ways("H18", "every method and every route with every credential", short=False, short_over_tls=True)
def matrix(trial):
    target = trial.target(options=("--allow-launch",))
    owner = target.owner()
    secrets = credentials(target)
    helps = {method: owner.system.methodHelp(method) for method in owner.system.listMethods()}
    needed = {m: re.search(r"Role: (\w+)\.", help) for m, help in helps.items()}
    needed = {m: found and found.group(1) for m, found in needed.items()}
    for method, role in LEAST.items():
        expect(needed.get(method) == role, f"{method} is for {needed.get(method)}, not {role}")
    count = 0
    for method, role in needed.items():
        signature = owner.system.methodSignature(method)[0][1:]
        values = [HARMLESS[name] for name in signature]
        for name, secret in secrets.items():
            is_open = opens(name, method, role)
            # Who may end the job shall not do so here.
            code = outcome(target, secret, method, [True] if method == "job.cancel" and is_open else values)
            count += 1
            if name == "none":
                expect(code == 401, f"{method} without a credential is answered {code}")
            elif method in ANEW and name == "session":
                expect(code == FORBIDDEN, f"{method} with a session is answered {code}")
            else:
                expect(code != 401 and (code != FORBIDDEN) == is_open, f"{method} (for {role}) with {name} is answered {code}")
    check_multicalls(target, secrets, needed)
    for verb, path, role in ROUTES:
        for name, secret in secrets.items():
            body = b"x" if verb == "PUT" else b""
            status = wire.status(wire.exchange(target.port, wire.request(verb.encode(), path.encode(), secret, body)))
            count += 1
            if name == "none":
                expect(status == 401, f"{verb} {path} without a credential is answered {status}")
            else:
                is_open = role in ALLOWS[name]
                expect(status not in (0, 401) and (status != 403) == is_open, f"{verb} {path} with {name} is answered {status}")
    trial.say(f"{count} requests, {len(needed)} methods")
    target.finish(says=["request refused"])


def check_multicalls(target, secrets, needed):
    """Calls inside a call open no more than they do by themselves."""
    methods = [m for m in needed if m not in ("job.cancel", "system.multicall")]
    # One that looks at the credential itself is reached with the parameters that it takes alone.
    calls = [{"methodName": m, "params": [{}] if m == "receive_message" else []} for m in [*methods, "job.cancel"]]
    for name in ("worker", "session", "viewer", "submitter"):
        answers = healthy.proxy(target.port, secrets[name]).system.multicall(calls)
        for call, answer in zip(calls, answers):
            is_open = opens(name, call["methodName"], needed[call["methodName"]])
            code = answer.get("faultCode") if isinstance(answer, dict) else None
            expect((code != FORBIDDEN) == is_open, f"{call['methodName']} in a multicall with {name} is answered {code}")


@fault_both_ways("H18a", "a worker's session at other workers' tasks, logs, outputs and names", short=False, short_over_tls=True)
def sessions(trial):
    target = trial.target()
    good = target.number("good")
    evil = EvilWorker(target.port, target.secret, name="evil")
    evil.register()
    before = target.standing()
    for number in (good, evil.number + 1, 1_000_000):
        code = evil.fault("worker.poll", evil.poll_struct(worker=number))
        expect(code == FORBIDDEN, f"a poll for worker {number} is answered {code}")
        code = evil.fault("worker.leave", number, evil.instance)
        expect(code == FORBIDDEN, f"worker {number} left by another's session: {code}")
    code = outcome(target, evil.session, "worker.register", [evil.place])
    expect(code == FORBIDDEN, f"a session registers again: {code}")
    code = outcome(target, target.secret, "worker.poll", [evil.poll_struct()])
    expect(code == FORBIDDEN, f"the join secret polls: {code}")
    check_uploads(target, evil, "running")
    log = wire.exchange(target.port, wire.request(b"PUT", b"/logs/1-map-0-1?written=4", target.session("good"), b"good"))
    expect(wire.status(log) == 201, f"its own log is answered {log[:200]!r}")
    for method, values in (("register_worker", ["good"]), ("complete_task", ["1-map-0-1", "good", {"evil": 1}])):
        code = outcome(target, evil.session, method, values)
        expect(code == FORBIDDEN, f"{method} with a session is answered {code}")
    expect(target.standing() == before, f"{before} has become {target.standing()}")
    # Of what has ended nobody else tells another story.
    target.cluster.let_go("before-map-0")
    target.cluster.hold("before-reduce")
    target.cluster.until_event("before", "reduce")
    evil.poll()
    check_uploads(target, evil, "ended")
    log = wire.exchange(target.port, wire.request(b"GET", b"/logs/1-map-0-1", target.token))
    expect(log.endswith(b"good"), f"the log has become {log[-200:]!r}")
    target.cluster.hold("before-map-0")
    target.cluster.let_go("before-reduce")
    target.finish()


def check_uploads(target, evil, state):
    """Logs, parts and map outputs of others are not taken."""
    for path in (b"/logs/1-map-0-1?written=9&end=failed", b"/output/1-reduce-0-1", b"/intermediate/1-map-0-1"):
        answer = wire.exchange(target.port, wire.request(b"PUT", path, evil.session, b"evil"))
        expect(wire.status(answer) in (403, 409), f"PUT {path.decode()}, {state}, is answered {answer[:200]!r}")


def control(target, *words):
    """What mr-ctl says, to whoever started the master."""
    done = subprocess.run(
        [str(PROGRAMS / "mr-ctl"), *words, "--master", f"127.0.0.1:{target.port:d}"], capture_output=True, timeout=60,
        cwd=target.cluster.folder, env=target.cluster.environment(), text=True)
    expect(done.returncode == 0, f"mr-ctl {words[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


@fault("H19", "workers that were sent away go on with what they have; lines that were replaced or have expired", short=True)
def sent_away(trial):
    target = trial.target(tls=True)
    owner = target.owner()
    evil = EvilWorker(target.port, target.secret, name="evil", slots=2)
    evil.register()
    taken = evil.poll(capacity=2)["assignments"]
    kicked = target.join("kicked")
    kicked.wait_for("joined")
    for name in ("evil", "kicked"):
        control(target, "kick", name)
    code = kicked.wait(20)
    expect(code == 1 and "sent this worker away" in kicked.log, f"it ended with {code}: {kicked.log[-500:]}")
    for method in owner.system.listMethods():
        signature = owner.system.methodSignature(method)[0][1:]
        code = outcome(target, evil.session, method, [HARMLESS[name] for name in signature])
        expect(code == DISMISSED, f"{method} with the session of who was sent away is answered {code}")
    reports = [{"attempt": a["attempt"], "outcome": "failed_for_good", "reason": "evil"} for a in taken]
    code = outcome(target, evil.session, "worker.poll", [evil.poll_struct(reports=reports)])
    expect(code == DISMISSED, f"a poll of who was sent away is answered {code}")
    for verb, path, _ in ROUTES:
        body = b"x" if verb == "PUT" else b""
        status = wire.status(wire.exchange(target.port, wire.request(verb.encode(), path.encode(), evil.session, body)))
        expect(status == 403, f"{verb} {path} with the session of who was sent away is answered {status}")
    old = target.join_line()
    new = control(target, "token", "--rotate").strip()
    late = target.join("late", old)
    code = late.wait(20)
    expect(code == 1, f"with an old line it ended with {code}: {late.log[-500:]}")
    trial.expect_told(late, "refused the join line", f"replaced by another at {time.strftime('%Y-%m-%d', time.gmtime())}")
    target.join("new", target.join_line(secret=new.split(".")[2].split("@")[0])).wait_for("joined")
    # Their secret is worth nothing more; what they have bought with it is.
    expect(target.worker.is_running and "joining again" not in target.worker.log, target.worker.log[-500:])
    short = control(target, "token", "--ttl", "1s").strip().split(".")[2].split("@")[0]

    def has_expired():
        return outcome(target, short, "worker.register", [evil.place]) == 401

    until("the secret to expire", has_expired, 20)
    late = target.join("later", target.join_line(secret=short))
    code = late.wait(20)
    expect(code == 1, f"with an expired line it ended with {code}: {late.log[-500:]}")
    trial.expect_told(late, "refused the join line", "expired at")
    target.finish()


@fault_both_ways("H13", "the owner's token, join line, session and ticket of one job at another job's master")
def another_job(trial):
    first = trial.target()
    second = trial.target(state=first.cluster.folder / "state")
    before = second.standing()
    evil = EvilWorker(first.port, first.secret, name="evil")
    evil.register()
    secrets = {"owner's token": first.token, "secret": first.secret, "session": evil.session, "good session": first.session("good"),
               "viewer": first.role_secret("viewer"), "ticket": first.ticket()}
    if trial.over_tls:
        stray = second.join("stray", first.join_line(second.port))
        code = stray.wait(20)
        expect(code == 1 and "refused the join line" in stray.log, f"it ended with {code}: {stray.log[-500:]}")
    calls = (("job.status", []), ("worker.register", [evil.place]), ("worker.poll", [evil.poll_struct()]))
    paths = ((second.port, "/input/1/0"), (second.data_port, "/intermediate/1-map-0-1/0"))
    tries = [(name, what) for name in secrets for what in (*calls, *paths)]

    def ask(name, what):
        if isinstance(what[1], list):
            return outcome(second, secrets[name], *what)
        return wire.status(wire.exchange(what[0], wire.request(b"GET", what[1].encode(), secrets[name])))

    for (name, what), code in zip(tries, wire.at_once(ask, tries)):
        expect(code in (401, 429), f"{what} with the first job's {name} is answered {code}")
    expect(second.standing() == before, f"{before} has become {second.standing()}")
    for target in (first, second):
        evil.leave()
        target.finish()
