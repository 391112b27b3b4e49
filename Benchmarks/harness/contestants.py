"""Who takes part: the project, the program that stands for the limit, and the peers, as command lines under sh.

In a command, "$@" are the input files, and {output}, {python}, {peers}, {limits}, {mr} and {count} are filled in.
"""
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass

LIMIT, OURS = "limit", "mr-master"

MASTER = "{mr}/mr-master --workers 2 --overwrite --listen 127.0.0.1:0 --output {output}"
SPLIT_WORDS = r"tr -s ' \t\n\v\f\r' '\n'"
COUNT = r"""'{for (i = 1; i <= NF; i++) n[$i]++} END {for (word in n) print word "\t" n[word]}'"""
ADD = r"""-F '\t' '{n[$1] += $2} END {for (word in n) print word "\t" n[word]}'"""
EACH = r"""'{for (i = 1; i <= NF; i++) print $i "\t1"}'"""
# Sums lines that are sorted by key. The empty string makes mawk compare keys as text and not as numbers.
ADD_SORTED = r"""-F '\t' '$1 "" != key {if (NR > 1) print key "\t" n; key = $1 ""; n = 0} {n += $2} END {if (NR) print key "\t" n}'"""


@dataclass(frozen=True)
class Contestant:
    """`requires` names programs of the machine, Python modules after `python:`, options of mr-master after `mr:`."""
    name: str
    command: str
    requires: tuple = ()
    output: str = "file"   # file, folder or none
    quick: bool = False    # takes part in a quick run too

    @property
    def is_ours(self):
        return self.name.startswith(OURS)


def ours(options="", name=OURS, requires=()):
    return Contestant(name, f"exec {MASTER} {options} \"$@\"", requires, output="folder", quick=True)


def limit(program):
    return Contestant(LIMIT, f"exec {{limits}}/limit-{program} {{output}} \"$@\"", quick=True)


def python(name, script, modules, arguments='{output} "$@"', output="file"):
    requires = tuple(f"python:{module}" for module in modules) + (("java",) if "pyspark" in modules else ())
    return Contestant(name, f"exec {{python}} {{peers}}/{script} {arguments}", requires, output)


WORDCOUNT = [
    limit("wordcount"), ours(), ours("--reduces 1", f"{OURS}, one part"),
    python("Polars", "wordcount_polars.py", ["polars"]),
    python("DuckDB", "wordcount_duckdb.py", ["duckdb"]),
    Contestant("GNU parallel", f"parallel --will-cite -j2 -X -q mawk {COUNT} ::: \"$@\" | mawk {ADD} | sort > {{output}}",
               ("parallel", "mawk")),
    Contestant("mawk", f"mawk {COUNT} \"$@\" | sort > {{output}}", ("mawk",), quick=True),
    Contestant("coreutils", f"cat \"$@\" | {SPLIT_WORDS} | sort --parallel=2 -S 2G | uniq -c | "
               "awk '$2 != \"\" {print $2 \"\\t\" $1}' > {output}", ("awk",), quick=True),
    python("Dask", "wordcount_dask.py", ["distributed"]),
    python("Ray", "wordcount_ray.py", ["ray"]),
    python("Spark", "wordcount_spark.py", ["pyspark"]),
]
WORDCOUNT_LARGE = [limit("wordcount"), ours()]
SPILLING = ours("--task-buffer 16M", f"{OURS}, task buffer 16M", ("mr:--task-buffer",))

SORT = [
    limit("sort"), ours("--app sort", requires=("mr:sort",)),
    ours("--app sort --reduces 1", f"{OURS}, one part", ("mr:sort",)),
    ours("--app sort --task-buffer 16M", f"{OURS}, task buffer 16M", ("mr:sort", "mr:--task-buffer")),
    Contestant("GNU sort", "exec sort --parallel=2 -S 2G -o {output} \"$@\"", quick=True),
    python("Polars", "sort_polars.py", ["polars"]),
    python("DuckDB", "sort_duckdb.py", ["duckdb"]),
    python("Spark", "sort_spark.py", ["pyspark"]),
]

TASKS = [
    # One task for each byte of a file of empty lines: it is handed out, run, reported and counted like any other.
    Contestant(OURS, f"{MASTER} --split-size 1 --reduces 1 --json \"$@\" | grep -q '\"map_tasks\" *: *{{count}}[,}}]'",
               output="folder", quick=True),
    Contestant("xargs", "seq {count} | xargs -P2 -n1 true", output="none", quick=True),
    python("Python process pool", "tasks_pool.py", [], "{count}", "none"),
    python("Ray", "tasks_ray.py", ["ray"], "{count}", "none"),
    python("Spark", "tasks_spark.py", ["pyspark"], "{count}", "none"),
    python("Dask", "tasks_dask.py", ["distributed"], "{count}", "none"),
]


def streaming(mapper, parallel_options):
    programs = f"--mapper {shlex.quote(f'mawk {mapper}')} --reducer {shlex.quote(f'mawk {ADD_SORTED}')}"
    return [
        ours(programs, requires=("mawk", "mr:--mapper")),
        Contestant("GNU parallel", f"parallel --will-cite -j2 -q {parallel_options} mawk {mapper} ::: \"$@\" | "
                   f"sort --parallel=2 -S 1G -k1,1 | mawk {ADD_SORTED} > {{output}}", ("parallel", "mawk"), quick=True),
    ]


START = [limit("wordcount"), ours()] + [peer for peer in WORDCOUNT if peer.name in ("mawk", "Polars", "DuckDB", "Dask", "Ray", "Spark")]


class Installed:
    """What this machine has of what contestants require."""

    def __init__(self, settings):
        self._settings = settings
        self._answers = {}
        master = subprocess.run([settings.programs / "mr-master", "--help"], capture_output=True, text=True)
        self._help = re.sub(r"\s+", " ", master.stdout)

    def missing(self, contestant):
        return [requirement for requirement in contestant.requires if not self._has(requirement)]

    def version(self, module):
        code = f"import importlib.metadata as m; print(m.version({module!r}))"
        return self._python(code)

    def _has(self, requirement):
        if requirement not in self._answers:
            kind, _, name = requirement.rpartition(":")
            if kind == "python":
                found = bool(self._python(f"import importlib.util as u; print(u.find_spec({name!r}) and 1 or '')"))
            elif kind == "mr":
                found = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", self._help) is not None
            else:
                found = shutil.which(name) is not None
            self._answers[requirement] = found
        return self._answers[requirement]

    def _python(self, code):
        try:
            return subprocess.run([self._settings.python, "-c", code], capture_output=True, text=True).stdout.strip()
        except OSError:  # no such interpreter: none of its modules is there
            return ""


def command_line(contestant, **values):
    """The command with its values in place; braces of awk programs stay."""
    return re.sub(r"\{(" + "|".join(values) + r")\}", lambda match: shlex.quote(str(values[match[1]])), contestant.command)
