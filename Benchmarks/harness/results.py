"""What was measured for one line of the table, and the figures that are taken from it."""
import statistics
from dataclasses import asdict, dataclass, field

from .run import Measure


@dataclass
class Run:
    round: int
    measure: Measure
    output: str  # same, differs, none, failed


@dataclass
class Entry:
    """One contestant's runs, or why there are none."""
    name: str
    is_ours: bool
    absent: str = ""
    runs: list = field(default_factory=list)

    @property
    def good(self):
        return [run for run in self.runs if run.output in ("same", "none")]

    def median(self, figure):
        """The median of a figure of `Measure`, or None when no run went well."""
        values = [value for run in self.good if (value := getattr(run.measure, figure)) is not None]
        return statistics.median(values) if values else None

    def largest(self, figure):
        return max((getattr(run.measure, figure) for run in self.good), default=0)


@dataclass
class LineResult:
    key: str
    entries: list
    megabytes: float = 0
    count: int = 0  # of tasks

    def entry(self, name):
        """The entry of that name if it has a good run, or None."""
        return next((entry for entry in self.entries if entry.name == name and entry.good), None)

    def ratio(self, name, base, figure):
        """How many times the figure of `base` that of `name` is: the median of the ratios within each round, or None."""
        above, below = self.entry(name), self.entry(base)
        if above is None or below is None:
            return None
        of_base = {run.round: getattr(run.measure, figure) for run in below.good}
        ratios = [getattr(run.measure, figure) / max(of_base[run.round], 1e-4) for run in above.good if run.round in of_base]
        return statistics.median(ratios) if ratios else None

    def rate(self, name, figure="wall"):
        """Tasks per second, or None."""
        entry = self.entry(name)
        seconds = entry and entry.median(figure)
        return self.count / seconds if seconds else None

    @property
    def troubles(self):
        """What must not be: a different output, or a failure."""
        return [f"{entry.name}: {run.output} in round {run.round + 1}{reason(run)}"
                for entry in self.entries for run in entry.runs if run.output in ("differs", "failed")]

    def to_json(self):
        return asdict(self)

    @staticmethod
    def from_json(value):
        entries = [
            Entry(entry["name"], entry["is_ours"], entry["absent"],
                  [Run(run["round"], Measure(**run["measure"]), run["output"]) for run in entry["runs"]])
            for entry in value["entries"]]
        return LineResult(value["key"], entries, value["megabytes"], value["count"])


def reason(run):
    if run.output == "differs":
        return ""
    ended = "it ran out of time" if run.measure.timed_out else f"status {run.measure.status}"
    last = run.measure.errors.strip().splitlines()[-1:] or [""]
    return f" ({ended}; {last[0][-200:]})"
