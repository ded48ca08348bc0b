"""How the score changes with one feature: partial dependence and accumulated local effects.

Definitions
-----------
Partial dependence (Friedman 2001): the mean score of the sampled rows with the feature set to v
for all of them. Where features go together this asks about rows that nobody could be.

Accumulated local effects (Apley and Zhu 2020): within each interval of the feature, the mean
change of the score of only those rows that lie in it, from the interval's lower to its upper end;
added up from the left and shifted so that the mean over rows is 0. Categories are first put in a
row so that neighbours are alike in the other features (their appendix E: distances summed over
features, then one dimension of classical scaling).

Both have 95 % intervals from a bootstrap of the rows, with the model held as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Ints
from core.data.columns import with_column

Score = Callable[[pd.DataFrame], Floats]
ROWS = 500
"""Sampled test rows behind each curve."""
POINTS = 20
"""Values of a number, or categories, that a curve has at most."""
DRAWS = 300


@dataclass(frozen=True)
class EffectCurve:
    """How the score changes with one feature.

    Attributes
    ----------
    feature : str
    numeric : bool
    points : tuple of (float or str)
        Values of the feature; categories in the order in which effects are accumulated.
    share : ndarray, shape (k,)
        Share of the sampled rows at each category, or up to each point since the one before.
    dependence, dependence_low, dependence_high : ndarray, shape (k,)
        Mean score in [0, 1], with its 95 % interval.
    local, local_low, local_high : ndarray, shape (k,)
        Accumulated local effect: change of the score, mean 0 over rows.
    rows : int
    missing : int
        Rows without a value, which accumulated effects leave out.
    left_out : int
        Categories too rare to be drawn.
    """

    feature: str
    numeric: bool
    points: tuple[float | str, ...]
    share: Floats
    dependence: Floats
    dependence_low: Floats
    dependence_high: Floats
    local: Floats
    local_low: Floats
    local_high: Floats
    rows: int
    missing: int
    left_out: int


def effect_curve(score: Score, rows: pd.DataFrame, feature: str, *, seed: int = 0) -> EffectCurve:
    """Draw both curves of a feature.

    Parameters
    ----------
    score : callable
        From a DataFrame of n raw rows to scores of shape (n,).
    rows : DataFrame, shape (n, p)
        Sampled rows, n ≥ 2.
    feature : str
        One of its columns.
    seed : int
        Of the bootstrap.
    """
    n = len(rows)
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=DRAWS)
    column = rows[feature]
    numeric = column.dtype.kind == "f"
    if numeric:
        held = column.to_numpy(dtype=np.float64)
        known = held[~np.isnan(held)]
        points: list[float | str] = []
        if len(known):
            ends = np.quantile(known, np.linspace(0, 1, POINTS), method="inverted_cdf")
            points = [float(v) for v in np.unique(ends)]
        position = np.searchsorted(points, held) if points else np.zeros(n, dtype=np.int64)
        missing, left_out = n - len(known), 0
        here = ~np.isnan(held)
    else:
        counts = column.value_counts()
        kept = [str(v) for v in counts.index[:POINTS]]
        points = [*_order_of_categories(rows, feature, kept)]
        where = {value: k for k, value in enumerate(points)}
        position = np.array([where.get(str(v), -1) for v in column])
        missing, left_out = 0, len(counts) - len(kept)
        here = position >= 0
    each = [score(with_column(rows, feature, _filled(column, point))) for point in points]
    values = np.column_stack(each) if each else np.zeros((n, 0))
    level = values.mean(axis=0)
    low, high = _ends(weights @ values / n, level)
    if numeric:
        steps, counted = _steps_of_numbers(score, rows, feature, points, position, here)
    else:
        steps, counted = _steps_of_categories(values, position, here, len(points))
    local, _ = _accumulate(np.ones((1, n)), steps, counted, position, here, numeric)
    drawn, fine = _accumulate(weights, steps, counted, position, here, numeric)
    local_low, local_high = _ends(drawn[fine], local[0])
    share = np.bincount(position[here], minlength=len(points))[: len(points)] / n
    return EffectCurve(
        feature,
        numeric,
        tuple(points),
        share,
        level,
        low,
        high,
        local[0],
        local_low,
        local_high,
        n,
        missing,
        left_out,
    )


def effect_curves(
    score: Score, rows: pd.DataFrame, features: tuple[str, ...], *, seed: int = 0
) -> Iterator[tuple[float, tuple[EffectCurve, ...]]]:
    """Draw the curves of some features one after the other; share done, and those so far."""
    found: list[EffectCurve] = []
    for feature in features:
        found.append(effect_curve(score, rows, feature, seed=seed))
        yield len(found) / len(features), tuple(found)


def _filled(column: pd.Series, value: float | str) -> pd.Series:
    kind = np.float64 if isinstance(value, float) else object
    return pd.Series(np.full(len(column), value, dtype=kind), index=column.index)


def _ends(drawn: Floats, centre: Floats) -> tuple[Floats, Floats]:
    if not len(drawn):
        return centre.copy(), centre.copy()
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return np.minimum(low, centre), np.maximum(high, centre)


def _steps_of_numbers(
    score: Score,
    rows: pd.DataFrame,
    feature: str,
    points: list[float | str],
    position: Ints,
    here: Flags,
) -> tuple[Floats, Floats]:
    """Change of each row's score over its own interval, shape (n, k); and which entries count."""
    steps = np.zeros((len(rows), max(len(points), 1)))
    counted = np.zeros_like(steps)
    if len(points) < 2:
        return steps[:, : len(points)], counted[:, : len(points)]
    # The lowest value belongs to the first interval (Apley and Zhu 2020, equation 15).
    upper = np.clip(position, 1, len(points) - 1)
    ends = np.array(points, dtype=np.float64)
    own = np.flatnonzero(here)
    above = score(with_column(rows.iloc[own], feature, ends[upper[own]]))
    below = score(with_column(rows.iloc[own], feature, ends[upper[own] - 1]))
    steps[own, upper[own]] = above - below
    counted[own, upper[own]] = 1.0
    return steps, counted


