"""Checks of privacy attacks: what they found, against what was promised."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.audit.checks.registry import registered
from core.audit.finding import Finding

if TYPE_CHECKING:
    from core.audit.result import AuditResult

FOUND_AT_ONE_PERCENT = 0.02
"""Twice as many members found as by guessing, surely, is a finding."""
CLEAR_ADVANTAGE = 0.1
"""A membership advantage surely above this is one too."""


@registered("PRIV-04", "A membership attack that clearly succeeds.")
def _membership(result: AuditResult) -> Iterable[Finding]:
    if result.attack is None:
        return
    for found in result.attack.memberships:
        at, gain = found.at[0], found.advantage
        sure = at.true_rate.low is not None and at.true_rate.low > FOUND_AT_ONE_PERCENT
        if not sure and (gain.low is None or gain.low <= CLEAR_ADVANTAGE):
            continue
        told = []
        if at.true_rate.estimate is not None:
            told.append(
                f"{at.true_rate.estimate:.1%} of members are found while {at.limit:.0%} of "
                f"non-members are accused (95% interval from {at.true_rate.low:.1%})"
            )
        told.append(f"advantage {gain.estimate:.3f} (95% interval from {gain.low:.3f})")
        yield Finding(
            "PRIV-04",
            "high",
            "The model gives away who was in its training data",
            f"By {found.method}: {'; '.join(told)}",
            "Train with a privacy budget, or a model that overfits less; do not publish the "
            "model or its scores",
        )
    worst = result.attack.memberships[-1].worst
    if worst is not None and worst.surely_worse and worst.auc.estimate is not None:
        yield Finding(
            "PRIV-06",
            "medium",
            f"Privacy is worse for some: {worst.attribute} {worst.group}",
            f"The attack's ROC AUC is {worst.auc.estimate:.3f} there, significantly above "
            f"that of everyone else (difference at least {worst.gap.low:.3f})",
            "Collect more rows of the group, or train with a privacy budget, which protects each "
            "row alike",
        )


@registered("PRIV-05", "A privacy guarantee that an audit refutes.")
def _broken_promise(result: AuditResult) -> Iterable[Finding]:
    for found in () if result.attack is None else result.attack.audits:
        if found.verdict == "guarantee broken" and found.promised is not None:
            yield Finding(
                "PRIV-05",
                "high",
                "The privacy guarantee is broken",
                f"ε = {found.promised[0]:g} is claimed, and it is at least {found.epsilon:.2f} "
                f"({found.canaries} canaries: {found.what})",
                "Release nothing of this model; look for bounds read from data, charges that "
                "were forgotten, and noise that is too small",
            )
