"""What must hold after every trial, whatever it was about."""

import os

import processes
from catalogue import expect
from child import until


def part_name(index):
    return f"part-{index:05}"


def check(cluster, parts, code, scratch_is_clean=True, skipped=False):
    """Checks the output folder against the parts, and that nothing is left over.

    code: how the master ended. scratch_is_clean: whether a worker that ends later must have swept what killed ones left.
    skipped: whether records were left out, and must be listed.
    """
    check_output(cluster, parts, code, skipped)
    try:
        until("all processes to end", lambda: not cluster.own_processes(), 15)
    except Exception:
        left = [processes.describe(pid) for pid in cluster.own_processes()]
        expect(not left, f"processes are left: {left}")
    if code == 0 and scratch_is_clean:
        left = leftovers(cluster)
        expect(not left, f"temporary files are left: {left}")


def check_output_bytes(cluster, parts):
    """Parts with final names are whole, and none is missing once _SUCCESS is there."""
    names = set(os.listdir(cluster.output)) if cluster.output.exists() else set()
    for index, part in enumerate(parts):
        if part_name(index) in names:
            found = (cluster.output / part_name(index)).read_bytes()
            expect(found == part, f"{part_name(index)} differs from the sequential run: {difference(found, part)}")
        expect(part_name(index) in names or "_SUCCESS" not in names, f"_SUCCESS is there, {part_name(index)} is not")
    return names


def check_output(cluster, parts, code, skipped=False):
    """Parts with final names are whole, and exit code 0 means that all of them and _SUCCESS are there."""
    names = check_output_bytes(cluster, parts)
    wanted = {part_name(index) for index in range(len(parts))} | {"_SUCCESS"} | ({"_SKIPPED"} if skipped else set())
    expect((code == 0) == (wanted <= names), f"exit code {code}, and the output folder holds {sorted(names)}")
    expect(code == 0 or "_SUCCESS" not in names, f"_SUCCESS is there after exit code {code}")
    expect(code != 0 or names == wanted, f"more than the result is left in the output folder: {sorted(names - wanted)}")


def leftovers(cluster):
    """Files below the temporary folder."""
    return [os.path.join(folder, name) for folder, _, names in os.walk(cluster.temporary) for name in names]


def difference(found, expected):
    """Where two parts begin to differ, for people."""
    rows = list(zip(found.split(b"\n"), expected.split(b"\n")))
    for number, (left, right) in enumerate(rows, 1):
        if left != right:
            return f"line {number} is {left[:80]!r}, not {right[:80]!r}"
    return f"{len(found)} bytes, not {len(expected)}"
