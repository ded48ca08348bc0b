"""Checks of mitigations: what one asks for, what it changed, and who lost by it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.audit.checks import needs
from core.audit.checks.check import NotJudged
from core.audit.checks.registry import registered
from core.audit.finding import Finding
from core.comparison.paired.paired_bootstrap import compare_paired
from core.comparison.paired.paired_result import PairedComparison, PairedDifference
from core.data.roles.group_labels import group_label, label_of_name
from core.explanation.likely_decision import left_as_is, needs_group
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.disparities.gap_verdict import TOLERANCE
from core.fairness.intervals.intervals import independent_level
from core.mitigation import MITIGATIONS, GroupScorer
from core.mitigation.effect import GAPS
from core.mitigation.postprocessing.private_thresholds import DeclaredThresholdsDecider
from core.mitigation.randomisation import randomisation_sentence
from core.training.fit import mitigated_column
from core.training.randomised import randomisation_of
from core.training.unmitigated import effect_of_mitigation

if TYPE_CHECKING:
    from core.audit.result import AuditResult

UNEVEN = 0.02
"""The draw falls unevenly where another draw surely changes this much more of one group's decisions
than of another's."""
LEVEL = 0.95
"""Of all intervals that a finding looks at together."""
LOST_MUCH = TOLERANCE
"""A group lost much where its favourable decisions or its accuracy surely fell by more."""
NOT_COMPARED = NotJudged(
    "not enough evidence",
    "fewer than two groups are large enough, or rows are weighted, so that it is not known how "
    "decisions would vary",
)


@registered("MIT-01", "A mitigation that needs the group when it decides.", needs.mitigation)
def _mitigation(result: AuditResult) -> Iterable[Finding]:
    assert result.trained is not None
    mitigation = MITIGATIONS[result.trained.spec.mitigation]
    if needs_group(result.trained):
        yield Finding(
            "MIT-01",
            "medium",
            "The sensitive attribute is used for each decision",
            f"{mitigation.title} needs it when deciding, which some laws forbid",
            "Have it checked for where it will be used, or choose another mitigation",
        )


@registered("MIT-02", "Groups that were unknown to the mitigation.", needs.mitigation)
def _strangers(result: AuditResult) -> Iterable[Finding]:
    assert result.trained is not None
    strangers = []
    if needs_group(result.trained):
        column = mitigated_column(result.dataset, result.trained.spec)
        strangers = [group_label([(column, group)]) for group in _unknown_groups(result)]
    if strangers:
        yield Finding(
            "MIT-02",
            "medium",
            "Some groups were unknown to the mitigation",
            f"Not declared, or too few beside the noise: {', '.join(strangers)}; they are decided "
            f"at the threshold for everybody, {result.trained.decider.others:g}"
            if isinstance(result.trained.decider, DeclaredThresholdsDecider)
            else f"The rows it was fitted on held none of: {', '.join(strangers)}; they are "
            "decided as without it",
            "Merge small groups, or mitigate for another attribute",
        )


@registered("MIT-03", "Scores that depend on the group, explained without it.", needs.mitigation)
def _unexplained_group(result: AuditResult) -> Iterable[Finding | NotJudged]:
    assert result.trained is not None
    mitigation = MITIGATIONS[result.trained.spec.mitigation]
    if not isinstance(result.trained.decider, GroupScorer):
        return
    if not (result.explained or result.people):
        yield NotJudged("skipped", "the model's scores were not explained")
    else:
        yield Finding(
            "MIT-03",
            "info",
            "Explanations leave the person's group out",
            f"With {mitigation.title} a score depends on the group; what is explained is the score "
            "of the same features with the group unknown",
            "Do not offer the explanation as the whole reason for a decision",
        )


@registered(
    "MIT-04",
    "A mitigation that made the gap it aims at, or another one, larger.",
    needs.unmitigated,
)
def _larger_gap(result: AuditResult) -> Iterable[Finding | NotJudged]:
    trained = result.trained
    assert trained is not None
    mitigation = MITIGATIONS[trained.spec.mitigation]
    names = tuple(dict.fromkeys([mitigation.aim, *GAPS] if mitigation.aim else GAPS))
    paired = _paired(result, len(names))
    if paired is None:
        yield NOT_COMPARED
        return
    own = paired.disparities.get(mitigation.aim)
    if own is not None and own.difference.estimate and own.difference.estimate > 0:
        surely = _significantly_larger(own)
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
        if name != mitigation.aim and _significantly_larger(paired.disparities[name])
    ]
    if others:
        yield Finding(
            "MIT-04",
            "medium",
            "The mitigation made another gap larger",
            "; ".join(_described(item) for item in others),
            "Ask which gap matters here before the mitigation is kept; compare with another one",
        )


