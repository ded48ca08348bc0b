"""Bounded group loss, and an assessment of amounts as it stands in JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.errors import InputError
from core.fairness.assessment.record import group_json
from core.fairness.assessment.regression import RegressionAssessment
from core.fairness.intervals.intervals import independent_level
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.regression_metrics import REGRESSION_METRICS


def bounded_loss(
    found: RegressionAssessment, bound: float, metric: str = "mean_absolute_error"
) -> tuple[str, Figure, dict[str, str]]:
    """Judge whether every group's loss stays within a bound.

    Bounded group loss: Agarwal, Dudík and Wu 2019, ICML. The groups' intervals hold together
    (Šidák), so the verdict may be read off the worst of them. Groups that are too small to judge,
    and rows of unknown group, are "unclear" and decide neither the verdict nor the worst loss.

    Parameters
    ----------
    found : RegressionAssessment
    bound : float
        Positive, in the unit of the outcome.
    metric : {"mean_absolute_error", "root_mean_squared_error"}

    Returns
    -------
    tuple of verdict, worst group's loss, verdict by group
        Each verdict is "within", "above" or "unclear": whether the interval lies on one side.

    Raises
    ------
    InputError
        If the bound is not positive, or the metric is not one of the two losses.
    """
    if not bound > 0 or not np.isfinite(bound):
        raise InputError("the bound on the loss must be a positive number", where=f"{bound:g}")
    if metric not in ("mean_absolute_error", "root_mean_squared_error"):
        raise InputError("this is not a loss that can be bounded", where=metric)
    cube = found.cube
    level = independent_level(found.level, len(cube.groups))
    figures = REGRESSION_METRICS[metric].measure(cube, level)
    losses = dict(zip(cube.names, figures, strict=True))
    large = {g.name for g in found.groups if g.is_judged_by(metric) and not g.is_unknown}
    judged = {name: loss for name, loss in losses.items() if name in large}
    verdicts = {name: _side(loss, bound) for name, loss in judged.items()}
    by_group = {name: verdicts.get(name, "unclear") for name in losses}
    verdict = min(verdicts.values(), key=("above", "unclear", "within").index, default="unclear")
    return verdict, _worst(list(judged.values())), by_group


def _side(loss: Figure, bound: float) -> str:
    if loss.low is None or loss.high is None:
        return "unclear"
    return "within" if loss.high <= bound else "above" if loss.low > bound else "unclear"


def _worst(losses: list[Figure]) -> Figure:
    """Return the largest loss; the largest of the intervals' ends are its own."""
    if not losses:
        return Figure(None, reason="no group is large enough to judge")
    known = [loss.estimate for loss in losses if loss.estimate is not None]
    if not known:
        return Figure(None, reason="no group has a loss")
    ends = [(f.low, f.high) for f in losses if f.low is not None and f.high is not None]
    if len(ends) < len(losses):
        return Figure(max(known), reason="some group has no loss or no interval of it")
    lows, highs = zip(*ends, strict=True)
    return Figure(max(known), max(lows), max(highs))


def regression_json(found: RegressionAssessment, bound: float | None = None) -> dict[str, Any]:
    """Make a JSON object; undefined figures are null with their reason beside them."""
    out = {
        "attributes": list(found.attributes),
        "level": found.level,
        "weighted": found.weighted,
        "overall": group_json(found.overall),
        "by_group": [group_json(group) for group in found.groups],
        "disparities": {
            item.metric: {
                "difference": item.difference.to_json(),
                "ratio": item.ratio.to_json(),
                "between": list(item.between),
                "left_out": list(item.left_out),
            }
            for item in found.gaps
        },
    }
    if bound is not None:
        verdict, worst, by_group = bounded_loss(found, bound)
        out["bounded_group_loss"] = {
            "bound": bound,
            "metric": "mean_absolute_error",
            "verdict": verdict,
            "worst": worst.to_json(),
            "by_group": by_group,
        }
    return out
