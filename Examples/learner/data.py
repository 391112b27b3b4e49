#!/usr/bin/env python3
"""Prints seeded data to learn from: lines of numbers with commas between, the last one the target.

    python3 data.py linear --rows 2000 --features 5 --seed 1 > linear.csv
    python3 data.py logistic --rows 2000 --features 5 --seed 1 > logistic.csv
"""
import argparse
import math
import random


def rows(model, count, feature_count, seed):
    """Yields lists of numbers. Features have scales of their own, and later ones go along with the first a little."""
    chance = random.Random(seed)
    truth = [chance.uniform(-1.5, 1.5) for _ in range(feature_count + 1)]
    for _ in range(count):
        first = chance.gauss(0, 1)
        features = [first] + [0.4 * first + chance.gauss(0, 1) for _ in range(feature_count - 1)]
        score = truth[0] + math.fsum(weight * feature for weight, feature in zip(truth[1:], features))
        if model == "linear":
            target = round(score + chance.gauss(0, 0.5), 6)
        else:
            target = int(chance.random() < 1 / (1 + math.exp(-score)))
        yield [round(feature * 2 ** index, 6) for index, feature in enumerate(features)] + [target]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=["linear", "logistic"])
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--features", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for row in rows(options.model, options.rows, options.features, options.seed):
        print(*row, sep=",")


if __name__ == "__main__":
    main()
