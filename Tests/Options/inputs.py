"""Options that say what is read and where results go: each function tries some, in a folder of its own."""

import json
import os
import subprocess

import expected
from data import File
from running import Failed, master, same, succeeded, write

TRIALS = []


def trial(*options):
    """Adds the decorated function, which takes a Bench, to what is tried; options: those that it covers."""

    def add(body):
        TRIALS.append((options, body))
        return body

    return add


class Bench:
    """A folder with data in it, and the programs."""

    def __init__(self, programs, folder, files, setting):
        self.programs, self.folder, self.files, self.setting = programs, folder, files, setting
        write(folder, files)

    def add(self, files):
        write(self.folder, files)
        self.files = self.files + files

    def run(self, *options, inputs=None, stdin=None):
        """A job over all files, or over what is named."""
        names = [file.name for file in self.files] if inputs is None else inputs
        return master(self.programs, self.folder, [*self.setting.options(), *options], names, stdin)

    def words(self, *options, files=None, **more):
        """Counts words into one part, and compares it with what the files hold."""
        run = succeeded(self.run("--reduces", "1", *options, **more))
        same(run.parts[0], expected.wordcount(self.files if files is None else files), f"with {options}")
        return run


def expect(condition, text):
    if not condition:
        raise Failed(text)


@trial("--inputs-from", "--recursive")
def lists(bench):
    bench.add([File("in/deep/e.txt", b"deep down\n"), File("in/deep/er/f.txt", b"deeper"), File("in/.hidden", b"not this")])
    names = [os.fsencode(file.name) for file in bench.files if file.name != "in/.hidden"]
    seen = [file for file in bench.files if file.name != "in/.hidden"]
    (bench.folder / "lines").write_bytes(b"\n".join(names[:3]))
    (bench.folder / "nuls").write_bytes(b"".join(name + b"\0" for name in names[3:]))
    lists = ["--inputs-from", "lines", "--inputs-from", "nuls"]
    bench.words(*lists, "--output", "by-lists", inputs=[], files=seen)
    bench.words("--inputs-from", "-", "--output", "by-stdin", inputs=[], stdin=b"\0".join(names), files=seen)
    bench.words("--recursive", "--output", "by-folder", inputs=["in"], files=seen)
    flat = [file for file in seen if "deep" not in file.name]
    bench.words("--output", "flat", inputs=["in"], files=flat)
    bench.words("--output", "by-pattern", inputs=["in/*.t?v"], files=[file for file in flat if file.name.endswith(".tsv")])
    bench.words("--output", "twice", inputs=["in/a.txt", "in/a.txt"], files=[bench.files[0]] * 2)


@trial("--no-decompress")
def as_they_are(bench):
    packed = [File(file.name, file.stored) for file in bench.files]
    bench.words("--no-decompress", files=packed)


@trial("--merge")
def merged(bench):
    for options, text in (
            ([], expected.wordcount(bench.files)), (["--app", "sort"], expected.sort(bench.files)),
            (["--app", "uniq", "--option", "count=true"], expected.sort(bench.files, "sort | uniq -c")),
            (["--reducer", "cat"], expected.sorted_pairs(expected.all_lines(bench.files)))):
        succeeded(bench.run("--reduces", "3", "--overwrite", "--merge", "all.txt", *options))
        same((bench.folder / "all.txt").read_bytes(), text, f"--merge with {options}")
        (bench.folder / "all.txt").unlink()


@trial("--overwrite", "--output", "--restart", "--no-journal")
def overwritten(bench):
    bench.words("--output", "made")
    (bench.folder / "made" / "notes").write_bytes(b"mine")
    refused = bench.run("--output", "made", "--reduces", "1")
    expect(refused.code == 64, f"a folder with parts must be refused, and the exit code was {refused.code}")
    less = bench.files[:1]
    bench.words("--output", "made", "--overwrite", "--restart", "--no-journal", inputs=[less[0].name], files=less)
    expect((bench.folder / "made" / "notes").read_bytes() == b"mine", "a file that is no part must stay")


@trial("--reduces")
def counts_of_parts(bench):
    for count in (1, 2, 64):
        run = succeeded(bench.run("--reduces", str(count), "--output", f"out-{count}"))
        expect(len(run.parts) == count, f"--reduces {count} made {len(run.parts)} parts")
    refused = bench.run("--app", "top", "--reduces", "2", "--output", "no")
    expect(refused.code == 64, f"--app top --reduces 2 must be refused, and the exit code was {refused.code}")


@trial("--json")
def counters(bench):
    """What is counted, by the framework and by a program."""
    mapper = "sed -e 'h; s/.*/reporter:counter:lines,all,1/w /dev/stderr' -e g"
    run = succeeded(bench.run("--mapper", mapper, "--reducer", "cat", "--no-backup-tasks"))
    lines = expected.all_lines(bench.files)
    keys = {expected.pair_of(line)[0] for line in lines}
    wanted = {"records": len(lines), "map_output_records": len(lines), "distinct_keys": len(keys)}
    found = {name: run.summary.get(name) for name in wanted}
    expect(found == wanted, f"counters are {found} and must be {wanted}")
    written = sum(map(len, run.parts))
    expect(run.summary["output_bytes"] == written, f"output_bytes is {run.summary['output_bytes']}, and parts have {written}")
    own = {"lines": {"all": len(lines)}}
    expect(run.summary["user_counters"] == own, f"user counters are {run.summary['user_counters']} and must be {own}")


@trial()
def no_number(bench):
    """A line that can't be added up fails the job and is named, and nothing is left of a result."""
    bench.add([File("in/bad.tsv", b"a\t1\n" * 400 + b"a\tn/a\nb\t2\n")])
    run = bench.run("--app", "sum", inputs=["in/bad.tsv"])
    expect(run.code == 1, f"the exit code must be 1 and was {run.code}")
    expect("line 401 of in/bad.tsv: field 2, \"n/a\", is no number" in run.errors, f"the line is not named: {run.errors[-500:]}")
    expect(not run.parts, "a job that failed must leave no parts")


@trial()
def nothing(bench):
    """Files of no bytes are left out, and no other input is wrong usage."""
    bench.add([File("in/empty", b"")])
    run = bench.words()
    expect("in/empty" in run.errors, "a file that is left out is named")
    refused = bench.run("--output", "none", inputs=["in/empty"])
    expect(refused.code == 64, f"no input at all must be refused, and the exit code was {refused.code}")


def typed_options(programs):
    """Every option that mr-master knows, as it is typed, and those of its applications."""
    help_text = subprocess.run([programs / "mr-master", "--help"], capture_output=True, text=True, check=True).stdout
    listed = [line.split()[0] for line in help_text.splitlines() if line.startswith("  --")]
    apps = json.loads(subprocess.run(
        [programs / "mr-master", "--list-apps", "--json"], capture_output=True, text=True, check=True).stdout)
    own = {(app["name"], option["typed"].removeprefix("--option ").split()[0].split("=")[0])
           for app in apps for option in app["options"]}
    return set(listed), own
