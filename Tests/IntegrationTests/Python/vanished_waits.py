"""Callers of await_workers who go away free their places, and those who may only look keep nobody else out."""
import socket, sys, time, xmlrpc.client

address, owner, viewer, limit = sys.argv[1:]
limit = int(limit)


def send(token, seconds):
    body = xmlrpc.client.dumps(([1], True, float(seconds)), "await_workers").encode()
    connection = socket.create_connection(address.rsplit(":", 1), timeout=30)
    head = f"POST /RPC2 HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)
    return connection


def answer(connection):
    connection.settimeout(30)
    data = b""
    while b"</methodResponse>" not in data:
        part = connection.recv(65536)
        assert part, data
        data += part
    try: return xmlrpc.client.loads(data.partition(b"\r\n\r\n")[2])[0][0]
    except xmlrpc.client.Fault as fault: return fault.faultCode


def refused(token):
    """Whether one more call that would wait is refused."""
    with send(token, 0.05) as connection: return answer(connection) == 101


waiting = [send(viewer, 600) for _ in range(limit)]
deadline = time.monotonic() + 20
while not refused(viewer):
    assert time.monotonic() < deadline, f"more than {limit} viewers may wait"
    time.sleep(0.05)
assert not refused(owner), "the owner has places of his own"
for connection in waiting: connection.close()
deadline = time.monotonic() + 20
while refused(viewer):
    assert time.monotonic() < deadline, "who went away keeps his place"
    time.sleep(0.05)
