"""Measures lines: rounds in which all contestants take their turn, each output compared."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from . import outputs
from .contestants import LIMIT, Installed, command_line
from .data import DataFolder, NoData, read_through
from .results import Entry, LineResult, Run
from .run import adopt_orphans, run
from .settings import BENCHMARKS, CORES

TIMEOUT = 900.0      # seconds for one run
SLOW = 5.0           # seconds: a peer whose first run takes longer is run once only, or a table would take hours
PROGRAMS = {         # what is compiled, from what
    "data-text": "data/text.c", "data-records": "data/records.c",
    "limit-wordcount": "limits/wordcount.c", "limit-sort": "limits/sort.c",
}


class Session:
    def __init__(self, settings):
        self.settings = settings
        self.data = DataFolder(settings)
        settings.folder.mkdir(parents=True, exist_ok=True)
        self._compile()
        self.installed = Installed(settings)
        self.temporary = Path(tempfile.mkdtemp(prefix="run-", dir=settings.folder))
        self.environment = self._environment()
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
        adopt_orphans()

    def close(self):
        shutil.rmtree(self.temporary, ignore_errors=True)

    def measure(self, line):
        """Runs all rounds of a line. Raises NoData when its data can't be made."""
        files, expected = self.data.files(line.data), self.data.expected(line.data, line.operation)
        result = LineResult(line.key, [], sum(map(os.path.getsize, files)) / 1e6, line.count)
        for one in line.contestants:
            missing = self.installed.missing(one)
            result.entries.append(Entry(one.name, one.is_ours, f"without {', '.join(missing)}" if missing else ""))
        read_through(files)
        for number in range(self.settings.rounds):
            for one, entry in zip(line.contestants, result.entries):
                if not entry.absent and not self._is_done(entry):
                    entry.runs.append(self._run_once(one, line, files, expected, number))
        return result

    def _is_done(self, entry):
        if not entry.runs or entry.is_ours or entry.name == LIMIT:
            return False
        return entry.runs[-1].output == "failed" or entry.runs[0].measure.wall > SLOW

    def _run_once(self, one, line, files, expected, number):
        output = self.temporary / "output"
        command = command_line(
            one, output=output, python=self.settings.python, peers=BENCHMARKS / "peers",
            limits=self.data.programs, mr=self.settings.programs, count=line.count)
        # What the run before has left to be written would be written during this one.
        os.sync()
        measure = run(command, files, self.environment, self.temporary, TIMEOUT)
        judged = self._judge(one, line, output, measure, expected)
        for left in self.temporary.iterdir():
            outputs.remove(left)
        print(f"  {number + 1}  {one.name:34} {measure.wall:8.2f} s wall {measure.cpu:8.2f} s cpu  {judged}", file=sys.stderr, flush=True)
        if judged == "failed":
            print("     " + measure.errors.strip().replace("\n", "\n     "), file=sys.stderr, flush=True)
        return Run(number, measure, judged)

    def _judge(self, one, line, output, measure, expected):
        if measure.status or measure.timed_out:
            return "failed"
        if one.output == "none":
            return "none"
        is_sorted_again = one.output == "folder" and line.operation == "wordcount"
        found = outputs.digest(output, is_sorted_again, self.environment)
        return "same" if found == expected else "differs"

    def _compile(self):
        compiler = os.environ.get("CC") or shutil.which("clang") or shutil.which("gcc")
        if not compiler:
            raise NoData("no C compiler: install clang or gcc (make bench-peers), or set CC")
        self.data.programs.mkdir(parents=True, exist_ok=True)
        for name, source in PROGRAMS.items():
            program, path = self.data.programs / name, BENCHMARKS / source
            newest = max(file.stat().st_mtime for file in path.parent.glob("*.[ch]"))
            if not program.exists() or program.stat().st_mtime < newest:
                subprocess.run([compiler, "-O3", "-march=native", "-pthread", "-o", program, path], check=True)

    def _environment(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MAKE", "MFLAGS"))}
        return environment | {
            "LC_ALL": "C", "TMPDIR": str(self.temporary), "MR_STATE_DIR": str(self.temporary / "state"),
            "PYTHONPYCACHEPREFIX": str(self.settings.folder / "pycache"),
            "POLARS_MAX_THREADS": str(CORES), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": str(self.settings.python),
        }


def interrupt_on_terminate():
    """SIGTERM is treated as Ctrl-C is: what has been measured is kept."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
