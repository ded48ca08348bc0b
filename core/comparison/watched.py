"""What watching two models, arms or groups has found so far, and the path to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.comparison.wording import Names, amount, difference_told, title_of
from core.fairness.assessment import Figure

Floats = npt.NDArray[np.float64]
MOST_STEPS = 500
"""Moments that are stored of a longer path."""

ANY_TIME = "It may be looked at whenever one likes; no number of people is fixed beforehand."

WHOM = {
    "true_positive_rate": " that is positive",
    "false_positive_rate": " that is negative",
}
"""Whom a figure counts."""


@dataclass(frozen=True)
class Moment:
    """One moment of a path.

    Attributes
    ----------
    count : int
        People counted so far.
    row : int
        Position of the last of them in order of arrival, from 0.
    estimate : float or None
        Second minus first; None where one has nobody yet.
    low, high : float or None
        Of the confidence sequence; None where no constant difference is left.
    log_e : float or None
        Natural logarithm of the e-value; None for two arms, which have intervals only.
    p_value : float or None
        Always valid: 1 over the largest e-value so far, in (0, 1].
    """

    count: int
    row: int
    estimate: float | None
    low: float | None
    high: float | None
    log_e: float | None = None
    p_value: float | None = None


@dataclass(frozen=True)
class Watched:
    """A sequential comparison.

    Attributes
    ----------
    figure : str
        Registered name of the metric.
    names : tuple of (str, str)
        What is compared; differences are the second minus the first.
    level : float
        At which intervals hold at all moments together, and 1 − the chance of a false decision.
    path : tuple of Moment
        At most :data:`MOST_STEPS` moments, the first, the deciding and the last among them.
    count : tuple of (int, int)
        People counted for each; the same people twice where both decide on everybody.
    skipped : int
        People whose outcome has not come.
    left_out : int
        People whom the figure, the group or the two arms are not about.
    decided : Moment or None
        The first moment at which it was decided that there is a difference.
    changed : Moment or None
        The first moment at which no constant difference was left.
    paired : bool
        Whether both decide on the same people.
    """

    figure: str
    names: Names
    level: float
    path: tuple[Moment, ...]
    count: tuple[int, int]
    skipped: int
    left_out: int
    decided: Moment | None
    changed: Moment | None
    paired: bool

    @property
    def now(self) -> Figure:
        """The difference at the last moment, with its interval or why there is none."""
        if not self.path or self.path[-1].estimate is None:
            return Figure(None, reason=self._why_nobody())
        last = self.path[-1]
        if last.low is None:
            return Figure(last.estimate, reason="it did not stay the same over time")
        return Figure(last.estimate, last.low, last.high)

    def sentence(self) -> str:
        """Say in plain words what is decided, since when, how sure, and who was not counted."""
        people = self.count[0] if self.paired else sum(self.count)
        told = self._difference()
        if told.startswith(("It ", "Nothing ")):
            told = told[0].lower() + told[1:]
        told = f"After {people:,} people: {told}."
        if self.decided is not None:
            chance = f"{100 * (1 - self.level):.3g} %"
            told += (
                f" That there is a difference in {title_of(self.figure)} was decided after "
                f"{self.decided.count:,}; this is a false alarm in at most {chance} of cases, "
                "however often one looks."
            )
        if self.changed is not None:
            told += (
                f" After {self.changed.count:,} no difference that stays the same fits what came: "
                "it must have changed over time."
            )
        if self.skipped:
            told += f" {self.skipped:,} whose outcome has not come are skipped."
        return f"{told} {ANY_TIME}"

    def _difference(self) -> str:
        now = self.now
        if self.decided is None or now.low is None or now.high is None or now.estimate is None:
            return difference_told(self.figure, now, self.names)
        if now.low <= 0 <= now.high:
            # The test can decide before the interval, which holds at all moments, leaves out 0.
            low, high = (amount(self.figure, end, unit=False) for end in (now.low, now.high))
            return (
                f"{self.names[1]} less {self.names[0]} is {amount(self.figure, now.estimate)} in "
                f"{title_of(self.figure)} ({low} to {high})"
            )
        return difference_told(self.figure, now, self.names)

    def _why_nobody(self) -> str:
        if self.figure == "selection_rate":
            missing = "who was decided on"
        else:
            missing = "with a known outcome" + WHOM.get(self.figure, "")
        if self.paired:
            return f"there is nobody yet {missing}"
        empty = [n for n, count in zip(self.names, self.count, strict=True) if not count]
        return f"there is nobody yet in {' and '.join(empty)} {missing}"


def thinned(
    count: Floats,
    rows: npt.NDArray[np.int64],
    estimate: Floats,
    ends: tuple[Floats, Floats],
    log_e: Floats | None,
    decided: npt.NDArray[np.bool_],
) -> tuple[tuple[Moment, ...], Moment | None, Moment | None]:
    """Store a path of t moments, and the first decided and the first impossible one.

    Parameters
    ----------
    count, rows, estimate : ndarray, shape (t,)
        NaN where there is no estimate.
    ends : tuple of ndarray, shape (t,) each
        Low above high where no constant difference is left.
    log_e : ndarray, shape (t,), or None
    decided : ndarray of bool, shape (t,)
        Whether the evidence suffices at each moment.
    """
    low, high = ends
    best = None if log_e is None else np.maximum.accumulate(log_e)

    def moment(i: int) -> Moment:
        empty = low[i] > high[i]
        return Moment(
            int(count[i]),
            int(rows[i]),
            None if np.isnan(estimate[i]) else float(estimate[i]),
            None if empty else float(low[i]),
            None if empty else float(high[i]),
            None if log_e is None else float(log_e[i]),
            None if best is None else float(np.exp(-np.clip(best[i], 0, 700))),
        )

    first = [int(np.argmax(flags)) if flags.any() else None for flags in (decided, low > high)]
    t = len(count)
    kept = set(np.linspace(0, t - 1, min(t, MOST_STEPS - 2)).round().astype(int).tolist())
    kept |= {i for i in first if i is not None}
    found = [None if i is None else moment(i) for i in first]
    return tuple(moment(i) for i in sorted(kept)), found[0], found[1]
