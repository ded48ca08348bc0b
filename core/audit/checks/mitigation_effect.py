"""Checks of what a mitigation changed: gaps it made larger, and groups that lost by it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.audit.checks.registry import registered
from core.audit.finding import Finding
from core.comparison.paired.paired_bootstrap import compare_paired
from core.comparison.paired.paired_result import PairedComparison, PairedDifference
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.disparities.gap_verdict import TOLERANCE
from core.fairness.intervals.intervals import independent_level
from core.mitigation import MITIGATIONS
from core.mitigation.effect import GAPS
from core.training.fit import mitigated_column
from core.training.unmitigated import effect_of_mitigation

if TYPE_CHECKING:
    from core.audit.result import AuditResult

LEVEL = 0.95
"""Of all intervals that a finding looks at together."""
LOST_MUCH = TOLERANCE
"""A group lost much where its favourable decisions or its accuracy surely fell by more."""


@registered("MIT-04", "A mitigation that made the gap it aims at, or another one, larger.")
def _larger_gap(result: AuditResult) -> Iterable[Finding]:
    trained = result.trained
    if trained is None or trained.unmitigated is None:
        return
    mitigation = MITIGATIONS[trained.spec.mitigation]
    names = tuple(dict.fromkeys([mitigation.aim, *GAPS] if mitigation.aim else GAPS))
    paired = _paired(result, len(names))
    if paired is None:
        return
    own = paired.disparities.get(mitigation.aim)
    if own is not None and own.difference.estimate and own.difference.estimate > 0:
        surely = _surely_larger(own)
        yield Finding(
            "MIT-04",
            "high" if surely else "low",
            f"The mitigation {'made' if surely else 'may have made'} the gap it aims at larger",
            _described(own),
            "Use the model without it, or compare with another mitigation",
        )
    others = [
        paired.disparities[name]
        for name in names
        if name != mitigation.aim and _surely_larger(paired.disparities[name])
    ]
    if others:
        yield Finding(
            "MIT-04",
            "medium",
            "The mitigation made another gap larger",
            "; ".join(_described(item) for item in others),
            "Ask which gap matters here before the mitigation is kept; compare with another one",
        )


@registered("MIT-05", "Groups that lost much by a mitigation.")
def _lost(result: AuditResult) -> Iterable[Finding]:
    trained = result.trained
    if trained is None or trained.unmitigated is None:
        return
    found = _judged(result)
    paired = _paired(result, 2 * max(1, len(found)))
    if paired is None:
        return
    favourable = 1.0 if result.dataset.roles.positive_is_favourable else -1.0
    told = []
    for group in found:
        figures = paired.groups[group]
        for name, sign, what in (
            ("selection_rate", favourable, "favourable decisions"),
            ("accuracy", 1.0, "right decisions"),
        ):
            change = figures[name].difference
            ends = [sign * end for end in (change.low, change.high) if end is not None]
            if len(ends) < 2 or max(ends) >= -LOST_MUCH:
                continue
            assert change.estimate is not None
            told.append(
                f"{group} lost {-100 * sign * change.estimate:.1f} points of {what} (95% "
                f"interval {-100 * max(ends):.1f} to {-100 * min(ends):.1f})"
            )
    if told:
        yield Finding(
            "MIT-05",
            "medium",
            "Some groups lost much by the mitigation",
            "; ".join(told),
            "Ask whether taking from them is meant; levelling up takes no decision away",
        )


def _judged(result: AuditResult) -> tuple[str, ...]:
    """Name the groups of the mitigated attribute that are large enough and known."""
    assert result.trained is not None
    effect = effect_of_mitigation(result.dataset, result.trained)
    assert effect is not None
    return tuple(g.name for g in effect.before.groups if g.too_small is None and not g.is_unknown)


def _paired(result: AuditResult, looked_at: int) -> PairedComparison | None:
    """Compare with and without the mitigation on the same people of groups large enough."""
    trained, dataset = result.trained, result.dataset
    assert trained is not None
    assert trained.unmitigated is not None
    rows = trained.split.test
    groups = dataset.sensitive.iloc[rows][[mitigated_column(dataset, trained.spec)]]
    kept = groups.iloc[:, 0].isin(_judged(result)).to_numpy()
    persons = dataset.persons_at(rows)
    if persons is not None:
        # Rows of one person do not vary by themselves: one of each is as many as are compared.
        kept = kept & ~pd.Series(persons).duplicated().to_numpy()
    weights = None if dataset.weights is None else dataset.weights[rows][kept]
    # Of weighted rows it isn't known how they would vary, so nothing is sure.
    if groups[kept].nunique().iloc[0] < 2 or (weights is not None and np.ptp(weights) > 0):
        return None
    return compare_paired(
        dataset.target[rows][kept],
        trained.unmitigated.decisions[kept],
        trained.decisions[kept],
        groups[kept].reset_index(drop=True),
        positive_is_favourable=dataset.roles.positive_is_favourable,
        level=independent_level(LEVEL, looked_at),
    )


def _surely_larger(item: PairedDifference) -> bool:
    return item.difference.low is not None and item.difference.low > 0


def _described(item: PairedDifference) -> str:
    change = item.difference
    told = f"{DISPARITIES[item.figure].title} {item.a:.3f} without it, {item.b:.3f} with it"
    if change.low is None:
        return told
    return (
        f"{told}: larger by {change.estimate:.3f} (95% interval {change.low:.3f} to "
        f"{change.high:.3f})"
    )
