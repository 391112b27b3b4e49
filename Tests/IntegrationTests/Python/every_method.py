"""Calls every public method of a master with nothing but xmlrpc.client, by both ways to bring the token."""
import sys, urllib.parse, xmlrpc.client

url = sys.argv[1]
parts = urllib.parse.urlsplit(url)
plain = f"http://{parts.hostname}:{parts.port}"


def refused(proxy):
    try:
        proxy.system.listMethods()
    except xmlrpc.client.ProtocolError as error:
        return error.errcode
    return None


def fault(call):
    try:
        call()
    except xmlrpc.client.Fault as error:
        return error.faultCode
    return None


def check_everything(master):
    called = set()

    def call(name, *parameters):
        called.add(name)
        method = master
        for part in name.split("."):
            method = getattr(method, part)
        return method(*parameters)

    methods = call("system.listMethods")
    assert methods == sorted(methods), methods
    for name in methods:
        signatures = call("system.methodSignature", name)
        assert signatures and all(isinstance(type, str) for one in signatures for type in one), (name, signatures)
        assert len(call("system.methodHelp", name)) > 20, name
    assert "xmlrpc" in call("system.getCapabilities")
    assert call("system.methodExist", "worker.poll") and not call("system.methodExist", "no.such.method")

    multicall = xmlrpc.client.MultiCall(master)
    multicall.job.status()
    multicall.no.such.method()
    multicall.system.listMethods()
    called.add("system.multicall")
    answers = multicall()
    assert answers[0]["outcome"] == "running" and answers[2] == methods
    assert fault(lambda: answers[1]) == -32601, fault(lambda: answers[1])

    status = call("job.status")
    assert status["application"] == "wordcount" and status["outcome"] == "running", status
    assert status["maps"]["total"] >= 1 and status["reduces"]["total"] == 4, status
    assert isinstance(status["input_bytes"], float), status

    registered = call("worker.register", {
        "version": 7, "name": "serpent", "slots": 1, "applications": ["wordcount"], "host": "",
        "scratch": xmlrpc.client.Binary(b"/nowhere"), "address": "127.0.0.1:1"})
    older = {
        "version": 1, "name": "serpent", "slots": 1, "applications": [], "host": "",
        "scratch": xmlrpc.client.Binary(b""), "address": ""}
    try:
        master.worker.register(older)
        raise AssertionError("a worker of an older release was taken")
    except xmlrpc.client.Fault as refusal:
        assert "version 7" in refusal.faultString and "the same release on both" in refusal.faultString, refusal
    assert registered["lease_seconds"] > registered["heartbeat_seconds"] > 0, registered
    poll = {
        "worker": registered["worker"], "instance": registered["instance"], "sequence": 1, "reports": [], "running": [], "capacity": 1, "wait_seconds": 0.0}
    answer = call("worker.poll", poll)
    assert len(answer["assignments"]) == 1 and answer["cancelled"] == [], answer
    assert answer["jobs"][0]["application"] == "wordcount" and answer["jobs"][0]["reduces"] == 4, answer
    assert master.worker.poll(poll) == answer, "the same poll again gets the same answer"
    knowing = master.worker.poll(dict(poll, jobs=[1]))
    assert "jobs" not in knowing and knowing["assignments"] == answer["assignments"], knowing
    assert call("worker.drain", "serpent") is True
    assert fault(lambda: master.worker.drain("nobody")) == 101
    draining = dict(poll, sequence=2, reports=[{"attempt": answer["assignments"][0]["attempt"], "outcome": "handed_back"}])
    asked = master.worker.poll(draining)
    assert asked["verdicts"] == ["accepted"] and asked["assignments"] == [] and asked["stop"].startswith("drained"), asked
    assert call("worker.leave", registered["worker"], registered["instance"]) is True
    assert fault(lambda: master.worker.poll(dict(poll, sequence=3))) == 100, "who left is not known any more"

    kicked = call("worker.register", dict(
        version=7, name="adder", slots=1, applications=["wordcount"], host="", scratch=xmlrpc.client.Binary(b""), address=""))
    assert call("worker.kick", "adder") is True
    own = xmlrpc.client.ServerProxy(plain, headers=[("Authorization", "Bearer " + kicked["token"])])
    assert fault(lambda: own.worker.poll(dict(poll, worker=kicked["worker"]))) == 103, "a worker that was sent away is told so"
    made = call("access.token", {"role": "viewer", "ttl_seconds": 60.0})
    assert made["pin"] == "" and made["ends_at"] > 0, made
    viewer = xmlrpc.client.ServerProxy(plain, headers=[("Authorization", "Bearer " + made["secret"])])
    assert viewer.job.status()["outcome"] == "running"
    assert fault(lambda: viewer.job.cancel("")) == 102, "a viewer can't end a job"
    assert fault(lambda: viewer.job.submit({"arguments": [], "folder": "/"})) == 102, "nor begin one"
    assert fault(lambda: viewer.job.pause(1)) == 102, "nor hold it up"
    assert call("access.certificate") == ""

    assert call("register_worker", "snake") == "snake"
    task, text = call("request_task", "snake")
    assert isinstance(task, str) and isinstance(text, str), (task, text)
    assert call("complete_task", task, "snake", {word: text.split().count(word) for word in set(text.split())}) is True

    names, offset = [], 0
    while offset is not None:
        page = call("job.tasks", {"kind": "map", "offset": offset, "count": 2})
        names += [task["task"] for task in page["tasks"]]
        offset = page.get("next")
    assert names == [f"1-map-{index}" for index in range(call("job.status")["maps"]["total"])], names
    assert {worker["name"] for worker in call("job.workers", {})["workers"]} >= {"snake"}
    assert call("job.why", "1-reduce-0")["reason"] == "maps_missing"
    assert fault(lambda: master.job.why("1-map-9999")) == 101
    assert call("job.diagnose")["outcome"] == "running"
    assert call("job.list", {})["jobs"][0]["application"] == "wordcount"
    assert call("job.wait", 1, 0.0) == {
        "over": False, "job": 1, "outcome": "running", "reason": "", "queue": False}
    assert call("job.pause", 1) is True and call("job.status", 1)["paused"] is True
    assert call("job.resume", 1) is True and call("job.status", 1)["paused"] is False
    assert call("job.prioritize", 1, -3) is True and call("job.list", {})["jobs"][0]["priority"] == -3
    assert fault(lambda: call("job.prioritize", 1, 101)) == -32602
    assert fault(lambda: call("job.submit", {"arguments": ["x"], "folder": "/"})) == 101, "it serves no queue"
    assert call("list_workers") == [], "it launches none"
    for name, *parameters in [
            ("launch_workers", {"code": "print(1)"}), ("stop_workers", 1), ("await_workers", [1], True, 0),
            ("send_message", 1, "text"), ("receive_message", {})]:
        assert fault(lambda: call(name, *parameters)) == 101, name
    # The master is a center too.
    assert call("ping") == "pong" and call("identity")["type"] == "Center"
    assert fault(lambda: call("upload_file", "../tool", b"")) == 101, "no name of a file"
    assert call("broadcast", "ping", []) == call("scatter", {}) == call("gather", []) == call("replicate", [], 1) == {}
    assert call("rebalance") == 0 and fault(lambda: master.scatter({"x": 1})) == 101, "nobody could take it"
    assert call("submit", "add", [1, 2], "three") == "three"
    assert call("submit_many", [{"function": "add", "args": ["three", 1], "key": "four"}]) == ["four"]
    assert call("wait", ["three", "four"], 0) == {"three": {"status": "pending"}, "four": {"status": "pending"}}
    assert call("cancel", ["three"]) == 1 and master.wait(["four"], 0)["four"]["status"] == "error"
    assert call("delete_data", ["three", "four"]) == 2
    at = "127.0.0.1:1"
    assert call("heartbeat", at) is False, "nobody is there"
    assert call("register", {
        "address": at, "host": "", "name": "data", "ncores": 3, "services": {"http": 1}, "memory_limit": 1e9, "keys": [["x", 5]]})["heartbeat_seconds"] > 0
    assert call("heartbeat", at) is True and call("who_has", ["x", "y"]) == {"x": [at], "y": []}
    assert call("add_keys", at, [["y", [7.0, "00000001"]]]) == [] and call("has_what", [at]) == {at: ["x", "y"]}
    assert call("ncores") == {at: 3} and call("get_worker_services") == {at: {"http": 1}}
    assert call("get_worker_certificates", [at]) == {at: ""} and len(call("get_worker_secret")["secret"]) == 32
    assert call("remove_keys", at, ["x"]) == "OK" and master.who_has() == {"y": [at]}
    document = xmlrpc.client.Binary(xmlrpc.client.dumps(([1, 2], {}), "arguments").encode())
    assert call("claim_key", at, {"key": "three", "function": "add", "arguments": document}) == "OK"
    assert call("record_computation", at, {"key": "three", "nbytes": 9, "function": "add", "arguments": document, "inputs": []}) == "OK"
    assert call("computations_ended", at, [{"key": "z", "number": 1.0, "message": "nobody asked"}]) == "OK"
    assert call("missing_data", ["nothing"]) == 0
    assert call("unregister", at) == "OK" and master.who_has() == {}
    assert master.delete_data(["three"]) == 1
    # The job is to go on.
    assert fault(lambda: call("job.cancel", 1)) == -32602

    assert fault(lambda: master.job.status("1")) == -32602
    assert fault(lambda: master.job.status(99)) == 101
    assert fault(lambda: master.no_such_method()) == -32601
    assert fault(lambda: master.complete_task("1-map-0-1", "snake", ["no", "struct"])) == -32602
    assert called == set(methods), called ^ set(methods)
    return len(methods)


assert refused(xmlrpc.client.ServerProxy(plain)) == 401
assert refused(xmlrpc.client.ServerProxy(f"http://mr:wrong@{parts.hostname}:{parts.port}")) == 401
assert refused(xmlrpc.client.ServerProxy(plain, headers=[("Authorization", "Bearer wrong")])) == 401
count = check_everything(xmlrpc.client.ServerProxy(url))
count = check_everything(xmlrpc.client.ServerProxy(plain, headers=[("Authorization", "Bearer " + parts.password)]))
print(f"called {count} methods")
