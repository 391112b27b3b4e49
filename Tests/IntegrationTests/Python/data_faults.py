"""Data workers and a center that are killed: data_faults.py MR_CTL MR_WORKER FOLDER, with MR_STATE_DIR set."""
import os, pathlib, signal, socket, subprocess, sys, threading, time, xmlrpc.client

control, worker, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
children = []


def start(*words):
    log = open(folder / f"log{len(children)}", "wb+")
    child = subprocess.Popen(words, stdout=log, stderr=log)
    child.log = log
    children.append(child)
    return child


def line(child, beginning, limit=60):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        text = pathlib.Path(child.log.name).read_text()
        for one in text.splitlines():
            if one.startswith(beginning): return one[len(beginning):]
        assert child.poll() is None, text
        time.sleep(0.05)
    raise AssertionError(f"no {beginning!r} in {pathlib.Path(child.log.name).read_text()!r}")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def token():
    record = pathlib.Path(os.environ["MR_STATE_DIR"]) / f"127.0.0.1-{port}"
    return next(one.split()[1] for one in record.read_text().splitlines() if one.startswith("token "))


def proxy(address): return xmlrpc.client.ServerProxy(f"http://mr:{token()}@{address}", use_builtin_types=True)


def start_worker():
    child = start(worker, "--center", center_at, "--slots", "2", "--scratch", str(folder))
    child.address = line(child, "Start worker at ")
    line(child, "Registered with center at ")
    return child


def wait(*keys, limit=60):
    end, standing = time.monotonic() + limit, {}
    while time.monotonic() < end:
        standing = center.wait(list(keys), 5)
        if all(one["status"] not in ("pending", "running") for one in standing.values()): return standing
    raise AssertionError(standing)


def runs(name): return len((folder / name).read_text().splitlines()) if (folder / name).exists() else 0


def kill(child):
    child.send_signal(signal.SIGKILL)
    child.wait()


port = free_port()
center_at = f"127.0.0.1:{port}"


def start_center():
    child = start(control, "center", "--listen", center_at)
    assert line(child, "Start center at ") == center_at
    return child


main = start_center()
center = proxy(center_at)
first, second = start_worker(), start_worker()
by_address = {one.address: one for one in (first, second)}
code = b"""
import time
def note(path, value, seconds=0):
    time.sleep(seconds)
    with open(path, "a") as file: file.write(str(value) + "\\n")
    return value
"""
center.upload_file("tools.py", code)
path = lambda name: {"value": str(folder / name)}

# What a dead holder had is made again, once, however many need it: by those who wait, by what is submitted, and by a worker's own computation.
center.submit("tools.py:note", [path("root"), 20], "root")
center.submit("add", ["root", 1], "next")
assert wait("root", "next")["next"]["status"] == "finished"
assert runs("root") == 1
for holder in set(center.who_has(["root"])["root"]) | set(center.who_has(["next"])["next"]):
    kill(by_address[holder])
    by_address[holder] = start_worker()
assert center.gather(["next"]) == {"next": 21}
assert runs("root") == 2, runs("root")
workers = [one for one in children if one.poll() is None and hasattr(one, "address")]
assert len(workers) == 2
if center.who_has(["root"])["root"]:
    for one in list(workers):
        if one.address in center.who_has(["root"])["root"]:
            kill(one)
            workers.remove(one)
            workers.append(start_worker())
threads = [
    threading.Thread(target=lambda at=one.address: proxy(at).compute("add", [{"key": "root"}, 5], f"own-{at}")) for one in workers]
center.submit_many([{"function": "add", "args": [{"key": "root"}, number], "key": f"leaf{number}"} for number in range(6)])
for thread in threads: thread.start()
for thread in threads: thread.join(90)
assert center.gather([f"leaf{number}" for number in range(6)]) == {f"leaf{number}": 20 + number for number in range(6)}
assert center.gather([f"own-{one.address}" for one in workers]) == {f"own-{one.address}": 25 for one in workers}
assert runs("root") == 3, runs("root")

# A worker that dies while it computes: others do it.
naps = [f"nap{number}" for number in range(4)]
center.submit_many([{"function": "tools.py:note", "args": [path("naps"), number, 1.5], "key": key} for number, key in enumerate(naps)])
time.sleep(0.5)
kill(workers[0])
assert all(one["status"] == "finished" for one in wait(*naps).values())
assert center.gather(naps) == {key: number for number, key in enumerate(naps)}
workers = [workers[1], start_worker()]

# Two workers compute one key at the same time: there is one object, at one or at both of them.
answers = []
both = [threading.Thread(target=lambda at=one.address: answers.append(proxy(at).compute("mul", [6, 7], "same"))) for one in workers]
for thread in both: thread.start()
for thread in both: thread.join(60)
assert [answer[0] for answer in answers] == ["OK", "OK"] and center.gather(["same"]) == {"same": 42}

# A center that dies: workers go on, tell the next one what they have, and it goes on with what it was given.
workers[0].keeps = proxy(workers[0].address).update_data({"kept": "yes"})
center.submit_many([
    {"function": "tools.py:note", "args": [path("long"), 1, 3.0], "key": "long"},
    {"function": "add", "args": ["long", 1], "key": "behind"},
    {"function": "div", "args": [1, 0], "key": "wrong"}])
assert wait("wrong")["wrong"]["status"] == "error"
kill(main)
kill(workers[1])
main = start_center()
center = proxy(center_at)
assert "goes on with" in pathlib.Path(main.log.name).read_text()
end = time.monotonic() + 30
workers[1] = start_worker()  # has never heard of tools.py
while len(center.ncores()) < 2 and time.monotonic() < end: time.sleep(0.1)
assert center.who_has(["kept"]) == {"kept": [workers[0].address]}
assert wait("long", "behind", "wrong")["behind"]["status"] == "finished"
assert center.gather(["long", "behind"]) == {"long": 1, "behind": 2}
assert center.wait(["wrong"], 0)["wrong"]["status"] == "error", "what has failed is known still"
assert runs("root") == 3, "what workers hold is not made again"
assert runs("long") <= 2

# Who asks for what died with all that could make it hears who was asked.
holder = next(one for one in workers if one.address == workers[0].address)
kill(holder)
end = time.monotonic() + 30
while holder.address in center.ncores() and time.monotonic() < end: time.sleep(0.2)
try:
    center.gather(["kept"])
    raise AssertionError("it is gone")
except xmlrpc.client.Fault as fault:
    assert "nobody holds the key 'kept'" in fault.faultString and "asked" in fault.faultString, fault

assert center.terminate() == "OK"
main.wait(20)
for child in children:
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
        child.wait(20)
print("all as it should be")
