"""Labels and features changed together before training."""

from __future__ import annotations

from dataclasses import replace

from core.mitigation.preprocessing.decorrelation import decorrelated
from core.mitigation.preprocessing.massaging import massaged_part
from core.mitigation.registry import MITIGATIONS, Decider, Mitigation, MitigationContext


def _both(task: MitigationContext) -> Decider:
    return decorrelated(replace(task, train=massaged_part(task)))


MITIGATIONS.add(
    Mitigation(
        "massaging_and_correlation_remover",
        "Massaging with correlation remover",
        "Flips the most doubtful training outcomes until base rates agree, then takes from every "
        "encoded feature what a straight line can tell of the group.",
        "before",
        _both,
        needs_group_to_decide=True,
        source="Kamiran and Calders 2012, with Bird et al. 2020",
        assumes="Recorded outcomes are unjust between groups, and features tell of the group "
        "through their means to a model that is a straight line: a tree reads the group off the "
        "shifted numbers.",
        aim="demographic_parity_difference",
        degrees="At half strength half as many outcomes are flipped, and half of what a straight "
        "line can tell is taken away.",
    )
)
