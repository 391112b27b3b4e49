#!/usr/bin/env python3
"""A worker of swift-mapreduce with nothing but Python's standard library; docs/worker-protocol.md explains each step.

    python3 worker.py LINE         a join line as mr-master prints it; - reads it from standard input, where nobody sees it
    python3 worker.py HOST:PORT    a master of yours on this machine

It counts words by itself (--app wordcount) and runs the programs of streaming jobs, one task at a time, in memory.
"""
import base64, collections, hashlib, http.client, itertools, os, signal, socket, ssl, subprocess, sys, threading, time
import xmlrpc.client

PATIENCE = 900  # seconds for which a master that does not answer is waited for


class Unreachable(Exception): pass
class Refused(Exception): pass


class Master:
    """Who it is, what to show it, and how to speak to it."""

    def __init__(self, place):
        self.pin = self.secret = self.record = None
        if place.startswith("mr1."):
            line, self.address = place.strip().rsplit("@", 1)
            self.pin, self.secret = line.split(".")[1:]
        else:  # what it has left in its user's state folder lets in, and is gone when the master has ended
            self.address, state = place, os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
            self.record = f"{os.environ.get('MR_STATE_DIR') or state + '/swift-mapreduce'}/{place.replace(':', '-')}"
            self.secret = dict(line.split()[:2] for line in open(self.record) if " " in line).get("token")

    def connect(self):
        if not self.pin: return http.client.HTTPConnection(self.address, timeout=60)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the pin says more than both
        connection = http.client.HTTPSConnection(self.address, timeout=60, context=context)
        connection.connect()
        key = public_key(connection.sock.getpeercert(binary_form=True))
        if base64.b32encode(hashlib.sha256(key).digest()[:20]).decode() != self.pin.upper():
            sys.exit(f"worker.py: {self.address} is not the master that made this join line: its key is another")
        return connection  # nothing has been sent before this

    def request(self, method, path, body=None):
        try:
            connection = self.connect()
            connection.request(method, path, body, {"Authorization": f"Bearer {self.token}"} if self.token else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"no answer from {self.address}: {error}") from error

    def data(self, method, path, body=None):
        """One bulky request. The status of a refusal says what becomes of the attempt."""
        status, answer = self.request(method, path, body)
        if status < 300: return answer
        kind = {409: Unreachable, 422: Refused}.get(status, RuntimeError)
        raise kind(f"{method} {path}: {status} {answer.decode(errors='replace').strip()}")

    def call(self, method, *parameters):
        """One XML-RPC call, the same again and again until there is an answer; None: the master does not know us."""
        document, deadline = xmlrpc.client.dumps(parameters, method).encode(), time.monotonic() + PATIENCE
        while True:
            try:
                status, answer = self.request("POST", "/RPC2", document)
                if status == 200: return xmlrpc.client.loads(answer, use_builtin_types=True)[0][0]
                if status == 401: return None
                problem = f"{status} {answer.decode(errors='replace').strip()}"
            except xmlrpc.client.Fault as fault:
                if fault.faultCode == 100: return None
                sys.exit(f"worker.py: {fault.faultString}")
            except Unreachable as error: problem = error
            if self.record and not os.path.exists(self.record): sys.exit(0)  # it has ended, and the job with it
            if time.monotonic() > deadline: sys.exit(f"worker.py: {problem}")
            time.sleep(0.5)


def public_key(certificate):
    """The SubjectPublicKeyInfo of a certificate in DER: of its first field the seventh."""
    def contents(at):
        length, begin = certificate[at + 1], at + 2
        if length & 0x80:
            begin += length & 0x7F
            length = int.from_bytes(certificate[at + 2:begin], "big")
        return begin, begin + length
    at = contents(contents(0)[0])[0]
    for _ in ("version", "number", "algorithm", "issuer", "validity", "subject"): at = contents(at)[1]
    return certificate[at:contents(at)[1]]


def count_words(text):
    """bytes.split() cuts at ASCII white space, as wordcount does, whatever the encoding."""
    return b"".join(b"%s\t%d\n" % count for count in collections.Counter(text.split()).items())