@registered("MIT-05", "Groups that lost much by a mitigation.", needs.unmitigated)
def _lost(result: AuditResult) -> Iterable[Finding | NotJudged]:
    trained = result.trained
    assert trained is not None
    found = _judged(result)
    paired = _paired(result, 2 * max(1, len(found)))
    if paired is None:
        yield NOT_COMPARED
        return
    column = mitigated_column(result.dataset, trained.spec)
    favourable = 1.0 if result.dataset.roles.positive_is_favourable else -1.0
    parts = []
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
            parts.append(
                f"{label_of_name((column,), group, paired.groups)} lost "
                f"{-100 * sign * change.estimate:.1f} points of {what} (95% interval "
                f"{-100 * max(ends):.1f} to {-100 * min(ends):.1f})"
            )
    if parts:
        yield Finding(
            "MIT-05",
            "medium",
            "Some groups lost much by the mitigation",
            "; ".join(parts),
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


def _significantly_larger(item: PairedDifference) -> bool:
    return item.difference.low is not None and item.difference.low > 0


def _described(item: PairedDifference) -> str:
    change = item.difference
    text = f"{DISPARITIES[item.figure].title} {item.a:.3f} without it, {item.b:.3f} with it"
    if change.low is None:
        return text
    return (
        f"{text}: larger by {change.estimate:.3f} (95% interval {change.low:.3f} to "
        f"{change.high:.3f})"
    )


@registered("MIT-06", "Randomised decisions, and whom the draw falls on.", needs.mitigation)
def _randomisation(result: AuditResult) -> Iterable[Finding]:
    assert result.trained is not None
    randomisation = randomisation_of(result.dataset, result.trained)
    if randomisation is None:
        return
    refused = sum(item.refused for item in randomisation.groups)
    column = (mitigated_column(result.dataset, result.trained.spec),)
    most, least = (
        label_of_name(column, name, randomisation.names)
        for name in (randomisation.most, randomisation.least)
    )
    uneven = randomisation.uneven.low is not None and randomisation.uneven.low > UNEVEN
    title = MITIGATIONS[result.trained.spec.mitigation].title
    yield Finding(
        "MIT-06",
        "high" if uneven else "medium" if refused else "info",
        f"The draw falls on {most} far more than on {least}"
        if uneven
        else "Some of the highest-scored are refused at random"
        if refused
        else "Some decisions are randomised",
        f"{title} draws {randomisation.everyone.drawn:,} of {randomisation.everyone.count:,} "
        f"decisions, by a person's features and the seed. "
        f"{randomisation_sentence(randomisation, column[0])}",
        "Compare with “Group thresholds”, which draws nothing, and say to those concerned that a "
        "draw decides"
        if uneven or refused
        else "Say so to those concerned",
    )


def _unknown_groups(result: AuditResult) -> list[str]:
    """Name groups of test rows that the rows a mitigation was fitted on did not hold."""
    trained = result.trained
    assert trained is not None
    column = trained.spec.mitigate_for or result.dataset.roles.sensitive[0]
    groups = result.dataset.sensitive[column]
    if isinstance(trained.decider, DeclaredThresholdsDecider):
        return sorted(set(groups.iloc[trained.split.test]) - set(trained.decider.thresholds))
    after = MITIGATIONS[trained.spec.mitigation].family == "after"
    fitted_on = trained.split.validation if after else trained.split.train
    return sorted(set(groups.iloc[trained.split.test]) - set(groups.iloc[fitted_on]))


@registered("MIT-07", "A mitigation that changed no decision.", needs.unmitigated)
def _same(result: AuditResult) -> Iterable[Finding]:
    trained = result.trained
    assert trained is not None
    assert trained.unmitigated is not None
    if not np.array_equal(trained.decisions, trained.unmitigated.decisions):
        return
    title = MITIGATIONS[trained.spec.mitigation].title
    yield Finding(
        "MIT-07",
        "low",
        "The mitigation changed no decision",
        f"{title}: all {len(trained.decisions)} test rows are decided as without it"
        + (", as its own gap on validation rows may be chance" if left_as_is(trained) else ""),
        "Judge the model as one without mitigation, or compare with another mitigation",
    )
