"""Figures of two audits against each other: the difference, which is better, and chance.

A difference gets its interval from both figures' own, as if they were measured on different people.
On the same people the two errors rise and fall together for models that decide alike, and the
interval is then wider than it need be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import ndtr

from core.explanation.attribution.drivers import holm
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.intervals.intervals import normal_quantile
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.metric_titles import metric_title
from core.tradeoff.frontier import group_rates

LEVEL = 0.95

Kind = Literal["performance", "disparity", "rate"]
Direction = Literal["higher", "lower"]
Verdict = Literal[
    "A better", "B better", "A higher", "B higher", "not significant", "no interval",
    "not defined",
]  # fmt: skip


@dataclass(frozen=True)
class ComparedFigure:
    """One figure of A and of B.

    Attributes
    ----------
    kind : {"performance", "disparity", "rate"}
    by : str
        Sensitive columns, "sex × age"; empty for performance.
    group : str
        Of a rate.
    name, title : str
        Registered name; name for people.
    a, b : Figure
    difference : Figure
        B − A with its 95 % interval.
    better : {"higher", "lower"} or None
        None where neither end is better.
    verdict : str
        "higher" instead of "better" where neither end is better.
    p_value : float or None
        Of no difference, from the interval; None without one.
    after_holm : bool or None
        Whether it differs when all compared figures are judged together.
    """

    kind: Kind
    by: str
    group: str
    name: str
    title: str
    a: Figure
    b: Figure
    difference: Figure
    better: Direction | None
    verdict: Verdict
    p_value: float | None = None
    after_holm: bool | None = None

    @property
    def differs(self) -> bool:
        """Whether the interval of the difference leaves 0 out."""
        return self.verdict.startswith(("A ", "B "))


def difference(a: Figure, b: Figure) -> Figure:
    """B − A of two figures that are taken as independent, with an interval from their own.

    The method of variance estimates recovery, square-and-add: Zou and Donner (2008), Construction
    of confidence limits about effect measures, Statistics in Medicine 27, 1693–1702. With
    symmetric intervals it is the normal one, half width √(h_A² + h_B²).

    Returns
    -------
    Figure
        Undefined, or without an interval, where either is; the reason says which.
    """
    if a.estimate is None or b.estimate is None:
        return Figure(None, reason=_reasons(a, b, "estimate"))
    apart = b.estimate - a.estimate
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return Figure(apart, reason=_reasons(a, b, "low"))
    down = float(np.hypot(b.estimate - b.low, a.high - a.estimate))
    up = float(np.hypot(b.high - b.estimate, a.estimate - a.low))
    return Figure(apart, apart - down, apart + up)


def _reasons(a: Figure, b: Figure, lacking: str) -> str:
    fields = {
        name: figure.reason or "no reason is told in the file"
        for name, figure in (("A", a), ("B", b))
        if getattr(figure, lacking) is None
    }
    if len(fields) == 2 and len(set(fields.values())) == 1:
        return f"in both, {fields['A']}"
    return "; ".join(f"in {name}, {reason}" for name, reason in fields.items())


def p_value(found: Figure) -> float | None:
    """Two-sided p-value of no difference, in [0, 1], from an interval's side towards 0.

    That side is taken for as many standard errors as a normal interval has, so that p < 0.05 just
    where the interval leaves 0 out.
    """
    if found.estimate is None or found.low is None or found.high is None:
        return None
    side = found.estimate - found.low if found.estimate > 0 else found.high - found.estimate
    if found.estimate == 0:
        return 1.0
    if side <= 0:
        return 0.0
    return float(2 * ndtr(-abs(found.estimate) / side * normal_quantile(LEVEL)))


def better_end(kind: Kind, name: str, *, positive_is_favourable: bool | None) -> Direction | None:
    """Say which end of a figure is better; None where neither is.

    Parameters
    ----------
    kind : {"performance", "disparity", "rate"}
        Of everyone, more positive decisions are neither better nor worse (as in
        :mod:`core.tradeoff.frontier.axes`); of a group see
        :func:`core.tradeoff.frontier.group_rates.better_end`.
    name : str
        Registered name.
    positive_is_favourable : bool or None
        None where the two audits don't agree on it.
    """
    if kind == "disparity":
        definition = DISPARITIES[name]
        if definition.judges == "labels":
            return None
        return "lower" if definition.comparison == "difference" else "higher"
    better = METRICS[name].better
    if better == "higher" or better == "lower":
        return better
    if better == "neither" or kind == "performance" or positive_is_favourable is None:
        return None
    # As where a sweep says who pays: only where one end is plainly better for the group.
    return group_rates.better_end(name, positive_is_favourable)


def compared(
    kind: Kind,
    name: str,
    a: Figure,
    b: Figure,
    *,
    by: str = "",
    group: str = "",
    positive_is_favourable: bool | None = True,
    incomparable: str | None = None,
) -> ComparedFigure:
    """Compare one figure of A and B.

    Parameters
    ----------
    incomparable : str, optional
        Why the two speak of different things, though both are defined.
    """
    better = better_end(kind, name, positive_is_favourable=positive_is_favourable)
    title = (
        DISPARITIES[name].title
        if kind == "disparity"
        else metric_title(name, positive_is_favourable)
    )
    found = difference(a, b)
    if incomparable is not None and found.estimate is not None:
        found = Figure(None, reason=incomparable)
    return ComparedFigure(
        kind, by, group, name, title, a, b, found, better, _verdict(found, better), p_value(found)
    )


def _verdict(found: Figure, better: Direction | None) -> Verdict:
    if found.estimate is None:
        return "not defined"
    if found.low is None or found.high is None:
        return "no interval"
    if found.low <= 0 <= found.high:
        return "not significant"
    more = found.low > 0
    if better is None:
        return "B higher" if more else "A higher"
    return "B better" if more == (better == "higher") else "A better"


def holm_corrected(figures: Sequence[ComparedFigure]) -> tuple[ComparedFigure, ...]:
    """Say of each figure whether it differs once all are judged together (Holm 1979, at 5 %)."""
    values = [item.p_value for item in figures if item.p_value is not None]
    corrected = iter(holm(np.array(values)).tolist() if values else [])
    return tuple(
        item
        if item.p_value is None
        else replace(item, after_holm=bool(next(corrected) < 1 - LEVEL and item.differs))
        for item in figures
    )
