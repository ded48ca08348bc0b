"""Checks of the groups themselves: whether there is enough to judge them by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.checks.registry import registered
from core.finding import Finding

if TYPE_CHECKING:
    from core.audit import AuditResult


@registered("FAIR-03", "Groups too small to judge.")
def _small_groups(result: AuditResult) -> Iterable[Finding]:
    for attributes, assessment in result.assessments.items():
        small = [group.name for group in assessment.groups if group.too_small]
        if small:
            shown = ", ".join(small[:6]) + (f" and {len(small) - 6} more" if len(small) > 6 else "")
            yield Finding(
                "FAIR-03",
                "low",
                f"{len(small)} of {len(assessment.groups)} groups of {' × '.join(attributes)} are "
                "too small to judge",
                f"Too few rows for a firm figure: {shown}",
                "Collect more cases, or merge groups where that makes sense",
            )
