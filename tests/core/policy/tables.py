"""Audits of made-up decisions whose counts are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from core.audit.pipeline import run
from core.audit.result import AuditPlan, AuditResult
from core.data.frames import table_of
from core.data.roles.roles import Roles
from core.policy.policy import Criterion, Policy


def audit_of(
    data: pd.DataFrame,
    sensitive: Sequence[str] = ("sex",),
    *,
    target: str | None = None,
    score: str | None = None,
    positive_is_favourable: bool = True,
) -> AuditResult:
    """Audit a column "decision" of "yes" and "no"."""
    roles = Roles(
        target,
        "yes",
        tuple(sensitive),
        prediction="decision",
        score=score,
        positive_is_favourable=positive_is_favourable,
    )
    return run(table_of(data), AuditPlan(roles))


def decisions(counts: Mapping[str, tuple[int, int]], column: str = "sex") -> pd.DataFrame:
    """By group: how many get "yes", of how many."""
    rows = [
        (group, "yes" if i < hits else "no")
        for group, (hits, size) in counts.items()
        for i in range(size)
    ]
    return pd.DataFrame(rows, columns=[column, "decision"])


def labelled(counts: Mapping[str, tuple[int, int, int, int]]) -> pd.DataFrame:
    """By group: true positives, false negatives, false positives, true negatives."""
    kinds = (("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no"))
    rows = [
        (group, *kind)
        for group, cells in counts.items()
        for kind, size in zip(kinds, cells, strict=True)
        for _ in range(size)
    ]
    return pd.DataFrame(rows, columns=["sex", "outcome", "decision"])


def drawn(seed: int, rates: Mapping[str, float], size: int, *, second: bool = True) -> pd.DataFrame:
    """Draw decisions with a rate for each sex, and an age that has nothing to do with them."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"sex": np.repeat(list(rates), size)})
    rate = data["sex"].map(rates).to_numpy(dtype=float)
    data["decision"] = np.where(rng.random(len(data)) < rate, "yes", "no")
    if second:
        data["age"] = rng.choice(["young", "old"], len(data))
    return data


def one(criterion: Criterion) -> Policy:
    """A policy of one criterion."""
    return Policy("one", "1", "", (criterion,))
