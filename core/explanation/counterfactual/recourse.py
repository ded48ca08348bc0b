"""Recourse by group: how many of those decided against could change it, and how far they must move.

Ustun, Spangher and Liu 2019, Actionable recourse in linear classification, FAT*; Gupta et al. 2019,
Equalizing recourse across groups, arXiv:1909.03166, whose gap is that of mean distances.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from core.arrays import Ints
from core.data.dataset import Dataset
from core.errors import InputError
from core.explanation.counterfactual.actionability import CounterfactualSpec
from core.explanation.counterfactual.counterfactual import CounterfactualFinder
from core.explanation.counterfactual.recourse_of_group import (
    GroupRecourse,
    PersonRecourse,
    group_recourse,
)
from core.explanation.likely_decision import group_column, likely_decisions
from core.training.trained import Trained


@dataclass(frozen=True)
class RecourseSpec:
    """Whose recourse is looked for.

    Attributes
    ----------
    attribute : str
        Sensitive column whose groups are compared.
    rules : CounterfactualSpec
    people : int
        Unfavourably decided test rows that are drawn in each group at most, at least 1.
    seed : int
    """

    attribute: str
    rules: CounterfactualSpec
    people: int = 30
    seed: int = 0


@dataclass(frozen=True)
class Recourse:
    """Recourse in all groups, the largest first."""

    attribute: str
    groups: tuple[GroupRecourse, ...]
    randomised: bool


def drawn_people(
    trained: Trained, dataset: Dataset, spec: RecourseSpec
) -> dict[str, tuple[int, Ints]]:
    """Draw whose recourse is looked for.

    Returns
    -------
    dict of str to (int, array of int64)
        By group: unfavourably decided test rows, and the positions of those drawn, in a random
        order, so that the first of them are a sample too.

    Raises
    ------
    InputError
        If the attribute is not a sensitive column or no person is asked for.
    """
    if spec.attribute not in dataset.sensitive.columns:
        raise InputError("it is not a sensitive column", where=f"column {spec.attribute!r}")
    if spec.people < 1:
        raise InputError("at least 1 person must be searched for", where=f"people {spec.people}")
    test = trained.split.test
    column = group_column(trained, dataset.roles.sensitive)
    _, decided = likely_decisions(
        trained,
        dataset.features.iloc[test].reset_index(drop=True),
        dataset.sensitive[column].to_numpy(dtype=object)[test],
    )
    against = decided != dataset.roles.positive_is_favourable
    groups = dataset.sensitive[spec.attribute].to_numpy(dtype=object)[test].astype(str)
    rng = np.random.default_rng(spec.seed)
    out = {}
    for name in np.unique(groups).tolist():
        positions = np.flatnonzero(against & (groups == name))
        out[name] = (len(positions), rng.permutation(positions)[: spec.people].astype(np.int64))
    return out


def recourse_steps(
    trained: Trained,
    dataset: Dataset,
    spec: RecourseSpec,
    *,
    known: Callable[[int], PersonRecourse | None] = lambda _: None,
) -> Iterator[tuple[float, Recourse, PersonRecourse | None]]:
    """Look for the recourse of people of each group in turn, one person at a time.

    Parameters
    ----------
    known : callable
        What was found before, by a person's position.

    Yields
    ------
    share : float
        Of the people done, in (0, 1].
    recourse : Recourse
        Of the people done by then.
    person : PersonRecourse or None
        The newest; None if nobody was decided unfavourably.
    """
    drawn = drawn_people(trained, dataset, spec)
    rules = replace(spec.rules, how_many=1)
    finder = CounterfactualFinder(trained, dataset, rules, spec.seed)
    column = group_column(trained, dataset.roles.sensitive)
    done: dict[str, list[PersonRecourse]] = {name: [] for name in drawn}
    by_turns = [
        (name, int(positions[turn]))
        for turn in range(spec.people)
        for name, (_, positions) in drawn.items()
        if turn < len(positions)
    ]
    if not by_turns:
        yield 1.0, _summed(spec, drawn, done, finder.randomised), None
    for count, (name, position) in enumerate(by_turns, 1):
        person = known(position)
        if person is None:
            row = int(trained.split.test[position])
            found = finder.find(
                dataset.features.iloc[[row]], str(dataset.sensitive[column].iloc[row])
            )
            best = found.found[0] if found.found else None
            person = PersonRecourse(
                position,
                None if best is None else best.distance,
                () if best is None else tuple(feature for feature, _, _ in best.changes),
                found.proven,
            )
        done[name].append(person)
        yield count / len(by_turns), _summed(spec, drawn, done, finder.randomised), person


def _summed(
    spec: RecourseSpec,
    drawn: dict[str, tuple[int, Ints]],
    done: dict[str, list[PersonRecourse]],
    randomised: bool,
) -> Recourse:
    groups = [group_recourse(name, drawn[name][0], done[name], spec.seed) for name in drawn]
    ordered = sorted(groups, key=lambda group: (-group.unfavourable, group.group))
    return Recourse(spec.attribute, tuple(ordered), randomised)
