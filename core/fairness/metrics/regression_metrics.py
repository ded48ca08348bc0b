"""The registry of regression figures: each a small value over the regression cube."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from core.fairness.counts.regression import RegressionCube
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.regression_figures import (
    mean_figures,
    quantile_figures,
    r_squared_figures,
    size_figures,
)
from core.registry import Registry


@dataclass(frozen=True)
class RegressionMetric:
    """A figure of amounts in each group.

    Attributes
    ----------
    name, title, sentence, definition : str
    measure : callable
        From (cube, level) to the figure of each group, in the cube's order.
    unit : {"outcome", "none"}
        The unit of the outcome, or none.
    better : {"higher", "lower", "zero", "neither"}
    positive : bool
        Whether it is 0 or more by its nature, so that groups can be compared by a ratio.
    """

    name: str
    title: str
    sentence: str
    definition: str
    measure: Callable[[RegressionCube, float], tuple[Figure, ...]]
    unit: Literal["outcome", "none"] = "outcome"
    better: Literal["higher", "lower", "zero", "neither"] = "lower"
    positive: bool = True


REGRESSION_METRICS: Registry[RegressionMetric] = Registry("regression metric")
"""All figures of amounts, in the order in which they are shown."""


def _mean(term: str) -> Callable[[RegressionCube, float], tuple[Figure, ...]]:
    return lambda cube, level: mean_figures(cube, term, level)


def _size(term: str) -> Callable[[RegressionCube, float], tuple[Figure, ...]]:
    return lambda cube, level: size_figures(cube, term, level)


def _quantile(
    share: float, *, absolute: bool = False
) -> Callable[[RegressionCube, float], tuple[Figure, ...]]:
    return lambda cube, level: quantile_figures(cube, share, level, absolute=absolute)


for _metric in (
    RegressionMetric(
        "mean_absolute_error", "Mean absolute error",
        "By how much predictions miss on average, in either direction.",
        "E[|Ŷ − Y| | A = a]", _size("|error|"),
    ),
    RegressionMetric(
        "root_mean_squared_error", "Root mean squared error",
        "By how much predictions miss, large misses counting more than in proportion.",
        "√E[(Ŷ − Y)² | A = a]", _size("error²"),
    ),
    RegressionMetric(
        "mean_error", "Mean error",
        "By how much predictions are too high on average; below zero they are too low.",
        "E[Ŷ − Y | A = a]", _mean("error"), better="zero", positive=False,
    ),
    RegressionMetric(
        "mean_prediction", "Mean prediction", "The average of what is predicted.",
        "E[Ŷ | A = a]", _mean("prediction"), better="neither", positive=False,
    ),
    RegressionMetric(
        "mean_outcome", "Mean true value", "The average of what came true.",
        "E[Y | A = a]", _mean("outcome"), better="neither", positive=False,
    ),
    RegressionMetric(
        "r_squared", "R²",
        "The share of the differences between the group's true values that predictions account "
        "for: 1 is all, 0 no more than the group's own mean would, below 0 less than that.",
        "1 − E[(Ŷ − Y)² | A = a] / Var[Y | A = a]", r_squared_figures,
        unit="none", better="higher", positive=False,
    ),
    RegressionMetric(
        "median_absolute_error", "Median absolute error",
        "The miss that half of the people stay within (to one part in a thousand).",
        "median of |Ŷ − Y| given A = a", _quantile(0.5, absolute=True),
    ),
    RegressionMetric(
        "absolute_error_90", "Absolute error, 90% quantile",
        "The miss that nine in ten people stay within (to one part in a thousand).",
        "90% quantile of |Ŷ − Y| given A = a", _quantile(0.9, absolute=True),
    ),
    RegressionMetric(
        "error_10", "Error, 10% quantile",
        "One in ten predictions is lower than the truth by this or more, where it is below zero "
        "(to one part in a thousand).",
        "10% quantile of Ŷ − Y given A = a", _quantile(0.1), better="zero", positive=False,
    ),
    RegressionMetric(
        "error_90", "Error, 90% quantile",
        "One in ten predictions is higher than the truth by this or more, where it is above zero "
        "(to one part in a thousand).",
        "90% quantile of Ŷ − Y given A = a", _quantile(0.9), better="zero", positive=False,
    ),
):  # fmt: skip
    REGRESSION_METRICS.add(_metric)
