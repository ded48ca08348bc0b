"""Shapley values of any function from raw features to a score: it is asked, and never looked into.

The definition is that of :mod:`core.explanation.attribution.shapley`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb

import numpy as np
import pandas as pd

from core.arrays import Floats
from core.explanation.attribution.codes import Codes
from core.explanation.attribution.contributions import Contributions, feature_names

WALKS = 200
"""Orders sampled for each row, each walked there and back."""


def by_coalitions(
    score: Callable[[pd.DataFrame], Floats], rows: pd.DataFrame, background: pd.DataFrame
) -> Contributions:
    """Explain any function from raw features to a probability by all coalitions, exactly.

    Parameters
    ----------
    score : callable
        From a DataFrame of n rows to an array of shape (n,).
    rows, background : DataFrame
        Of few features: 2 ** p times m rows are scored for each row.
    """
    codes = Codes(background, rows)
    behind, coded = codes.encode(background), codes.encode(rows)
    m, p = behind.shape
    members = (np.arange(2**p)[:, None] >> np.arange(p) & 1).astype(bool)
    size = members.sum(axis=1)
    weight = np.array([1 / (p * comb(p - 1, k)) for k in range(p)])
    values, base, own = np.zeros((len(rows), p)), 0.0, np.zeros(len(rows))
    for i, row in enumerate(coded):
        mixed = np.where(members[:, None, :], row, behind[None]).reshape(-1, p)
        worth = score(codes.decode(mixed)).reshape(-1, m).mean(axis=1)
        base, own[i] = float(worth[0]), worth[-1]
        for j in range(p):
            without = np.flatnonzero(~members[:, j])
            values[i, j] = weight[size[without]] @ (worth[without | 1 << j] - worth[without])
    return Contributions("coalitions", "probability", feature_names(rows), values, base, own, m)


def any_model(
    score: Callable[[pd.DataFrame], Floats],
    rows: pd.DataFrame,
    background: pd.DataFrame,
    *,
    orders: int | None = None,
    seed: int = 0,
) -> Contributions:
    """Explain any function from raw features to a probability by sampling orders of features.

    Each background row is walked to the person's along an order of its own, forth and back: two
    hundred orders beside one background row each tell more than ten beside a hundred, at a fifth
    of the scores. All background rows are used equally often, so that the values add up exactly.

    Parameters
    ----------
    score : callable
        From a DataFrame of n rows to an array of shape (n,).
    rows, background : DataFrame
    orders : int, optional
        Orders sampled for each background row, each walked in both directions; at least 2, whose
        spread beside one background row is the error of sampling: background rows are not drawn.
        As many by default as :data:`WALKS` asks for.
    seed : int
    """
    codes = Codes(background, rows)
    behind, coded = codes.encode(background), codes.encode(rows)
    m, p = behind.shape
    orders = orders or max(2, -(-WALKS // m))
    pairs = orders * m
    rng = np.random.default_rng(seed)

    def output(matrix: Floats) -> Floats:
        return score(codes.decode(matrix))

    base, own = output(behind), output(coded)
    values, errors = np.zeros((len(rows), p)), np.zeros((len(rows), p))
    from_row = np.tile(np.arange(m), orders)
    for i, row in enumerate(coded):
        order = rng.permuted(np.tile(np.arange(p), (pairs, 1)), axis=1)
        # Position of each feature along the way there; the way back is the same from the end.
        rank = np.argsort(order, axis=1)
        known = np.concatenate(
            [place[:, None, :] < np.arange(1, p)[:, None] for place in (rank, p - 1 - rank)]
        )
        start = np.tile(from_row, 2)
        mixed = np.where(known, row, behind[start][:, None, :])
        between = output(mixed.reshape(-1, p)).reshape(2 * pairs, p - 1)
        walked = np.column_stack([base[start], between, np.full(2 * pairs, own[i])])
        steps = np.diff(walked, axis=1)
        gained = np.take_along_axis(steps, np.concatenate([rank, p - 1 - rank]), axis=1)
        # There and back together are one draw: they share their order.
        drawn = ((gained[:pairs] + gained[pairs:]) / 2).reshape(orders, m, p)
        values[i] = drawn.mean(axis=(0, 1))
        errors[i] = np.sqrt(drawn.var(axis=0, ddof=1).mean(axis=0) / pairs)
    return Contributions(
        "any", "probability", feature_names(rows), values, float(base.mean()), own, m, errors
    )