def _steps_of_categories(
    values: Floats, position: Ints, here: Flags, size: int
) -> tuple[Floats, Floats]:
    """As for numbers: a row says what the steps to both of its neighbours would change."""
    steps, counted = np.zeros_like(values), np.zeros_like(values)
    for k in range(1, size):
        near = here & ((position == k) | (position == k - 1))
        steps[near, k] = values[near, k] - values[near, k - 1]
        counted[near, k] = 1.0
    return steps, counted


def _accumulate(
    weights: Floats | Ints,
    steps: Floats,
    counted: Floats,
    position: Ints,
    here: Flags,
    numeric: bool,
) -> tuple[Floats, Flags]:
    """Accumulate for each set of weights, shape (draws, k); and where no interval was empty."""
    size = steps.shape[1]
    held = weights @ counted
    mean = np.divide(weights @ steps, held, out=np.zeros(held.shape), where=held > 0)
    total = np.cumsum(mean, axis=1)
    at = np.zeros((len(steps), size))
    own = np.flatnonzero(here)
    if numeric and size > 1:
        upper = np.clip(position[own], 1, size - 1)
        at[own, upper] += 0.5
        at[own, upper - 1] += 0.5
    elif size:
        at[own, np.clip(position[own], 0, size - 1)] = 1.0
    share = weights @ at
    amount = share.sum(axis=1, keepdims=True)
    centre = np.divide(
        (share * total).sum(axis=1, keepdims=True),
        amount,
        out=np.zeros(amount.shape),
        where=amount > 0,
    )
    fine = np.asarray((held[:, 1:] > 0).all(axis=1) & (amount[:, 0] > 0))
    return total - centre, fine


def _order_of_categories(rows: pd.DataFrame, feature: str, names: list[str]) -> list[str]:
    """Put categories in a row by how alike their rows are in the other features."""
    k = len(names)
    if k < 3:
        return sorted(names)
    own = rows[feature].astype(str).to_numpy()
    apart = np.zeros((k, k))
    for other in rows:
        if other == feature:
            continue
        column = rows[other]
        if column.dtype.kind == "f":
            held = column.to_numpy(dtype=np.float64)
            known = held[~np.isnan(held)]
            if not len(known):
                continue
            grid = np.unique(np.quantile(known, np.linspace(0, 1, 50)))
            below = np.array([_below(held[own == name], grid) for name in names])
            apart += np.abs(below[:, None] - below[None]).max(axis=2)
        else:
            codes, levels = pd.factorize(column.astype(str))
            parts = np.array(
                [np.bincount(codes[own == name], minlength=len(levels)) for name in names]
            )
            parts = parts / parts.sum(axis=1, keepdims=True)
            apart += np.abs(parts[:, None] - parts[None]).sum(axis=2) / 2
    middle = np.eye(k) - 1 / k
    _, vectors = np.linalg.eigh(-middle @ np.square(apart) @ middle / 2)
    line = vectors[:, -1]
    # An eigenvector's sign is arbitrary: the most frequent category is on the left half.
    line = line if line[0] <= 0 else -line
    return [names[i] for i in np.argsort(line, kind="stable")]


def _below(values: Floats, grid: Floats) -> Floats:
    known = np.sort(values[~np.isnan(values)])
    if not len(known):
        return np.zeros(len(grid))
    return np.asarray(np.searchsorted(known, grid, side="right") / len(known))
