"""Decisions with any number of classes: each class against the rest, and averages over all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from core.arrays import Array, Floats, Ints
from core.data.roles.group_labels import columns_needed
from core.errors import InputError
from core.fairness.assessment.assess import assess_cube
from core.fairness.counts.class_cube import ClassCube, count_classes
from core.fairness.counts.grouping import group_rows
from core.fairness.disparities.contrasts import gap, gap_interval
from core.fairness.intervals.intervals import Ends, effective_size
from core.fairness.metrics.assessment import Assessment, Figure, GroupResult
from core.fairness.metrics.class_metrics import CLASS_METRICS
from core.fairness.metrics.group_measurement import Measured, Sampling
from core.fairness.metrics.metric_registry import METRICS, GroupMetric

CLASS_RATES = ("true_positive_rate", "false_positive_rate", "precision", "selection_rate")
"""Metrics of each class against the rest whose largest gaps are looked for."""

ONE_GROUP = "fewer than two groups have it"


@dataclass(frozen=True)
class ClassGap:
    """The largest gap between two groups.

    Attributes
    ----------
    metric : str
    label : str or None
        The class that is set against the rest; None for a figure over all classes.
    figure : Figure
        Highest minus lowest, among the groups in which the metric is defined.
    between : tuple of str
        The group with the lowest value and that with the highest; empty without a gap.
    left_out : tuple of str
        Groups in which the metric is not defined.
    """

    metric: str
    label: str | None
    figure: Figure
    between: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassAssessment:
    """Fairness of decisions among any number of classes.

    Attributes
    ----------
    attributes, classes : tuple of str
    overall : GroupResult
        Its figures by the names of :data:`core.fairness.metrics.class_metrics.CLASS_METRICS`.
    groups : tuple of GroupResult
        The same, largest first.
    gaps : tuple of ClassGap
        One for each figure over all classes.
    class_gaps : tuple of ClassGap
        One for each class and each of :data:`CLASS_RATES`; their intervals hold together over the
        classes (Bonferroni), so that the worst may be picked.
    by_class : dict of str to Assessment
        Each class as the positive decision, against the rest.
    weighted : bool
    level : float
    """

    attributes: tuple[str, ...]
    classes: tuple[str, ...]
    overall: GroupResult
    groups: tuple[GroupResult, ...]
    gaps: tuple[ClassGap, ...]
    class_gaps: tuple[ClassGap, ...]
    by_class: dict[str, Assessment]
    weighted: bool
    level: float
    cube: ClassCube = field(compare=False, repr=False)


@dataclass(frozen=True, eq=False)
class _Averaged:
    """A figure over all classes in every group, known by its draws."""

    values: Floats
    drawn: Floats

    def estimates(self) -> Floats:
        return self.values

    def draws(self, sampling: Sampling) -> Floats:
        return self.drawn

    def intervals(self, level: float) -> Ends:
        low, high = np.quantile(self.drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
        # In tiny groups the draws' prior can pull the interval off the estimate at its border.
        return np.fmin(low, self.values), np.fmax(high, self.values)


def assess_classes(
    labels: Array,
    predictions: Array,
    sensitive: pd.DataFrame,
    *,
    favourable: Sequence[str] = (),
    weights: Floats | None = None,
    persons: Ints | None = None,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
    minimum_count: int = 30,
) -> ClassAssessment:
    """Assess decisions among classes by the combination of all the sensitive columns.

    Averages run over all classes that occur anywhere, so a group in which one of them has no
    figure has no average: it would be one of other classes than its neighbours'.

    Parameters
    ----------
    labels, predictions : array, shape (n,)
        Classes, compared as text; none may be missing.
    sensitive : DataFrame, shape (n, s)
    favourable : sequence of str
        Classes that a person hopes for; the others count as unfavourable. By default all count as
        favourable.
    weights : ndarray of float64, shape (n,), optional
    persons : ndarray of int64, shape (n,), optional
        Equal for rows of one person, whom intervals then count.
    level, draws, seed, minimum_count
        As for :func:`core.fairness.assessment.assess.assess`.

    Raises
    ------
    InputError
        If a value is missing, lengths differ, fewer than two classes occur, a favourable one
        doesn't, or weights can't be used.
    """
    cube = _counted(labels, predictions, sensitive, weights, persons)
    for name in favourable:
        if name not in cube.classes:
            raise InputError(
                "no row has this class",
                where=name,
                remedy=f"Choose among: {', '.join(cube.classes)}",
            )
    sampling = Sampling(draws, seed)
    averaged, groups = _groups(cube, "in this group", level, sampling, minimum_count)
    names = [group.name for group in groups]
    gaps = [_gap(name, None, item, names, level) for name, item in averaged.items()]
    by_class, class_gaps = {}, []
    # The worst class may be picked, so the intervals hold together over the classes.
    each = 1 - (1 - level) / len(cube.classes)
    for name in cube.classes:
        against = cube.against_rest(name)
        by_class[name] = assess_cube(
            against,
            positive_is_favourable=not favourable or name in favourable,
            level=level,
            sampling=sampling,
            minimum_count=minimum_count,
        )
        for metric in CLASS_RATES:
            definition = METRICS[metric]
            assert isinstance(definition, GroupMetric)
            measured = Measured(definition, against)
            class_gaps.append(_gap(metric, name, measured, names, each))
    _, (overall,) = _groups(cube.marginal(()), "in the data", level, sampling, minimum_count)
    return ClassAssessment(
        cube.attributes,
        cube.classes,
        overall,
        tuple(sorted(groups, key=lambda group: (-group.count, group.group))),
        tuple(gaps),
        tuple(class_gaps),
        by_class,
        cube.weighted,
        level,
        cube,
    )


def _counted(
    labels: Array,
    predictions: Array,
    sensitive: pd.DataFrame,
    weights: Floats | None,
    persons: Ints | None,
) -> ClassCube:
    label, prediction = _texts(labels, "labels"), _texts(predictions, "predictions")
    if len(label) != len(prediction):
        raise InputError(f"{len(prediction)} for {len(label)} labels", where="predictions")
    grouping = group_rows(sensitive)
    if len(label) != len(grouping):
        raise InputError(f"{len(label)} for {len(grouping)} sensitive rows", where="labels")
    cube = count_classes(grouping, label, prediction, weights, persons)
    if len(cube.classes) < 2:
        raise InputError("fewer than two classes occur", where="labels")
    return cube


def _groups(
    cube: ClassCube, scope: str, level: float, sampling: Sampling, minimum_count: int
) -> tuple[dict[str, _Averaged], list[GroupResult]]:
    """Figures over all classes in each group, in the cube's order."""
    drawn: dict[str, list[Floats]] = {metric.name: [] for metric in CLASS_METRICS}
    for position in range(len(cube.groups)):
        cells = cube.draw(position, sampling.draws, sampling.generator(f"classes {position}"))
        for metric in CLASS_METRICS:
            drawn[metric.name].append(metric.value(cells))
    found = {
        metric.name: _Averaged(metric.value(cube.weight), np.stack(drawn[metric.name], axis=1))
        for metric in CLASS_METRICS
    }
    ends = {name: item.intervals(level) for name, item in found.items()}
    groups = []
    for position, group in enumerate(cube.groups):
        count, weight = cube.count[position], cube.weight[position]
        figures = {}
        for metric in CLASS_METRICS:
            why = metric.reason(count, weight, cube.classes, scope)
            low, high = (float(end[position]) for end in ends[metric.name])
            value = float(found[metric.name].values[position])
            figures[metric.name] = Figure(None, reason=why) if why else Figure(value, low, high)
        size = float(effective_size(weight.sum(), cube.weight_squared[position].sum()))
        size, who = min(size, cube.persons_in(position)), ""
        if cube.persons is not None:
            who = f" of {cube.persons_in(position)} persons"
        groups.append(
            GroupResult(
                tuple(zip(cube.attributes, group, strict=True)),
                int(count.sum()),
                float(weight.sum()),
                figures,
                f"Only {int(count.sum())} rows{who}, worth {size:.0f} of equal weight: fewer than "
                f"{minimum_count}, too few to judge this group by, whatever its figures are."
                if size < minimum_count
                else None,
                None if cube.persons is None else cube.persons_in(position),
                beside_columns=columns_needed(cube.groups),
            )
        )
    return found, groups


def _gap(
    metric: str,
    label: str | None,
    measured: Measured | _Averaged,
    names: list[str],
    level: float,
) -> ClassGap:
    values = measured.estimates()
    chosen = np.flatnonzero(~np.isnan(values))
    left_out = tuple(name for p, name in enumerate(names) if p not in set(chosen.tolist()))
    if len(chosen) < 2:
        return ClassGap(metric, label, Figure(None, reason=ONE_GROUP), left_out=left_out)
    extreme = gap(values[chosen])
    low, high = gap_interval([measured], chosen, level)
    figure = Figure(extreme.value, min(low, extreme.value), max(high, extreme.value))
    lowest, highest = (names[chosen[p]] for p in (extreme.lowest, extreme.highest))
    between = (lowest, highest) if extreme.value > 0 else ()
    return ClassGap(metric, label, figure, between, left_out)


def _texts(values: Array, where: str) -> Array:
    column = pd.Series(np.asarray(values))
    if column.isna().any():
        row = int(np.flatnonzero(column.isna())[0])
        raise InputError(f"row {row} has no class", where=where, remedy="Drop such rows first")
    return column.astype(str).to_numpy(dtype=object)
