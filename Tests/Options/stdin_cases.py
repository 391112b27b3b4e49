"""Standard input as data."""

import gzip

from data import File
from inputs import expect, trial


@trial("-")
def standard_input(bench):
    """As it comes through a pipe, compressed or not, alone and beside files."""
    text = bench.files[0].content
    for name, data in (("plain", text), ("packed", gzip.compress(text))):
        bench.words("--output", name, inputs=["-"], stdin=data, files=[File("-", text)])
    bench.words("--output", "both", inputs=[bench.files[1].name, "-"], stdin=text, files=[bench.files[1], File("-", text)])
    for inputs, options in ((["-", "-"], []), (["-"], ["--inputs-from", "-"])):
        refused = bench.run(*options, "--output", "none", inputs=inputs, stdin=text)
        expect(refused.code == 64, f"{options} {inputs} must be refused, and the exit code was {refused.code}")
