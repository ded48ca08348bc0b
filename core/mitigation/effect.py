"""What a mitigation changed: whose decisions, at what cost in accuracy, and the gaps it left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Array, Flags, Floats, Ints, Objects
from core.errors import InputError
from core.fairness.assessment.assess import assess
from core.fairness.counts.cube import as_flags, as_persons, as_weights
from core.fairness.counts.grouping import group_rows
from core.fairness.counts.person_cells import difference_size
from core.fairness.disparities.judged_gap import compared_note
from core.fairness.intervals.intervals import effective_size, normal_quantile
from core.fairness.metrics.assessment import Assessment, Figure, GroupResult

GAPS = (
    "equalized_odds_difference",
    "equal_opportunity_difference",
    "false_positive_rate_difference",
    "demographic_parity_difference",
)
"""Disparities that are shown before and after."""


@dataclass(frozen=True)
class Changes:
    """How many decisions changed in a group, both ways; rows are counted, without weights.

    Attributes
    ----------
    group : str
    count : int
        Rows of the group.
    gained : tuple of (int, int)
        From the negative to the positive decision, among true negatives and true positives.
    lost : tuple of (int, int)
        From the positive to the negative decision, among true negatives and true positives.
    accuracy_before, accuracy_after, accuracy_change : Figure
        In the group; the change is after less before.
    """

    group: str
    count: int
    gained: tuple[int, int]
    lost: tuple[int, int]
    accuracy_before: Figure
    accuracy_after: Figure
    accuracy_change: Figure


@dataclass(frozen=True)
class Gap:
    """A disparity before and after.

    Attributes
    ----------
    name : str
        Registered name, "equalized_odds_difference".
    before, after : Figure
        On the same rows, so the two intervals are not independent of each other.
    among : str
        Which groups are left out, for use behind the gap; empty where none is.
    """

    name: str
    before: Figure
    after: Figure
    among: str = ""


@dataclass(frozen=True)
class Effect:
    """Two sets of decisions about the same people, side by side.

    Attributes
    ----------
    everyone : Changes
        Of all rows together, under the name "everyone".
    groups : tuple of Changes
        In the order of names.
    gaps : tuple of Gap
        One for each of :data:`GAPS`.
    before, after : Assessment
        Everything else about the two.
    level : float
        Of the intervals.
    """

    everyone: Changes
    groups: tuple[Changes, ...]
    gaps: tuple[Gap, ...]
    before: Assessment
    after: Assessment
    level: float


def paired_change(
    only_after: float, only_before: float, size: float, level: float
) -> tuple[float, float]:
    """Interval of the difference of two accuracies of the same rows.

    Bonett and Price 2012, "Adjusted Wald confidence interval for a difference of binomial
    proportions based on paired data", Journal of Educational and Behavioral Statistics 37: one
    row is added to each of the two cells in which the decisions differ.

    Parameters
    ----------
    only_after, only_before : float
        Shares of rows right only after, and only before.
    size : float
        Number of rows, or the effective number of weighted ones, above 0.
    level : float
        In (0, 1).

    Returns
    -------
    tuple of float
        Within [-1, 1].
    """
    up = (only_after * size + 1) / (size + 2)
    down = (only_before * size + 1) / (size + 2)
    half = normal_quantile(level) * np.sqrt(max(up + down - (up - down) ** 2, 0.0) / (size + 2))
    return max(-1.0, float(up - down - half)), min(1.0, float(up - down + half))


def effect(
    target: Flags,
    groups: Objects,
    before: Flags,
    after: Flags,
    *,
    weights: Floats | None = None,
    persons: Ints | None = None,
    positive_is_favourable: bool = True,
    column: str = "group",
    level: float = 0.95,
    draws: int = 4000,
    seed: int = 0,
) -> Effect:
    """Compare decisions with and without a mitigation, on rows that neither was fitted on.

    Parameters
    ----------
    target, before, after : ndarray of bool, shape (n,)
        True outcomes, and the decisions of the two.
    groups : ndarray of str, shape (n,)
    weights : ndarray of float, shape (n,), optional
        Non-negative. They bear on accuracies and gaps; changes count rows.
    persons : ndarray of int, shape (n,), optional
        Equal for rows of one person, whom intervals then count.
    positive_is_favourable : bool
        Whether the positive decision is what a person hopes for.
    column : str
        The sensitive column that groups are of.
    level : float
        Of the intervals, in (0, 1).
    draws, seed : int
        Of the intervals of gaps.

    Raises
    ------
    InputError
        If lengths differ, or labels, decisions or weights are not usable.
    """
    n = len(target)
    _check_lengths(n, groups=groups, before=before, after=after)
    sensitive = pd.DataFrame({column: pd.Series(groups, dtype=object)})
    then, now = (
        assess(
            target,
            decisions,
            sensitive,
            weights=weights,
            persons=persons,
            positive_is_favourable=positive_is_favourable,
            level=level,
            draws=draws,
            seed=seed,
        )
        for decisions in (before, after)
    )
    decided = _Decided(
        as_flags(target, "target", n),
        as_flags(before, "before", n),
        as_flags(after, "after", n),
        np.ones(n) if weights is None else as_weights(weights, n),
        as_persons(persons, n),
        level,
    )
    grouping = group_rows(sensitive)
    # An assessment lists groups by size, the rows' groups stand by name.
    by_name = {g.name: (g, h) for g, h in zip(then.groups, now.groups, strict=True)}
    return Effect(
        decided.changes("everyone", np.ones(n, dtype=bool), then.overall, now.overall),
        tuple(
            decided.changes(name, grouping.codes == code, *by_name[name])
            for code, name in enumerate(grouping.names)
        ),
        tuple(
            Gap(
                name,
                then.disparity(name).figure,
                now.disparity(name).figure,
                compared_note(then, name),
            )
            for name in GAPS
        ),
        then,
        now,
        level,
    )


def _check_lengths(n: int, **given: Array) -> None:
    for name, values in given.items():
        if len(values) != n:
            raise InputError(
                f"it has {len(values)} entries where the labels have {n}",
                where=name,
                remedy="Give one for each row",
            )


@dataclass(frozen=True, eq=False)
class _Decided:
    """Rows with their labels, and their decisions without and with the mitigation."""

    label: Flags
    old: Flags
    new: Flags
    weight: Floats
    persons: Ints | None
    level: float

    def changes(self, name: str, rows: Flags, then: GroupResult, now: GroupResult) -> Changes:
        gained, lost = rows & ~self.old & self.new, rows & self.old & ~self.new
        return Changes(
            name,
            int(rows.sum()),
            (int((gained & ~self.label).sum()), int((gained & self.label).sum())),
            (int((lost & ~self.label).sum()), int((lost & self.label).sum())),
            then.figures["accuracy"],
            now.figures["accuracy"],
            _change(
                self.label[rows],
                self.old[rows],
                self.new[rows],
                self.weight[rows],
                self.level,
                None if self.persons is None else self.persons[rows],
            ),
        )


def _change(
    label: Flags,
    old: Flags,
    new: Flags,
    weight: Floats,
    level: float,
    persons: Ints | None = None,
) -> Figure:
    total = weight.sum()
    if total <= 0:
        return Figure(None, None, None, "all rows of the group have the weight 0")
    only_after = float(weight[(new == label) & (old != label)].sum() / total)
    only_before = float(weight[(new != label) & (old == label)].sum() / total)
    size = float(effective_size(np.array(total), np.array((weight**2).sum())))
    if persons is not None:
        better = (new == label).astype(np.float64) - (old == label)
        size = difference_size(better, weight, persons, size, level)
    low, high = paired_change(only_after, only_before, size, level)
    return Figure(only_after - only_before, low, high)
