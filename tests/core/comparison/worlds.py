"""Populations of two models' decisions with known rates, and samples of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.comparison.paired.joint_cells import JointCells

Floats = npt.NDArray[np.float64]


def population(
    shares: list[float],
    rates_a: list[tuple[float, float]],
    rates_b: list[tuple[float, float]],
    base: float = 0.5,
    agreement: float = 0.7,
) -> Floats:
    """Probabilities of group × label × decision A × decision B.

    Rates are (true positive, false positive) by group; with probability ``agreement`` both models
    throw the same die, otherwise each its own.
    """
    cells = np.zeros((len(shares), 2, 2, 2))
    for g, share in enumerate(shares):
        for label, chance in ((1, base), (0, 1 - base)):
            a, b = rates_a[g][1 - label], rates_b[g][1 - label]
            both = agreement * min(a, b) + (1 - agreement) * a * b
            cells[g, label] = (
                share * chance * np.array([[1 - a - b + both, b - both], [a - both, both]])
            )
    return cells


def sample(cells: Floats, n: int, rng: np.random.Generator) -> JointCells:
    return JointCells(rng.multinomial(n, cells.ravel()).reshape(cells.shape).astype(np.int64))


def rows_of(cells: JointCells) -> tuple[npt.NDArray[np.str_], ...]:
    """Group, label, decision A and decision B of single people with these counts."""
    g, y, a, b = (
        np.repeat(axis.ravel(), cells.count.ravel()) for axis in np.indices(cells.count.shape)
    )
    return g.astype(str), y == 1, a == 1, b == 1
