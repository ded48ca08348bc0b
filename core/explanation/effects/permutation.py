"""Permutation importance on test rows: how much worse the score gets when a feature is shuffled.

Definition
----------
Breiman (2001), Fisher, Rudin and Dominici (2019): the feature's values are dealt to other rows at
random, which breaks its tie to the outcome and to the other features. The loss is the Brier score
(mean squared difference of score and outcome, from 0 to 1), which adds up over rows, so that the
importance of a group is the mean over its rows. Intervals are from a bootstrap of rows; the mean
over repeats of shuffling is taken first, so what that leaves open is in them too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Objects
from core.data.columns import with_column

ROWS = 2000
REPEATS = 5
DRAWS = 400
FEWEST = 20
"""Rows of a group below which its importance is not given."""


@dataclass(frozen=True)
class GroupImportance:
    """Importance of one feature for the rows of one group; ``group`` None is all rows.

    Attributes
    ----------
    group : str or None
    estimate : float
        Rise of the Brier score, in [-1, 1].
    interval : tuple of (float, float)
        95 %.
    """

    group: str | None
    estimate: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class PermutationImportance:
    """Importance of all features.

    Attributes
    ----------
    features : tuple of str
        The most important first.
    importance : tuple of tuple of GroupImportance
        For each feature: all rows, then each group that is large enough.
    loss : float
        Brier score with all features as they are.
    rows, repeats : int
    left_out : tuple of str
        Groups with too few rows.
    """

    features: tuple[str, ...]
    importance: tuple[tuple[GroupImportance, ...], ...]
    loss: float
    rows: int
    repeats: int
    left_out: tuple[str, ...]


def permutation_importance(
    score: Callable[[pd.DataFrame], Floats],
    rows: pd.DataFrame,
    target: Flags,
    groups: Objects,
    *,
    seed: int = 0,
) -> Iterator[tuple[float, PermutationImportance]]:
    """Shuffle one feature after the other.

    Parameters
    ----------
    score : callable
        From a DataFrame of n raw rows to scores of shape (n,).
    rows : DataFrame, shape (n, p)
    target : ndarray of bool, shape (n,)
    groups : ndarray of str, shape (n,)
    seed : int

    Yields
    ------
    tuple of (float, PermutationImportance)
        Share done in (0, 1], and the features done so far.
    """
    rng = np.random.default_rng(seed)
    n = len(rows)
    before = np.square(score(rows) - target)
    names, counts = np.unique(groups.astype(str), return_counts=True)
    parts: list[tuple[str | None, Flags]] = [(None, np.ones(n, dtype=bool))]
    parts += [(str(g), groups == g) for g, c in zip(names, counts, strict=True) if c >= FEWEST]
    left_out = tuple(str(g) for g, c in zip(names, counts, strict=True) if c < FEWEST)
    weights = [
        rng.multinomial(int(part.sum()), np.full(int(part.sum()), 1 / part.sum()), size=DRAWS)
        for _, part in parts
    ]
    found: list[tuple[str, tuple[GroupImportance, ...]]] = []
    for feature in [str(c) for c in rows]:
        change = np.zeros(n)
        for _ in range(REPEATS):
            dealt = rows[feature].to_numpy()[rng.permutation(n)]
            change += np.square(score(with_column(rows, feature, dealt)) - target) - before
        change /= REPEATS
        each = []
        for (group, part), weight in zip(parts, weights, strict=True):
            own = change[part]
            low, high = np.quantile(weight @ own / len(own), [0.025, 0.975])
            each.append(GroupImportance(group, float(own.mean()), (float(low), float(high))))
        found.append((feature, tuple(each)))
        ordered = sorted(found, key=lambda item: -item[1][0].estimate)
        yield (
            len(found) / rows.shape[1],
            PermutationImportance(
                tuple(name for name, _ in ordered),
                tuple(own for _, own in ordered),
                float(before.mean()),
                n,
                REPEATS,
                left_out,
            ),
        )
