"""Checks of mitigations: what one asks for, and what it leaves out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from core.audit.checks.registry import registered
from core.audit.finding import Finding
from core.explanation.likely_decision import left_as_is, needs_group
from core.mitigation import MITIGATIONS, GroupScorer
from core.mitigation.postprocessing.private_thresholds import DeclaredThresholdsDecider
from core.mitigation.randomisation import randomisation_sentence
from core.training.randomised import lot_of

if TYPE_CHECKING:
    from core.audit.result import AuditResult

UNEVEN = 0.02
"""The lot falls unevenly where another draw surely changes this much more of one group's decisions
than of another's."""


@registered("MIT-01", "What a mitigation asks for when it decides.")
def _mitigation(result: AuditResult) -> Iterable[Finding]:
    if result.trained is None:
        return
    mitigation = MITIGATIONS[result.trained.spec.mitigation]
    if needs_group(result.trained):
        yield Finding(
            "MIT-01",
            "medium",
            "The sensitive attribute is used for each decision",
            f"{mitigation.title} needs it when deciding, which some laws forbid",
            "Have it checked for where it will be used, or choose another mitigation",
        )
    strangers = _unknown_groups(result) if needs_group(result.trained) else []
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
    if isinstance(result.trained.decider, GroupScorer) and (result.explained or result.people):
        yield Finding(
            "MIT-03",
            "info",
            "Explanations leave the person's group out",
            f"With {mitigation.title} a score depends on the group; what is explained is the score "
            "of the same features with the group unknown",
            "Do not offer the explanation as the whole reason for a decision",
        )


@registered("MIT-07", "A mitigation that changed no decision.")
def _same(result: AuditResult) -> Iterable[Finding]:
    trained = result.trained
    if trained is None or trained.unmitigated is None:
        return
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


@registered("MIT-06", "Randomised decisions, and whom the draw falls on.")
def _lot(result: AuditResult) -> Iterable[Finding]:
    lot = None if result.trained is None else lot_of(result.dataset, result.trained)
    if lot is None or result.trained is None:
        return
    refused = sum(item.refused for item in lot.groups)
    uneven = lot.uneven.low is not None and lot.uneven.low > UNEVEN
    title = MITIGATIONS[result.trained.spec.mitigation].title
    yield Finding(
        "MIT-06",
        "high" if uneven else "medium" if refused else "info",
        f"The draw falls on {lot.most} far more than on {lot.least}"
        if uneven
        else "Some of the highest-scored are refused at random"
        if refused
        else "Some decisions are randomised",
        f"{title} draws {lot.everyone.by_lot:,} of {lot.everyone.count:,} decisions, by a person's "
        f"features and the seed. {randomisation_sentence(lot)}",
        "Compare with “Group thresholds”, which draws nothing, and say to those concerned that a "
        "draw decides"
        if uneven or refused
        else "Say so to those concerned",
    )


def _unknown_groups(result: AuditResult) -> list[str]:
    """Name groups of test rows that the rows a mitigation was fitted on did not hold."""
    trained = result.trained
    if trained is None:
        return []
    column = trained.spec.mitigate_for or result.dataset.roles.sensitive[0]
    groups = result.dataset.sensitive[column]
    if isinstance(trained.decider, DeclaredThresholdsDecider):
        return sorted(set(groups.iloc[trained.split.test]) - set(trained.decider.thresholds))
    after = MITIGATIONS[trained.spec.mitigation].family == "after"
    fitted_on = trained.split.validation if after else trained.split.train
    return sorted(set(groups.iloc[trained.split.test]) - set(groups.iloc[fitted_on]))
