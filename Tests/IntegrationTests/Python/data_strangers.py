"""What strangers hear from a center and a data worker that speak TLS: data_strangers.py CENTER WORKER KEY_IN_HEX."""
import http.client, socket, ssl, sys, xmlrpc.client

center, worker, key = sys.argv[1:]
trusting = ssl._create_unverified_context()


def status(address, method, path, body=None, shown=None):
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPSConnection(host, int(port), context=trusting, timeout=30)
    headers = {"Content-Type": "text/xml"} | ({"Authorization": shown} if shown else {})
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, text


def call(address, method, *parameters, shown=None):
    return status(address, "POST", "/RPC2", xmlrpc.client.dumps(parameters, method), shown)


at_center = [
    ("who_has",), ("has_what",), ("gather", [key]), ("scatter", {"a": 1}), ("delete_data", [key]), ("terminate",), ("identity",), ("ping",),
    ("register", {"address": "10.9.9.9:1"}), ("unregister", worker), ("heartbeat", worker), ("add_keys", worker, []), ("broadcast", "ping", []),
    ("get_worker_certificates", [worker]), ("get_worker_secret",), ("access.token", {"role": "worker"}), ("access.certificate",), ("system.listMethods",),
]
at_worker = [
    ("get_data", [key]), ("update_data", {"a": 1}), ("delete_data", [key], True), ("keys",), ("describe", [key]), ("fetch_data", {"a": [worker]}),
    ("compute", "len", [[1]]), ("upload_file", "evil", b"#!/bin/sh\n"), ("functions",), ("identity",), ("ping",), ("terminate",), ("system.listMethods",),
]
for address, calls in (center, at_center), (worker, at_worker):
    for method, *parameters in calls:
        code, text = call(address, method, *parameters)
        assert code == 401, (address, method, code, text)
for path in ("/objects/" + key, "/objects/", "/info.json", "/health", "/metrics", "/data", "/"):
    for address in center, worker:
        code, text = status(address, "GET", path)
        assert code == 401 and b"secret" not in text.replace(b"secret of", b""), (address, path, code, text)
code, _ = status(worker, "PUT", "/objects/" + key, b"x")
assert code == 401, code
# What the server at the other end has never given to anybody.
for shown in "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "Basic bXI6eA==", "Bearer ", "Digest x":
    assert call(worker, "keys", shown=shown)[0] == 401, shown
    assert call(center, "who_has", shown=shown)[0] == 401, shown

# Plain HTTP is told what is spoken here, and nothing else.
for address in center, worker:
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=30) as plain:
        plain.sendall(b"GET /info.json HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = plain.makefile("rb").read()
    assert b"TLS" in answer and b"200" not in answer.split(b"\r\n")[0], answer
# Nor anything older than TLS 1.3.
old = ssl._create_unverified_context()
old.maximum_version = ssl.TLSVersion.TLSv1_2
for address in center, worker:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=30) as plain, old.wrap_socket(plain): raise AssertionError("TLS 1.2")
    except (ssl.SSLError, ConnectionError): pass
print("nobody was let in")
