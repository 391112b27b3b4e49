#!/usr/bin/env python3
"""Trains a linear or a logistic regression on a master of swift-mapreduce, in one of two ways.

    learn.py mapreduce --model linear DATA...    a MapReduce job for each round, on mr-master --serve
    learn.py server --model logistic DATA...     a parameter server, on mr-master --serve --allow-launch

DATA are files of lines of numbers with commas between, the last one the target. The weights go to standard output, a line
NAME TAB VALUE for each; what happens meanwhile goes to standard error.
"""
import argparse
import collections
import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import threading
import time
import xmlrpc.client

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent.parent / "Clients/python")]

import cdsw  # noqa: E402
import descent  # noqa: E402
import shard  # noqa: E402


def say(text):
    print(f"learn.py: {text}", file=sys.stderr, flush=True)


class Jobs:
    """Sums over the data by a MapReduce job for each round."""

    def __init__(self, options):
        self.options = options
        self.round = 0
        self.folder = pathlib.Path(options.folder).absolute()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.master = ["--master", options.master] if options.master else []

    def total(self, weights):
        self.round += 1
        begun = time.monotonic()
        task = self.folder / "task.json"
        task.write_text(json.dumps({
            "model": self.options.model, "weights": [weight.hex() for weight in weights], "slow": self.options.slow}))
        output = self.folder / f"round-{self.round}"
        job = self.control(
            "submit", *self.master, "--overwrite", "--output", str(output), "--split-size", self.options.split_size,
            "--mapper", "python3 shard.py map", "--reducer", "python3 shard.py reduce", "--reduces", "1",
            "--files", str(FOLDER / "shard.py"), "--files", str(task), *map(os.path.abspath, self.options.data)).split()[1]
        say(f"round {self.round} is job {job}")
        self.control("wait", *self.master, job)
        lines = (output / "part-00000").read_text().splitlines()
        totals = {name: shard.as_total(text) for name, text in (line.split("\t") for line in lines)}
        self.took = f"job {job} took {time.monotonic() - begun:.2f} s"
        return totals

    def control(self, *words):
        done = subprocess.run(["mr-ctl", *words], stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise descent.NoAnswer(f"mr-ctl {words[0]} ended with exit code {done.returncode}")
        return done.stdout

    def close(self):
        pass


Shard = collections.namedtuple("Shard", "path start end changed")
"""A piece of a file between two starts of lines, and when the file was changed: workers keep what they have read."""


def shards(paths, count):
    """Cuts files into about that many pieces together, at ends of lines."""
    sizes = [os.stat(path) for path in paths]
    length = max(1, -(-sum(status.st_size for status in sizes) // count))
    pieces = []
    for path, status in zip(paths, sizes):
        start = 0
        with open(path, "rb") as file:
            while start < status.st_size:
                file.seek(min(start + length, status.st_size) - 1)
                file.readline()
                pieces.append(Shard(os.path.abspath(path), start, file.tell(), str(status.st_mtime_ns)))
                start = file.tell()
    return pieces


class Server:
    """Sums over the data by workers that are handed weights and shards, and push what they have summed."""

    def __init__(self, options):
        self.options = options
        self.run = secrets.token_hex(8)
        self.round = 0
        self.shards = shards(options.data, options.shards)
        self.idle = []
        self.busy = {}  # by worker: its shard's number, and since when
        self.looked = 0.0
        self.longest = 0.0
        self.known = set()
        if options.workers:
            cdsw.launch_workers(
                n=options.workers, cpu=1, memory=0.5, script=str(FOLDER / "worker.py"), name="learner")

    def total(self, weights, curvature="diagonal"):
        """One round: every shard with these weights, by whoever is free."""
        about = {
            "model": self.options.model, "weights": [weight.hex() for weight in weights], "curvature": curvature,
            "slow": self.options.slow}
        self.round += 1
        begun = time.monotonic()
        pushed = {}
        waiting = collections.deque(range(len(self.shards)))
        by = collections.Counter()
        # Who is at a shard that another has, or has done, too: nothing is taken back from these.
        late = set(self.busy)
        while len(pushed) < len(self.shards):
            self.look(waiting, pushed, late)
            self.hand_out(about, waiting, late)
            message = cdsw.receive_message(0.5)
            if message is None or not isinstance(message.value, dict):
                continue
            worker, value = message
            if "hello" in value:
                self.greet(worker, value["hello"])
            elif value.get("run") == self.run:
                since = self.free(worker)
                late.discard(worker)
                number = value["shard"]
                if value["round"] != self.round or number in pushed:
                    continue
                if "error" in value:
                    raise descent.NoAnswer(f"worker {worker}: {value['error']}")
                pushed[number] = value["push"]
                by[worker] += 1
                self.longest = max(self.longest, time.monotonic() - since)
                if number in waiting:
                    waiting.remove(number)
        took = time.monotonic() - begun
        who = ", ".join(f"{count} by worker {worker}" for worker, count in sorted(by.items()))
        self.took = f"{len(self.shards)} shards in {took:.2f} s, {len(self.shards) / took:.1f} per s: {who}"
        totals = collections.Counter()
        for number in range(len(self.shards)):
            for name, text in pushed[number].items():
                totals[name] += shard.as_total(text)
        return totals

    def greet(self, worker, process):
        """A worker has come; or one that waits has said so again, which may be old news."""
        if worker in self.busy or worker in self.idle or worker not in self.running():
            return
        if worker not in self.known:
            say(f"worker {worker} (process {process}) has come")
        self.known.add(worker)
        self.idle.append(worker)

    def free(self, worker):
        """Ends what a worker was at, and answers since when it was."""
        _, since = self.busy.pop(worker, (None, time.monotonic()))
        if worker not in self.idle:
            self.idle.append(worker)
        return since

    def running(self):
        return {worker["id"] for worker in cdsw.list_workers() if worker["status"] in ("starting", "running")}

    def look(self, waiting, pushed, late):
        """Takes back, once a second, what those have that are over, or silent for too long."""
        now = time.monotonic()
        if now - self.looked < 1:
            return
        self.looked = now
        running = self.running()
        if not running and not self.known:
            say("no worker is there: mr-ctl launch Examples/learner/worker.py")
            self.known.add("nobody")
        self.idle = [worker for worker in self.idle if worker in running]
        for worker, (number, since) in list(self.busy.items()):
            is_over = worker not in running
            is_silent = now - since > max(self.options.silence, 3 * self.longest)
            if worker not in late and (is_over or is_silent) and number not in waiting and number not in pushed:
                say(f"worker {worker} is {'over' if is_over else 'silent'}: shard {number} goes to another")
                waiting.appendleft(number)
                late.add(worker)
            if is_over:
                del self.busy[worker]
                late.discard(worker)

    def hand_out(self, about, waiting, late):
        while waiting and self.idle:
            worker, number = self.idle.pop(0), waiting.popleft()
            piece = self.shards[number]
            try:
                cdsw.send_message(worker, {
                    **about, "run": self.run, "round": self.round, "shard": number, "path": piece.path,
                    "start": str(piece.start), "end": str(piece.end), "changed": piece.changed})
                self.busy[worker] = (number, time.monotonic())
                late.discard(worker)
            except xmlrpc.client.Fault as fault:
                say(f"worker {worker} takes nothing: {fault.faultString}")
                waiting.appendleft(number)

    def close(self):
        """Tells all that have come to end."""
        running = self.running()
        for worker in sorted((set(self.idle) | set(self.busy)) & running):
            try:
                cdsw.send_message(worker, {"stop": True})
            except xmlrpc.client.Fault as fault:
                say(f"worker {worker} takes nothing: {fault.faultString}")


def weight_count(paths, model):
    """As the first row has it."""
    for path in paths:
        with open(path) as file:
            for line in file:
                found = shard.row(line, model)
                if found is not None:
                    return len(found[0])
    raise descent.NoAnswer("there are no rows")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ways = parser.add_subparsers(dest="way", required=True)
    for way in ("mapreduce", "server"):
        words = ways.add_parser(way)
        words.add_argument("data", nargs="+", metavar="DATA")
        words.add_argument("--model", choices=["linear", "logistic"], required=True)
        words.add_argument("--ridge", type=float, default=0.0, help="adds half of this times the squares of all weights but the intercept to the loss")
        words.add_argument("--tolerance", type=float, default=1e-10, help="how small the last step is (1e-10)")
        words.add_argument("--slow", type=float, default=0.0, metavar="SECONDS", help="that each piece of data takes longer")
        words.add_argument("--master", metavar="HOST:PORT", help="the master, where you have several on this machine")
        if way == "mapreduce":
            words.add_argument("--folder", default="learned", help="where outputs of jobs go (learned)")
            words.add_argument("--split-size", default="1M", metavar="SIZE", help="of a map task (1M)")
        else:
            words.add_argument("--workers", type=int, default=2, help="how many to launch; 0 for those that come by themselves (2)")
            words.add_argument("--shards", type=int, default=8, help="pieces of the data (8)")
            words.add_argument("--silence", type=float, default=10.0, metavar="SECONDS", help="after which another gets a shard, too (10)")
    return parser.parse_args()


def main():
    options = arguments()
    # So that it takes what it has started along, and tells its workers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.master:
        os.environ["MR_MASTER"] = options.master
    summing = None
    try:
        count = weight_count(options.data, options.model)
        summing = (Jobs if options.way == "mapreduce" else Server)(options)
        method = descent.Newton() if options.way == "mapreduce" else descent.QuasiNewton()
        weights = descent.least(
            summing.total, count, method, options.ridge, options.tolerance,
            lambda number, size: say(f"round {number}: {summing.took}; next step {size:.1e}"))
        if options.way == "server":
            descent.confirm(summing.total(weights, "all"), weights, options.ridge, options.tolerance)
    except (descent.NoAnswer, OSError, ValueError) as error:
        say(error)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if summing is not None:
            # A call that was cut short leaves this thread's connection of no use.
            closing = threading.Thread(target=summing.close)
            closing.start()
            closing.join()
    for index, weight in enumerate(weights):
        print("intercept" if index == 0 else f"x{index}", repr(weight), sep="\t")
    return 0


if __name__ == "__main__":
    sys.exit(main())
