"""Finds the weights of the least loss, given somebody who sums over the data.

least takes total(weights), which answers sums by name as shard.py names them, and a tolerance: it stops where the next step
would change no weight by more than that (times the weight, where it is larger than 1).
"""
import shard

ROUNDS_MAX = 200
CONFIRMED = 1e-7
"""How far away the least loss may seem to be in the end, or 1000 times the tolerance where that is more."""
AMBIGUOUS = "some feature follows from others, or two classes can be told apart without error"


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
    """The solution of linear equations with ones on the diagonal, by elimination with the largest pivot."""
    rows = [[*row, value] for row, value in zip(matrix, right)]
    count = len(rows)
    for index in range(count):
        best = max(range(index, count), key=lambda row: abs(rows[row][index]))
        if abs(rows[best][index]) <= 1e-13:
            raise NoAnswer(f"{AMBIGUOUS}: try --ridge 1")
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
        if not all(point.curvature[index, index] > 0 for index in range(count)):
            raise NoAnswer(f"a feature is 0 in all rows, or {AMBIGUOUS}: leave it out, or try --ridge 1")
        # Features may have any scale: in these ones all have the same.
        scale = [point.curvature[index, index] ** 0.5 for index in range(count)]
        matrix = [
            [point.curvature[min(row, column), max(row, column)] / scale[row] / scale[column] for column in range(count)]
            for row in range(count)]
        right = [part / one for part, one in zip(point.gradient, scale)]
        return [-change / one for change, one in zip(solved(matrix, right), scale)]

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


def length(step, weights):
    """The largest part of a step, as the tolerance measures it."""
    return max(abs(part) / max(1.0, abs(weight)) for part, weight in zip(step, weights))


def confirm(totals, weights, ridge, tolerance):
    """Raises where weights are not those of the least loss, or not the only ones. Takes sums with all second derivatives."""
    away = length(Newton().step(Point(weights, totals, ridge)), weights)
    if away > max(CONFIRMED, 1000 * tolerance):
        raise NoAnswer(f"it ends {away:.1e} away from the least loss; maybe {AMBIGUOUS}: try --ridge 1")


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
        size = length(step, point.weights)
        tell(number, size)
        if size <= tolerance:
            return point.weights
        weights = [weight + part for weight, part in zip(point.weights, step)]
    raise NoAnswer(f"no end after {ROUNDS_MAX} rounds: try --ridge 1, or a larger --tolerance")
