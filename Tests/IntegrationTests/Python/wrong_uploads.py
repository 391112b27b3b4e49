"""Workers without a data port that keep to no rule. Ends with the one map task pending, and failed once."""
import socket, sys, urllib.error, urllib.request, xmlrpc.client

address, secret = sys.argv[1:]


def request(token, method, path, body=None):
    message = urllib.request.Request(
        f"http://{address}{path}", body, {"Authorization": f"Bearer {token}", "Content-Type": "text/xml"}, method=method)
    try:
        with urllib.request.urlopen(message, timeout=30) as answer: return answer.status, answer.read()
    except urllib.error.HTTPError as error: return error.code, error.read()


def call(token, method, *parameters):
    status, answer = request(token, "POST", "/RPC2", xmlrpc.client.dumps(parameters, method).encode())
    assert status == 200, (status, answer)
    return xmlrpc.client.loads(answer, use_builtin_types=True)[0][0]


class Worker:
    def __init__(self, name):
        joined = call(secret, "worker.register", {"version": 7, "name": name, "slots": 1, "applications": ["wordcount"]})
        self.token, self.sequence = joined["token"], 0
        self.me = {name: joined[name] for name in ("worker", "instance")}

    def poll(self, reports=[], running=[], capacity=0):
        self.sequence += 1
        return call(self.token, "worker.poll", dict(
            self.me, sequence=self.sequence, reports=reports, running=running, capacity=capacity, wait_seconds=0.0))

    def leave(self): assert call(self.token, "worker.leave", *self.me.values()) is True


def expect(status, answer): assert answer[0] == status, (status, answer)


one, other = Worker("one"), Worker("other")
attempt = one.poll(capacity=1)["assignments"][0]["attempt"]
assert attempt == "1-map-0-1", attempt
assert request(one.token, "GET", f"/records/{attempt}") == (200, b"one\ntwo\n")
assert request(one.token, "GET", f"/records/{attempt}") == (200, b"one\ntwo\n"), "it may be read again"
expect(404, request(one.token, "GET", f"/pairs/{attempt}"))
for wrong in (b"one\n", b"one\t1\ntwo\t2x\n", b"\xff\t1.5\n", b"one\t99999999999999999999\n"):
    expect(400, request(one.token, "PUT", f"/pairs/{attempt}", wrong))
# A body whose length nobody knows may fill the disk, and so may many of one attempt.
def begin(*headers):
    connection = socket.create_connection(address.rsplit(":", 1), timeout=30)
    lines = [f"PUT /pairs/{attempt} HTTP/1.1", f"Host: {address}", f"Authorization: Bearer {one.token}", *headers]
    connection.sendall("\r\n".join(lines + ["", ""]).encode())
    return connection


with begin("Transfer-Encoding: chunked") as endless:
    assert endless.recv(100).startswith(b"HTTP/1.1 411"), "a body without a length"
with begin("Content-Length: 1000", "Expect: 100-continue") as slow:
    assert slow.recv(100).startswith(b"HTTP/1.1 100"), "it is let in"
    expect(409, request(one.token, "PUT", f"/pairs/{attempt}", b"one\t1\n"))
for path in ("/records/", "/pairs/"):
    for name in (attempt, "1-map-0-2", "1-map-7-1", "2-map-0-1"): expect(409, request(other.token, "GET", path + name))
    for name in ("1-map-0", "..", "1-map-0-1/0", "x"): assert request(other.token, "GET", path + name)[0] in (400, 404)
expect(409, request(other.token, "PUT", f"/pairs/{attempt}", b"stolen\t1\n"))
expect(409, request(other.token, "PUT", "/pairs/1-reduce-0-1", b"stolen\t1\n"))
answer = one.poll([{"attempt": attempt, "outcome": "succeeded"}])
assert answer["verdicts"] == ["accepted"], answer
expect(409, request(one.token, "PUT", f"/pairs/{attempt}", b"too late\t1\n"))
one.leave()
other.leave()
