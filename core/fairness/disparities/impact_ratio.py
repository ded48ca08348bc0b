"""Impact ratios: each group's rate of the favourable decision over the highest, group by group.

Definitions
-----------
With n_g people of known group g, s_g of them selected and r_g = s_g / n_g, the impact ratio is
IR_g = r_g / max_h r_h (29 CFR 1607.4(D); 6 RCNY § 5-301). Katz's 95 % interval of a ratio
(Katz et al. 1978, Biometrics 34) and the pooled statistic
z = (r_g − r_ref) / √(p (1 − p) (1/n_g + 1/n_ref)), p = (s_g + s_ref) / (n_g + n_ref), are
conventions of practice and no part of either rule. The highest rate may be that of a few people, so
the ratio to the largest group and its test stand beside it: a reference of 55 rows must not hide
what two large groups show.

Rows of unknown group enter no ratio. Whoever audits may leave out groups with less than a share of
the rows (§ 5-301(d): 2 %), with a reason that is kept; their rows and rates are still shown, and
they are no reference.

A wrong answer would be caught by computing ratios, intervals and z from counts by hand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from core.errors import InputError
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.known_groups import is_unknown
from core.fairness.intervals.two_rates import benjamini_hochberg, two_rates
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.metrics import METRICS, REJECTION_RATE, GroupMetric
from core.fairness.metrics.rate_ratio import katz

SIGNIFICANT = 0.05
"""A difference is significant where its p-value, adjusted over all groups (Benjamini and Hochberg),
is below this."""

Standing = Literal["compared", "unknown", "left out"]


@dataclass(frozen=True)
class ImpactRatio:
    """One group in a table of impact ratios.

    Attributes
    ----------
    group : str
    standing : {"compared", "unknown", "left out"}
        Unknown and left-out groups enter no ratio.
    count : int
        Rows.
    favourable : float
        Those with the favourable decision, weighted where rows are.
    rate : float or None
        None where the group has no weight.
    ratio : Figure
        To the highest rate of the compared groups.
    ratio_to_largest : Figure
        To the rate of the largest compared group.
    z_to_largest : float or None
        Pooled statistic of the difference to the largest group; negative where this rate is lower.
    p_value : float or None
        Of that difference, see :func:`core.fairness.intervals.two_rates.two_rates`.
    """

    group: str
    standing: Standing
    count: int
    favourable: float
    rate: float | None
    ratio: Figure
    ratio_to_largest: Figure
    z_to_largest: float | None
    p_value: float | None


@dataclass(frozen=True)
class ImpactRatios:
    """A table of impact ratios.

    Attributes
    ----------
    attributes : tuple of str
    groups : tuple of ImpactRatio
        Largest first.
    highest, largest : str or None
        Names of the compared group with the highest rate and of that with most rows; None where
        nothing is compared.
    rows : int
        All rows, those of unknown group included: the base of ``smallest_share``.
    smallest_share : float
        Groups with less than this share of the rows are left out; 0 leaves none out.
    reason : str
        Why, in the auditor's words.
    """

    attributes: tuple[str, ...]
    groups: tuple[ImpactRatio, ...]
    highest: str | None
    largest: str | None
    rows: int
    smallest_share: float
    reason: str

    def against_largest(self, item: ImpactRatio) -> str:
        """Say how a group's rate compares with that of the largest group."""
        largest = next(other for other in self.groups if other.group == self.largest)
        own, other, ratio = item.rate or 0.0, largest.rate or 0.0, item.ratio_to_largest
        text = f"{item.group} {own * 100:.1f}% against {other * 100:.1f}% of {largest.group}"
        if ratio.estimate is None:
            return text
        return (
            f"{text}: ratio {ratio.estimate:.3f} (95% interval {ratio.low:.3f} to "
            f"{ratio.high:.3f}), z = {item.z_to_largest:.2f}{_apart(item)}"
        )

    def to_json(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "attributes": list(self.attributes),
            "highest": self.highest,
            "largest": self.largest,
            "rows": self.rows,
            "smallest_share": self.smallest_share,
            "reason": self.reason,
            "groups": [
                {
                    "group": item.group,
                    "standing": item.standing,
                    "count": item.count,
                    "favourable": item.favourable,
                    "rate": item.rate,
                    "ratio": item.ratio.to_json(),
                    "ratio_to_largest": item.ratio_to_largest.to_json(),
                    "z_to_largest": item.z_to_largest,
                    "p_value": item.p_value,
                }
                for item in self.groups
            ],
        }


