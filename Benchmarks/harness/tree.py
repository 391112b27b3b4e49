"""The processes below this one: who they are, what memory and processor time each has used. Reads /proc."""
import os
import threading
from dataclasses import dataclass

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
INTERVAL_MIN, INTERVAL_MAX = 0.005, 0.1  # seconds between samples; short at first, for what starts and ends at once


@dataclass
class Process:
    name: str
    peak: int = 0     # most bytes resident at once, mapped files among them (VmHWM)
    cpu: float = 0.0  # seconds, as of the last sample


def stat_fields(pid):
    """Parent, start time and processor seconds, or None when the process is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rsplit(b")", 1)[1].split()
    except OSError:  # it has ended meanwhile
        return None
    return int(fields[1]), int(fields[19]), (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def status_bytes(pid):
    """The name, and the numbers of /proc/PID/status that are in kB, in bytes."""
    numbers, name = {}, "?"
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            for line in file:
                key, _, value = line.partition(b":")
                if key == b"Name":
                    name = value.strip().decode("utf-8", "replace")
                elif value.endswith(b" kB\n"):
                    numbers[key] = int(value.split()[0]) * 1024
    except OSError:  # as above
        pass
    return name, numbers


class TreeWatch:
    """Samples all descendants of this process in a thread until it is stopped.

    Only processes that are new since the last sample are looked at to find out whose they are; so a sample costs little
    on a machine with many others.
    """

    def __init__(self):
        self.processes = {}   # (pid, start time) -> Process
        self.peak = 0         # most bytes of anonymous and shared memory in the whole tree at once
        self._ours, self._known = {}, {os.getpid()}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._find()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        interval = INTERVAL_MIN
        while not self._stop.wait(interval):
            self.sample()
            interval = min(interval * 1.1, INTERVAL_MAX)

    def _find(self):
        """The descendants of this process now, as process number and start time."""
        with self._lock:
            pids = {int(name) for name in os.listdir("/proc") if name.isdigit()}
            self._known &= pids
            self._ours = {pid: start for pid, start in self._ours.items() if pid in pids}
            for pid in sorted(pids - self._known):  # parents come first
                fields = stat_fields(pid)
                if fields is None:
                    continue
                self._known.add(pid)
                if fields[0] == os.getpid() or fields[0] in self._ours:
                    self._ours[pid] = fields[1]
            return list(self._ours.items())

    def sample(self):
        total = 0
        for pid, start in self._find():
            fields, (name, numbers) = stat_fields(pid), status_bytes(pid)
            if fields is None or fields[1] != start or b"VmHWM" not in numbers:
                continue
            process = self.processes.setdefault((pid, start), Process(name))
            process.name = name  # it changes when a shell becomes a program
            process.cpu = max(process.cpu, fields[2])
            process.peak = max(process.peak, numbers[b"VmHWM"])
            total += numbers.get(b"RssAnon", 0) + numbers.get(b"RssShmem", 0)
        self.peak = max(self.peak, total)

    def descendants(self):
        return [pid for pid, _ in self._find()]

    def peak_of(self, name):
        """The most that any process of that name held, in bytes; 0 when there was none."""
        return max((process.peak for process in self.processes.values() if process.name == name), default=0)
