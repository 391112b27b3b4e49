"""Completions that are foreign, doubled, late or made up, with nothing but xmlrpc.client. Ends with every map task done."""
import collections, sys, time, xmlrpc.client

master = xmlrpc.client.ServerProxy(sys.argv[1])
for name in ("honest", "thief", "sleeper"):
    assert master.register_worker(name) == name


def request(name):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        task, text = master.request_task(name)
        if task is not None:
            return task, dict(collections.Counter(text.split()))
    raise SystemExit(f"{name} got no task")


task, counts = request("honest")
assert master.complete_task(task, "thief", {"stolen": 1}) is False, "another worker's task"
assert master.complete_task(task, "honest", counts) is True
assert master.complete_task(task, "honest", counts) is True, "the same again is a retry"
assert master.complete_task(task, "thief", {"stolen": 1}) is False
assert master.complete_task("1-map-99999-1", "honest", {"made-up": 1}) is False
assert master.complete_task(task[:-1] + "7", "honest", {"made-up": 1}) is False, "an attempt that was never made"
assert master.complete_task("1-reduce-0-1", "honest", {"made-up": 1}) is False

# The last task: the sleeper takes it and says nothing until the lease is over and somebody else has got it.
late, late_counts = request("sleeper")
again, again_counts = request("honest")
assert late.rsplit("-", 1)[0] == again.rsplit("-", 1)[0] and late != again, (late, again)
assert master.complete_task(late, "sleeper", {"too-late": 1}) is False
assert master.complete_task(again, "honest", again_counts) is True
assert master.complete_task(late, "sleeper", {"too-late": 1}) is False
print("all refused")
