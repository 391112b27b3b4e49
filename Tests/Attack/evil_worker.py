"""A worker that has the token and keeps to no rule."""

import http.client
import xmlrpc.client

import healthy


class EvilWorker:
    """Speaks the full protocol as it likes. `address` is where it says that its map output is."""

    def __init__(self, port, token, name="evil", slots=1, applications=("streaming",), address="", host="", scratch=b""):
        self.port, self.token = port, token
        self.sequence = 0
        self.knows_job = False
        self.version = healthy.version(port, token)
        self.place = {
            "version": self.version, "name": name, "slots": slots, "applications": list(applications), "host": host,
            "scratch": xmlrpc.client.Binary(scratch), "address": address}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, method, *parameters):
        return healthy.call(self.connection, self.token, method, *parameters)

    def fault(self, method, *parameters):
        """The code of the fault, or the status, that the call is refused with; None when it is not."""
        try:
            self.call(method, *parameters)
        except xmlrpc.client.Fault as fault:
            return fault.faultCode
        except xmlrpc.client.ProtocolError as refusal:
            self.connection.close()
            return refusal.errcode
        except (OSError, http.client.HTTPException):
            # It was closed while too much was sent.
            self.connection.close()
            return 413
        return None

    def register(self, **other):
        answer = self.call("worker.register", self.place | other)
        self.number, self.instance = answer["worker"], answer["instance"]
        return answer

    def poll_struct(self, **other):
        self.sequence += 1
        return {
            "worker": self.number, "instance": self.instance, "sequence": self.sequence, "reports": [], "running": [],
            "capacity": 0, "wait_seconds": 0.0} | other

    def poll(self, **other):
        return self.call("worker.poll", self.poll_struct(**other))

    def leave(self):
        """Says goodbye; what it held goes to others."""
        return self.fault("worker.leave", self.number, self.instance)


def success(attempt, bytes=100.0, checksum="0", **counters):
    """A report that all is well."""
    return {
        "attempt": attempt, "outcome": "succeeded", "bytes": float(bytes), "checksum": checksum,
        "counters": {name: float(count) for name, count in counters.items()}}
