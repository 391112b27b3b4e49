"""Runs one command to its end, with everything that it starts, and measures it from outside."""
import ctypes
import os
import resource
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

from .tree import TreeWatch

LEFT_BEHIND_SECONDS = 5.0  # what daemons that a peer leaves behind may take to end by themselves
ERROR_TAIL = 1500          # bytes of standard error that are kept
PR_SET_CHILD_SUBREAPER = 36


@dataclass
class Measure:
    """One run. Seconds and bytes."""
    wall: float
    cpu: float            # user and system, of all processes of the tree
    tree_peak: int        # anonymous and shared memory of all of them at once
    process_peak: int     # most resident memory of any one of them, mapped files included
    worker_peak: int      # the same of any mr-worker
    work: float | None    # what the program itself says that it took without its start-up
    busy_others: float    # share of the two cores that other programs had meanwhile
    status: int           # exit code; below 0: ended by that signal
    timed_out: bool
    errors: str


def adopt_orphans():
    """Makes this process the parent of what its descendants leave behind, so that their time is counted too."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def machine_busy():
    """Processor seconds that all of the machine has worked since it started."""
    with open("/proc/stat") as file:
        fields = [int(field) for field in file.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def end_all(watch, number):
    for pid in watch.descendants():
        try:
            os.kill(pid, number)
        except ProcessLookupError:  # it has ended meanwhile
            pass


def reap_orphans(watch):
    """Waits for what is left below this process; asks it to end, then ends it. Returns its CPU seconds and largest peak."""
    cpu, peak, began, asked = 0.0, 0, time.monotonic(), False
    while True:
        try:
            pid, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return cpu, peak
        if pid:
            cpu += usage.ru_utime + usage.ru_stime
            peak = max(peak, usage.ru_maxrss * 1024)
            continue
        waited = time.monotonic() - began
        if waited > 2 * LEFT_BEHIND_SECONDS:
            end_all(watch, signal.SIGKILL)
        elif waited > LEFT_BEHIND_SECONDS and not asked:
            asked = True
            end_all(watch, signal.SIGTERM)
        time.sleep(0.02)


def largest_process(reported, watch):
    """The most that any process held. What wait4 reports is exact, but counts what this process held when it forked; below
    that, the samples say more."""
    sampled = max((process.peak for process in watch.processes.values()), default=0)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return max(reported, sampled) if reported > own else sampled


def work_seconds(text):
    """A peer that starts a cluster of its own prints `work-seconds N` when its work is done."""
    for line in text.splitlines():
        if line.startswith("work-seconds "):
            return float(line.split()[1])
    return None


def run(command, files, environment, folder, timeout):
    """Runs `command` under sh with `files` as its arguments, in `folder`. `timeout` is in seconds."""
    with tempfile.TemporaryFile(dir=folder) as errors, TreeWatch() as watch:
        busy = machine_busy()
        began = time.perf_counter()
        child = subprocess.Popen(
            ["sh", "-c", command, "sh", *files], cwd=folder, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
        timed_out = threading.Event()
        timer = threading.Timer(timeout, lambda: (timed_out.set(), end_all(watch, signal.SIGKILL)))
        timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        timer.cancel()
        orphan_cpu, orphan_peak = reap_orphans(watch)
        took = time.perf_counter() - began
        busy = machine_busy() - busy
        errors.seek(0)
        text = errors.read().decode("utf-8", "replace")
    # A parent that ignores the end of its children hides their time from wait4; the samples have most of it.
    cpu = max(usage.ru_utime + usage.ru_stime + orphan_cpu, sum(process.cpu for process in watch.processes.values()))
    return Measure(
        wall=wall, cpu=cpu, tree_peak=watch.peak,
        process_peak=largest_process(max(usage.ru_maxrss * 1024, orphan_peak), watch), worker_peak=watch.peak_of("mr-worker"),
        work=work_seconds(text), busy_others=max(0.0, busy - cpu) / (took * (os.cpu_count() or 1)),
        status=child.returncode, timed_out=timed_out.is_set(), errors=text[-ERROR_TAIL:])
