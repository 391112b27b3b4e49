"""More than anybody should send: bytes, connections, guesses."""

import base64
import gzip
import resource
import socket
import threading
import time
import unicodedata
import zlib

import tickets
import wire
from attack_trial import fault_both_ways
from catalogue import expect, fault
from child import until

CHUNK = b"10000\r\n" + b" " * 65_536 + b"\r\n"


def endless(piece, byte_count):
    """The piece again and again, some seconds at most."""
    end = time.monotonic() + 10
    for _ in range(byte_count // len(piece)):
        if time.monotonic() > end:
            return
        yield piece


@fault_both_ways("H1", "requests of 10 GB, endless chunks, endless headers, to the master and a worker's data port")
def oversize(trial):
    target = trial.target()
    size = (64 if trial.is_short else 1_024) << 20
    long = b"Content-Length: 10737418240"
    tries = []
    for port in (target.port, target.data_port):
        for token in (target.keys(port), None):
            tries += [
                (port, wire.request(b"GET", b"/RPC2", token, b"", long).replace(b"GET", b"POST"), b" " * 65_536),
                (port, wire.request(b"GET", b"/RPC2", token, b"", b"Transfer-Encoding: chunked").replace(b"GET", b"POST"), CHUNK),
                (port, wire.request(b"GET", b"/output/1-reduce-0-1", token, b"", long).replace(b"GET", b"PUT"), b" " * 65_536),
                (port, b"GET / HTTP/1.1\r\nX-Long: ", b"x" * 65_536),
                (port, b"GET /", b"x" * 65_536),
                (port, b"GET / HTTP/1.1\r\n", b"X-Header: y\r\n" * 5_000),
            ]
    for port, head, piece in tries:
        answer = wire.exchange(port, head, rest=endless(piece, size), stubborn=not (trial.is_short or trial.over_tls))
        expect(wire.status(answer) in (0, 400, 401, 404, 405, 408, 409, 411, 413, 414, 431),
               f"port {port} answered {answer[:200]!r} to {head[:200]!r}")
    body = wire.post(target.token, b" " * (17 << 20))
    answer = wire.exchange(target.port, body)
    expect(wire.status(answer) in (0, 413), f"17 MiB were answered {answer[:200]!r}")
    target.finish(says=["request refused"])


def marks(byte_count, order):
    """Combining characters in the order that costs most to bring into the right one: Swift compares no text without."""
    known = {unicodedata.combining(chr(code)): chr(code) for code in range(0x300, 0x7FF) if unicodedata.combining(chr(code))}
    classes = sorted(known, reverse=True) if order == "descending" else [230, 220]
    return "".join(known[c] * (byte_count // 2 // len(classes)) for c in classes).encode()


@fault_both_ways("H21", "combining characters by the ten thousand, in heads, paths and parameters", short_over_tls=True)
def combining(trial):
    target = trial.target()
    long = marks(60_000, "descending")
    heads = [b"Transfer-Encoding: c" + long, b"Authorization: B" + long + b" x", b"Authorization: Bearer x" + long,
             b"Authorization: Bearer " + long + b".1.2.3", b"Content-Type: text/xml; charset=" + long, b"Host: a" + long,
             b"Content-Encoding: " + long, b"Expect: " + long, b"Range: bytes=" + long, b"If-Match: " + long]
    path = b"/logs/1-map-0" + b"".join(b"%%%02X" % byte for byte in marks(2_000, "descending"))
    tries = [(port, b"POST /RPC2 HTTP/1.1\r\nHost: x\r\n" + head + b"\r\nContent-Length: 0\r\n\r\n")
             for port in (target.port, target.data_port) for head in heads for _ in range(2)]
    tries += [(port, wire.request(b"GET", path, target.keys(port))) for port in (target.port, target.data_port) for _ in range(4)]
    for (port, data), answer in zip(tries, wire.at_once(wire.exchange, tries)):
        expect(wire.status(answer) in (400, 401, 404, 431), f"port {port:d} answered {answer[:200]!r} to {data[:80]!r}")
    long = marks(400_000, "two classes")
    joining, viewer = target.secret, target.role_secret("viewer")
    calls = [(viewer, b"job.why", wire.string(b"1-" + long + b"-3")),
             (viewer, b"job.tasks", wire.struct({b"kind": wire.string(marks(4_000, "two classes"))})),
             (joining, b"complete_task", wire.string(b"1-" + long + b"-1-1"), wire.string(b"w"), wire.struct({})),
             (joining, b"complete_task", wire.string(b"1-map-0-1"), wire.string(long), wire.struct({})),
             (joining, b"register_worker", wire.string(long[:250])),
             (joining, b"worker.leave", wire.integer(1), wire.string(long)),
             (joining, b"worker.register", wire.struct({b"name": wire.string(long)}))]
    for token, method, *values in calls * 2:
        answer = wire.exchange(target.port, wire.post(token, wire.call(method, *values)))
        expect(wire.fault_code(answer) is not None, f"{method} was answered {answer[:300]!r}")
    target.finish(says=["request refused"])


@fault("H22", "thousands of connections that say nothing, from one address: others get in all the same", short=False)
def silent(trial):
    target = trial.target()
    count = 7_000
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(count + 1_000, min(hard, 65_536)), hard))
    connections = []
    trial.at_end(lambda: [connection.close() for connection in connections])
    for _ in range(count):
        connection = socket.socket()
        connection.settimeout(5)
        try:
            connection.connect(("127.0.0.1", target.port))
        except OSError:
            connection.close()
            continue
        connections.append(connection)
    late = target.join("late")
    late.wait_for("joined")
    expect(target.owner().job.status()["outcome"] == "running", "the owner does not get in")
    target.finish(says=["a connection made room for another"])


@fault("H2", "slowloris: thousands of connections that send a byte now and then", short=False)
def slowloris(trial):
    target = trial.target()
    count = 500 if trial.is_short else 5_000
    sent = [b"", b"POST /RPC2 HTTP/1.1\r\nHost: x\r\nX-Slow: ", wire.post(target.token, b"x" * 100)[:-90],
            b"GET /intermediate/1-map-0-1/0 HTTP/1.1\r\nX: "]
    slow, refused = [], 0
    ends = threading.Event()
    trial.at_end(lambda: [ends.set()] + [s.close() for s in slow])
    for number in range(count):
        connection = socket.socket()
        connection.settimeout(5)
        port = (target.port, target.data_port)[number % 2]
        try:
            connection.connect(("127.0.0.1", port))
            connection.sendall(sent[number % len(sent)])
            slow.append(connection)
        except OSError:
            refused += 1
            connection.close()
    began = time.monotonic()
    left = set(slow)

    def drip():
        while left and not ends.wait(1):
            for connection in list(left):
                try:
                    connection.send(b"y")
                except OSError:
                    left.discard(connection)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    until("all slow connections to be closed", lambda: not left, 45)
    trial.say(f"{len(slow)} slow connections, {refused} refused, all closed after {time.monotonic() - began:.0f} s")
    ends.set()
    thread.join(20)
    target.finish()


@fault_both_ways("H5", "wrong tokens, hundreds of them, from the address of a good worker, on connections of their own and on one",
                 short=False, short_over_tls=True)
def guesses(trial):
    target = trial.target()
    count = 200 if trial.is_short else 1_000
    right, secret = target.token, target.secret
    wrong = [
        right[:-1], right + "0", right.swapcase() if right.swapcase() != right else right[::-1], "", "0" * len(right),
        secret[:-1], secret + "A", secret.swapcase(), tickets.token(bytes(32), 1), tickets.token(target.session_key, 1)[:-1],
        target.ticket()]
    wrong += ["%032x" % trial.random.getrandbits(128) for _ in range(count // 2 - len(wrong))]

    def guess(credentials):
        return wire.exchange(target.port, wire.post(None, wire.call(b"job.status"), b"Authorization: " + credentials))

    basic = [b"Basic " + base64.b64encode(b"mr:" + token.encode()) for token in wrong]
    answers = wire.at_once(guess, ((credentials,) for credentials in [b"Bearer " + t.encode() for t in wrong] + basic))
    for answer in answers:
        expect(wire.status(answer) in (0, 401, 429, 503), f"a wrong token was answered {answer[:200]!r}")
        expect(right.encode() not in answer and secret.encode() not in answer, "the answer holds the secret")
    with wire.connect(target.port) as connection:
        for token in wrong:
            try:
                connection.sendall(wire.post(token, wire.call(b"job.status")))
                answer = connection.recv(65_536)
            except OSError:
                break
            expect(wire.status(answer) in (0, 401, 429, 503), f"a wrong token was answered {answer[:200]!r}")
            if not answer:
                break
    answer = wire.exchange(target.port, wire.post(right, wire.call(b"job.status")))
    expect(wire.status(answer) == 200, f"the right token is answered {answer[:200]!r} after that")
    excess = sum(wire.status(answer) == 429 for answer in answers)
    expect(excess >= count // 2, f"{excess} of {count} wrong tokens were told that they were too many")
    target.finish(says=["request refused", "too many wrong credentials"])


@fault_both_ways("H12", "a stranger asks every route of the master and of a worker's data port", short=False, short_over_tls=True)
def stranger(trial):
    target = trial.target()
    paths = [
        b"/input/1/0", b"/sample/1/keys", b"/output/1-reduce-0-1", b"/logs/1-map-0", b"/logs/1-map-0-1?written=1",
        b"/intermediate/1-map-0-1/0", b"/intermediate/1-map-0-1", b"/", b"/RPC2", b"/nothing"]
    methods = ((b"GET", b""), (b"PUT", b"x"), (b"POST", b"x"), (b"HEAD", b""), (b"DELETE", b""))
    # What opens the one door does not open the other.
    wrong = {target.port: ("0" * 32, target.ticket()), target.data_port: (target.token, target.secret)}
    tries = [(port, token, path, method) for port in wrong for token in (None, *wrong[port]) for path in paths for method in methods]

    def ask(door, token, path, method):
        return wire.exchange(door, wire.request(method[0], path, token, method[1], b"Connection: close"), 10)

    answers = wire.at_once(ask, tries)
    for (port, token, path, method), answer in zip(tries, answers):
        # Whoever guesses too often is told so.
        expect(wire.status(answer) in ((401, 429) if token else (401,)),
               f"port {port}: {method[0]} {path} was answered {answer[:200]!r} with {'a' if token else 'no'} token")
    target.finish(says=["request refused"])


@fault("H17", "documents that inflate to a thousand times their length, and ones that never end", short=True)
def bomb(trial):
    target = trial.target()
    size = (256 if trial.is_short else 2_048) << 20
    for bits, coding in ((31, b"gzip"), (15, b"deflate")):
        deflater = zlib.compressobj(9, zlib.DEFLATED, bits)
        data = b"".join(deflater.compress(b" " * (1 << 20)) for _ in range(size >> 20)) + deflater.flush()
        spoiled = [data, data[:-4], gzip.compress(data), b"\x1f\x8b\x08" + b"\xff" * 200, b""]
        for document in spoiled:
            for port in (target.port, target.data_port):
                answer = wire.exchange(port, wire.post(target.keys(port), document, b"Content-Encoding: " + coding))
                code = wire.status(answer)
                expect(code in (400, 404, 405, 413, 415, 501) or (code == 200 and wire.fault_code(answer)),
                       f"port {port} answered {answer[:200]!r}")
    small = gzip.compress(wire.call(b"system.listMethods"))
    answer = wire.exchange(target.port, wire.post(target.token, small, b"Content-Encoding: gzip"))
    expect(wire.status(answer) == 200 and b"job.status" in answer, f"an honest one was answered {answer[:200]!r}")
    target.finish(says=["request refused"])
