"""Checks of selection rates that no highest rate of a few rows may hide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.audit.checks.registry import registered
from core.audit.checks.remedies import way_out
from core.audit.finding import Finding
from core.fairness.disparities.four_fifths import THRESHOLD
from core.fairness.disparities.impact_ratio import impact_ratios, significantly_lower

if TYPE_CHECKING:
    from core.audit.result import AuditResult
    from core.fairness.disparities.impact_ratio import ImpactRatio


@registered("FAIR-05", "Groups that get the favourable decision significantly less often.")
def _significant(result: AuditResult) -> Iterable[Finding]:
    for attributes, assessment in result.assessments.items():
        # Where the four-fifths rule fails, its finding says the same and more.
        if assessment.four_fifths.verdict == "fails" or assessment.cube is None:
            continue
        table = impact_ratios(
            assessment.cube,
            positive_is_favourable=result.dataset.roles.positive_is_favourable,
        )
        small = {
            group.name for group in assessment.groups if not group.is_judged_by("selection_rate")
        }
        lower = significantly_lower(table, small)
        if len(attributes) > 1:
            # Each attribute by itself tells of its own; at an intersection what is surely large.
            lower = tuple(item for item in lower if _below(item))
        if not lower:
            continue
        yield Finding(
            "FAIR-05",
            "high" if any(map(_below, lower)) else "medium",
            f"Some groups of {' × '.join(attributes)} get the favourable decision significantly "
            "less often",
            "; ".join(table.against_largest(item) for item in lower)
            + ". Significant is not the same as large: the ratio says how large",
            f"Find the cause; justify the difference or remove it. {way_out(result)}",
        )


def _below(item: ImpactRatio) -> bool:
    """Whether the whole interval of the ratio to the largest group lies below four fifths."""
    return (item.ratio_to_largest.high or 1.0) < THRESHOLD
