"""What each line must reach, and whether it does. A goal looks at the results of its line and answers in words."""
from dataclasses import dataclass
from typing import Callable

from .contestants import LIMIT, OURS

MIB = 1 << 20
FLAT_MAX = 1.2  # time per GB at the largest size over that at the smallest


@dataclass(frozen=True)
class Goal:
    """`measure` takes a LineResult, or all of them for a goal of the whole table, and returns what was measured, in words,
    and whether that reaches the goal; None when it can't be said."""
    text: str
    measure: Callable


def peers_of(line):
    return [entry for entry in line.entries if not entry.is_ours and entry.name != LIMIT and entry.good]


def at_most(factor, figure, base=LIMIT):
    def measure(line):
        ratio = line.ratio(OURS, base, figure)
        return None if ratio is None else (f"{ratio:.2f} x", ratio <= factor)
    return Goal(f"{figure} at most {factor} x {base}", measure)


def faster_than_peers(factor, names=None):
    def measure(line):
        ratios = [(line.ratio(entry.name, OURS, "wall"), entry.name) for entry in peers_of(line) if names is None or entry.name in names]
        ratios = sorted(ratio for ratio in ratios if ratio[0] is not None)
        if not ratios:
            return None
        # A quick run has few peers: the goal names more than were beaten.
        absent = [name for name in names or () if name not in {name for _, name in ratios}]
        without = f", without {', '.join(absent)}" if absent else ""
        return f"{ratios[0][0]:.1f} x ({ratios[0][1]}{without})", ratios[0][0] >= factor
    whom = "every peer" if names is None else ", ".join(names)
    return Goal(f"{factor} x faster than {whom}" if factor > 1 else f"faster than {whom}", measure)


def rate_at_least(rate):
    def measure(line):
        measured = line.rate(OURS, "work") or line.rate(OURS)
        return None if measured is None else (f"{measured:,.0f} per second", measured >= rate)
    return Goal(f"{rate:,} tasks per second", measure)


def wall_at_most(seconds):
    def measure(line):
        entry = line.entry(OURS)
        return None if entry is None else (f"{entry.median('wall'):.2f} s", entry.median("wall") <= seconds)
    return Goal(f"at most {seconds} s from start to exit", measure)


def same_bytes_by_spilling(line):
    runs = [run for entry in line.entries if "task buffer" in entry.name for run in entry.runs]
    if not runs:
        return None
    outputs = sorted({run.output for run in runs})
    return ", ".join(outputs), outputs == ["same"]


def worker_memory_at_most(megabytes):
    def measure(lines):
        peaks = [(entry.largest("worker_peak"), f"{entry.name} in {line.key}")
                 for line in lines for entry in line.entries if entry.is_ours and entry.largest("worker_peak")]
        return (f"{max(peaks)[0] / MIB:.0f} MiB ({max(peaks)[1]})", max(peaks)[0] <= megabytes * MIB) if peaks else None
    return Goal(f"a worker at {megabytes} MiB whatever the input", measure)


def flat_time(keys, figure):
    """`keys` are lines of growing size."""
    def measure(lines):
        sizes = [(line, line.entry(OURS)) for key in keys for line in lines if line.key == key and line.entry(OURS)]
        if len(sizes) < 2:
            return None
        costs = [entry.median(figure) / line.megabytes * 1000 for line, entry in sizes]
        shown = ", ".join(f"{cost:.2f} s at {line.megabytes / 1000:g} GB" for cost, (line, _) in zip(costs, sizes))
        return shown, costs[-1] <= FLAT_MAX * costs[0]
    return Goal(f"{figure} per GB flat (at most {FLAT_MAX} x)", measure)
