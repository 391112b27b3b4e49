#!/usr/bin/env python3
"""What is computed of a piece of the data: sums over its rows, without any rounding.

As a mapper (shard.py map) it reads rows and writes sums as lines NAME TAB NUMBER; as a reducer (shard.py reduce) it adds
these up. What it needs to know stands in the file task.json beside it. The workers of the parameter server import it.
"""
import itertools
import json
import math
import sys
import time

# Every finite double is a whole number of these, so sums of whole numbers are exact, in any order.
UNITS_PER_ONE = 1 << 1074


def units(number):
    """A double as a whole number of the smallest positive double."""
    numerator, denominator = number.as_integer_ratio()
    return numerator * (UNITS_PER_ONE // denominator)


def rounded(total):
    """The double next to a number of units."""
    return total / UNITS_PER_ONE


def row(line, model, weight_count=None):
    """The features of a line, after a 1 for the intercept, and its target; None for an empty line."""
    if not line.strip():
        return None
    shown = repr(line.strip()[:80])
    try:
        *features, target = map(float, line.split(","))
    except ValueError as error:
        raise ValueError(f"a row is numbers with commas between, and this is none: {shown}") from error
    if not all(map(math.isfinite, [*features, target])):
        raise ValueError(f"a row has finite numbers: {shown}")
    if weight_count not in (None, 1 + len(features)):
        raise ValueError(f"{weight_count - 1} features and a target were expected, and a row has {1 + len(features)} numbers: {shown}")
    if model == "logistic" and target not in (0, 1):
        raise ValueError(f"the target of a logistic model, the last number of a row, is 0 or 1, and here it is neither: {shown}")
    return [1.0, *features], target


def slopes(model, weights, features, target):
    """The first and second derivative of a row's loss by its score, which is the sum of weights times features.

    The loss is half the squared error (linear), or minus the logarithm of the probability of the target (logistic).
    """
    score = math.fsum(weight * feature for weight, feature in zip(weights, features))
    if model == "linear":
        return score - target, 1.0
    tail = math.exp(-abs(score))
    chance = (1 if score >= 0 else tail) / (1 + tail)
    return chance - target, tail / (1 + tail) ** 2


def sums(rows, model, weights, curvature):
    """Sums over rows by name: the count of rows, the gradient of the loss (g0, g1, ...), and its second derivatives.

    curvature is "all" (h0,0 and so on, of pairs), or "diagonal" for those of a weight with itself.
    """
    totals = {"rows": 0}

    def add(name, number):
        totals[name] = totals.get(name, 0) + units(number)

    for features, target in rows:
        first, second = slopes(model, weights, features, target)
        totals["rows"] += UNITS_PER_ONE
        for index, feature in enumerate(features):
            add(f"g{index}", first * feature)
            for other in range(index if curvature == "diagonal" else 0, index + 1):
                add(f"h{other},{index}", second * feature * features[other])
    return totals


def as_text(total):
    return f"{total:x}"


def as_total(text):
    return int(text, 16)


def parsed(lines, model, weight_count):
    return [found for line in lines if (found := row(line, model, weight_count)) is not None]


def main():
    if sys.argv[1] == "map":
        with open("task.json") as file:
            task = json.load(file)
        weights = [float.fromhex(weight) for weight in task["weights"]]
        try:
            rows = parsed(sys.stdin, task["model"], len(weights))
        except ValueError as error:
            sys.exit(f"shard.py: {error}")
        for name, total in sums(rows, task["model"], weights, "all").items():
            print(name, as_text(total), sep="\t")
        time.sleep(task["slow"])
    else:
        pairs = (line.rstrip("\n").split("\t") for line in sys.stdin)
        for name, group in itertools.groupby(pairs, key=lambda pair: pair[0]):
            print(name, as_text(sum(as_total(text) for _, text in group)), sep="\t")


if __name__ == "__main__":
    main()
