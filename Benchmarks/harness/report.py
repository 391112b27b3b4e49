"""Results as tables in Markdown, and the document between whose markers they go."""
from . import lines as table
from .contestants import LIMIT, OURS
from .settings import PROJECT

DOCUMENT = PROJECT / "docs/benchmarks.md"
BEGIN, END = "<!-- results -->", "<!-- end of results -->"
MIB = 1 << 20


def rows_as_table(head, rows, number_columns=()):
    """Markdown that is also legible as text: words to the left, numbers to the right."""
    columns = range(len(head))
    width = [max(len(row[column]) for row in [head, *rows]) for column in columns]

    def shown(row):
        cells = (row[column].rjust(width[column]) if column in number_columns else row[column].ljust(width[column]) for column in columns)
        return "| " + " | ".join(cells) + " |"

    rule = "|" + "|".join("-" * (width[column] + 1) + (":" if column in number_columns else "-") for column in columns) + "|"
    return "\n".join([shown(head), rule, *map(shown, rows)])


def number(value, form="{:.2f}"):
    return "-" if value is None else form.format(value)


def goal_rows(measured):
    """`measured` is pairs of Line and LineResult. A row for each goal: what, goal, measured, reached or not."""
    results = [result for _, result in measured]
    rows = []
    for line, result in measured:
        broken = any(run.output in ("differs", "failed") for entry in result.entries if entry.is_ours for run in entry.runs)
        without = ("an output differs, or a run failed", False) if broken else ("not measured", None)
        rows += [(line.title, goal.text, without if broken else goal.measure(result) or without) for goal in line.goals]
    of_all = [("memory", table.MEMORY), *(("word count as it grows", goal) for goal in table.GROWTH)]
    rows += [(title, goal.text, answer) for title, goal in of_all if (answer := goal.measure(results))]
    words = {True: "yes", False: "NO", None: "-"}
    return [[title, text, answer[0], words[answer[1]]] for title, text, answer in rows]


def contestant_rows(result):
    has_limit = result.entry(LIMIT) is not None
    for entry in result.entries:
        if not entry.good:
            continue
        row = [entry.name, number(entry.median("wall")), number(entry.median("cpu"))]
        if has_limit:
            row += [number(result.ratio(entry.name, LIMIT, "wall")), number(result.ratio(entry.name, LIMIT, "cpu"))]
        row.append(number(result.ratio(entry.name, OURS, "wall")))
        if result.count:
            row += [number(result.rate(entry.name), "{:,.0f}"), number(result.rate(entry.name, "work"), "{:,.0f}")]
        row += [number(entry.largest("process_peak") / MIB, "{:.0f}"), number(entry.largest("tree_peak") / MIB, "{:.0f}")]
        outputs = {run.output for run in entry.runs}
        yield row + [str(len(entry.good)), "differs" if "differs" in outputs else "same" if "same" in outputs else "-"]


def contestant_table(result):
    head = ["", "wall s", "CPU s"]
    if result.entry(LIMIT):
        head += ["wall / limit", "CPU / limit"]
    head.append(f"wall / {OURS}")
    if result.count:
        head += ["tasks/s", "without start-up"]
    head += ["process MiB", "tree MiB", "rounds", "output"]
    rows = list(contestant_rows(result))
    return rows_as_table(head, rows, range(1, len(head) - 1)) if rows else "Nothing could be measured."


def notes(result):
    absent = [f"{entry.name} ({entry.absent})" for entry in result.entries if entry.absent]
    found = [f"Not measured: {', '.join(absent)}."] if absent else []
    busy = [run.measure.busy_others for entry in result.entries for run in entry.runs]
    if busy and max(busy) > 0.1:
        found.append(f"Other programs had up to {max(busy) * 100:.0f}% of the machine meanwhile.")
    return found + [f"**Trouble**: {trouble}." for trouble in result.troubles]


def markdown(measured, stamps, machine_rows, versions):
    """`stamps` has, for each line's key, when and of which commit it was measured."""
    described = [f"{name}: {value}" for name, value in machine_rows] + ([f"peers: {versions}"] if versions else [])
    is_one_run = len({stamps[line.key] for line, _ in measured}) == 1
    if is_one_run:
        described.insert(0, "measured: " + stamps[measured[0][0].key])
    text = ["\n".join("- " + row for row in described), "## Goals",
            rows_as_table(["work", "goal", "measured", "reached"], goal_rows(measured))]
    for line, result in measured:
        text += [f"## {line.title[0].upper()}{line.title[1:]}"]
        if not is_one_run:
            text += [f"Measured {stamps[line.key]}."]
        text += [contestant_table(result), *notes(result)]
    return "\n\n".join(text) + "\n"


def write_document(text):
    """Puts the text between the document's markers."""
    frame = DOCUMENT.read_text()
    before, begin, rest = frame.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT} has no lines {BEGIN} and {END}; put them where the results belong")
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")
