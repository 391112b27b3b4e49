"""What the early Dask worker's users did, with two workers and a center: data_workers.py CENTER WORKER WORKER TOKEN [CERTIFICATE]:
'-' is no token, 'file:PATH' one in a file. With the center's certificate, in a file, all goes by TLS."""
import ssl, sys, urllib.request, urllib.error, xmlrpc.client

center_at, first_at, second_at, token, *certificate = sys.argv[1:]
if token.startswith("file:"):
    with open(token[5:]) as file: token = file.read().strip()
web, contexts = "https" if certificate else "http", {}


def proxy(address):
    user = "" if token == "-" else f"mr:{token}@"
    if certificate and address == center_at: contexts[address] = ssl.create_default_context(cafile=certificate[0])
    if certificate and address != center_at:
        contexts[address] = ssl.create_default_context(cadata=center.get_worker_certificates([address])[address])
    return xmlrpc.client.ServerProxy(f"{web}://{user}{address}", use_builtin_types=True, context=contexts.get(address))


def fault(body):
    try: answer = body()
    except xmlrpc.client.Fault as problem: return problem.faultString
    raise AssertionError(f"{answer!r} where a fault was expected")


center = proxy(center_at)
w1, w2 = proxy(first_at), proxy(second_at)

# Data of one, copied to another by its user.
answer = w1.update_data({"x": [1, 2, 3], "y": 10})
assert answer["status"] == "OK" and sorted(answer["nbytes"]) == ["x", "y"], answer
assert all(isinstance(count, int) and count > 0 for count in answer["nbytes"].values())
assert w2.update_data(w1.get_data(["x", "y"]))["status"] == "OK"
assert w2.get_data(["y", "x"]) == {"x": [1, 2, 3], "y": 10}
assert center.who_has(["x", "nothing"]) == {"x": sorted([first_at, second_at]), "nothing": []}
assert w1.keys() == ["x", "y"]
assert center.has_what([second_at]) == {second_at: ["x", "y"]}
assert "nobody holds the key 'nothing'" in fault(lambda: w1.get_data(["nothing"]))

# A function of data here and there: 'a' lives on the other one.
w2.update_data({"a": 32})
status, about = w1.compute("add", ["y", "a"], "z")
assert status == "OK" and about["key"] == "z" and about["nbytes"] > 0, about
assert center.who_has(["z"]) == {"z": [first_at]} and w1.get_data(["z"]) == {"z": 42}
assert center.who_has(["a"]) == {"a": sorted([first_at, second_at])}, "it was fetched"
assert w2.compute("sum", [{"key": "x"}], "total")[0] == "OK" and w2.get_data(["total"]) == {"total": 6}
assert w1.compute("concat", ["literal ", "text"], "text")[0] == "OK" and w1.get_data(["text"]) == {"text": "literal text"}
named = w1.compute("sorted", [[3, 1, 2]], "", {"reverse": True})[1]["key"]
assert named.startswith("sorted-") and w1.get_data([named]) == {named: [3, 2, 1]}

# What fails leaves nothing, and says why and who was asked.
assert "nobody holds the key 'absent'" in fault(lambda: w1.compute("len", [{"key": "absent"}], "bad"))
assert first_at in fault(lambda: w1.compute("len", [{"key": "absent"}], "bad"))
assert fault(lambda: w1.compute("div", [1, 0], "bad"))
assert fault(lambda: w1.compute("no_such_function", [1], "bad"))
assert center.who_has(["bad"]) == {"bad": []}

