"""Jobs that follow each other, and jobs side by side: each must give what it gives by itself."""

import re
import signal
import subprocess

import expected
from data import File
from inputs import expect, trial
from running import environment, parts, same, succeeded


@trial("--then")
def chained(bench):
    """Words are counted, and then how often each count occurs; a step reads the parts of the one before it."""
    counts = expected.wordcount(bench.files)
    last = ["--then", "--app", "top", "--option", "field=2", "--option", "k=1000"]
    run = succeeded(bench.run("--reduces", "3", *[file.name for file in bench.files], *last, inputs=[]))
    steps = [File("counts", counts)]
    same(run.parts[0], expected.top(steps, 1000, lambda line: [expected.field_of(line, 2)]), "the counts of counts")
    expect(len(run.parts) == 1, f"--app top makes one part, not {len(run.parts)}")
    run = succeeded(bench.run(
        "--output", "sorted", "--mapper", "cat", "--reducer", "cat", "in", "--then", "--app", "uniq", "--reduces", "2", inputs=[]))
    pairs = expected.sorted_pairs(expected.all_lines(bench.files))
    same(b"".join(run.parts), expected.piped("sort -u", pairs), "the distinct lines of pairs")


JOBS = [
    (["--app", "sort"], expected.sort), (["--reduces", "1"], expected.wordcount),
    (["--app", "uniq", "--option", "count=true"], lambda files: expected.sort(files, "sort | uniq -c")),
    (["--reduces", "1", "--reducer", "cat"], lambda files: expected.sorted_pairs(expected.all_lines(files)))]


@trial("--allow-launch")
def launched(bench):
    """Scripts beside the master, each of which sorts what it is told to."""
    (bench.folder / "lines").write_bytes(expected.text_of(expected.all_lines(bench.files)))
    (bench.folder / "sorting.sh").write_text("LC_ALL=C sort lines > sorted-$MR_WORKER_ID && echo $WORD $MR_WORKER_ID\n")
    options = ["--serve", "--allow-launch", "--state", "launching", "--listen", "127.0.0.1:0"]
    master = subprocess.Popen(
        [bench.programs / "mr-master", *options], cwd=bench.folder, env=environment(bench.folder), stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    try:
        heard = next((line for line in master.stderr if "listening on" in line), "")
        place = ["--master", re.search(r"listening on (\S+)", heard).group(1)]
        for words in (["launch", "-n", "2", "--memory", "1G", "--env", "WORD=done", "sorting.sh"], ["await"]):
            run = subprocess.run(
                [bench.programs / "mr-ctl", *words, *place], cwd=bench.folder, env=environment(bench.folder),
                capture_output=True, text=True)
            expect(run.returncode == 0, f"mr-ctl {words} ended with {run.returncode}: {run.stderr}")
        expect("done 1" in run.stdout and "done 2" in run.stdout, f"their last lines are not there: {run.stdout}")
        for number in (1, 2):
            same((bench.folder / f"sorted-{number}").read_bytes(), expected.sort(bench.files), "what a script sorts")
    finally:
        master.send_signal(signal.SIGINT)
        master.stderr.close()
        master.wait(30)


@trial("--serve", "--state")
def served(bench):
    """Several jobs of a queue, of different priorities."""
    options = ["--serve", "--state", "queue", "--listen", "127.0.0.1:0", "--workers", "2"]
    master = subprocess.Popen(
        [bench.programs / "mr-master", *options], cwd=bench.folder, env=environment(bench.folder), stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    try:
        heard = next((line for line in master.stderr if "listening on" in line), "")
        address = re.search(r"listening on (\S+)", heard)
        expect(address, f"the master says nothing of where it listens: {heard}")
        control = [bench.programs / "mr-ctl"]
        place = ["--master", address.group(1)]

        def ask(*words):
            run = subprocess.run(
                [*control, *words], cwd=bench.folder, env=environment(bench.folder), capture_output=True, text=True)
            expect(run.returncode == 0, f"mr-ctl {words} ended with {run.returncode}: {run.stderr}")
            return run.stdout

        # Inputs by a list, because not every name is text.
        (bench.folder / "names").write_bytes(b"".join(file.name.encode(errors="surrogateescape") + b"\0" for file in bench.files))
        numbers = [
            ask("submit", *place, "--priority", str(index), "--output", f"out-{index}", "--inputs-from", "names", *words).split()[1]
            for index, (words, _) in enumerate(JOBS)]
        for number in numbers:
            ask("wait", number, *place)
        for index, (words, body) in enumerate(JOBS):
            same(b"".join(parts(bench.folder / f"out-{index}")), body(bench.files), f"{words} of a queue")
    finally:
        master.send_signal(signal.SIGINT)
        master.stderr.close()
        master.wait(30)
