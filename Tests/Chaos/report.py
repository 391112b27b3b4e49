"""The table at the end, and the exit code."""

import collections

WIDTH = 100


def table(rows):
    """rows: (id, what, verdict, detail), in the order of the catalogue."""
    lines = [f"{'id':<5} {'verdict':<17} what"]
    for id, what, verdict, detail in rows:
        lines.append(f"{id:<5} {verdict:<17} {what}")
        if detail:
            lines += [f"{'':<23} {detail[i:i + WIDTH]}" for i in range(0, len(detail), WIDTH)]
    counts = collections.Counter(row[2] for row in rows)
    return "\n".join([*lines, "", ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))])