# Files with functions, a program and one of Python.
w1.upload_file("tools.py", b"def twice(value, extra=0):\n    return value * 2 + extra\n\ndef fail():\n    raise ValueError('told so')\n")
assert w1.compute("tools.py:twice", ["y"], "double", {"extra": 1})[0] == "OK"
assert w1.get_data(["double"]) == {"double": 21}
problem = fault(lambda: w1.compute("tools.py:fail", [], "bad"))
assert "told so" in problem and "Traceback" in problem, problem
program = b"#!/usr/bin/env python3\nimport sys, xmlrpc.client\n(items,), name = xmlrpc.client.loads(sys.stdin.read())\nprint(xmlrpc.client.dumps((len(items),), methodresponse=True))\n"
w1.upload_file("count_items", program)
assert w1.compute("count_items", ["x"], "count")[0] == "OK" and w1.get_data(["count"]) == {"count": 3}
assert any(item["name"] == "word_count" for item in w1.functions())

# Bytes, keys that are no text, and an object that comes in pieces.
large = bytes(range(256)) * 40_000
w1.update_data([["large", large], [b"\xff\x00", b"odd"]])
assert w2.compute("len", ["large"], "length")[0] == "OK" and w2.get_data(["length"]) == {"length": len(large)}
assert w2.get_data(["large"])["large"] == large
assert center.who_has([b"\xff\x00"]) == [[b"\xff\x00", [first_at]]]
assert w1.get_data([b"\xff\x00"]) == [[b"\xff\x00", b"odd"]]

# The center moves things.
assert center.gather(["x", "z", "total"]) == {"x": [1, 2, 3], "z": 42, "total": 6}
spread = center.scatter({f"s{number}": number for number in range(8)})
assert sorted(holders[0] for holders in spread.values()) != [], spread
assert {holder for holders in spread.values() for holder in holders} <= {first_at, second_at}
assert center.gather([f"s{number}" for number in range(8)]) == {f"s{number}": number for number in range(8)}
assert center.replicate(["z"], 5) == {"z": sorted([first_at, second_at])}
assert isinstance(center.rebalance(), int)
assert center.gather(["large"])["large"] == large
assert center.ping() == "pong" and center.identity()["workers"] == 2
assert center.broadcast("ping", []) == {at: {"status": "OK", "result": "pong"} for at in (first_at, second_at)}
assert center.ncores([first_at])[first_at] >= 1
assert center.get_worker_services([first_at]) == {first_at: {web: int(first_at.rpartition(":")[2])}}

# Computations that the center places, which need each other in any order.
assert center.submit("add", [2, 3], "five") == "five" and center.submit("add", [2, 3], "five") == "five"
assert "belongs to another computation" in fault(lambda: center.submit("add", [2, 4], "five"))
assert center.wait(["five"], 20)["five"]["status"] == "finished"
named = center.submit("concat", ["literal ", {"value": "text"}])
assert named.startswith("concat-")
keys = center.submit_many([
    {"function": "sum", "args": [[{"key": "six"}, {"key": "five"}, {"value": 4}]], "key": "fifteen"},
    {"function": "add", "args": ["five", 1], "key": "six"},
    {"function": "concat", "args": [{"value": "five"}, " and ", {"value": "six"}], "key": "words"}])
assert keys == ["fifteen", "six", "words"]
assert center.gather(["fifteen", "six", "words", named]) == {"fifteen": 15, "six": 6, "words": "five and six", named: "literal text"}
standing = center.wait(["fifteen", "nothing"], 0)
assert standing["nothing"] == {"status": "unknown"} and standing["fifteen"]["nbytes"] > 0 and standing["fifteen"]["holders"], standing
circle = fault(lambda: center.submit_many([{"function": "len", "args": [{"key": "q"}], "key": "p"}, {"function": "len", "args": [{"key": "p"}], "key": "q"}]))
assert "'p' needs 'q' needs 'p'" in circle, circle
assert "nobody holds the key 'absent'" in fault(lambda: center.submit("len", [{"key": "absent"}])), "who was asked is named"
center.submit_many([{"function": "div", "args": [1, 0], "key": "failed"}, {"function": "add", "args": [{"key": "failed"}, 1], "key": "fails"}])
standing = center.wait(["failed", "fails"], 20)
assert standing["failed"]["status"] == standing["fails"]["status"] == "error" and "'failed' has failed" in standing["fails"]["message"], standing
assert standing["failed"]["message"] in fault(lambda: center.gather(["failed"]))
many = center.submit_many([{"function": "mul", "args": [number, number]} for number in range(500)])
assert center.wait(many, 30, 500) and center.gather(many) == {key: number * number for number, key in enumerate(many)}
held = center.has_what()
assert all(set(many) & set(held[at]) for at in (first_at, second_at)), "both have had some"
assert center.delete_data(many) == 500 and not set(many) & set(w1.keys() + w2.keys())

