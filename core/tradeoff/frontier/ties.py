"""Which settings do not differ significantly from the best, and which are surely not on the front.

*Tied with the best.* A setting differs from the one with the best mean if the interval of
their difference, see :mod:`core.tradeoff.frontier.differences`, leaves 0 out. The best is picked
from the data, so each interval is made at a one-sided level of 1 − 0.05 / (n − 1) for n settings
(Bonferroni). The truly best setting is wrongly left out only if it looks distinctly worse than
some other of the n − 1, so it is among the tied with 95 %: subset selection (Gupta 1965,
Technometrics 7), one half of Hsu's (1984, Annals of Statistics 12) comparisons with the best.

*Off the front.* A setting is **surely dominated** if a member of the front is at least as good in
every objective, by its means, and distinctly better in one that is estimated. Otherwise it is
dominated **by estimates** alone. "At least as good" in the others is never proven by a sample. ε is
known exactly, and being smaller it makes no difference significant: the larger ε might still buy
something. The level is 1 − 0.05 / ((n − 1) m) for m estimated objectives, so that a setting that no
other truly beats in any of them is called surely dominated in 5 % of sweeps at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.arrays import Flags, Floats
from core.tradeoff.frontier.differences import SplitTable, differences
from core.tradeoff.frontier.frontier import pareto_front
from core.tradeoff.frontier.spread import LEVEL

Status = Literal["front", "surely dominated", "dominated by estimates", "undefined"]


@dataclass(frozen=True)
class Ties:
    """Settings that do not differ significantly from the best.

    Attributes
    ----------
    best : int or None
        Row with the best mean; None if none is defined.
    tied : tuple of (bool or None)
        By row; the best is tied with itself. None where the figure or the difference's interval
        is not defined.
    compared : int
        Settings with which the best was compared.
    reason : str or None
        Why there is no best.
    """

    best: int | None
    tied: tuple[bool | None, ...]
    compared: int
    reason: str | None = None

    @property
    def sentence(self) -> str:
        """How many are tied, and what was done about their number."""
        if self.best is None:
            return f"No setting is the best: {self.reason}."
        same = sum(item is True for item in self.tied) - 1
        unknown = sum(item is None for item in self.tied)
        text = (
            f"{same} of {self.compared} other settings do not differ significantly from the best "
            "one; the truly best one is among them with 95% (Bonferroni over the settings "
            "compared)."
        )
        if unknown:
            text += f" Of {unknown} it is not known, as they have no figure or no interval."
        return text


def tied_with_best(table: SplitTable, sign: float) -> Ties:
    """Compare each setting with the one of the best mean.

    Parameters
    ----------
    table : SplitTable
    sign : float
        1 where less is better, −1 where more is, see
        :attr:`core.tradeoff.frontier.axes.ParetoAxis.sign`.
    """
    losses = sign * table.mean
    defined = ~np.isnan(losses)
    if not defined.any():
        return Ties(None, (None,) * len(losses), 0, "the figure is not defined for any setting")
    best = int(np.nanargmin(losses))
    compared = int(defined.sum()) - 1
    found = differences(table, best, level=_level(compared))
    worse = found.low > 0 if sign > 0 else found.high < 0
    known = ~np.isnan(found.low)
    tied = [bool(not w) if k else None for w, k in zip(worse, known, strict=True)]
    tied[best] = True
    return Ties(best, tuple(tied), compared)


@dataclass(frozen=True, eq=False)
class Judged:
    """Where each setting stands to the front.

    Attributes
    ----------
    status : tuple of Status
    by : tuple of (int or None)
        Row of a front member that dominates it, the distinctly better one if there is one.
    front : ndarray of bool, shape (n,)
    reasons : tuple of (str, int)
        Why settings are undefined, and how many.
    """

    status: tuple[Status, ...]
    by: tuple[int | None, ...]
    front: Flags
    reasons: tuple[tuple[str, int], ...]


def judge_front(
    losses: Floats, names: Sequence[str], estimated: Sequence[tuple[SplitTable, float]]
) -> Judged:
    """Find the front, and who is surely off it.

    Parameters
    ----------
    losses : ndarray of float64, shape (n, m)
        Less is better; ∞ is allowed, NaN is undefined.
    names : sequence of str
        Of the m objectives.
    estimated : sequence of (SplitTable, float)
        Objectives with uncertainty, and the sign that turns each into a loss.
    """
    front = pareto_front(losses, names)
    level = _level((int((~front.undefined).sum()) - 1) * len(estimated))
    open_ = ~front.member & ~front.undefined
    by = np.full(len(losses), -1, dtype=np.int64)
    sure = np.zeros(len(losses), dtype=bool)
    for member in np.flatnonzero(front.member):
        rows = open_ & (losses[member] <= losses).all(axis=1)
        if not rows.any():
            continue
        distinct = np.zeros(int(rows.sum()), dtype=bool)
        for table, sign in estimated:
            found = differences(table, int(member), rows=rows, level=level)
            distinct |= (found.low > 0) if sign > 0 else (found.high < 0)
        where = np.flatnonzero(rows)
        by[where[by[where] < 0]] = member
        by[where[distinct]] = member
        sure[where[distinct]] = True
        open_[where[distinct]] = False
    status: list[Status] = ["dominated by estimates"] * len(losses)
    for row in range(len(losses)):
        if front.undefined[row]:
            status[row] = "undefined"
        elif front.member[row]:
            status[row] = "front"
        elif sure[row]:
            status[row] = "surely dominated"
    return Judged(
        tuple(status), tuple(None if b < 0 else int(b) for b in by), front.member, front.reasons
    )


def _level(comparisons: int) -> float:
    """Two-sided level at which one side of each comparison errs in 5 % / comparisons."""
    return 1 - 2 * (1 - LEVEL) / max(comparisons, 1)
