"""Checks of fairness: rates and errors that differ between groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.audit.checks.registry import registered
from core.audit.checks.remedies import way_out
from core.audit.finding import Finding, Severity
from core.fairness.disparities.four_fifths import THRESHOLD
from core.fairness.disparities.judged_gap import judged_gap
from core.fairness.metrics.assessment import Assessment
from core.fairness.metrics.metrics import METRICS, REJECTION_RATE, GroupMetric
from core.fairness.metrics.rate_ratio import rate_ratios

if TYPE_CHECKING:
    from core.audit.result import AuditResult

LARGE_GAP = 0.1
"""An equalized-odds gap surely above this is a finding of high severity."""
SMALL_GAP = 0.02
"""One that is surely there but not surely above this is none."""


@registered("FAIR-01", "The four-fifths rule on the favourable decision.")
def _four_fifths(result: AuditResult) -> Iterable[Finding]:
    for attributes, assessment in result.assessments.items():
        rule, by = assessment.four_fifths, " × ".join(attributes)
        if rule.verdict == "fails":
            yield Finding(
                "FAIR-01",
                "high",
                f"Four-fifths rule fails for {by}",
                rule.sentence + _others_below(result, assessment),
                f"Find the cause; justify the difference or remove it. {way_out(result)}",
            )
        elif rule.verdict == "unclear":
            yield Finding(
                "FAIR-01",
                "medium" if len(attributes) == 1 else "low",
                f"Four-fifths rule is unclear for {by}",
                rule.sentence,
                "Collect more cases before relying on either answer",
            )


def _others_below(result: AuditResult, assessment: Assessment) -> str:
    """Name the further groups that are surely below four fifths of the highest rate."""
    favourable = result.dataset.roles.positive_is_favourable
    metric = METRICS["selection_rate"] if favourable else REJECTION_RATE
    assert isinstance(metric, GroupMetric)
    if assessment.cube is None:
        return ""
    below = [
        item
        for item in rate_ratios(assessment.cube, metric, assessment.level)[1:]
        if item.ratio.high is not None and item.ratio.high < THRESHOLD
    ]
    if not below:
        return ""
    named = [
        f"{item.group} ({item.ratio.estimate:.2f}, {item.ratio.low:.2f} to {item.ratio.high:.2f})"
        for item in below[:6]
    ]
    rest = f" and {len(below) - 6} more" if len(below) > 6 else ""
    return f" Below it too, as a share of the rate of {below[0].highest}: {', '.join(named)}{rest}."


@registered("FAIR-02", "A gap in true or false positive rates that is statistically significant.")
def _equalized_odds(result: AuditResult) -> Iterable[Finding]:
    for attributes, assessment in result.assessments.items():
        gap = judged_gap(assessment, "equalized_odds_difference")
        figure, between = gap.figure, gap.disparity.between
        if figure.estimate is None or figure.low is None or figure.low <= SMALL_GAP:
            continue
        severity: Severity = "high" if figure.low > LARGE_GAP else "medium"
        left_out = f"; {_groups(len(gap.left_out))} too small to judge" if gap.left_out else ""
        yield Finding(
            "FAIR-02",
            severity,
            f"Errors fall unequally on the groups of {' × '.join(attributes)}",
            f"Equalized-odds difference {figure.estimate:.3f} (95% interval {figure.low:.3f} to "
            f"{figure.high:.3f}) between {' and '.join(between)}{left_out}",
            way_out(result),
        )


def _groups(count: int) -> str:
    return f"{count} group{'' if count == 1 else 's'}"
