"""Runs mrjob scripts on swift-mapreduce: `PYTHONPATH=Clients/python python3 job.py -r mr input.txt`.

Each step of the script is one run of mr-master, which must be on the PATH, with as many local workers as there are cores. MRJOB_MASTER_OPTIONS
gives it other options, as in MRJOB_MASTER_OPTIONS='--listen :7070 --workers 0'. Files that a script declares travel with it (--files).
"""
import json
import logging
import os
import shlex
import subprocess
import sys

from mrjob.bin import MRJobBinRunner
from mrjob.step import StepFailedException

log = logging.getLogger("mrjob.mr")


class MasterJobRunner(MRJobBinRunner):
    alias = "mr"
    _STEP_TYPES = {"streaming"}

    def __init__(self, **options):
        super().__init__(**options)
        self._step_counters = []

    def counters(self):
        return self._step_counters

    def _run(self):
        if self._sort_values:
            raise NotImplementedError("-r mr gives a reducer its values in the order of the input: SORT_VALUES is not there")
        if not self._output_dir:
            self._output_dir = os.path.join(self._get_local_tmp_dir(), "output")
        inputs = [path for given in self._get_input_paths() for path in self.fs.ls(given)]
        self._shipped = self._options_for_files()
        steps = self._get_steps()
        for number, step in enumerate(steps):
            is_last = number == len(steps) - 1
            output = self._output_dir if is_last else os.path.join(self._get_local_tmp_dir(), f"step-{number}")
            self._run_master(number, step, inputs, output)
            inputs = [output]

    def _options_for_files(self):
        """What FILES, DIRS, ARCHIVES, add_file_arg() and the options of those names ask for, in the working folders of tasks."""
        options = []
        for name, path in sorted(self._working_dir_mgr.name_to_path("file").items()):
            # The script stays where it is, beside the modules that it may import.
            if path == self._script_path:
                continue
            path = os.path.abspath(path)
            if os.path.basename(path) != name:
                # Tasks find a file under the last name of its path.
                folder = os.path.join(self._get_local_tmp_dir(), "files")
                os.makedirs(folder, exist_ok=True)
                link = os.path.join(folder, name)
                os.symlink(path, link)
                path = link
            options += ["--files", path]
        for name, path in sorted(self._working_dir_mgr.name_to_path("archive").items()):
            options += ["--archives", f"{os.path.abspath(path)}#{name}"]
        return options

    def _run_master(self, number, step, inputs, output):
        reduces = self._jobconf_for_step(number).get("mapreduce.job.reduces")
        command = ["mr-master", "--json", "--listen", "127.0.0.1:0", "--workers", str(os.cpu_count() or 1)]
        command += ["--output", output] + (["--reduces", str(reduces)] if reduces else [])
        for part in ["mapper", "combiner", "reducer"]:
            if part in step:
                command += [f"--{part}", self._command(number, step[part], part)]
        if "reducer" not in step:
            # A line without a TAB comes out as the mapper wrote it.
            command += ["--reducer", "LC_ALL=C sed 's/\\t$//'"]
        for name, value in (self._opts.get("cmdenv") or {}).items():
            command += ["--env", f"{name}={value}"]
        command += self._shipped
        command += shlex.split(os.environ.get("MRJOB_MASTER_OPTIONS", ""))
        log.info("step %d of %d: %s", number + 1, self._num_steps(), shlex.join(command))
        done = subprocess.run(command + ["--"] + inputs, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        summary = json.loads(done.stdout) if done.stdout else {}
        self._step_counters.append(summary.get("user_counters", {}))
        for group, counts in self._step_counters[-1].items():
            for name, count in counts.items():
                log.info("counter %s: %s = %d", group, name, count)
        if done.returncode != 0:
            raise StepFailedException(
                reason=f"mr-master ended with exit code {done.returncode}", step_num=number, num_steps=self._num_steps())

    def _command(self, number, substep, part):
        if substep["type"] == "command":
            command = substep["command"]
            return command if isinstance(command, str) else shlex.join(command)
        own = [sys.executable, os.path.abspath(self._script_path)] + list(self._args_for_task(number, part))
        return f"{substep['pre_filter']} | {shlex.join(own)}" if "pre_filter" in substep else shlex.join(own)
