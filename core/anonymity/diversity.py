"""How varied the sensitive value is within each equivalence class: l-diversity and t-closeness.

Counts are kept for the pairs of class and value that occur, so that a column of many values costs
no more than its rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Floats, Ints

CHUNK = 8_000_000
"""Cells of classes × values that are held at once for the ordered distance."""


@dataclass(frozen=True, eq=False)
class Diversity:
    """Each class's figures, shape (c,).

    Attributes
    ----------
    size : ndarray of float64
        Rows.
    distinct : ndarray of int64
        Distinct sensitive values: distinct l-diversity (Machanavajjhala et al. 2007, ACM TKDD 1).
    entropy : ndarray of float64
        exp of the Shannon entropy of the sensitive value, in [1, distinct]: the l of entropy
        l-diversity (the same paper), not rounded down.
    top : ndarray of float64
        Share of the most frequent sensitive value, in (0, 1].
    """

    size: Floats
    distinct: Ints
    entropy: Floats
    top: Floats


def pairs(classes: Ints, values: Ints, weights: Floats | None = None) -> tuple[Ints, Ints, Floats]:
    """Count rows for each pair of class and value that occurs: classes, values, counts."""
    width = int(values.max(initial=0)) + 1
    keys, inverse = np.unique(classes * width + values, return_inverse=True)
    counts = np.bincount(inverse, weights=weights, minlength=len(keys)).astype(np.float64)
    return keys // width, keys % width, counts


def diversity(classes: Ints, values: Ints, weights: Floats | None = None) -> Diversity:
    """Measure every class.

    Parameters
    ----------
    classes, values : ndarray of int64, shape (n,)
        Codes from 0 without gaps of class and sensitive value.
    weights : ndarray of float64, shape (n,), optional
        Rows that an entry stands for, above 0.
    """
    number = int(classes.max(initial=-1)) + 1
    of, _, counts = pairs(classes, values, weights)
    size = np.bincount(of, weights=counts, minlength=number).astype(np.float64)
    share = counts / size[of]
    entropy = np.exp(np.bincount(of, weights=-share * np.log(share), minlength=number))
    top = np.zeros(number)
    np.maximum.at(top, of, share)
    return Diversity(size, np.bincount(of, minlength=number).astype(np.int64), entropy, top)


def distances(
    classes: Ints, values: Ints, *, ordered: bool, weights: Floats | None = None
) -> Floats:
    """Distance of each class's distribution of the sensitive value from that of all rows.

    Li, Li and Venkatasubramanian 2007, "t-Closeness", ICDE, sections 4.1 and 4.2: the earth
    mover's distance, with equal distances between categories (half the sum of absolute
    differences), or with |i − j| / (m − 1) between the i-th and j-th of m ordered values.

    Parameters
    ----------
    classes, values : ndarray of int64, shape (n,)
        From 0 without gaps.
    ordered : bool
        Whether values have an order, as numbers do.
    weights : ndarray of float64, shape (n,), optional

    Returns
    -------
    ndarray of float64, shape (c,)
        In [0, 1].
    """
    number, width = int(classes.max(initial=-1)) + 1, int(values.max(initial=0)) + 1
    of, value, counts = pairs(classes, values, weights)
    size = np.bincount(of, weights=counts, minlength=number)
    share = counts / size[of]
    everyone = np.bincount(value, weights=counts, minlength=width) / counts.sum()
    if width == 1:
        return np.zeros(number)
    if not ordered:
        over = np.clip(share - everyone[value], 0.0, None)
        return np.bincount(of, weights=over, minlength=number).astype(np.float64)
    out = np.zeros(number)
    step = max(1, CHUNK // width)
    below = np.cumsum(everyone)
    for first in range(0, number, step):
        inside = (of >= first) & (of < first + step)
        dense = np.zeros((min(step, number - first), width))
        dense[of[inside] - first, value[inside]] = share[inside]
        out[first : first + step] = np.abs(np.cumsum(dense, axis=1) - below).sum(axis=1)
    return out / (width - 1)
