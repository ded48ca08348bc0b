"""Checks of selection rates that no highest rate of a few rows may hide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from core.checks.registry import registered
from core.checks.remedies import way_out
from core.fairness.four_fifths import THRESHOLD
from core.fairness.impact_ratio import ImpactRatio, ImpactRatios, impact_ratios
from core.fairness.two_rates import benjamini_hochberg
from core.finding import Finding

if TYPE_CHECKING:
    from core.audit import AuditResult

SIGNIFICANT = 0.05
"""A difference is told where its p-value, adjusted over all groups (Benjamini and Hochberg), is
below this."""


@registered("FAIR-05", "Groups that get the favourable decision significantly less often.")
def _significant(result: AuditResult) -> Iterable[Finding]:
    for attributes, assessment in result.assessments.items():
        # Where the four-fifths rule fails, its finding says the same and more.
        if len(attributes) > 1 or assessment.four_fifths.verdict == "fails":
            continue
        if assessment.cube is None:
            continue
        table = impact_ratios(
            assessment.cube,
            positive_is_favourable=result.dataset.roles.positive_is_favourable,
        )
        small = {group.name for group in assessment.groups if group.too_small}
        lower = significantly_lower(table, small)
        if not lower:
            continue
        largest = next(item for item in table.groups if item.group == table.largest)
        below = any((item.ratio_to_largest.high or 1.0) < THRESHOLD for item in lower)
        yield Finding(
            "FAIR-05",
            "high" if below else "medium",
            f"Some groups of {attributes[0]} get the favourable decision significantly less often",
            "; ".join(_described(item, largest) for item in lower)
            + ". Significant is not the same as large: the ratio says how large",
            f"Find the cause; justify the difference or remove it. {way_out(result)}",
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


def _described(item: ImpactRatio, largest: ImpactRatio) -> str:
    own, other, ratio = item.rate or 0.0, largest.rate or 0.0, item.ratio_to_largest
    text = f"{item.group} {own * 100:.1f} % against {other * 100:.1f} % of {largest.group}"
    if ratio.estimate is None:
        return text
    return (
        f"{text}: ratio {ratio.estimate:.3f} (95 % interval {ratio.low:.3f} to {ratio.high:.3f}), "
        f"z = {item.z_to_largest:.2f}"
    )
