"""A worker that does nothing but poll, and knows how long each answer took."""

import http.client
import threading
import time
import xmlrpc.client

PAUSE = 0.02


class Healthy:
    """Polls from a thread of its own until it is ended. It can run nothing, so it gets no tasks."""

    def __init__(self, door, token):
        self._door, self._token = door, token
        self._delays = []
        self._error = None
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            connection = connection_to(self._door)
            place = {"host": "", "scratch": xmlrpc.client.Binary(b""), "address": ""}
            profile = {"version": version(self._door, self._token), "name": "healthy", "slots": 1, "applications": ["nothing"]}
            answer = call(connection, self._token, "worker.register", profile | place)
            session = answer["token"]
            sequence = 0
            while not self._ends.is_set():
                sequence += 1
                poll = {
                    "worker": answer["worker"], "instance": answer["instance"], "sequence": sequence, "reports": [],
                    "running": [], "capacity": 0, "wait_seconds": 0.0}
                begin = time.monotonic()
                call(connection, session, "worker.poll", poll)
                self._delays.append(time.monotonic() - begin)
                self._ends.wait(PAUSE)
            call(connection, session, "worker.leave", answer["worker"], answer["instance"])
        except Exception as error:  # Whoever asks for the delays is told.
            self._error = error

    def delays(self):
        """Seconds that each poll took so far."""
        if self._error:
            raise self._error
        return list(self._delays)

    def end(self):
        self._ends.set()
        self._thread.join(60)


def connection_to(door):
    """A connection that stays."""
    context = getattr(door, "context", None)
    if context:
        return http.client.HTTPSConnection("127.0.0.1", int(door), timeout=60, context=context)
    return http.client.HTTPConnection("127.0.0.1", int(door), timeout=60)


def call(connection, token, method, *parameters):
    """One call on a connection that stays."""
    body = xmlrpc.client.dumps(parameters, method).encode()
    connection.request("POST", "/RPC2", body, {"Authorization": f"Bearer {token}", "Content-Type": "text/xml"})
    response = connection.getresponse()
    data = response.read()
    if response.status != 200:
        raise xmlrpc.client.ProtocolError(method, response.status, response.reason, {})
    return xmlrpc.client.loads(data)[0][0]


def proxy(door, token):
    """A client of the methods, for callers that don't look at bytes."""
    return xmlrpc.client.ServerProxy(door.url(token), context=door.context, allow_none=True)


def version(door, token):
    """The version of the worker protocol, as the master's own description of it says."""
    help = proxy(door, token).system.methodHelp("worker.register")
    return int(help.split("version (int, ")[1].split(")")[0])
