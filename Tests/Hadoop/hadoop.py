"""Hadoop's LocalJobRunner from the jars that pyspark carries, with Driver.java around it."""

import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = "pyspark<4"
FIELD_END = "\x1f"
TASK_COUNTERS = "org.apache.hadoop.mapreduce.TaskCounter"


class Unavailable(Exception):
    """Hadoop can't be run here; the text is the reason."""


def jars(environment):
    """The folder of the jars; pyspark is installed in an environment of its own when it is not there."""
    if shutil.which("javac") is None or shutil.which("java") is None:
        raise Unavailable("there is no javac; install a JDK, as in: apt-get install default-jdk-headless")
    if not list(environment.glob("lib/python*/site-packages/pyspark/jars")):
        print(f"installing {PACKAGE} in {environment}", file=sys.stderr)
        try:
            subprocess.run([sys.executable, "-m", "venv", environment], check=True)
            subprocess.run([environment / "bin/pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Unavailable(f"{PACKAGE} of PyPI can't be installed: {error}") from None
    found = list(environment.glob("lib/python*/site-packages/pyspark/jars"))
    if not found or not list(found[0].glob("hadoop-client-api-*.jar")):
        raise Unavailable(f"the pyspark in {environment} has no Hadoop")
    return found[0]


class Done:
    """What a job of Hadoop's leaves: parts, and counters by group and name."""

    def __init__(self, parts, counters):
        self.parts, self.counters = parts, counters

    def counter(self, name):
        return self.counters[TASK_COUNTERS].get(name, 0)

    def own_counters(self):
        """Those that programs count."""
        return {group: dict(names) for group, names in self.counters.items() if "." not in group and " " not in group}


class Hadoop:
    """One Java process that runs one job after the other."""

    def __init__(self, environment, folder):
        libraries = jars(environment)
        self.version = re.search(r"api-(.*)\.jar", next(libraries.glob("hadoop-client-api-*.jar")).name).group(1)
        self.folder, classes = folder, folder / "classes"
        classes.mkdir(parents=True)
        path = f"{libraries}/*"
        subprocess.run(["javac", "-nowarn", "-cp", path, "-d", classes, HERE / "Driver.java"], check=True, capture_output=True)
        self.log = open(folder / "java.log", "wb")
        self.process = subprocess.Popen(
            ["java", "-Xmx1g", "-cp", f"{classes}:{path}", "Driver"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.log, text=True, env={"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(folder)})
        self.count = 0

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.log.close()

    def run(self, inputs, reduces, conf=(), **fields):
        """Runs a job over these paths. Fields are those of Driver.java; conf: more of Hadoop's own configuration."""
        self.count += 1
        name = f"job{self.count}"
        output = self.folder / f"{name}-out"
        fields |= {"name": name, "output": output, "scratch": self.folder / "scratch", "reduces": reduces}
        words = [f"{key.replace('_', '-')}={value}" for key, value in fields.items()]
        words += [f"conf:{key}={value}" for key, value in dict(conf).items()] + [f"input={path}" for path in inputs]
        print(FIELD_END.join(words), file=self.process.stdin, flush=True)
        counters, end = collections.defaultdict(dict), None
        for line in self.process.stdout:
            # Hadoop's own log lines come between.
            kind, *rest = line.rstrip("\n").split("\t")
            if kind == "end":
                end = rest[1]
                break
            if kind == "counter":
                counters[rest[1]][rest[2]] = int(rest[3])
        if end != "succeeded":
            self.log.flush()
            raise RuntimeError(f"Hadoop's job {end or 'broke'}: " + (self.folder / "java.log").read_text()[-1500:])
        parts = sorted(output.glob("part-[rm]-*"))
        return Done([part.read_bytes() for part in parts], counters)
