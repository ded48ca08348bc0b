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
from core.fairness.metrics.judged_groups import judged_positions
from core.fairness.metrics.measure import Measured, Sampling
from core.fairness.metrics.metrics import METRICS, GroupMetric

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
    names = [" · ".join(group) or "everyone" for group in cube.groups]
    values, reasons = definition.value(cube.weight), Measured(definition, cube).reasons()
    position: int | None = None
    if reference == BEST:
        known = np.array([not is_unknown(group) for group in cube.groups])
        judged = np.isin(np.arange(len(names)), judged_positions(cube, (metric,), minimum_count))
        among = np.where(known, values, np.nan)
        firm = np.where(judged, among, np.nan)
        position = _best(
            definition, among if np.isnan(firm).all() else firm, positive_is_favourable
        )
        pairs = len(names) * (len(names) - 1) / 2
        level = 1 - (1 - level) / max(pairs, 1)
    elif reference not in (OVERALL, REST):
        if reference not in names:
            raise InputError(
                "there is no such group",
                where=reference,
                remedy=f"Choose overall, rest, best or one of: {', '.join(names[:20])}",
            )
        position = names.index(reference)
    rng = sampling.generator(f"{metric} {reference}")
    if cube.persons is None:
        cells = cell_draws(cube.weight, cube.weight_squared, sampling.draws, rng)
        amounts = cells * cube.weight.sum(axis=(1, 2))[:, None, None]
    else:
        cells = amounts = draw_amounts(cube, sampling.draws, rng)
    everyone = amounts.sum(axis=1)
    out = []
    for p, name in enumerate(names):
        if p == position:
            continue
        if position is not None:
            other, drawn, label = cube.weight[position], cells[:, position], names[position]
            missing = reasons[position]
        else:
            others = np.arange(len(names)) != p if reference == REST else np.ones(len(names), bool)
            other = cube.weight[others].sum(axis=0)
            drawn = everyone
            if reference == REST:
                # Where nobody else has weight, rounding could leave a hair below 0.
                drawn = np.maximum(everyone - amounts[:, p], 0)
            label = "all others" if reference == REST else "everyone"
            count = cube.count[others].sum(axis=0).astype(np.float64)
            missing = definition.reason(count, other, f"among {label}")
        why = reasons[p] or missing
        if why:
            figure = Figure(None, reason=f"{lower(definition.title)} is not defined: {why}")
            out.append(ReferenceGap(name, label, figure, figure))
            continue
        a, b = float(values[p]), float(definition.value(other))
        draws_a, draws_b = definition.value(cells[:, p]), definition.value(drawn)
        difference = _figure(a - b, draws_a - draws_b, level)
        if b > 0:
            ratio = _figure(a / b, draws_a / draws_b, level)
        else:
            ratio = Figure(None, reason=f"the {lower(definition.title)} of {label} is 0")
        out.append(ReferenceGap(name, label, difference, ratio))
    return tuple(out)


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