def impact_ratios(
    cube: OutcomeCube,
    *,
    positive_is_favourable: bool = True,
    smallest_share: float = 0.0,
    reason: str = "",
    level: float = 0.95,
) -> ImpactRatios:
    """Compare every group with the one of the highest rate, and with the largest one.

    Parameters
    ----------
    cube : OutcomeCube
    positive_is_favourable : bool
        If False, the negative decision is the favourable one.
    smallest_share : float
        In [0, 0.5): groups with strictly less than this share of all rows are left out.
    reason : str
        Needed where any group may be left out.
    level : float
        Of each interval by itself.

    Raises
    ------
    InputError
        If the share is out of range or has no reason.
    """
    if not 0 <= smallest_share < 0.5:
        raise InputError(
            "the smallest share of rows must lie from 0 to below 0.5",
            where=f"smallest share = {smallest_share:g}",
            remedy="Give one such as 0.02, or 0 to leave no group out",
        )
    if smallest_share and not reason.strip():
        raise InputError(
            "groups are left out of the ratios only for a reason, which is kept",
            where=f"smallest share = {smallest_share:g}",
            remedy="Say why these groups can't be compared",
        )
    metric = METRICS["selection_rate"] if positive_is_favourable else REJECTION_RATE
    assert isinstance(metric, GroupMetric)
    assert metric.rate is not None
    hits, trials = metric.rate
    rates, favourable, weight = metric.value(cube.weight), hits(cube.weight), trials(cube.weight)
    sizes, common = cube.sizes(hits, trials, level), metric.correlation(cube)
    count = cube.count.sum(axis=(1, 2))
    rows = int(count.sum())
    standing: list[Standing] = [
        "unknown" if is_unknown(g) else "left out" if n < smallest_share * rows else "compared"
        for g, n in zip(cube.groups, count, strict=True)
    ]
    compared = [p for p, s in enumerate(standing) if s == "compared" and weight[p] > 0]
    highest = max(compared, key=lambda p: rates[p], default=None)
    largest = max(compared, key=lambda p: weight[p], default=None)
    names = [" · ".join(group) or "everyone" for group in cube.groups]

    def ratio(p: int, reference: int | None) -> Figure:
        if standing[p] != "compared" or p not in compared:
            why = "all its rows have weight zero" if standing[p] == "compared" else standing[p]
            return Figure(None, reason=f"not compared: {why}")
        assert reference is not None
        if p == reference:
            return Figure(None, reason="it is the reference")
        if rates[reference] == 0:
            return Figure(None, reason=f"the rate of {names[reference]} is 0")
        return katz(
            float(rates[p]),
            float(sizes[p]),
            float(rates[reference]),
            sizes[reference],
            level,
            0.0 if common is None else float(common[p, reference]),
        )

    found = []
    for p in sorted(range(len(names)), key=lambda p: (-count[p], names[p])):
        z = p_value = None
        if p in compared and largest is not None and p != largest:
            both = [(float(rates[k] * sizes[k]), float(sizes[k])) for k in (p, largest)]
            z = pooled_z(*both[0], *both[1])
            # Where nobody or everybody is selected, two rates can't differ.
            p_value = 1.0 if z is None else two_rates(*both[0], *both[1])[0]
        found.append(
            ImpactRatio(
                names[p],
                standing[p],
                int(count[p]),
                float(favourable[p]),
                None if np.isnan(rates[p]) else float(rates[p]),
                ratio(p, highest),
                ratio(p, largest),
                z,
                p_value,
            )
        )
    return ImpactRatios(
        cube.attributes,
        tuple(found),
        None if highest is None else names[highest],
        None if largest is None else names[largest],
        rows,
        smallest_share,
        reason.strip(),
    )


def _apart(item: ImpactRatio) -> str:
    """Say so where the test is significant and the interval, made apart from it, reaches 1."""
    p, high = item.p_value, item.ratio_to_largest.high
    if p is None or high is None or p >= SIGNIFICANT or high < 1 or (item.z_to_largest or 0.0) > 0:
        return ""
    return (
        "; the test finds a difference and the interval just does not, being made in another way "
        "(on the logarithm, and without taking the two rates for one): a close call"
    )


def significantly_lower(table: ImpactRatios, small: set[str]) -> tuple[ImpactRatio, ...]:
    """Find the groups whose rate is significantly below that of the largest group.

    Parameters
    ----------
    table : ImpactRatios
    small : set of str
        Names of groups too small to judge, which are not tested.
    """
    tested = [g for g in table.groups if g.p_value is not None and g.group not in small]
    if table.largest in small or not tested:
        return ()
    adjusted = benjamini_hochberg(np.array([g.p_value for g in tested], dtype=np.float64))
    return tuple(
        g
        for g, p in zip(tested, adjusted, strict=True)
        if p < SIGNIFICANT and (g.z_to_largest or 0.0) < 0
    )


def pooled_z(hits1: float, size1: float, hits2: float, size2: float) -> float | None:
    """Return the pooled statistic of two rates' difference; None where both are 0 or both 1.

    Examples
    --------
    >>> round(pooled_z(219, 581, 842, 1729), 2)
    -4.61
    """
    pooled = (hits1 + hits2) / (size1 + size2)
    error = math.sqrt(max(pooled * (1 - pooled), 0.0) * (1 / size1 + 1 / size2))
    return (hits1 / size1 - hits2 / size2) / error if error > 0 else None
