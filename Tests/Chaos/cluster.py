"""One master, its workers, and a folder with all that they touch."""

import os
import pathlib
import shutil
import signal
import socket
import ssl
import tempfile
import xmlrpc.client

import processes
from child import Child, until

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = pathlib.Path(os.environ.get("MR_PROGRAMS", HERE.parent.parent / ".build/release")).resolve()
WORKER = str(PROGRAMS / "mr-worker")
LEASE = 2
"""Seconds of silence after which a task goes to another worker, in these trials."""


def free_port():
    """A port of 127.0.0.1 that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """Everything is below one folder: input, output, temporary files, the state folder, logs, and what step.sh notes."""

    def __init__(self, random):
        self.random = random
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mr-chaos-"))
        self.output = self.folder / "out"
        self.temporary = self.folder / "tmp"
        self.steps = self.folder / "steps"
        for name in ("input", "tmp", "steps", "logs", "state"):
            (self.folder / name).mkdir()
        self.host, self.port = "127.0.0.1", free_port()
        """Where the master listens; with TLS where its host is 0.0.0.0."""
        self.children = []
        self.proxies = []
        """Proxies that workers come through, each with the token's file for its port."""
        self.master_child = None
        self.texts = []

    # What goes in

    def add_text(self, lines=240, words=120, name=None):
        """A file of eight words a line, from the trial's seed."""
        vocabulary = [b"w%d" % n for n in range(words)]
        text = b"".join(b" ".join(self.random.choices(vocabulary, k=8)) + b"\n" for _ in range(lines))
        return self.add_bytes(text, name)

    def add_bytes(self, data, name=None):
        """A file of just these bytes."""
        path = self.folder / "input" / (name or f"{len(self.texts)}.txt")
        path.write_bytes(data)
        self.texts.append(data)
        return path

    @property
    def inputs(self):
        return [f"input/{name}" for name in sorted(os.listdir(self.folder / "input"))]

    def step_options(self):
        """Mapper and reducer are step.sh: they note where they are, and can be held there without being given to others."""
        program = f"unset LD_PRELOAD; sh '{HERE}/step.sh' '{self.steps}'"
        return ["--no-backup-tasks", "--mapper", f"{program} map", "--reducer", f"{program} reduce"]

    # Programs

    def environment(self, **more):
        """Marks all that is started from here, so that it can be found again."""
        own = {"MR_STATE_DIR": str(self.folder / "state"), "TMPDIR": str(self.temporary)}
        clean = {k: v for k, v in os.environ.items() if not k.startswith("MR_")}
        return clean | own | {"MR_CHAOS": str(self.folder)} | more

    def start(self, name, command, **environment):
        """Starts a program in the cluster's folder."""
        child = Child(name, command, self.environment(**environment), self.folder / "logs", self.folder)
        self.children.append(child)
        return child

    def master_command(self, *options):
        return [
            str(PROGRAMS / "mr-master"), "--listen", f"{self.host}:{self.port}", "--output", str(self.output),
            "--task-timeout", str(LEASE), *options, *self.inputs]

    def master(self, *options, wrap=(), **environment):
        """Starts the master; options are the same each time, so that a second start goes on with the job."""
        count = sum(child.name.startswith("master") for child in self.children)
        self.master_child = self.start(f"master-{count}", [*wrap, *self.master_command(*options)], **environment)
        return self.master_child

    def worker(self, name, *options, wrap=(), port=None, **environment):
        """Starts a worker of one slot."""
        address = f"127.0.0.1:{port or self.port}"
        command = [*wrap, WORKER, "--master", address, "--slots", "1", "--name", name, *options]
        return self.start(name, command, **environment)

    # What is seen

    def record(self, port=None):
        """The file in which the master leaves word of itself; others beside it have an ending."""
        return self.folder / "state" / f"{self.host}-{port or self.port}"

    def token(self, port=None):
        """What callers of the master must send; None until there is a master."""
        path = self.record(port)
        lines = path.read_text().splitlines() if path.exists() else []
        return next((line.split()[1] for line in lines if line.startswith("token ")), None)

    def proxy_client(self):
        """A client of the master's methods."""
        if self.host == "127.0.0.1":
            return xmlrpc.client.ServerProxy(f"http://mr:{self.token()}@127.0.0.1:{self.port}")
        return xmlrpc.client.ServerProxy(f"https://mr:{self.token()}@127.0.0.1:{self.port}", context=self.trust())

    def trust(self):
        """Trusts the certificate that the master has made for itself, and no other."""
        return ssl.create_default_context(cafile=self.folder / "state" / "tls" / "cert.pem")

    def status(self):
        """How the job stands, or None when the master doesn't answer."""
        try:
            return self.proxy_client().job.status()
        except (OSError, xmlrpc.client.Error):
            return None

    def until_status(self, what, condition, seconds=20):
        """Waits until the job's status is as the condition wants it."""
        return until(what, lambda: (s := self.status()) and condition(s), seconds)

    def events(self):
        """What step.sh has noted: (stage, kind, task, attempt, pid)."""
        path = self.steps / "events"
        rows = path.read_text().splitlines() if path.exists() else []
        return [(r[0], r[1], int(r[2]), r[3], int(r[4])) for r in map(str.split, rows) if len(r) == 5]

    def attempts(self, kind, task=None):
        """How often the step has begun for that task, or at most for any."""
        begun = [row[2] for row in self.events() if row[:2] == ("before", kind)]
        if task is not None:
            return begun.count(task)
        return max((begun.count(t) for t in begun), default=0)

    def hold(self, where):
        """Processes of step.sh wait there, as at 'before-map' or 'after-reduce-0'."""
        (self.steps / f"hold-{where}").touch()

    def let_go(self, where):
        (self.steps / f"hold-{where}").unlink()

    def until_event(self, stage, kind, task=None, seconds=20, after=0):
        """Waits for the event, passing over the first ones; answers its row."""

        def find():
            rows = [r for r in self.events()[after:] if r[:2] == (stage, kind) and task in (None, r[2])]
            return rows[0] if rows else None

        return until(f"{stage} {kind} {'' if task is None else task}", find, seconds)

    def worker_of(self, row):
        """The worker process that runs what an event tells of."""
        return processes.worker_above(row[4])

    # The end

    def dismiss_strangers(self):
        """Ends workers that no master has ever answered: they don't know that there was one, and wait for the next.

        Those that came through a proxy learn of its end as others do: nobody listens, and the token's file is gone.
        """
        for proxy, record in self.proxies:
            proxy.close()
            record.unlink(missing_ok=True)
        for child in self.children:
            if child.is_running and child.is_worker and "joined" not in child.log:
                child.signal(signal.SIGINT)

    def own_processes(self):
        return processes.marked(f"MR_CHAOS={self.folder}")

    def end(self):
        """Kills what is left of it; only processes that were started from here."""
        for pid in self.own_processes():
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                pass  # It ended meanwhile.
        for child in self.children:
            child.kill()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
