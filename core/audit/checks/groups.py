"""Checks of the groups themselves: whether there is enough to judge them by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.audit.checks.registry import registered
from core.audit.finding import Finding
from core.fairness.metrics.small_groups import small_groups

if TYPE_CHECKING:
    from core.audit.result import AuditResult


@registered("FAIR-03", "Groups too small to judge.")
def _small_groups(result: AuditResult) -> Iterable[Finding]:
    for assessment in result.assessments.values():
        for small in small_groups(assessment):
            yield Finding(
                "FAIR-03",
                "low",
                small.sentence,
                f"{small.reason}: {_listed(small.names)}",
                "Collect more cases, or merge groups where that makes sense",
            )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


@registered("FAIR-06", "Rows of unknown group, which no comparison counts.")
def _unknown_groups(result: AuditResult) -> Iterable[Finding]:
    for attributes, assessment in result.assessments.items():
        if len(attributes) > 1:
            continue
        unknown = sum(group.count for group in assessment.groups if group.is_unknown)
        if unknown:
            yield Finding(
                "FAIR-06",
                "low",
                f"{unknown:,} of {assessment.overall.count:,} rows are of unknown {attributes[0]}",
                "They are shown apart and enter no ratio and no gap between groups",
                "Ask why they are unknown: were they all of one group, figures would be others",
            )
