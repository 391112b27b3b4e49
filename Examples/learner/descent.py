"""Finds the weights of the least loss, given somebody who sums over the data.

Both take total(weights), which answers sums by name as shard.py names them, and a tolerance: they stop where the next step
would change no weight by more than that (times the weight, where it is larger than 1).
"""
import shard

ROUNDS_MAX = 200


class NoAnswer(Exception):
    """There is no single best answer, or it is not to be had from this data."""


class Point:
    """Weights, with the gradient and second derivatives there, the ridge's share included."""

    def __init__(self, weights, totals, ridge):
        self.weights = weights
        count = len(weights)
        self.gradient = [shard.rounded(totals.get(f"g{index}", 0)) for index in range(count)]
        self.curvature = {
            (low, high): shard.rounded(totals[f"h{low},{high}"])
            for high in range(count) for low in range(high + 1) if f"h{low},{high}" in totals}
        for index in range(1, count):
            self.gradient[index] += ridge * weights[index]
            if (index, index) in self.curvature:
                self.curvature[index, index] += ridge


def dot(one, other):
    return sum(left * right for left, right in zip(one, other))


def solved(matrix, right):
    """The solution of linear equations, by elimination with the largest pivot."""
    rows = [[*row, value] for row, value in zip(matrix, right)]
    count = len(rows)
    largest = max((abs(value) for row in matrix for value in row), default=0)
    for index in range(count):
        best = max(range(index, count), key=lambda row: abs(rows[row][index]))
        if abs(rows[best][index]) <= 1e-14 * largest:
            raise NoAnswer("some features follow from others, or two classes can be told apart without error: try --ridge 1")
        rows[index], rows[best] = rows[best], rows[index]
        for row in rows[index + 1:]:
            factor = row[index] / rows[index][index]
            for column in range(index, count + 1):
                row[column] -= factor * rows[index][column]
    for index in reversed(range(count)):
        known = sum(rows[index][column] * rows[column][count] for column in range(index + 1, count))
        rows[index][count] = (rows[index][count] - known) / rows[index][index]
    return [row[count] for row in rows]


class Newton:
    """Steps by the second derivatives: few rounds, each of which sums all of them."""

    def step(self, point):
        count = len(point.weights)
        matrix = [[point.curvature[min(row, column), max(row, column)] for column in range(count)] for row in range(count)]
        return [-change for change in solved(matrix, point.gradient)]

    def learn(self, before, after):
        pass


class QuasiNewton:
    """Steps by gradients alone: what they change by from round to round tells the second derivatives (BFGS).

    It begins with what the first round says about each weight by itself.
    """

    def __init__(self):
        self.inverse = None

    def step(self, point):
        count = len(point.weights)
        if self.inverse is None:
            if not all(point.curvature[index, index] > 0 for index in range(count)):
                raise NoAnswer("a feature is 0 in all rows: leave it out")
            self.inverse = [
                [1 / point.curvature[row, row] if row == column else 0.0 for column in range(count)] for row in range(count)]
        return [-dot(row, point.gradient) for row in self.inverse]

    def learn(self, before, after):
        moved = [new - old for new, old in zip(after.weights, before.weights)]
        turned = [new - old for new, old in zip(after.gradient, before.gradient)]
        bend = dot(moved, turned)
        if bend <= 0:  # So near to the end that rounding has the last word.
            return
        pushed = [dot(row, turned) for row in self.inverse]
        both = (1 + dot(turned, pushed) / bend) / bend
        count = len(moved)
        for row in range(count):
            for column in range(count):
                self.inverse[row][column] += (
                    both * moved[row] * moved[column]
                    - (moved[row] * pushed[column] + pushed[row] * moved[column]) / bend)


def least(total, weight_count, method, ridge, tolerance, tell):
    """Goes from all weights 0 to the weights of the least loss. tell(round, step) hears of each round."""
    point = None
    weights, step, slope = [0.0] * weight_count, None, 0.0
    for number in range(1, ROUNDS_MAX + 1):
        tried = Point(weights, total(weights), ridge)
        if point is not None:
            rise = dot(tried.gradient, step)
            method.learn(point, tried)
            if rise > -0.9 * slope:
                # Far beyond the lowest point along this line: back to where a straight slope has its zero.
                step = [part * slope / (slope - rise) for part in step]
                slope = dot(point.gradient, step)
                weights = [weight + part for weight, part in zip(point.weights, step)]
                tell(number, max(map(abs, step)))
                continue
        point = tried
        step = method.step(point)
        slope = dot(point.gradient, step)
        size = max(abs(part) / max(1.0, abs(weight)) for part, weight in zip(step, point.weights))
        tell(number, size)
        if size <= tolerance:
            return point.weights
        weights = [weight + part for weight, part in zip(point.weights, step)]
    raise NoAnswer(f"no end after {ROUNDS_MAX} rounds: try --ridge 1, or a larger --tolerance")
