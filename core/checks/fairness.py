"""Checks of fairness: rates and errors that differ between groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.checks.registry import registered
from core.checks.remedies import way_out
from core.finding import Finding, Severity

if TYPE_CHECKING:
    from core.audit import AuditResult

LARGE_GAP = 0.1
"""An equalized-odds gap surely above this is a finding of high severity."""


@registered("FAIR-01", "The four-fifths rule on the favourable decision.")
def _four_fifths(result: AuditResult) -> Iterable[Finding]:
    for attributes, assessment in result.assessments.items():
        if len(attributes) > 1:
            continue
        rule = assessment.four_fifths
        if rule.verdict in ("fails", "unclear"):
            yield Finding(
                "FAIR-01",
                "high" if rule.verdict == "fails" else "medium",
                f"Four-fifths rule {'fails' if rule.verdict == 'fails' else 'is unclear'} "
                f"for {attributes[0]}",
                rule.sentence,
                f"Find the cause; justify the difference or remove it. {way_out(result)}"
                if rule.verdict == "fails"
                else "Collect more cases before relying on either answer",
            )


@registered("FAIR-02", "A gap in true or false positive rates that is surely there.")
def _equalized_odds(result: AuditResult) -> Iterable[Finding]:
    for attributes, assessment in result.assessments.items():
        if len(attributes) > 1:
            continue
        gap = assessment.disparity("equalized_odds_difference")
        figure = gap.figure if gap.figure.estimate is not None else gap.among_defined
        if figure is None or figure.estimate is None or figure.low is None or figure.low <= 0.02:
            continue
        small = {group.name for group in assessment.groups if group.too_small}
        doubtful = bool(small & set(gap.between))
        names = [f"{n} (too small to judge)" if n in small else n for n in gap.between]
        between = f" between {' and '.join(names)}" if names else ""
        severe: Severity = "high" if figure.low > LARGE_GAP else "medium"
        yield Finding(
            "FAIR-02",
            "low" if doubtful else severe,
            f"Errors fall unequally on the groups of {attributes[0]}",
            f"Equalized-odds difference {figure.estimate:.3f} (95 % interval {figure.low:.3f} to "
            f"{figure.high:.3f}){between}",
            way_out(result),
        )
