"""A process that was started here, what it prints, and its end."""

import os
import signal
import subprocess
import time

import processes
from catalogue import Failed

PATIENCE = float(os.environ.get("MR_PATIENCE", "1"))
"""How many times as long to wait for what must come at last: slow programs on a busy machine need more."""


def patient(seconds):
    """Short times are not deadlines, but steps of somebody's loop."""
    return seconds if seconds < 5 else seconds * PATIENCE


class Child:
    """Standard output and error go to files, so that a chatty program never waits for its reader."""

    def __init__(self, name, command, environment, folder, cwd):
        self.name, self.command = name, command
        self.log_path = folder / f"{name}.log"
        self.out_path = folder / f"{name}.out"
        with open(self.log_path, "ab") as log, open(self.out_path, "ab") as out:
            self.process = subprocess.Popen(
                command, env=environment, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=log,
                start_new_session=True)
        self.pid = self.process.pid

    @property
    def log(self):
        """What it has written to standard error so far."""
        return self.log_path.read_text(errors="replace")

    @property
    def is_worker(self):
        return any(str(word).endswith("mr-worker") for word in self.command)

    @property
    def is_running(self):
        return self.process.poll() is None

    def program_pid(self, program):
        """The process that runs the program: this one, or one below it when a tracer stands between."""
        found = until(f"{self.name} to run {program}", lambda: next(self._below(self.pid, program), None), 10)
        return found

    @staticmethod
    def _below(pid, program):
        waiting = [pid]
        while waiting:
            next_pid = waiting.pop(0)
            if processes.program(next_pid) == program:
                yield next_pid
            waiting += processes.children(next_pid)

    def signal(self, number):
        """Does nothing when it has ended."""
        if self.is_running:
            self.process.send_signal(number)

    def kill(self):
        """Kills it, and waits until it is gone."""
        self.signal(signal.SIGKILL)
        return self.wait(10)

    def wait(self, seconds):
        """Its exit code, or less than 0 for a signal. Fails when it does not end in time."""
        seconds = patient(seconds)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not end within {seconds:.0f} s; its last lines: {self.log[-600:]}") from None

    def wait_for(self, text, seconds=20):
        """Waits until it has printed the text to standard error."""
        until(f"{self.name} to print '{text}'", lambda: text in self.log or self._ended(text), seconds)

    def _ended(self, text):
        if not self.is_running and text not in self.log:
            raise Failed(f"{self.name} ended with {self.process.returncode} before it printed '{text}': {self.log[-600:]}")
        return False


def until(what, condition, seconds=20):
    """Waits until the condition answers something true, and returns that. Fails after so many seconds."""
    seconds = patient(seconds)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise Failed(f"waited {seconds:.0f} s in vain for {what}")