# A worker that is none comes and goes.
assert center.register({
    "address": "127.0.0.1:1", "host": "", "name": "none", "ncores": 1, "services": {}, "memory_limit": 1e6, "keys": [["far", 3]]})["refused"] == []
assert center.heartbeat("127.0.0.1:1") and center.add_keys("127.0.0.1:1", [["away", [4, "00000000"]]]) == []
assert center.add_keys("127.0.0.1:1", [["double", [4, "00000000"]]]) == ["double"], "it is something else there"
assert center.has_what(["127.0.0.1:1"]) == {"127.0.0.1:1": ["away", "far"]}
assert center.remove_keys("127.0.0.1:1", ["far"]) == "OK" and center.who_has(["far", "away"]) == {"far": [], "away": ["127.0.0.1:1"]}
assert center.unregister("127.0.0.1:1") == "OK" and not center.heartbeat("127.0.0.1:1")

# Files given to the center go to all.
center.upload_file("slow.py", b"import time\ndef nap(seconds):\n    time.sleep(seconds)\n    return seconds\n")
assert center.gather([center.submit("slow.py:nap", [0.1], "nap")]) == {"nap": 0.1}
center.submit("slow.py:nap", [60], "long")
center.submit("len", [[{"key": "long"}]], "after")
assert center.wait(["long"], 0.2)["long"]["status"] in ("running", "pending")
assert center.cancel(["long", "nap"]) == 1
assert center.wait(["long", "after"], 5)["long"]["status"] == "cancelled"
assert "was cancelled" in center.wait(["after"], 0)["after"]["message"]

# The last copy stays, unless it is said in so many words.
w1.update_data({"only": 1})
assert "nobody else holds" in fault(lambda: w1.delete_data(["only"]))
assert w1.delete_data(["only", "nothing"], True) == 1 and center.who_has(["only"]) == {"only": []}
assert center.delete_data(["x", "nothing"]) == 1 and center.who_has(["x"]) == {"x": []}
assert "x" not in w1.keys() and "x" not in w2.keys()

# Who a worker is, by call and by pages.
identity = w1.identity()
for name in ("address", "name", "ncores", "active", "local_dir", "services", "memory_used", "memory_limit", "center", "stored"):
    assert name in identity, name
assert identity["address"] == first_at and identity["center"] == center_at and w1.ping() == "pong"


def page(path, shown=token):
    request = urllib.request.Request(f"{web}://{first_at}{path}")
    if shown != "-": request.add_header("Authorization", f"Bearer {shown}")
    with urllib.request.urlopen(request, timeout=30, context=contexts.get(first_at)) as answer: return answer.read()


assert b'"address"' in page("/info.json") and page("/health").startswith(b"ok")
assert b"mr_data_objects" in page("/metrics") and b"'y'" in page("/data")
assert page("/objects/" + b"large".hex() + "?from=5&to=9") == large[5:9]
if token != "-":
    try:
        page("/info.json", "wrong")
        raise AssertionError("a wrong token opens it")
    except urllib.error.HTTPError as problem: assert problem.code == 401

# What workers say to each other, too.
about = w1.describe(["y"])["y"]
assert about["tag"] == "value" and about["nbytes"] > 0 and len(about["digest"]) == 8, about
assert w2.fetch_data({"double": [first_at]}) == 1 and w2.get_data(["double"]) == {"double": 21}

assert w2.terminate() == "OK"
print("all as it should be")
