"""Metrics of scores against a reference: everyone, the best group, or a chosen one."""

from __future__ import annotations

import math

from scipy.special import ndtri

from core.errors import InputError
from core.fairness.disparities.disparities import lower
from core.fairness.disparities.reference import BEST, OVERALL, REST, ReferenceGap
from core.fairness.metrics.assessment import Assessment, Figure, GroupResult
from core.fairness.metrics.metric_registry import METRICS


def compare_scores_with(
    found: Assessment, metric: str, reference: str = OVERALL
) -> tuple[ReferenceGap, ...]:
    """Compare every group with a reference in a metric of scores.

    The interval of a difference is made of both figures' own (Zou and Donner 2008, Statistics in
    Medicine 27), that of a ratio likewise on logarithms. "overall" holds the group itself, whose
    errors partly cancel, so there the interval is wider than it need be. The best group is picked
    from the data: intervals against it hold together over all pairs (Bonferroni), the figures'
    intervals stretched to that level as a normal figure's are.

    Parameters
    ----------
    found : Assessment
    metric : str
        A metric of scores.
    reference : str
        "overall", "best", or the name of a group.

    Returns
    -------
    tuple of ReferenceGap
        One for each group but the reference.

    Raises
    ------
    InputError
        If there is no such group, none is best, or the others are asked for: an assessment doesn't
        hold their scores together.
    """
    definition = METRICS[metric]
    groups = [group for group in found.groups if group.name != reference]
    stretch = 1.0
    if reference == OVERALL:
        against, label = found.overall.figures[metric], "everyone"
    elif reference == REST:
        raise InputError(
            "all others together have no figure of their own here",
            where=definition.title,
            remedy="Compare with everyone, the best group, or one group",
        )
    elif reference == BEST:
        best = _best(found, metric)
        against, label = best.figures[metric], best.name
        groups = [group for group in found.groups if group is not best]
        pairs = max(len(found.groups) * (len(found.groups) - 1) / 2, 1)
        alpha = 1 - found.level
        stretch = float(ndtri(1 - alpha / pairs / 2) / ndtri(1 - alpha / 2))
    else:
        chosen = [group for group in found.groups if group.name == reference]
        if not chosen:
            names = ", ".join(group.name for group in found.groups[:20])
            raise InputError(
                "there is no such group",
                where=reference,
                remedy=f"Choose overall, best or one of: {names}",
            )
        against, label = chosen[0].figures[metric], reference
    return tuple(
        ReferenceGap(
            group.name, label, *_compared(definition.title, group.figures[metric], against, stretch)
        )
        for group in groups
    )


def _best(found: Assessment, metric: str) -> GroupResult:
    definition = METRICS[metric]
    defined = [group for group in found.groups if group.figures[metric].estimate is not None]
    firm = [group for group in defined if group.too_small is None] or defined
    if not firm:
        raise InputError("it is not defined in any group", where=definition.title)
    if definition.better not in ("higher", "lower"):
        raise InputError(
            "neither high nor low is better, so there is no best group",
            where=definition.title,
            remedy="Choose a group to compare with",
        )
    sign = 1 if definition.better == "higher" else -1
    return max(firm, key=lambda group: sign * (group.figures[metric].estimate or 0.0))


def _compared(title: str, a: Figure, b: Figure, stretch: float) -> tuple[Figure, Figure]:
    if a.estimate is None or b.estimate is None:
        why = a.reason if a.estimate is None else b.reason
        undefined = Figure(None, reason=f"{lower(title)} is not defined: {why}")
        return undefined, undefined
    if a.low is None or a.high is None or b.low is None or b.high is None:
        why = a.reason if a.low is None else b.reason
        difference = Figure(a.estimate - b.estimate, reason=why)
        if b.estimate == 0:
            return difference, Figure(None, reason=f"the reference's {lower(title)} is 0")
        return difference, Figure(a.estimate / b.estimate, reason=why)
    difference = Figure(
        a.estimate - b.estimate,
        *_ends(a.estimate - b.estimate, (a.estimate, a.low, a.high), (b.estimate, b.low, b.high),
               stretch),
    )  # fmt: skip
    if min(a.estimate, b.estimate, a.low, b.low) <= 0:
        why = f"the {lower(title)} of one of them is 0, or its interval reaches 0"
        if b.estimate == 0:
            return difference, Figure(None, reason=why)
        return difference, Figure(a.estimate / b.estimate, reason=why)
    logs = [(math.log(f.estimate), math.log(f.low), math.log(f.high)) for f in (a, b)]  # type: ignore[arg-type]
    low, high = _ends(logs[0][0] - logs[1][0], logs[0], logs[1], stretch)
    return difference, Figure(a.estimate / b.estimate, math.exp(low), math.exp(high))


def _ends(
    middle: float,
    a: tuple[float, float, float],
    b: tuple[float, float, float],
    stretch: float,
) -> tuple[float, float]:
    down = stretch * math.hypot(a[0] - a[1], b[2] - b[0])
    up = stretch * math.hypot(a[2] - a[0], b[0] - b[1])
    return middle - down, middle + up
