"""Checks of the privacy guarantee: whether there is one, and what it is worth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.audit.checks.registry import registered
from core.audit.finding import Finding
from core.learning.learners import LEARNERS

if TYPE_CHECKING:
    from core.audit.result import AuditResult


@registered("PRIV-01", "Whether there is a privacy guarantee.")
def _promise(result: AuditResult) -> Iterable[Finding]:
    trained = result.trained
    if trained is None or not LEARNERS[trained.spec.learner].private:
        return
    if trained.spec.noise == "seeded":
        yield Finding(
            "PRIV-01",
            "high",
            "Privacy noise can be repeated, so no guarantee holds",
            "The noise was drawn from a seed, as in a simulation",
            "Train again with fresh noise before releasing anything",
        )
    elif trained.spec.epsilon is not None and trained.spec.epsilon > 5:
        yield Finding(
            "PRIV-01",
            "medium",
            "The privacy budget is large",
            f"ε = {trained.spec.epsilon:g} lets odds change by a factor of e^ε",
            "Prefer ε of 1 or below where the figures allow",
        )


@registered("PRIV-03", "A delta that guarantees nothing.")
def _large_delta(result: AuditResult) -> Iterable[Finding]:
    trained = result.trained
    if trained is None or trained.cost is None:
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


@registered("PRIV-02", "Columns of which paid bounds could tell nothing.")
def _paid_bounds(result: AuditResult) -> Iterable[Finding]:
    trained = result.trained
    if trained is None or trained.domains is None or trained.domains.origin != "paid":
        return
    blind = trained.domains.unlearned
    yield Finding(
        "PRIV-02",
        "medium" if blind else "info",
        "Bounds and categories were paid for from the budget",
        f"{len(blind)} of {len(trained.domains.items)} columns stayed below the noise"
        + (f": {', '.join(blind[:8])}" if blind else ""),
        "Declare bounds and categories from public knowledge, on the page “Privacy budget” or with "
        "--bounds: that costs nothing, though a model that is trained with them is charged anew",
    )
