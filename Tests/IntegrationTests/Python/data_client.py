"""Clients/python/mr_data.py with a center and two workers: data_client.py CENTER FOLDER, where it may write. CENTER may be file:PATH with a join line."""
import datetime, importlib, operator, os, socket, sys, threading, time

center_at, folder = sys.argv[1:]
if center_at.startswith("file:"):
    with open(center_at[5:]) as line: center_at = line.read().strip()
sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../Clients/python"), folder]
import mr_data
from mr_data import CancelledError, CenterError, Client, ComputationError, as_completed, wait


def module(name, text):
    with open(os.path.join(folder, name + ".py"), "w") as file: file.write(text)
    importlib.invalidate_caches()
    return importlib.import_module(name)


def raised(kind, body):
    try: value = body()
    except kind as error: return str(error)
    raise AssertionError(f"{value!r} where {kind.__name__} was expected")


tools = module("tools", """
import time
def echo(*args, **kwargs): return [list(args), kwargs]
def inc(number): return number + 1
def slow(seconds, value=0):
    time.sleep(seconds)
    return value
def note(path, text):
    with open(path, "a") as file: file.write(text + "\\n")
    return text
def fail(text): raise ValueError(text)
def total(values): return sum(values)
def pieces(byte, count): return bytes([byte]) * count
""")
client = Client(center_at)

# One computation, and what its future says.
first = client.submit("add", 1, 2)
assert first.result() == 3 and first.done() and first.status == "finished" and first.exception() is None
assert first == client.submit("add", 1, 2) and first.key.startswith("add-") and first.key in repr(first)
assert client.submit("add", 1, 2, pure=False) != first

# Python's own functions by their own names agree with Python.
for function, args in [
        (sum, [[1, 2, 3]]), (len, ["four"]), (sorted, [[3, 1, 2]]), (max, [[2, 9, 4]]), (min, [[2, 9, 4]]), (abs, [-5]), (pow, [2, 10]),
        (operator.add, [2, 3]), (operator.sub, [2, 3]), (operator.mul, [2, 3]), (operator.truediv, [7, 2]), (operator.floordiv, [-7, 2]),
        (operator.mod, [-7, 3]), (operator.neg, [4])]:
    assert client.submit(function, *args).result() == function(*args), function
assert client.submit(sorted, [3, 1, 2], reverse=True).result() == [3, 2, 1]

# Values come as they went, those too that are the keys of something.
client.scatter({"x": 5})
values = [
    1, -2**31, 2**31, 2**63 - 1, -2**63, 2.5, 1e300, 5e-324, -0.0, True, False, "", "x", "é\r\n<&>]]>\r", b"x", b"\x00\xff", [], {}, ["x", b"x"], {"key": "x"},
    {"value": "x"}, {"key": "x", "value": 1}, {"a": {"key": "x"}}, [{"value": {"key": "x"}}], {"": "\r", "é": [[]]}, datetime.datetime(2026, 11, 22, 1, 2, 3)]
assert client.submit(tools.echo, *values, word="x", other={"key": "x"}).result() == [values, {"word": "x", "other": {"key": "x"}}]
assert client.submit(tools.echo, (1, 2), bytearray(b"b")).result() == [[[1, 2], b"b"], {}]
for wrong in (None, float("nan"), 2**63, {1: 2}, {1, 2}, object(), [None], {"value": None}, datetime.datetime.now(datetime.timezone.utc)):
    raised(TypeError, lambda: client.submit(tools.echo, wrong))
raised(ValueError, lambda: client.submit(tools.echo, "a\x00b"))
raised(TypeError, lambda: client.submit(tools.echo, {"key": first}))

# Futures stand for their values, at any depth.
assert client.submit(tools.echo, first, [first, {"a": [first, "x"]}], word={"b": (first,)}).result() == [[3, [3, {"a": [3, "x"]}]], {"word": {"b": [3]}}]

# Many at once, and what is gathered has the form that was asked for.
many = client.map(tools.inc, range(2_500))
assert client.gather(many) == list(range(1, 2_501))
assert client.gather(client.map("add", range(5), many)) == [2 * number + 1 for number in range(5)]
assert client.submit(tools.total, many).result() == sum(range(1, 2_501))
assert client.gather({"a": [many[0], (many[1], 7)], "b": first}) == {"a": [1, (2, 7)], "b": 3} and client.gather([]) == []
assert client.map("add", []) == [] and client.gather(client.map("add", [1, 1], [2, 2])) == [3, 3]

# What fails says why, and so does what needs it.
failed = client.submit(tools.fail, "told so")
text = raised(ComputationError, failed.result)
assert "Traceback" in text and "ValueError: told so" in text and "tools_" in text, text
assert failed.status == "error" and "told so" in str(failed.exception()) and failed.done()
assert "told so" in raised(ComputationError, lambda: client.gather([first, failed]))
assert "told so" in raised(ComputationError, client.submit("add", failed, 1).result)
assert "no_such" in raised(ComputationError, client.submit("no_such_function", 1).result)
assert "is not what" in raised(ValueError, lambda: client.submit(lambda: 1))
assert "Python file" in raised(ValueError, lambda: client.submit(eval("lambda: 1", {"__name__": "prompt"})))
raised(TypeError, lambda: client.submit(5))
assert client.submit("add", 1, 2, key="own").result() == 3 == client.submit("add", 1, 2, key="own").result()
assert "another computation" in raised(CenterError, lambda: client.submit("add", 1, 3, key="own"))
raised(ValueError, lambda: Client("nonsense"))

