"""Each group against a reference: everyone, the others, the best group, or a chosen one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Floats
from core.errors import InputError
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.known_groups import is_unknown
from core.fairness.counts.person_draws import draw_amounts
from core.fairness.disparities.disparities import lower
from core.fairness.intervals.intervals import cell_draws
from core.fairness.metrics.assessment import Assessment, Figure
from core.fairness.metrics.group_measurement import Measured, Sampling
from core.fairness.metrics.judged_groups import judged_positions
from core.fairness.metrics.metric_registry import METRICS, GroupMetric

OVERALL, REST, BEST = "overall", "rest", "best"


@dataclass(frozen=True)
class ReferenceGap:
    """A group against the reference.

    Attributes
    ----------
    group, reference : str
        The reference group's name, or "everyone" or "all others".
    difference : Figure
        The group's metric minus the reference's, in [−1, 1].
    ratio : Figure
        The group's metric over the reference's, 0 or more.
    """

    group: str
    reference: str
    difference: Figure
    ratio: Figure


def compare_with(
    found: Assessment | OutcomeCube,
    metric: str,
    reference: str = OVERALL,
    *,
    positive_is_favourable: bool = True,
    level: float = 0.95,
    sampling: Sampling | None = None,
    minimum_count: int = 30,
) -> tuple[ReferenceGap, ...]:
    """Compare every group with a reference.

    Intervals come from draws of the cube's cells, as those of disparities do. "overall" includes
    the group itself, and so do its draws. The best group is picked from the data: intervals
    against it then hold together over all pairs of groups (Bonferroni), whichever is picked.

    Parameters
    ----------
    found : Assessment or OutcomeCube
    metric : str
        A metric of the cube, not of scores.
    reference : str
        "overall", "rest", "best", or the name of a group ("Female · Black").
    positive_is_favourable : bool
        Decides which group is best in a rate of positive decisions.
    minimum_count : int
        A group too small to judge is best only where all are: a rate of 1 among 3 is no yardstick.
        One of unknown value never is.

    Returns
    -------
    tuple of ReferenceGap
        One for each group but the reference, in the cube's order.

    Raises
    ------
    InputError
        If the metric needs scores or has no best, or there is no such group.
    """
    cube = found.cube if isinstance(found, Assessment) else found
    if cube is None:
        raise InputError("it holds no counts to compare", where="assessment")
    definition = METRICS[metric]
    if not isinstance(definition, GroupMetric):
        raise InputError("it needs scores, which counts don't hold", where=metric)
    sampling = sampling or Sampling()
    names = cube.names
    values, reasons = definition.value(cube.weight), Measured(definition, cube).reasons()
    position = _position(cube, definition, reference, positive_is_favourable, minimum_count)
    if reference == BEST:
        level = 1 - (1 - level) / max(len(names) * (len(names) - 1) / 2, 1)
    rng = sampling.generator(f"{metric} {reference}")
    if cube.persons is None:
        cells = cell_draws(cube.weight, cube.weight_squared, sampling.draws, rng)
        amounts = cells * cube.weight.sum(axis=(1, 2))[:, None, None]
    else:
        cells = amounts = draw_amounts(cube, sampling.draws, rng)
    out = []
    for p, name in enumerate(names):
        if p == position:
            continue
        if position is None:
            other = _others(definition, cube, amounts, None if reference == OVERALL else p)
        else:
            missing = reasons[position]
            other = _Other(names[position], cube.weight[position], cells[:, position], missing)
        why = reasons[p] or other.missing
        if why:
            figure = Figure(None, reason=f"{lower(definition.title)} is not defined: {why}")
            out.append(ReferenceGap(name, other.label, figure, figure))
            continue
        a, b = float(values[p]), float(definition.value(other.weight))
        draws_a, draws_b = definition.value(cells[:, p]), definition.value(other.drawn)
        difference = _figure(a - b, draws_a - draws_b, level)
        if b > 0:
            ratio = _figure(a / b, draws_a / draws_b, level)
        else:
            ratio = Figure(None, reason=f"the {lower(definition.title)} of {other.label} is 0")
        out.append(ReferenceGap(name, other.label, difference, ratio))
    return tuple(out)


@dataclass(frozen=True, eq=False)
class _Other:
    """What a group is compared with: its name, its cells, draws of them, and why it has none."""

    label: str
    weight: Floats
    drawn: Floats
    missing: str | None


def _others(definition: GroupMetric, cube: OutcomeCube, amounts: Floats, but: int | None) -> _Other:
    """Put together everyone, or all but one group."""
    others = np.arange(len(cube.groups)) != (-1 if but is None else but)
    drawn = amounts.sum(axis=1)
    if but is not None:
        # Where nobody else has weight, rounding could leave a hair below 0.
        drawn = np.maximum(drawn - amounts[:, but], 0)
    label = "everyone" if but is None else "all others"
    weight = cube.weight[others].sum(axis=0)
    count = cube.count[others].sum(axis=0).astype(np.float64)
    return _Other(label, weight, drawn, definition.reason(count, weight, f"among {label}"))


def _position(
    cube: OutcomeCube,
    definition: GroupMetric,
    reference: str,
    positive_is_favourable: bool,
    minimum_count: int,
) -> int | None:
    """Find the group of reference; None where it is everyone or all others."""
    if reference in (OVERALL, REST):
        return None
    if reference == BEST:
        known = np.array([not is_unknown(group) for group in cube.groups])
        large = judged_positions(cube, (definition.name,), minimum_count)
        among = np.where(known, definition.value(cube.weight), np.nan)
        firm = np.where(np.isin(np.arange(len(known)), large), among, np.nan)
        return _best(definition, among if np.isnan(firm).all() else firm, positive_is_favourable)
    if reference not in cube.names:
        raise InputError(
            "there is no such group",
            where=reference,
            remedy=f"Choose overall, rest, best or one of: {', '.join(cube.names[:20])}",
        )
    return cube.names.index(reference)


def _figure(value: float, draws: Floats, level: float) -> Figure:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    # In tiny groups the draws' prior can pull the interval off the estimate at its border.
    return Figure(value, min(float(low), value), max(float(high), value))


def _best(definition: GroupMetric, values: Floats, positive_is_favourable: bool) -> int:
    better = definition.better
    if better == "neither":
        raise InputError(
            "neither high nor low is better, so there is no best group",
            where=definition.name,
            remedy="Choose a group to compare with",
        )
    if np.isnan(values).all():
        raise InputError("it is not defined in any group", where=definition.name)
    lowest = better == "lower" or (better == "follows_decision" and not positive_is_favourable)
    return int(np.nanargmin(values) if lowest else np.nanargmax(values))
