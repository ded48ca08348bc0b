"""Is a group's rate different from the rest's: tests, false discoveries, and what they can see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri
from scipy.stats import hypergeom

from core.errors import InputError
from core.fairness.cube import OutcomeCube
from core.fairness.intervals import Ends, clopper_pearson, effective_size, normal_quantile
from core.fairness.metrics import METRICS, GroupMetric

Floats = npt.NDArray[np.float64]

SMALLEST_EXPECTED = 20
"""With a smaller expected count in any cell the exact test is used: the score test of two groups of
25 with a rate of one half gives a false alarm in 6.5 % instead of 5 % of samples."""


@dataclass(frozen=True)
class GroupTest:
    """A group's rate against that of all others.

    Attributes
    ----------
    group : str
    size : float
        Rows that the rate is computed over, effective where weighted.
    difference : float or None
        The group's rate minus that of the rest.
    p_value, adjusted : float or None
        Of the difference; and by Benjamini and Hochberg over all groups that could be tested.
    method : str
        "score test" or "Fisher's exact test, mid-p"; empty where there is none.
    detectable : float or None
        Smallest true gap that a group of this size shows in 80 of 100 samples, either way.
    reason : str or None
        Why it could not be tested.
    """

    group: str
    size: float
    difference: float | None
    p_value: float | None
    adjusted: float | None
    method: str
    detectable: float | None
    reason: str | None = None


def rate_counts(cube: OutcomeCube, metric: str) -> tuple[GroupMetric, Floats, Floats]:
    """Weighted share of hits, and effective number of trials, in every group of a cube.

    Returns
    -------
    tuple of the metric, hits as an effective number, and trials, each of shape (g,)

    Raises
    ------
    InputError
        If the metric is no share of rows.
    """
    definition = METRICS[metric]
    if not isinstance(definition, GroupMetric) or definition.rate is None:
        rates = ", ".join(m.name for m in METRICS if m.kind == "rate")
        raise InputError(
            "it is no share of rows, so there is no test of it",
            where=metric,
            remedy=f"Choose one of: {rates}",
        )
    _, trials = definition.rate
    size = effective_size(trials(cube.weight), trials(cube.weight_squared))
    share = np.nan_to_num(definition.value(cube.weight), nan=0.0)
    return definition, share * size, size


def group_and_rest(cube: OutcomeCube, position: int) -> OutcomeCube:
    """Merge all other groups into one; the chosen group comes first."""

    def split(cells: npt.NDArray[Any]) -> npt.NDArray[Any]:
        # Summed without the group: a total minus the group would leave rounding behind.
        return np.stack([cells[position], np.delete(cells, position, axis=0).sum(axis=0)])

    return OutcomeCube(
        ("group",),
        (("group",), ("rest",)),
        split(cube.count),
        split(cube.weight),
        split(cube.weight_squared),
        cube.weighted,
    )


def against_rest(cube: OutcomeCube, metric: str, *, power: float = 0.8) -> tuple[GroupTest, ...]:
    """Test each group's rate against the rest's, controlling false discoveries across groups.

    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57.

    Parameters
    ----------
    cube : OutcomeCube
    metric : str
        A share of rows, in :data:`core.fairness.metrics.METRICS`.
    power : float
        For the smallest gap that could be seen, at 5 %; in (0.5, 1).

    Raises
    ------
    InputError
        If the metric is no share of rows, or the power out of range.
    """
    if not 0.5 < power < 1:
        raise InputError("it must lie between 0.5 and 1", where=f"power {power}")
    names = [" · ".join(group) or "everyone" for group in cube.groups]
    found: list[GroupTest] = []
    for position, name in enumerate(names):
        definition, hits, trials = rate_counts(group_and_rest(cube, position), metric)
        size = float(trials[0])
        if (trials <= 0).any():
            where = "in this group" if trials[0] <= 0 else "outside this group"
            assert definition.rate is not None
            why = f"no {definition.rate[1].phrase} {where}"
            found.append(GroupTest(name, size, None, None, None, "", None, why))
            continue
        p_value, method = two_rates(hits[0], trials[0], hits[1], trials[1])
        rates = hits / trials
        found.append(
            GroupTest(
                name,
                size,
                float(rates[0] - rates[1]),
                p_value,
                None,
                method,
                detectable_gap(float(trials[0]), float(trials[1]), float(rates[1]), power=power),
            )
        )
    tested = [test for test in found if test.p_value is not None]
    adjusted = iter(benjamini_hochberg(np.array([t.p_value for t in tested], dtype=np.float64)))
    return tuple(
        test
        if test.p_value is None
        else GroupTest(
            test.group, test.size, test.difference, test.p_value, float(next(adjusted)),
            test.method, test.detectable,
        )
        for test in found
    )  # fmt: skip


def two_rates(hits1: float, size1: float, hits2: float, size2: float) -> tuple[float, str]:
    """Two-sided p-value of two rates being equal.

    The pooled score test with the factor (N − 1) / N (Campbell 2007, Statistics in Medicine 26)
    where every expected count is at least :data:`SMALLEST_EXPECTED`. Otherwise Fisher's exact test
    with the mid-p-value (Lancaster 1961, Journal of the American Statistical Association 56; Hirji,
    Tan and Elashoff 1991, Statistics in Medicine 10), as the plain one is needlessly cautious.
    Effective sizes are rounded down for it.

    Parameters
    ----------
    hits1, hits2 : float
        0 to the sizes.
    size1, size2 : float
        Above 0.

    Returns
    -------
    tuple of the p-value, in [0, 1], and the test's name
    """
    total = size1 + size2
    pooled = (hits1 + hits2) / total
    if min(size1, size2) * min(pooled, 1 - pooled) >= SMALLEST_EXPECTED:
        error = np.sqrt(pooled * (1 - pooled) * (1 / size1 + 1 / size2))
        z = (hits1 / size1 - hits2 / size2) / error * np.sqrt((total - 1) / total)
        return float(2 * ndtr(-abs(z))), "score test"
    whole = [int(size + 1e-9) for size in (size1, size2)]
    hits = [round(h / n * m) for h, n, m in zip((hits1, hits2), (size1, size2), whole, strict=True)]
    return _mid_p(hits[0], whole[0], hits[1], whole[1]), "Fisher's exact test, mid-p"


def _mid_p(hits1: int, size1: int, hits2: int, size2: int) -> float:
    """Probability of tables less likely than this one, plus half of those as likely."""
    total, drawn = size1 + size2, hits1 + hits2
    possible = np.arange(max(0, drawn - size2), min(size1, drawn) + 1)
    chance = hypergeom.pmf(possible, total, drawn, size1)
    seen = chance[hits1 - possible[0]]
    as_likely = np.isclose(chance, seen, rtol=1e-9, atol=0)
    return min(1.0, float(chance[(chance < seen) & ~as_likely].sum() + chance[as_likely].sum() / 2))


def benjamini_hochberg(p_values: Floats) -> Floats:
    """Adjust p-values: of those below q, at most a share q is false on average.

    Parameters
    ----------
    p_values : ndarray, shape (m,)
        In [0, 1].
    """
    m = len(p_values)
    order = np.argsort(p_values)[::-1]
    stepped = p_values[order] * m / np.arange(m, 0, -1)
    out = np.empty(m)
    out[order] = np.minimum(np.minimum.accumulate(stepped), 1.0)
    return out


def exact_intervals(cube: OutcomeCube, metric: str, level: float = 0.95) -> Ends:
    """Clopper–Pearson intervals of a rate in every group, shape (g,); NaN without any row.

    The exact alternative to Wilson's intervals of an assessment. InputError if it is no rate.
    """
    _, hits, size = rate_counts(cube, metric)
    some = size > 0
    low, high = clopper_pearson(np.where(some, hits, 0), np.where(some, size, 1), level)
    return np.where(some, low, np.nan), np.where(some, high, np.nan)


def detectable_gap(
    size1: float, size2: float, rate2: float, *, level: float = 0.95, power: float = 0.8
) -> float | None:
    """Smallest gap that a two-sided test of two rates finds with this power.

    Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, section 4.2:
    z(α/2) √(p̄ q̄ (1/n₁ + 1/n₂)) + z(power) √(p₁q₁/n₁ + p₂q₂/n₂) = |p₁ − p₂|, solved for p₁.

    Parameters
    ----------
    size1, size2 : float
        Above 0: of the group, and of the rest.
    rate2 : float
        Of the rest, in [0, 1].

    Returns
    -------
    float or None
        The larger of the gaps upwards and downwards, of those that are possible at all; None if
        neither is.
    """
    alpha, beta = normal_quantile(level), float(ndtri(power))

    def excess(gap: float, sign: int) -> float:
        rate1 = rate2 + sign * gap
        mean = (size1 * rate1 + size2 * rate2) / (size1 + size2)
        null = max(mean * (1 - mean), 0) * (1 / size1 + 1 / size2)
        both = rate1 * (1 - rate1) / size1 + rate2 * (1 - rate2) / size2
        return float(gap - alpha * np.sqrt(null) - beta * np.sqrt(max(both, 0)))

    gaps = []
    for sign, room in ((1, 1 - rate2), (-1, rate2)):
        if room > 0 and excess(room, sign) > 0:
            gaps.append(float(brentq(excess, 0.0, room, args=(sign,))))
    return max(gaps) if gaps else None
