"""Checks of privacy: what is guaranteed, what it is worth, and what attacks found against it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.audit.checks import needs
from core.audit.checks.check import NotJudged
from core.audit.checks.registry import registered
from core.audit.finding import Finding
from core.data.roles.group_labels import beside_column

if TYPE_CHECKING:
    from core.audit.result import AuditResult

FOUND_AT_ONE_PERCENT = 0.02
"""Twice as many members found as by guessing, surely, is a finding."""
CLEAR_ADVANTAGE = 0.1
"""A membership advantage surely above this is one too."""
LARGE_EPSILON = 5
"""A budget above this is a finding."""


@registered("PRIV-01", "Whether there is a privacy guarantee.", needs.private_model)
def _guarantee(result: AuditResult) -> Iterable[Finding]:
    trained = result.trained
    assert trained is not None
    if trained.spec.noise == "seeded":
        yield Finding(
            "PRIV-01",
            "high",
            "Privacy noise can be repeated, so no guarantee holds",
            "The noise was drawn from a seed, as in a simulation",
            "Train again with fresh noise before releasing anything",
        )
    elif trained.spec.epsilon is not None and trained.spec.epsilon > LARGE_EPSILON:
        yield Finding(
            "PRIV-01",
            "medium",
            "The privacy budget is large",
            f"ε = {trained.spec.epsilon:g} lets odds change by a factor of e^ε",
            "Prefer ε of 1 or below where the figures allow",
        )


@registered("PRIV-02", "Columns of which paid bounds could tell nothing.", needs.private_model)
def _paid_bounds(result: AuditResult) -> Iterable[Finding | NotJudged]:
    trained = result.trained
    assert trained is not None
    if trained.domains is None or trained.domains.origin != "paid":
        yield NotJudged("not applicable", "no bounds were paid for")
        return
    blind = trained.domains.unlearned
    yield Finding(
        "PRIV-02",
        "medium" if blind else "info",
        "Bounds and categories were paid for from the budget",
        f"{len(blind)} of {len(trained.domains.items)} columns stayed below the noise"
        + (f": {', '.join(blind[:8])}" if blind else ""),
        "Declare bounds and categories from public knowledge, on the page “Privacy budget”, with "
        "--bounds, or by bounds= in Python: that costs nothing, though a model that is trained "
        "with them is charged anew",
    )


@registered("PRIV-03", "A delta that guarantees nothing.", needs.private_model)
def _large_delta(result: AuditResult) -> Iterable[Finding | NotJudged]:
    trained = result.trained
    assert trained is not None
    if trained.cost is None:
        yield NotJudged("not applicable", "nothing was charged")
        return
    delta, rows = trained.cost[1], len(trained.split.train)
    if delta * rows >= 1:
        yield Finding(
            "PRIV-03",
            "high",
            "Delta is too large for a guarantee",
            f"δ = {delta:g} is at least 1 / {rows} training rows: publishing whole rows at random "
            "would keep such a guarantee",
            f"Choose δ well below {1 / rows:.1e}",
        )


@registered("PRIV-04", "A membership attack that clearly succeeds.", needs.membership_attack)
def _membership(result: AuditResult) -> Iterable[Finding]:
    assert result.attack is not None
    for found in result.attack.memberships:
        at, gain = found.at[0], found.advantage
        sure = at.true_rate.low is not None and at.true_rate.low > FOUND_AT_ONE_PERCENT
        if not sure and (gain.low is None or gain.low <= CLEAR_ADVANTAGE):
            continue
        parts = []
        if at.true_rate.estimate is not None:
            parts.append(
                f"{at.true_rate.estimate:.1%} of members are found while {at.limit:.0%} of "
                f"non-members are accused (95% interval from {at.true_rate.low:.1%})"
            )
        parts.append(f"advantage {gain.estimate:.3f} (95% interval from {gain.low:.3f})")
        yield Finding(
            "PRIV-04",
            "high",
            "The model gives away who was in its training data",
            f"By {found.method}: {'; '.join(parts)}",
            "Train with a privacy budget, or a model that overfits less; do not publish the "
            "model or its scores",
        )


@registered("PRIV-05", "A privacy guarantee that an audit refutes.", needs.attack)
def _broken_guarantee(result: AuditResult) -> Iterable[Finding | NotJudged]:
    assert result.attack is not None
    if not result.attack.audits:
        yield NotJudged("skipped", "the guarantee was not audited with canaries")
    for found in result.attack.audits:
        if found.claimed is None:
            yield NotJudged("not applicable", "the model was trained without a privacy guarantee")
        if found.verdict == "guarantee broken" and found.claimed is not None:
            yield Finding(
                "PRIV-05",
                "high",
                "The privacy guarantee is broken",
                f"ε = {found.claimed[0]:g} is claimed, and it is at least {found.epsilon:.2f} "
                f"({found.canaries} canaries: {found.what})",
                "Release nothing of this model; look for bounds read from data, charges that "
                "were forgotten, and noise that is too small",
            )


@registered(
    "PRIV-06", "Groups whose members a membership attack finds better.", needs.membership_attack
)
def _worse_for_some(result: AuditResult) -> Iterable[Finding | NotJudged]:
    assert result.attack is not None
    worst = result.attack.memberships[-1].worst
    if worst is None:
        yield NotJudged("not enough evidence", "no group is large enough to be attacked by itself")
        return
    if worst.significantly_worse and worst.auc.estimate is not None:
        yield Finding(
            "PRIV-06",
            "medium",
            f"Privacy is worse for some: {beside_column(worst.attribute, worst.group)}",
            f"The attack's ROC AUC is {worst.auc.estimate:.3f} there, significantly above "
            f"that of everyone else (difference at least {worst.gap.low:.3f})",
            "Collect more rows of the group, or train with a privacy budget, which protects each "
            "row alike",
        )
