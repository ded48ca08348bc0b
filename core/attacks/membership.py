"""Membership inference: telling whether a person's row was used to train the model.

The loss-threshold attack of Yeom, Giacomelli, Fredrikson and Jha 2018, "Privacy risk in machine
learning: analyzing the connection to overfitting" (CSF): a model is surer of rows it was trained
on, so whoever has a lower loss than the average training row is taken for one. Members are the
training rows, non-members the test rows; both are from one population, so that nothing but
training sets them apart. What is found is a lower bound: another attack may find more.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.arrays import Flags, Floats
from core.attacks.figures import (
    LIMITS,
    AtLimit,
    advantage,
    area,
    at_limit,
    curve,
    difference,
)
from core.attacks.people import People, people_of
from core.data.dataset import Dataset
from core.fairness.metrics.assessment import Figure
from core.registry import Registry
from core.training.trained import Trained


@dataclass(frozen=True)
class Attack:
    """A membership attack: its name in records, its title on screen, and what it does."""

    name: str
    title: str
    sentence: str


ATTACKS: Registry[Attack] = Registry("membership attack")

LOSS_THRESHOLD = ATTACKS.add(
    Attack(
        "loss threshold",
        "Loss attack",
        "Takes whoever has a lower loss than the average training row for a member.",
    )
)
LIKELIHOOD_RATIO = ATTACKS.add(
    Attack(
        "likelihood ratio",
        "Shadow-model attack",
        "Compares how sure models are of a person that were trained with and without their row.",
    )
)


@dataclass(frozen=True)
class GroupRisk:
    """How well the attack finds the members of one group.

    Attributes
    ----------
    attribute, group : str
    members, non_members : int
    auc : Figure
        Of the attack within the group, interval at the joint level.
    gap : Figure
        ``auc`` less that of everyone else, interval at the joint level.
    """

    attribute: str
    group: str
    members: int
    non_members: int
    auc: Figure
    gap: Figure

    @property
    def significantly_worse(self) -> bool:
        """Whether the group's members are surely found more easily than everyone else's."""
        return self.gap.low is not None and self.gap.low > 0


@dataclass(frozen=True, eq=False)
class Membership:
    """What a membership attack found.

    Attributes
    ----------
    method : str
        Name of one of :data:`ATTACKS`.
    members, non_members : int
    auc : Figure
        0.5 is a guess.
    advantage : Figure
        True less false positive rate at a threshold set beforehand.
    at : tuple of AtLimit
        True positive rates at 1 % and 0.1 % false positives.
    false_positives, true_positives : ndarray of float64
        The ROC curve.
    groups : tuple of GroupRisk
        Of every sensitive attribute with two groups or more.
    joint_level : float
        Level of each interval of ``groups``, such that all hold together with 95 %.
    shadows : int
        Models trained for the attack, 0 for the loss threshold.
    simulated : bool
        Whether those models drew privacy noise from a seed.
    unit : {"row", "person"}
        What members and non-members are.
    """

    method: str
    members: int
    non_members: int
    auc: Figure
    advantage: Figure
    at: tuple[AtLimit, ...]
    false_positives: Floats
    true_positives: Floats
    groups: tuple[GroupRisk, ...]
    joint_level: float
    shadows: int = 0
    simulated: bool = False
    unit: str = "row"

    @property
    def title(self) -> str:
        """The attack's title; its bare name where it isn't one of :data:`ATTACKS`."""
        return ATTACKS[self.method].title if self.method in ATTACKS else self.method

    @property
    def worst(self) -> GroupRisk | None:
        """The group whose members are found most easily, None where none is defined."""
        known = [group for group in self.groups if group.gap.low is not None]
        return max(known, key=lambda group: group.gap.low or 0.0, default=None)


def loss_attack(dataset: Dataset, trained: Trained) -> Membership:
    """Attack a model by its loss."""
    people = people_of(dataset, trained)
    loss = people.mean(people.loss)
    guessed = loss <= loss[people.member[people.first]].mean()
    return found(LOSS_THRESHOLD, dataset, people, people.mean(people.confidence), guessed)


def found(
    attack: Attack,
    dataset: Dataset,
    people: People,
    scores: Floats,
    guessed: Flags,
    *,
    shadows: int = 0,
    simulated: bool = False,
) -> Membership:
    """Measure an attack.

    Parameters
    ----------
    attack : Attack
    dataset : Dataset
    people : People
    scores : ndarray of float64, shape (units,)
        Larger is more surely a member; of each row or each person, see :attr:`People.unit`.
    guessed : ndarray of bool, shape (units,)
        Who is taken for a member by the attack's own threshold.
    shadows : int
    simulated : bool
    """
    member = people.member[people.first]
    # A person is counted in the group of the first row.
    groups, level = by_group(dataset.sensitive.iloc[people.rows[people.first]], member, scores)
    false, true = curve(member, scores)
    return Membership(
        attack.name,
        int(member.sum()),
        int((~member).sum()),
        area(member, scores),
        advantage(member, guessed),
        tuple(at_limit(member, scores, limit) for limit in LIMITS),
        false,
        true,
        groups,
        level,
        shadows,
        simulated,
        people.unit,
    )


def by_group(
    sensitive: pd.DataFrame, member: Flags, scores: Floats
) -> tuple[tuple[GroupRisk, ...], float]:
    """Measure the attack within every group of every attribute.

    Parameters
    ----------
    sensitive : DataFrame of str, shape (n, s)
    member : ndarray of bool, shape (n,)
    scores : ndarray of float64, shape (n,)

    Returns
    -------
    tuple of (tuple of GroupRisk, float)
        The groups, and the level of each interval: Bonferroni's over all gaps that are looked at.
    """
    asked = []
    for name in sensitive.columns:
        values = sensitive[name].to_numpy(dtype=object)
        names = sorted(set(values))
        asked += [(str(name), group, values == group) for group in names if len(names) > 1]
    level = 1 - 0.05 / max(1, len(asked))
    out = []
    for name, group, inside in asked:
        auc = area(member[inside], scores[inside], level)
        rest = area(member[~inside], scores[~inside], level)
        out.append(
            GroupRisk(
                name,
                str(group),
                int(member[inside].sum()),
                int((~member[inside]).sum()),
                auc,
                difference(auc, rest),
            )
        )
    return tuple(out), level
