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
assert center.broadcast("ping", []) == {at: {"status": "OK", "result": "pong"} for at in (first_at, second_at)}
assert center.ncores([first_at])[first_at] >= 1
assert center.get_worker_services([first_at]) == {first_at: {web: int(first_at.rpartition(":")[2])}}

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

assert w2.terminate() == "OK"
print("all as it should be")
