"""The lines of the table: data, operation, contestants and goals."""
from dataclasses import dataclass, replace

from . import contestants as who
from . import data as sets
from . import goals
from .contestants import EACH, COUNT


@dataclass(frozen=True)
class Line:
    key: str
    section: str
    title: str
    contestants: list
    goals: list
    data: sets.DataSet
    operation: str       # wordcount or sort: what the output must be
    count: int = 0       # of empty tasks


SECTIONS = ("wordcount", "real", "small", "sort", "tasks", "streaming", "start")
WORDCOUNT_GOALS = [goals.at_most(1.5, "wall"), goals.at_most(1.5, "cpu"), goals.faster_than_peers(2)]
SMALL_GOALS = [goals.at_most(2, "wall"), goals.at_most(2, "cpu")]
SPILLED = goals.Goal("--task-buffer 16M gives the same bytes", goals.same_bytes_by_spilling)
SORT_GOALS = [
    goals.at_most(2, "wall"), goals.at_most(2, "cpu"), goals.faster_than_peers(1, ("GNU sort", "DuckDB", "Polars")), SPILLED]
STREAMING_GOALS = [goals.at_most(1.25, "wall", "GNU parallel")]
# Of all lines together.
MEMORY = goals.worker_memory_at_most(256)
GROWTH = [goals.flat_time(("wordcount-256m", "wordcount-1g", "wordcount-10g"), figure) for figure in ("wall", "cpu")]


def wordcount(key, title, data_set, section="wordcount", contestants=who.WORDCOUNT, aims=WORDCOUNT_GOALS):
    return Line(key, section, title, contestants, aims, data_set, "wordcount")


def streaming(data_set):
    aims = ("streaming", "streaming, a line for each word"), ("streaming-memory", "streaming, counted in memory")
    programs = who.streaming(EACH, ""), who.streaming(COUNT, "-X")
    return [Line(key, "streaming", f"{title}, {data_set.megabytes:.0f} MB", members, STREAMING_GOALS, data_set, "wordcount")
            for (key, title), members in zip(aims, programs)]


def tasks(count):
    aims = [goals.rate_at_least(10_000)]
    return Line(f"tasks-{count}", "tasks", f"{count:,} empty tasks", who.TASKS, aims, sets.empty_lines(count), "wordcount", count)


def full(settings):
    lines = [
        wordcount("wordcount-256m", "word count, 256 MB", sets.TEXT_256M),
        wordcount("wordcount-1g", "word count, 1 GB", sets.TEXT_1G),
        wordcount("real", "word count, real text with many distinct words", sets.REAL, "real",
                  who.WORDCOUNT[:3] + [who.SPILLING] + who.WORDCOUNT[3:], WORDCOUNT_GOALS + [SPILLED]),
        wordcount("small", "word count, 10,000 files of 2 KB", sets.SMALL, "small", aims=SMALL_GOALS),
        Line("sort", "sort", "sort of 500 MB of 100-byte records", who.SORT, SORT_GOALS, sets.RECORDS_500M, "sort"),
        tasks(10_000), tasks(100_000),
        *streaming(sets.TEXT_256M),
        Line("start", "start", "sample-data from start to exit", who.START, [goals.wall_at_most(0.2)], sets.SAMPLE, "wordcount"),
    ]
    if settings.large:
        large = wordcount("wordcount-10g", "word count, 10 GB", sets.TEXT_10G, contestants=who.WORDCOUNT_LARGE, aims=[])
        lines.insert(2, large)
    return lines


def quick():
    """64 MB of each, without the slow peers, and without the real text, which must be downloaded."""
    lines = [
        wordcount("wordcount-64m", "word count, 64 MB", sets.TEXT_64M, aims=WORDCOUNT_GOALS,
                  contestants=who.WORDCOUNT[:3] + [who.SPILLING] + who.WORDCOUNT[3:]),
        wordcount("small", "word count, 10,000 files of 2 KB", sets.SMALL, "small", aims=SMALL_GOALS),
        Line("sort", "sort", "sort of 64 MB of 100-byte records", who.SORT, SORT_GOALS, sets.RECORDS_64M, "sort"),
        tasks(1000), *streaming(sets.TEXT_64M),
        Line("start", "start", "sample-data from start to exit", who.START, [goals.wall_at_most(0.2)], sets.SAMPLE, "wordcount"),
    ]
    return lines


def takes_part(one, settings):
    if one.is_ours or one.name == who.LIMIT:
        return True
    return one.name.lower() in settings.peers if settings.peers else one.quick or not settings.quick


def chosen_from(settings):
    return quick() if settings.quick else full(settings)


def chosen(settings):
    lines = [line for line in chosen_from(settings) if settings.wants(line.section) or settings.wants(line.key)]
    return [replace(line, contestants=[one for one in line.contestants if takes_part(one, settings)]) for line in lines]