def add_counts(pairs):
    """They are sorted: the counts of one word, each from another map task, follow each other."""
    counts = (line.split(b"\t") for line in pairs.split(b"\n")[:-1])
    groups = itertools.groupby(counts, key=lambda pair: pair[0])
    return b"".join(b"%s\t%d\n" % (word, sum(int(count) for _, count in group)) for word, group in groups)


class Attempt(threading.Thread):
    """One try at one task: gets the input, works on it, sends the output, and leaves what is to be reported."""

    def __init__(self, master, assignment, jobs):
        super().__init__(daemon=True)
        self.master, self.name, self.program = master, assignment["attempt"], None
        self.job = next(job for job in jobs if self.name.startswith(f"{job['job']}-"))
        self.maps = "input" in assignment  # a job without a reduce step maps in its reduce tasks
        self.report = {"attempt": self.name, "outcome": "succeeded"}
        self.start()

    def run(self):
        try:
            data = self.master.data("GET", ("/records/" if self.maps else "/pairs/") + self.name)
            place = "/pairs/" if "-map-" in self.name else "/output/"
            self.master.data("PUT", place + self.name, self.work(data))
        except Unreachable: self.report["outcome"] = "handed_back"  # nobody is to blame
        except Exception as error:
            reason = "".join(one if one.isprintable() or one == "\n" else " " for one in str(error))  # what XML can carry
            self.report.update(outcome="refused" if isinstance(error, Refused) else "failed", reason=reason)

    def work(self, data):
        options = self.job["options"]
        if self.job["application"] == "streaming":
            command = options.get("mapper" if self.maps else "reducer")
            return self.run_program(command, options.get("folder", b""), data) if command else data
        if options: raise Refused(f"worker.py knows no {', '.join(options)}")
        return count_words(data) if self.maps else add_counts(data)

    def run_program(self, command, folder, data):
        self.program = subprocess.Popen(
            ["sh", "-c", command], cwd=folder if os.path.isdir(folder) else None, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output, errors = self.program.communicate(data)
        if self.program.returncode == 0: return output
        words = errors[-2000:].decode(errors="replace").strip()
        raise RuntimeError(f"the program ended with {self.program.returncode}: {words}")

    def stop(self):
        try: os.killpg(self.program.pid, signal.SIGKILL)  # all that it has started
        except (AttributeError, ProcessLookupError): pass  # there is none


def serve(master):
    """From one registration to the next: comes back when the master does not know this worker any more."""
    master.token = master.secret
    joined = master.call("worker.register", {
        "version": 7, "name": f"python-{socket.gethostname()}-{os.getpid()}", "slots": 1,
        "applications": ["wordcount", "streaming"]})
    if joined is None: sys.exit("worker.py: the master refuses the secret")
    me, heartbeat = {name: joined[name] for name in ("worker", "instance")}, joined["heartbeat_seconds"]
    master.token = joined.get("token")  # for this worker alone
    attempt, sequence = None, 0
    try:
        while True:
            if attempt: attempt.join(heartbeat)
            reports = [attempt.report] if attempt and not attempt.is_alive() else []
            running = [attempt.name] if attempt and not reports else []
            sequence += 1
            answer = master.call("worker.poll", {
                **me, "sequence": sequence, "reports": reports, "running": running, "capacity": 1 - len(running),
                "wait_seconds": 0.0 if attempt else heartbeat})
            if answer is None: return
            if "stop" in answer: sys.exit(print(f"worker.py: {answer['stop']}", file=sys.stderr))
            if reports: attempt = None
            if running and attempt.name in answer["cancelled"]: attempt.stop()
            for assignment in answer["assignments"]: attempt = Attempt(master, assignment, answer["jobs"])
    except KeyboardInterrupt:
        master.call("worker.leave", me["worker"], me["instance"])
        sys.exit(130)
    finally:
        if attempt: attempt.stop()


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, signal.default_int_handler)
    place = sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__)
    master = Master(sys.stdin.readline() if place == "-" else place)
    while True: serve(master)
