"""What anyone can tell of hidden entries of a table of counts."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from core.anonymity.suppression import Suppressed


def bounds(table: Suppressed) -> dict[tuple[int, int], tuple[float, float]]:
    """Compute what anyone can tell of each hidden entry from the published ones.

    The smallest and largest value that leaves all sums right and no count negative, by linear
    programming. The constraints are those of a network, so the ends are whole numbers that a table
    of counts does reach.

    Returns
    -------
    dict of (int, int) to (float, float)
        The upper end is infinite where nothing bounds it.
    """
    places = [(int(i), int(j)) for i, j in zip(*np.nonzero(table.hidden), strict=True)]
    position = {place: index for index, place in enumerate(places)}
    rows, columns = table.counts.shape
    lines = [[(i, j) for j in range(columns)] for i in range(rows)]
    lines += [[(i, j) for i in range(rows)] for j in range(columns)]
    matrix, right = [], []
    for line in lines:
        coefficients, known = np.zeros(len(places)), 0.0
        for place in line:
            sign = -1.0 if place == line[-1] else 1.0
            if place in position:
                coefficients[position[place]] = sign
            else:
                known += sign * float(table.counts[place])
        if coefficients.any():
            matrix.append(coefficients)
            right.append(-known)
    out = {}
    for place, index in position.items():
        ends = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(places))
            cost[index] = sign
            found = linprog(cost, A_eq=np.array(matrix), b_eq=right, bounds=(0, None))
            ends.append(float(sign * found.fun) if found.status == 0 else np.inf)
        out[place] = (ends[0], ends[1])
    return out


def disclosed(table: Suppressed) -> tuple[tuple[int, int], ...]:
    """Hidden entries that can be computed exactly, by :func:`bounds`; none if it did its work."""
    return tuple(place for place, (low, high) in bounds(table).items() if high - low < 1e-6)
