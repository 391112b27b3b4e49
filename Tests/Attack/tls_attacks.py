"""What strangers do to TLS: handshakes that never end, plain words, old versions, recordings, men in the middle."""

import concurrent.futures
import socket
import ssl
import threading
import time

import wire
from between import MiddleMan, PlainServer, Recorder
from catalogue import expect, fault
from certificates import pin, self_signed
from child import PATIENCE, until
from cluster import PROGRAMS, WORKER

NEWCOMER_MAX = 15.0
"""Seconds until somebody honest is served who comes when a thousand strangers stand before him in line."""


def greeting():
    """The bytes that a client's TLS begins with."""
    outgoing = ssl.MemoryBIO()
    client = wire.careless().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()


class Dawdler:
    """One connection that is in no hurry.

    kind: silent (nothing is sent), drip (its greeting comes a byte at a time), half (the greeting, and nothing after it),
    done (a handshake, and nothing after it), request (a handshake, and a request a byte at a time).
    """

    KINDS = ("silent", "drip", "half", "done", "request")

    def __init__(self, port, kind):
        self.socket = socket.create_connection(("127.0.0.1", int(port)), timeout=30)
        self.rest = iter(greeting()) if kind == "drip" else iter(b"X" * 10_000) if kind == "request" else None
        if kind == "half":
            self.socket.sendall(greeting())
        if kind in ("done", "request"):
            self.socket = wire.careless().wrap_socket(self.socket)
        if kind == "request":
            self.socket.sendall(b"POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        self.socket.settimeout(0)

    def is_over(self):
        """Sends its next byte, and tells whether the other side has had enough."""
        try:
            byte = next(self.rest, None) if self.rest else None
            if byte is not None:
                self.socket.send(bytes([byte]))
            while self.socket.recv(65_536):
                pass
            return True
        except (ssl.SSLWantReadError, BlockingIOError):
            return False
        except OSError:
            return True


@fault("H2h", "over TLS: a thousand handshakes that come a byte at a time, half or not at all, or are followed by nothing")
def dawdlers(trial):
    target = trial.target(tls=True)
    count = 200 if trial.is_short else 1_000
    dawdlers = []
    trial.at_end(lambda: [d.socket.close() for d in dawdlers])
    ends = threading.Event()
    trial.at_end(ends.set)
    waits = []

    def come_anew():
        """Somebody honest, who comes again and again."""
        while not ends.wait(0.2):
            begin = time.monotonic()
            answer = wire.exchange(target.port, wire.post(target.token, wire.call(b"job.status")), 60)
            waits.append((wire.status(answer), time.monotonic() - begin))

    newcomer = threading.Thread(target=come_anew, daemon=True)
    newcomer.start()

    def come(number):
        try:
            return Dawdler((target.port, target.data_port)[number % 2], Dawdler.KINDS[number // 2 % len(Dawdler.KINDS)])
        except OSError:
            return None

    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        dawdlers += filter(None, pool.map(come, range(count)))
    began = time.monotonic()
    left = list(dawdlers)

    def drip():
        left[:] = [d for d in left if not d.is_over()]
        time.sleep(0.5)
        return not left

    until("all slow handshakes to be ended", drip, 45)
    trial.say(f"{len(dawdlers)} of {count} dawdlers stayed, all gone after {time.monotonic() - began:.0f} s")
    ends.set()
    newcomer.join(60)
    longest = max(wait for _, wait in waits)
    expect(all(status == 200 for status, _ in waits), f"newcomers were answered {sorted({s for s, _ in waits})}")
    expect(longest < NEWCOMER_MAX * PATIENCE, f"a newcomer was served after {longest:.1f} s")
    trial.say(f"{len(waits)} newcomers, the last in line served after {longest:.1f} s")
    target.finish(says=["no TLS with a client"])


# H6


@fault("H6", "all bytes of a joining worker's connections are recorded and sent once more", short=True)
def replay(trial):
    target = trial.target(tls=True)
    recorder = Recorder(target.port)
    trial.at_end(recorder.close)
    target.cluster.hold("before-map")
    recorded = target.join("recorded", target.join_line(recorder.port))
    recorded.wait_for("joined")
    until("the recorded worker to have work", lambda: len(target.begun('map')) >= 2, 20)
    secrets = {"the join secret": target.secret, "its session": target.session("recorded"), "the pin": target.pin}
    for name, secret in secrets.items():
        expect(secret.encode() not in recorder.record, f"{name} was readable on the way")
    expect(b"worker." not in recorder.record and b"HTTP" not in recorder.record, "a call was readable on the way")
    before = target.standing()
    answers = []
    for sent, _ in list(recorder.conversations):
        with socket.create_connection(("127.0.0.1", int(target.port)), timeout=20 * PATIENCE) as again:
            answers.append(play(again, bytes(sent)))
    expect(answers and all(answers), "the master was silent")
    for answer in answers:
        expect(answer[0] in (0x15, 0x16) and b"HTTP" not in answer, f"the recording was answered {answer[:100]!r}")
    expect(target.standing() == before, f"the recording has changed {before} to {target.standing()}")
    trial.say(f"{len(answers)} connections, {sum(len(s) for s, _ in recorder.conversations)} bytes played again")
    target.check(says=["no TLS with a client"])
    target.cluster.let_go("before-map")
    target.finish()


def play(connection, data):
    """What is answered until the other side closes; that it does is part of the promise."""
    answer = b""
    try:
        connection.sendall(data)
        while piece := connection.recv(65_536):
            answer += piece
    except TimeoutError:
        expect(False, "the connection of a recording stays open")
    except OSError:
        pass  # A reset is an end as good as any.
    return answer


# H7


@fault("H7", "plain HTTP, other protocols and old versions of TLS at ports that speak TLS", short=True)
def plain_words(trial):
    target = trial.target(tls=True)
    for port in (target.port, target.data_port):
        for request in (wire.post(target.secret, wire.call(b"job.status")), wire.request(b"GET", b"/logs/1-map-0", None),
                        wire.request(b"PUT", b"/output/1-reduce-0-1", target.secret, b"x" * 10_000)):
            answer = wire.exchange(int(port), request)
            expect(wire.status(answer) == 400 and b"TLS" in answer, f"plain HTTP at port {port} was answered {answer[:300]!r}")
        for words in (b"SSH-2.0-OpenSSH_9.2\r\n", b"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10", b"\0" * 1_000,
                      b"\x16\x03\x01\xff\xff" + b"\xff" * 70_000, b"\x16\x03\x01\x00\x05hello", b"\x15\x03\x03\x00\x02\x02\x28",
                      b"HELO example.org\r\n", b"\xff" * 5):
            answer = wire.exchange(int(port), words, 20)
            expect(b"200" not in answer[:20], f"{words[:20]!r} at port {port} was answered {answer[:100]!r}")
        old = wire.careless()
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        try:
            wire.exchange(wire.Door(int(port), old), wire.post(target.secret, wire.call(b"job.status")))
            expect(False, f"TLS 1.2 is spoken at port {port}")
        except ssl.SSLError:
            pass  # As it should be.
    target.finish(says=["no TLS with a client"])


@fault("H7a", "a worker with a join line is led to servers that speak plain HTTP", short=True)
def false_plain(trial):
    target = trial.target(tls=True)
    answers = {
        "a refusal": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "a redirect": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
        "an answer": b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 2\r\n\r\n<x",
    }
    for number, (name, answer) in enumerate(answers.items()):
        server = PlainServer(answer)
        trial.at_end(server.close)
        worker = target.join(f"led-{number}", target.join_line(server.port))
        code = worker.wait(20)
        expect(code == 1, f"after {name} the worker ended with {code}: {worker.log[-500:]}")
        trial.expect_told(worker, "speaks plain HTTP", "TLS")
        check_greeting_alone(target, bytes(server.received))
    target.finish()


def check_greeting_alone(target, received):
    """Nothing but the beginning of a handshake has come."""
    expect(received[:2] == b"\x16\x03" and received[5] == 1, f"no greeting of TLS was sent: {received[:100]!r}")
    length = 5 + int.from_bytes(received[3:5], "big")
    rest = received[length:]
    expect(not rest or rest[0] == 0x15, f"more than a greeting was sent: {rest[:100]!r}")
    for text in (target.secret.encode(), b"POST", b"Bearer", b"worker."):
        expect(text not in received, f"{text!r} was sent in plain")


@fault("H7b", "a worker with a join line is led to a server with another key", short=True)
def man_in_the_middle(trial):
    target = trial.target(tls=True)
    certificate, key = self_signed(target.cluster.folder / "state", "middle")
    man = MiddleMan(certificate, key)
    trial.at_end(man.close)
    worker = target.join("led", target.join_line(man.port))
    code = worker.wait(20)
    expect(code == 1, f"the worker ended with {code}: {worker.log[-500:]}")
    trial.expect_told(worker, "is not the master that made this join line", target.pin, pin(certificate))
    expect(man.count >= 1 and not man.received, f"the man in the middle was told {bytes(man.received[:200])!r}")
    target.finish()


@fault("H7c", "command lines that would speak, or let speak, without TLS to other machines", short=True)
def unsafe_commands(trial):
    target = trial.target(tls=True)
    cluster = target.cluster
    line = target.join_line()
    master = [str(PROGRAMS / "mr-master"), "--output", "elsewhere", *cluster.inputs]
    wrong = {
        "elsewhere": ([WORKER, "--master", "198.51.100.7:8000"], "--join"),
        "name": ([WORKER, "--master", "head.example.org:8000"], "--join"),
        "plain-join": ([WORKER, "--join", line, "--plain-http"], "--plain-http"),
        "two-masters": ([WORKER, "--join", line, "--master", f"127.0.0.1:{target.port:d}"], "--master"),
        "cut": ([WORKER, "--join", line[:-20]], "join line"),
        "no-auth": ([*master, "--listen", ":0", "--no-auth"], "--plain-http"),
        "plain": ([*master, "--listen", ":0", "--plain-http"], "--no-auth"),
        "ctl": ([str(PROGRAMS / "mr-ctl"), "status", "--master", "198.51.100.7:8000"], "--join"),
    }
    for name, (command, text) in wrong.items():
        child = cluster.start(f"wrong-{name}", command)
        code = child.wait(20)
        expect(code == 64, f"{name} ended with {code}: {child.log[-500:]}")
        trial.expect_told(child, text)
        expect(target.secret not in child.log, f"{name} printed the secret: {child.log[-500:]}")
    outward = target.owner().access.token({"role": "worker"})["address"].rpartition(":")[0]
    plain = cluster.start("plain", [WORKER, "--master", f"{outward}:{target.port:d}", "--plain-http"])
    if outward != "127.0.0.1":
        code = plain.wait(20)
        expect(code == 1 and "TLS" in plain.log, f"a worker that speaks plain HTTP to TLS ended with {code}: {plain.log[-500:]}")
    target.finish()


@fault("H7d", "a master that lets every machine in says so at every start")
def open_to_all(trial):
    cluster = trial.cluster()
    cluster.host = "0.0.0.0"
    for number in range(2):
        cluster.master("--reduces", "2", "--workers", "1", "--no-auth", "--plain-http", "--overwrite")
        trial.finish(cluster)
        trial.expect_told(cluster.master_child, "WARNING")
