"""A worker that was let in and keeps to no rule."""

import http.client
import xmlrpc.client

import healthy


class EvilWorker:
    """Speaks the full protocol as it likes.

    secret: what it registers with. address, pin: where it says that its map output is, and of which key.
    """

    def __init__(
            self, door, secret, name="evil", slots=1, applications=("streaming",), address="", host="", scratch=b"", pin=""):
        self.door, self.secret = door, secret
        self.session = None
        self.sequence = 0
        self.knows_job = False
        self.version = healthy.version(door, secret)
        self.place = {
            "version": self.version, "name": name, "slots": slots, "applications": list(applications), "host": host,
            "scratch": xmlrpc.client.Binary(scratch), "address": address} | ({"pin": pin} if pin else {})
        self.connection = healthy.connection_to(door)

    def call(self, method, *parameters):
        """One call with its session; to register is to ask for one."""
        is_new = method == "worker.register" or self.session is None
        return healthy.call(self.connection, self.secret if is_new else self.session, method, *parameters)

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
        self.number, self.instance, self.session = answer["worker"], answer["instance"], answer["token"]
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
