#!/usr/bin/env python3
"""A worker of the learner's parameter server: takes weights and a shard, pushes the gradient, and again.

learn.py launches it. More of them may come at any time:

    mr-ctl launch Examples/learner/worker.py
"""
import os
import pathlib
import sys
import time

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent.parent / "Clients/python")]

import cdsw  # noqa: E402
import shard  # noqa: E402

HELLO_EVERY = 10  # seconds of silence after which it says again that it is there: whoever learns may be another by now
PATIENCE = 600  # seconds of silence after which nobody seems to learn any more


def read(path, start, end, model, weight_count):
    """The rows of a file between two places that are starts of lines."""
    with open(path, "rb") as file:
        file.seek(start)
        return shard.parsed(file.read(end - start).decode().split("\n"), model, weight_count)


def done(order, kept):
    """What is pushed for an order."""
    weights = [float.fromhex(weight) for weight in order["weights"]]
    place = (order["path"], int(order["start"]), int(order["end"]), order["model"], len(weights))
    changed = (*place, order["changed"])
    if changed not in kept:
        kept[changed] = read(*place)
    totals = shard.sums(kept[changed], order["model"], weights, order["curvature"])
    time.sleep(order["slow"])
    return {name: shard.as_text(total) for name, total in totals.items()}


def main():
    kept = {}
    quiet_since = time.monotonic()
    cdsw.send_message("master", {"hello": os.getpid()})
    while time.monotonic() - quiet_since < PATIENCE:
        message = cdsw.receive_message(HELLO_EVERY)
        if message is None:
            cdsw.send_message("master", {"hello": os.getpid()})
            continue
        quiet_since = time.monotonic()
        order = message.value
        if "stop" in order:
            return
        about = {name: order[name] for name in ("run", "round", "shard")}
        try:
            cdsw.send_message("master", dict(about, push=done(order, kept)))
        except (OSError, ValueError) as error:
            cdsw.send_message("master", dict(about, error=str(error)))


if __name__ == "__main__":
    main()
