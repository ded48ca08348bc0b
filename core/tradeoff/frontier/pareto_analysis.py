"""The Pareto analysis of a sweep's settings: performance, unfairness and ε, and what limits leave.

It is built once from the points, then filtered in arrays. Limits hold for means; whether
a setting could as well lie beyond its limit is told by its interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import Flags, Floats
from core.errors import InputError
from core.fairness.disparities.disparities import lower
from core.tradeoff.frontier.axes import EPSILON, ParetoAxis
from core.tradeoff.frontier.differences import SplitTable, side_by_side
from core.tradeoff.frontier.frontier import pareto_front
from core.tradeoff.frontier.spread import Spread, spreads
from core.tradeoff.frontier.ties import Judged, judge_front
from core.tradeoff.sweep.grid import Setting
from core.tradeoff.sweep.point import SweepPoint

DIGITS = 12
"""Decimals of means that are compared: equal runs summed in another order are equal."""


@dataclass(frozen=True, eq=False)
class ParetoAnalysis:
    """Settings in columns.

    Attributes
    ----------
    settings : tuple of Setting, length n
    axes : tuple of ParetoAxis, length 3
        Performance, unfairness, ε.
    performance, unfairness : tuple of Spread, length n
    tables : tuple of SplitTable, length 2
        Performance and unfairness.
    epsilon : ndarray of float64, shape (n,)
        ∞ without privacy.
    losses : ndarray of float64, shape (n, 3)
        Of the means to :data:`DIGITS`, less is better; NaN where undefined.
    """

    settings: tuple[Setting, ...]
    axes: tuple[ParetoAxis, ParetoAxis, ParetoAxis]
    performance: tuple[Spread, ...]
    unfairness: tuple[Spread, ...]
    tables: tuple[SplitTable, SplitTable]
    epsilon: Floats
    losses: Floats

    def row(self, setting: Setting) -> int:
        """Find a setting.

        Raises
        ------
        InputError
            If the sweep does not hold it.
        """
        try:
            return self.settings.index(setting)
        except ValueError:
            raise InputError(
                "the sweep holds no run of it",
                where=str(setting),
                remedy="Choose a setting of the sweep",
            ) from None

    @property
    def names(self) -> tuple[str, ...]:
        """Titles of the three objectives."""
        return tuple(axis.title for axis in self.axes)

    def judged(self) -> Judged:
        """Compare every setting with the front of all three: :mod:`core.tradeoff.frontier.ties`."""
        estimated = [
            (table, axis.sign) for table, axis in zip(self.tables, self.axes[:2], strict=True)
        ]
        return judge_front(self.losses, self.names, estimated)


def pareto_analysis(
    points: Sequence[SweepPoint], performance: ParetoAxis, unfairness: ParetoAxis
) -> ParetoAnalysis:
    """Lay the points of a sweep out for two figures and ε.

    Raises
    ------
    InputError
        Without a point, or if a figure has no better end.
    """
    if not points:
        raise InputError("no run has finished", where="sweep", remedy="Let it run a while")
    signs = performance.sign, unfairness.sign
    first, second = spreads(points, performance), spreads(points, unfairness)
    settings = tuple(first)
    columns = tuple(first.values()), tuple(second[setting] for setting in settings)
    tables = side_by_side(columns[0]), side_by_side(columns[1])
    epsilon = np.array([np.inf if s.epsilon is None else s.epsilon for s in settings])
    losses = np.column_stack(
        [np.round(sign * table.mean, DIGITS) for sign, table in zip(signs, tables, strict=True)]
        + [epsilon]
    )
    axes = performance, unfairness, EPSILON
    return ParetoAnalysis(settings, axes, *columns, tables, epsilon, losses)


@dataclass(frozen=True)
class Limit:
    """What one limit does.

    Attributes
    ----------
    axis : ParetoAxis
    worst : float
        That is accepted.
    excludes : int
        Settings that it alone would exclude, of those with all figures defined.
    excludes_only : int
        Of those, the ones that hold every other limit.
    nearest : float or None
        Best value that is attained within the other limits; None if nothing is within them.
    """

    axis: ParetoAxis
    worst: float
    excludes: int
    excludes_only: int
    nearest: float | None

    @property
    def label(self) -> str:
        """Say it: "accuracy of at least 0.9"."""
        which = "at most" if self.axis.direction == "lower" else "at least"
        return f"{lower(self.axis.title)} of {which} {self.worst:.4g}"


@dataclass(frozen=True, eq=False)
class Filtered:
    """What limits leave.

    Attributes
    ----------
    kept, front : ndarray of bool, shape (n,)
        Within all limits; and not dominated by another that is.
    undefined : ndarray of bool, shape (n,)
        Settings left out because a figure is not defined for them.
    reasons : tuple of (str, int)
        Which figures, and for how many settings.
    limits : tuple of Limit
    """

    kept: Flags
    front: Flags
    undefined: Flags
    reasons: tuple[tuple[str, int], ...]
    limits: tuple[Limit, ...]

    @property
    def left(self) -> int:
        """Number of settings within all limits."""
        return int(self.kept.sum())

    @property
    def sentence(self) -> str:
        """How many are left, or which limit leaves none."""
        defined = int((~self.undefined).sum())
        text = f"{self.left} of {len(self.kept)} settings are within the limits"
        if self.left == 0:
            text = f"None of {len(self.kept)} settings is within the limits"
        if defined < len(self.kept):
            lacking = len(self.kept) - defined
            text += f"; {lacking} {'lacks' if lacking == 1 else 'lack'} a figure"
        text += "."
        if self.left == 0 and defined:
            text += "".join(f" {_blame(limit, defined)}" for limit in self.limits)
        return text


def filtered(
    analysis: ParetoAnalysis,
    *,
    performance: float | None = None,
    unfairness: float | None = None,
    epsilon: float | None = None,
) -> Filtered:
    """Keep the settings within limits, and find the front among them.

    Parameters
    ----------
    analysis : ParetoAnalysis
    performance, unfairness, epsilon : float, optional
        Worst value that is accepted, itself included: at least or at most, as the figure goes.
        None is no limit.

    Raises
    ------
    InputError
        If a limit is no number.
    """
    undefined: Flags = np.asarray(np.isnan(analysis.losses).any(axis=1), dtype=np.bool_)
    defined = ~undefined
    asked: list[tuple[int, float, Flags]] = []
    for column, worst in enumerate((performance, unfairness, epsilon)):
        if worst is None:
            continue
        axis = analysis.axes[column]
        if np.isnan(worst):
            raise InputError("a limit is a number", where=axis.title, remedy="Type a number")
        bound = axis.sign * (worst if axis is EPSILON else round(worst, DIGITS))
        asked.append((column, worst, analysis.losses[:, column] <= bound))
    kept = defined.copy()
    for _, _, within in asked:
        kept &= within
    limits = []
    for column, worst, within in asked:
        axis, others = analysis.axes[column], defined.copy()
        for other, _, also in asked:
            if other != column:
                others &= also
        nearest = None
        if others.any():
            nearest = float(axis.sign * analysis.losses[others, column].min()) + 0.0
        outside = defined & ~within
        limits.append(
            Limit(axis, worst, int(outside.sum()), int((outside & others).sum()), nearest)
        )
    front = np.zeros(len(kept), dtype=bool)
    front[kept] = pareto_front(analysis.losses[kept], analysis.names).member
    lacking = np.isnan(analysis.losses).sum(axis=0)
    reasons = tuple(
        (f"{name} is not defined", int(count))
        for name, count in zip(analysis.names, lacking, strict=True)
        if count
    )
    return Filtered(kept, front, undefined, reasons, tuple(limits))


def _blame(limit: Limit, defined: int) -> str:
    # A capital ε looks like a Latin E.
    words = (
        limit.label if limit.label.startswith("ε") else limit.label[:1].upper() + limit.label[1:]
    )
    text = f"{words} excludes {limit.excludes} of {defined}"
    if limit.nearest is None:
        return f"{text}, and the other limits already leave none."
    reached = "∞" if np.isinf(limit.nearest) else f"{limit.nearest:.4g}"
    return f"{text}; within the other limits the best is {reached}."
