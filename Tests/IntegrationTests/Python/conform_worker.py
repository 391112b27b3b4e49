#!/usr/bin/env python3
"""A worker that is right in every case of mr-ctl conform but one: conform_worker.py FAULT LINE

FAULT is the name of a case, whose fault it has, or one that breaks a rule of all cases: sequence-gap, report-again,
unlisted, spinning, refuses; or "none". It stands here by itself, and not on the example worker, so
that the example may become better without this becoming worse.
"""
import base64, collections, hashlib, http.client, itertools, os, pathlib, re, signal, ssl, subprocess, sys, tempfile
import threading, time
import xmlrpc.client

FAULT = sys.argv[1]
SCRATCH = tempfile.gettempdir()


class Unreachable(Exception):
    pass


class Refused(Exception):
    pass


class Busy(Exception):
    pass


class Master:
    def __init__(self, line):
        place, self.address = line.rsplit("@", 1)
        self.pin, self.secret = place.split(".")[1:]
        self.kept = None

    def connect(self):
        if self.kept:
            return self.kept
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(self.address, timeout=60, context=context)
        connection.connect()
        certificate = connection.sock.getpeercert(binary_form=True)
        # The key is the one SubjectPublicKeyInfo of the curve P-256 in it.
        begin = certificate.index(bytes.fromhex("3059301306072a8648ce3d0201"))
        pin = base64.b32encode(hashlib.sha256(certificate[begin:begin + 91]).digest()[:20]).decode()
        if pin != self.pin and FAULT != "wrong-pin":
            sys.exit("another key")
        return connection

    def request(self, method, path, body=None):
        answer = None
        try:
            connection = self.connect()
            if FAULT == "connections-closed":
                self.kept = connection
                connection.auto_open = False
            connection.request(method, path, body, {"Authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.IncompleteRead as error:
            if FAULT == "answer-cut" and path == "/RPC2":
                return answer.status, b"<methodResponse><params><param><value><struct/></value></param></params></methodResponse>"
            raise Unreachable(error) from error
        except (OSError, http.client.HTTPException) as error:
            if FAULT == "connections-closed":
                sys.exit("the connection is gone")
            if FAULT == "master-restarts" and isinstance(error, ConnectionRefusedError):
                sys.exit("the master is gone")
            raise Unreachable(error) from error

    def data(self, method, path, body=None):
        status, answer = self.request(method, path, body)
        if status == 409:
            raise Unreachable(answer)
        if status >= 300:
            raise RuntimeError(f"{status} {answer!r}")
        return answer

    def call_once(self, method, *parameters):
        """None where the master does not know this worker."""
        status, answer = self.request("POST", "/RPC2", xmlrpc.client.dumps(parameters, method).encode())
        if status == 401:
            return None
        if status != 200:
            raise Busy(status)
        try:
            return xmlrpc.client.loads(answer, use_builtin_types=True)[0][0]
        except xmlrpc.client.Fault as fault:
            if fault.faultCode == 100:
                if FAULT == "worker-forgotten":
                    raise Busy("some day it will know me") from fault
                return None
            if fault.faultCode == 103 and FAULT == "sent-away":
                return None
            sys.exit(fault.faultString)

    def call(self, method, *parameters):
        while True:
            try:
                return self.call_once(method, *parameters)
            except (Unreachable, Busy) as error:
                if FAULT == "registration-lost" and method == "worker.register":
                    sys.exit("no answer")
                if FAULT == "master-busy" and str(error) == "503":
                    sys.exit("busy")
                time.sleep(0.2)

    def poll(self, poll):
        """The poll that was answered, and its answer."""
        while True:
            try:
                return poll, self.call_once("worker.poll", poll)
            except Unreachable:
                if FAULT == "assignment-lost" and poll["capacity"] and not poll["reports"]:
                    poll = dict(poll, sequence=poll["sequence"] + 1)
                if FAULT == "report-lost" and poll["reports"]:
                    poll = dict(poll, reports=[])
                if FAULT == "poll-unheard" and poll["reports"]:
                    poll = dict(poll, sequence=poll["sequence"] + 1)
            except Busy as error:
                if FAULT == "master-busy":
                    sys.exit(f"busy: {error}")
            time.sleep(0.2)


def count_words(text):
    if FAULT == "no-records" and not text.split():
        raise RuntimeError("no words")
    if FAULT == "odd-bytes":
        text = text.decode(errors="replace").encode()
    if FAULT == "huge-key":
        text = b" ".join(word[:65536] for word in text.split())
    counts = collections.Counter(text.split())
    if FAULT == "words" and b"quick" in counts:
        counts[b"quick"] += 1
    return b"".join(b"%s\t%d\n" % pair for pair in counts.items())


def add_counts(pairs):
    counts = (line.split(b"\t") for line in pairs.split(b"\n")[:-1])
    groups = itertools.groupby(counts, key=lambda pair: pair[0])
    return b"".join(b"%s\t%d\n" % (word, sum(int(count) for _, count in group)) for word, group in groups)


def by_a_common_file(data):
    """Any other worker that does so at the same time gets this one's data, and this one that one's."""
    path = pathlib.Path(SCRATCH, "data")
    path.write_bytes(data)
    time.sleep(0.2)
    return path.read_bytes()


class Attempt(threading.Thread):
    def __init__(self, master, assignment, jobs):
        super().__init__(daemon=True)
        self.master, self.name, self.program = master, assignment["attempt"], None
        self.job = next(job for job in jobs if self.name.startswith(f"{job['job']}-"))
        self.maps = "input" in assignment
        self.report = {"attempt": self.name, "outcome": "succeeded"}
        self.start()

    def run(self):
        try:
            data = self.master.data("GET", ("/records/" if self.maps else "/pairs/") + self.name)
            made = self.work(data)
            if FAULT == "two-workers":
                made = by_a_common_file(made)
            is_map = self.maps if FAULT == "no-reduce-step" else "-map-" in self.name
            self.master.data("PUT", ("/pairs/" if is_map else "/output/") + self.name, made)
        except Unreachable as error:
            if FAULT == "transfer-lost":
                self.report.update(outcome="failed", reason=repr(error))
            else:
                self.report["outcome"] = "handed_back"
        except Refused as error:
            self.report.update(outcome="refused", reason=str(error))
        except Exception as error:
            self.report.update(outcome="failed", reason=str(error))

    def work(self, data):
        options = self.job["options"]
        if FAULT == "refuses":
            raise Refused("not for me")
        if self.job["application"] == "streaming":
            return self.run_program(options["mapper" if self.maps else "reducer"], data)
        if options and FAULT != "options":
            raise Refused(f"no {options}")
        return count_words(data) if self.maps else add_counts(data)

    def run_program(self, command, data):
        self.program = subprocess.Popen(
            ["sh", "-c", command], start_new_session=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        output, errors = self.program.communicate(data)
        if self.program.returncode == 0 or FAULT == "program-fails":
            return output
        words = errors[-2000:].decode(errors="replace")
        raise RuntimeError(words if FAULT == "odd-reason" else re.sub("[^ -~]", "?", words))

    def stop(self):
        try:
            if FAULT != "job-cancelled":
                os.killpg(self.program.pid, signal.SIGKILL)
        except (AttributeError, ProcessLookupError):
            pass


def serve(master):
    master.token = master.secret
    joined = master.call("worker.register", {
        "version": 7, "name": f"conform-{os.getpid()}", "slots": 1, "applications": ["wordcount", "streaming"]})
    if joined is None:
        if FAULT == "wrong-secret":
            return time.sleep(0.2)
        sys.exit("the secret is wrong")
    me, heartbeat = {name: joined[name] for name in ("worker", "instance")}, joined["heartbeat_seconds"]
    master.token = joined["token"]
    attempt, sequence, old = None, 0, []
    try:
        while True:
            if attempt:
                attempt.join({"heartbeats": None, "spinning": 0}.get(FAULT, heartbeat / 2))
            reports = [attempt.report] if attempt and not attempt.is_alive() else []
            running = [attempt.name] if attempt and not reports else []
            if FAULT == "unlisted":
                running = []
            capacity = 0 if attempt and not reports else 1
            if FAULT == "report-again":
                time.sleep(0.4)
                old[:] = reports or old
                reports = reports or list(old)
            poll, answer = master.poll({
                **me, "sequence": sequence + 1, "reports": reports, "running": running, "capacity": capacity,
                "wait_seconds": 0.0 if attempt else heartbeat})
            if answer is None:
                return
            sequence = poll["sequence"] + (FAULT == "sequence-gap")
            if "stop" in answer:
                sys.exit(0)
            if "drain" in answer and FAULT == "drained":
                sys.exit("the answer has a member 'drain'")
            if reports and attempt and not attempt.is_alive():
                attempt = None
            if running and running[0] in answer.get("cancelled", []) and FAULT != "attempt-cancelled":
                attempt.stop()
            for assignment in answer.get("assignments", []):
                attempt = Attempt(master, assignment, answer["jobs"])
    finally:
        if attempt:
            attempt.stop()


if __name__ == "__main__":
    if FAULT == "worker-killed":
        # Nobody takes it away when this is killed.
        os.mkdir(os.path.join(SCRATCH, "worker.lock"))
    place = Master(sys.argv[2])
    while True:
        serve(place)