# Waiting.
began = time.monotonic()
late, early = client.submit(tools.slow, 3, pure=False), client.submit(tools.slow, 0.1, pure=False)
assert str(late.key) in raised(TimeoutError, lambda: late.result(timeout=0.2)) and time.monotonic() - began < 2.5
assert wait([late, early], return_when="FIRST_COMPLETED") == ({early}, {late}) and wait([late, early], timeout=0).not_done == {late}
called = threading.Event()
late.add_done_callback(lambda future: future is late and called.set())
assert [future for future in as_completed([late, early])] == [early, late]
assert client.wait([late, early]).done == {late, early} and called.wait(30)
assert sorted(future.result() for future in as_completed(client.map(tools.inc, range(200)))) == list(range(1, 201))

# Cancelling: what runs is killed, what needs it is not run.
running = client.submit(tools.slow, 1_000, pure=False)
after = client.submit("add", running, 1)
while running.status != "running": time.sleep(0.02)
assert not after.done() and running.cancel() and not running.cancel()
raised(CancelledError, running.result)
assert running.status == "cancelled" and isinstance(running.exception(), CancelledError) and wait(after, 30).done
assert client.submit(tools.slow, 0, 8).result() == 8

# Data that is spread, and forgotten.
spread = client.scatter([10, "text", b"\x00", [1]])
assert client.gather(spread) == [10, "text", b"\x00", [1]] and client.scatter(7).result() == 7
odd = client.scatter({b"\xff\x00": 1, "é\r": 2, "e\u0301": 3, "\u00e9": 4})
assert client.gather(odd) == {b"\xff\x00": 1, "é\r": 2, "e\u0301": 3, "\u00e9": 4}
assert client.submit("add", odd[b"\xff\x00"], odd["é\r"], key=b"\x00sum").result() == 3
both = client.scatter([11], broadcast=True)
assert len(client.who_has(both)[both[0].key]) == 2 == len(client.call("ncores")) and len(client.who_has("x")["x"]) == 1
assert client.release(spread) == 4 and spread[0].status == "unknown"
assert "knows no" in raised(CenterError, spread[0].result)

# More bytes than one answer has.
parts = client.map(tools.pieces, range(5), [7_000_000] * 5)
large = client.submit("concat", *parts)
assert large.result() == b"".join(bytes([number]) * 7_000_000 for number in range(5))
assert client.submit("len", large).result() == 35_000_000
client.release([large, *parts])

# Files.
client.upload_file(os.path.join(folder, "tools.py"))
assert client.submit("tools.py:inc", 1).result() == 2
client.upload_file("tools.py", b"def inc(number): return number + 100\n")
assert client.submit("tools.py:inc", 1).result() == 101
client.upload_file("first_word", b"#!/bin/sh\nsed -n 's/.*<string>\\([a-z]*\\).*/<?xml version=\"1.0\"?><methodResponse><params><param><value>\\1<\\/value><\\/param><\\/params><\\/methodResponse>/p'\n")
assert client.submit("first_word", "some words").result() == "some"
guard = module("unguarded", f"import mr_data\ndef f(): return 1\nif __name__ == 'unguarded' and __file__.startswith({folder!r}): pass\nelse: mr_data.Client({center_at!r})\n")
client.upload_file(mr_data.__file__)
assert "if __name__" in raised(ComputationError, client.submit(guard.f).result)


if center_at.startswith("mr1."):
    pin = center_at.split(".")[1]
    other = center_at.replace(pin, "A" * len(pin), 1)
    assert "key is another" in raised(OSError, lambda: Client(other, patience=0.1).call("ping"))
    client.close()
    print("all as it should be")
    sys.exit()


# A center that does not answer at once: a call whose answer is lost is made again, and nothing runs twice.
def forward(listener, plan):
    """Passes on one request for each word of the plan: refused at once, unanswered (it is made, and its answer thrown away), or passed."""
    for word in plan:
        connection, _ = listener.accept()
        with connection:
            if word == "refused": continue
            request = b""
            while b"</methodCall>" not in request: request += connection.recv(65_536)
            with socket.create_connection(center_at.rsplit(":", 1)) as server:
                server.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
                answer = b""
                while data := server.recv(65_536): answer += data
            if word == "passed": connection.sendall(answer)


with socket.create_server(("127.0.0.1", 0)) as listener:
    plan = ["refused", "refused", "passed", "unanswered", "refused", "passed"]
    threading.Thread(target=forward, args=(listener, plan), daemon=True).start()
    notes = os.path.join(folder, "notes")
    away = Client("127.0.0.1:%d" % listener.getsockname()[1], token=client._place.token)
    assert away.call("ping") == "pong"
    client.submit(tools.note, notes, "first").result()
    away._files = client._files
    lost = away.submit(tools.note, notes, "second", pure=False)
    again = client.submit(tools.note, notes, "first")
    assert client.gather([mr_data.Future(client, lost.key), again]) == ["second", "first"]
    assert open(notes).read() == "first\nsecond\n", "each runs once"
assert "no answer" in raised(ConnectionError, lambda: Client("127.0.0.1:1", token="x", patience=0.3).call("ping"))
assert "refuses" in raised(PermissionError, lambda: Client(center_at, token="wrong").call("ping"))

# Threads share a client.
answers = []
threads = [threading.Thread(target=lambda number=number: answers.append(client.gather(client.map("mul", range(50), [number] * 50)))) for number in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert sorted(answers) == [[index * number for index in range(50)] for number in range(4)]
with client: client.call("ping")
print("all as it should be")
