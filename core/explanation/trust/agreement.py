"""How far two explanations of the same person agree.

Krishna, Han, Gu, Wu, Jabbari and Lakkaraju (2022, "The disagreement problem in explainable machine
learning") define feature agreement (the share of the top k that two explanations have in common)
and sign agreement (the share of the top k in common with the same sign), and rank correlation.
Features are ranked by the absolute size of their contribution. Spearman's ρ and Kendall's τ-b
allow for ties.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from core.arrays import Floats
from core.explanation.trust.averages import averaged, mean_over
from core.fairness.metrics.assessment import Figure

TOP = 3
"""As many reasons as a person is given."""
EQUAL = "one of the two explanations gives all features the same size"
NOTHING = "one of the two explanations gives no feature any size"


@dataclass(frozen=True)
class Agreement:
    """Two explanations of the same people, compared person by person.

    Attributes
    ----------
    first, second : str
        Which explanations.
    people : int
    spearman, kendall : Figure
        Mean rank correlation in [−1, 1].
    overlap : Figure
        Mean share of the top features in common, in [0, 1].
    signs : Figure
        Mean share of the top features in common with the same sign, in [0, 1].
    top : int
        How many top features were compared.
    each : ndarray, shape (n,)
        Each person's Spearman correlation, NaN where not defined.
    """

    first: str
    second: str
    people: int
    spearman: Figure
    kendall: Figure
    overlap: Figure
    signs: Figure
    top: int
    each: Floats


def agreement(first: str, a: Floats, second: str, *others: Floats) -> Agreement:
    """Compare explanations of the same people.

    Parameters
    ----------
    first, second : str
        Their names.
    a : ndarray, shape (n, p)
        Contributions of p features for n people.
    *others : ndarray, shape (n, p)
        What they are compared with. Of several, each person's figures are averaged first: the
        same people again are no more people. A row of NaN is left out.
    """
    k = min(TOP, a.shape[1])
    figures = np.stack([[_of_pair(x, y, k) for x, y in zip(a, b, strict=True)] for b in others])
    each = averaged(figures.reshape(len(others), len(a), 4))
    return Agreement(
        first,
        second,
        len(a),
        mean_over(each[:, 0], EQUAL),
        mean_over(each[:, 1], EQUAL),
        mean_over(each[:, 2], NOTHING),
        mean_over(each[:, 3], NOTHING),
        k,
        each[:, 0],
    )


def _of_pair(x: Floats, y: Floats, k: int) -> tuple[float, float, float, float]:
    if np.isnan(x).any() or np.isnan(y).any():
        return (float("nan"),) * 4
    return (rank_correlation(x, y), kendall_tau(x, y), *top_agreement(x, y, k))


def rank_correlation(a: Floats, b: Floats) -> float:
    """Spearman's ρ of absolute contributions; NaN where all of one are equal."""
    x, y = stats.rankdata(_size(a)), stats.rankdata(_size(b))
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    x, y = x - x.mean(), y - y.mean()
    return float(np.clip(x @ y / np.sqrt((x @ x) * (y @ y)), -1, 1))


def kendall_tau(a: Floats, b: Floats) -> float:
    """Kendall's τ-b of absolute contributions; NaN where all of one are equal."""
    x, y = _size(a), _size(b)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(stats.kendalltau(x, y).statistic)


def top_agreement(a: Floats, b: Floats, k: int) -> tuple[float, float]:
    """Feature agreement and sign agreement of the top k.

    A feature without any contribution is never among the top. Where one explanation has fewer
    than k features with a contribution, k is as many as the larger of the two has.

    Returns
    -------
    tuple of (float, float)
        In [0, 1], the second at most the first; NaN where one explanation is all zeros.
    """
    x, y = _size(a), _size(b)
    if not x.any() or not y.any():
        return float("nan"), float("nan")
    tops = [[int(j) for j in np.argsort(-v, kind="stable")[:k] if v[j] > 0] for v in (x, y)]
    common = set(tops[0]) & set(tops[1])
    size = max(len(tops[0]), len(tops[1]))
    same = sum(bool(np.sign(a[j]) == np.sign(b[j])) for j in common)
    return len(common) / size, same / size


def _size(values: Floats) -> Floats:
    """Absolute contributions; what is only rounding error beside the largest counts as nothing."""
    size = np.abs(values)
    largest = size.max(initial=0.0)
    return np.where(size <= 1e-12 * largest, 0.0, size) if largest > 1e-300 else 0.0 * size
