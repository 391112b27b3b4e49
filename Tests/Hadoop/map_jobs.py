"""Jobs without a reduce step."""

from data import File, lines
from form_jobs import same_lines
from jobs import expect, job


@job("map-only jobs")
def map_only(bench):
    bench.add(*[File(f"in/{number}.txt", file.content) for number, file in enumerate(bench.source.texts())])
    ours = bench.ours("--mapper", "sed 's/hot/HOT/'", reduces=0)
    theirs = bench.theirs(reduces=0, mapper="sed 's/hot/HOT/'")
    same_lines(ours, theirs)
    wanted = [line.replace(b"hot", b"HOT", 1) + b"\n" for file in bench.files for line in lines(file.content)]
    expect(len(ours.parts) > 2 and b"".join(ours.parts) == b"".join(wanted), "all parts are in the order of the input")
