"""More than anybody should send: bytes, connections, guesses."""

import concurrent.futures
import gzip
import socket
import threading
import time
import zlib

import wire
from catalogue import expect, fault
from child import until

GUESSERS = 10
"""At a time: wrong credentials are answered late."""
CHUNK = b"10000\r\n" + b" " * 65_536 + b"\r\n"


def endless(piece, byte_count):
    """The piece again and again, some seconds at most."""
    end = time.monotonic() + 10
    for _ in range(byte_count // len(piece)):
        if time.monotonic() > end:
            return
        yield piece


@fault("H1", "requests of 10 GB, endless chunks, endless headers, to the master and a worker's data port", short=True)
def oversize(trial):
    target = trial.target()
    size = (64 if trial.is_short else 1_024) << 20
    long = b"Content-Length: 10737418240"
    tries = []
    for port in (target.port, target.data_port):
        for token in (target.token, None):
            tries += [
                (port, wire.request(b"GET", b"/RPC2", token, b"", long).replace(b"GET", b"POST"), b" " * 65_536),
                (port, wire.request(b"GET", b"/RPC2", token, b"", b"Transfer-Encoding: chunked").replace(b"GET", b"POST"), CHUNK),
                (port, wire.request(b"GET", b"/output/1-reduce-0-1", token, b"", long).replace(b"GET", b"PUT"), b" " * 65_536),
                (port, b"GET / HTTP/1.1\r\nX-Long: ", b"x" * 65_536),
                (port, b"GET /", b"x" * 65_536),
                (port, b"GET / HTTP/1.1\r\n", b"X-Header: y\r\n" * 5_000),
            ]
    for port, head, piece in tries:
        answer = wire.exchange(port, head, rest=endless(piece, size), stubborn=not trial.is_short)
        expect(wire.status(answer) in (0, 400, 401, 404, 405, 408, 409, 411, 413, 414, 431),
               f"port {port} answered {answer[:200]!r} to {head[:200]!r}")
    body = wire.post(target.token, b" " * (17 << 20))
    answer = wire.exchange(target.port, body)
    expect(wire.status(answer) in (0, 413), f"17 MiB were answered {answer[:200]!r}")
    target.finish(says=["request refused"])


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


@fault("H5", "wrong tokens, thousands of them, on connections of their own and on one", short=True)
def guesses(trial):
    target = trial.target()
    count = 200 if trial.is_short else 5_000
    right = target.token
    wrong = [right[:-1], right + "0", right.swapcase() if right.swapcase() != right else right[::-1], "", "0" * len(right)]

    def guess(number):
        token = wrong[number] if number < len(wrong) else tokens[number]
        scheme = number % 3
        header = (b"Authorization: Bearer " + token.encode() if scheme else b"Authorization: Basic %s" % token.encode())
        answer = wire.exchange(target.port, wire.post(None, wire.call(b"job.status"), header))
        expect(wire.status(answer) in (0, 401, 429, 503), f"a wrong token was answered {answer[:200]!r}")
        expect(right.encode() not in answer, "the answer holds the token")
        return wire.status(answer)

    tokens = ["%032x" % trial.random.getrandbits(128) for _ in range(count)]
    with concurrent.futures.ThreadPoolExecutor(GUESSERS) as guessers:
        statuses = list(guessers.map(guess, range(count)))
    expect(statuses.count(429) >= count // 2, f"{statuses.count(429)} of {count} wrong tokens were told that they were too many")
    with socket.create_connection(("127.0.0.1", target.port), timeout=20) as connection:
        for _ in range(count):
            try:
                connection.sendall(wire.post("%032x" % trial.random.getrandbits(128), wire.call(b"job.status")))
                if not connection.recv(65_536):
                    break
            except OSError:
                break
    answer = wire.exchange(target.port, wire.post(right, wire.call(b"job.status")))
    expect(wire.status(answer) == 200, f"the right token is answered {answer[:200]!r} after that")
    target.finish(says=["request refused", "too many wrong credentials"])


@fault("H12", "a stranger asks every route of the master and of a worker's data port", short=True)
def stranger(trial):
    target = trial.target()
    paths = [
        b"/input/1/0", b"/sample/1/keys", b"/output/1-reduce-0-1", b"/logs/1-map-0", b"/logs/1-map-0-1?written=1",
        b"/intermediate/1-map-0-1/0", b"/intermediate/1-map-0-1", b"/", b"/RPC2", b"/nothing"]
    requests = [
        (port, wire.request(method, path, token, body, b"Connection: close"), (401,) if token is None else (401, 429))
        for port in (target.port, target.data_port) for token in (None, "0" * 32) for path in paths
        for method, body in ((b"GET", b""), (b"PUT", b"x"), (b"POST", b"x"), (b"HEAD", b""), (b"DELETE", b""))]

    def ask(port, request, statuses):
        answer = wire.exchange(port, request, 10)
        expect(wire.status(answer) in statuses, f"port {port}: {request[:60]!r} was answered {answer[:200]!r}")

    with concurrent.futures.ThreadPoolExecutor(GUESSERS) as guessers:
        list(guessers.map(lambda request: ask(*request), requests))
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
                answer = wire.exchange(port, wire.post(target.token, document, b"Content-Encoding: " + coding))
                code = wire.status(answer)
                expect(code in (400, 404, 405, 413, 415, 501) or (code == 200 and wire.fault_code(answer)),
                       f"port {port} answered {answer[:200]!r}")
    small = gzip.compress(wire.call(b"system.listMethods"))
    answer = wire.exchange(target.port, wire.post(target.token, small, b"Content-Encoding: gzip"))
    expect(wire.status(answer) == 200 and b"job.status" in answer, f"an honest one was answered {answer[:200]!r}")
    target.finish(says=["request refused"])
