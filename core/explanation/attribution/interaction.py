"""Which other feature changes what a feature contributes, read from its Shapley values.

A feature's contribution is split into what its own value explains (its mean within up to 20 bins of
the value) and the rest. The partner is the feature whose bins, crossed with coarse bins of the
value, explain most of that rest, as the adjusted share of its variance, so that many bins gain
nothing by chance. A heuristic in the manner of shap's ``approximate_interactions``, not an
interaction value.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.arrays import Floats, Ints

NEGLIGIBLE = 0.01
"""A rest below this share of a contribution's variance is taken to be none."""


def strongest_partner(values: Floats, rows: pd.DataFrame, feature: str) -> tuple[str | None, float]:
    """Find the feature that a feature acts together with most.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Shapley values of the feature.
    rows : DataFrame, shape (n, p)
        Raw values of the same rows.
    feature : str

    Returns
    -------
    tuple of (str or None, float)
        The partner and the share of the rest that it explains, in [0, 1]; None where the rest is
        negligible or no feature explains any of it.
    """
    spread = float(values.var())
    codes, count = _codes(rows[feature], 20)
    rest = values - _means(codes, values, count)[codes]
    if spread <= 0 or rest.var() < NEGLIGIBLE * spread:
        return None, 0.0
    coarse, _ = _codes(rows[feature], 5)
    best: tuple[str | None, float] = (None, 0.0)
    for other in map(str, rows):
        if other == feature:
            continue
        theirs, size = _codes(rows[other], 8)
        # Together with the feature's own value: what a partner adds may change sign along it.
        codes = coarse * size + theirs
        count = int(codes.max()) + 1
        used = len(np.unique(codes))
        if len(values) <= used + 1:
            continue
        left = float((rest - _means(codes, rest, count)[codes]).var())
        share = 1 - left / float(rest.var()) * (len(values) - 1) / (len(values) - used)
        if share > best[1]:
            best = (other, share)
    return best


def _means(codes: Ints, values: Floats, count: int) -> Floats:
    size = np.bincount(codes, minlength=count)
    return np.asarray(np.bincount(codes, weights=values, minlength=count) / np.maximum(size, 1))


def _codes(column: pd.Series, bins: int) -> tuple[Ints, int]:
    if column.dtype.kind != "f":
        codes, levels = pd.factorize(column.astype(str))
        return np.asarray(codes, dtype=np.int64), len(levels)
    held = column.to_numpy(dtype=np.float64)
    known = held[~np.isnan(held)]
    if not len(known):
        return np.zeros(len(held), dtype=np.int64), 1
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1]))
    found = np.where(np.isnan(held), len(cuts) + 1, np.searchsorted(cuts, held))
    return np.asarray(found, dtype=np.int64), len(cuts) + 2
