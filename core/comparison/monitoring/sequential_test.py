"""What watching two models, arms or groups has found so far, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from core.comparison.monitoring.moments import Moment
from core.comparison.wording import Names, amount, format_difference, title_of
from core.fairness.metrics.assessment import Figure

ANY_TIME = "It may be looked at whenever one likes; no number of people is fixed beforehand."

WHOM = {
    "true_positive_rate": " that is positive",
    "false_positive_rate": " that is negative",
}
"""Whom a figure counts."""


@dataclass(frozen=True)
class SequentialTest:
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
        The first, the deciding and the last among them.
    count : tuple of (int, int)
        People counted for each; the same people twice where both decide on everybody.
    skipped : int
        People whose outcome has not come.
    left_out : int
        People whom the figure, the group or the two arms are not about.
    decided : Moment or None
        The first moment at which it was decided that the difference is none that is allowed.
    changed : Moment or None
        The first moment at which no constant difference was left.
    paired : bool
        Whether both decide on the same people.
    groups : bool
        Whether two groups under one model are compared.
    allowed : tuple of (float, float)
        Lowest and highest difference that is no alarm, with :attr:`Moment.log_e` against it: (0, 0)
        asks whether there is any, (−h, h) whether a gap is above h, (d, d) whether it is no more d.
    within : Moment or None
        The first moment at which it was decided that the difference is one that is allowed.
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
    paired: bool = False
    groups: bool = False
    allowed: tuple[float, float] = (0.0, 0.0)
    within: Moment | None = None

    @property
    def now(self) -> Figure:
        """The difference at the last moment, with its interval or why there is none."""
        if not self.path or self.path[-1].estimate is None:
            return Figure(None, reason=self._why_nobody())
        last = self.path[-1]
        if last.low is None:
            return Figure(last.estimate, reason="it did not stay the same over time")
        return Figure(last.estimate, last.low, last.high)

    @property
    def people(self) -> int:
        """How many people are counted."""
        return self.count[0] if self.paired else sum(self.count)

    def finding(self) -> str:
        """Say in one clause what is decided, and after how many, or that nothing is."""
        first = self.decided or self.within
        if first is not None:
            return f"Decided after {first.count:,} people: {self._claim()}"
        return f"Not decided after {self.people:,} people: {self._open()}"

    def sentence(self) -> str:
        """Say in plain words what is found, since when, how sure, and who was not counted."""
        text = self._difference()
        if text.startswith(("It ", "Nothing ")):
            text = text[0].lower() + text[1:]
        text = f"After {self.people:,} people: {text}."
        first = self.decided or self.within
        if first is not None:
            text += (
                f" That {self._claim()} was decided after {first.count:,}; this is wrong in at "
                f"most {100 * (1 - self.level):.3g}% of cases, however often one looks."
            )
        elif self.path and self._asked:
            text += f" Not decided: {self._open()}."
        if self.changed is not None:
            text += (
                f" After {self.changed.count:,} no difference that stays the same fits what came: "
                "it must have changed over time."
            )
        if self.skipped:
            text += f" {self.skipped:,} whose outcome has not come are skipped."
        return f"{text} {ANY_TIME}"

    @property
    def _asked(self) -> bool:
        """Whether the question is about a gap, or about more than whether there is a difference."""
        return self.groups or any(self.allowed)

    @property
    def _what(self) -> str:
        return f"{'gap' if self.groups else 'difference'} in {title_of(self.figure)}"

    def _claim(self) -> str:
        """Say what is decided."""
        low, high = self.allowed
        if low < high:
            found = "above" if self.decided is not None else "not above"
            return f"the {self._what} is {found} {amount(self.figure, high)}"
        if low:
            return f"the {self._what} is no longer {amount(self.figure, low)}"
        return f"there is a {self._what}"

    def _open(self) -> str:
        """Say what is not decided."""
        low, high = self.allowed
        if low < high:
            return f"whether the {self._what} is above {amount(self.figure, high)} is open"
        if low:
            return f"no change of the {self._what} from {amount(self.figure, low)} is shown yet"
        return f"no {self._what} is shown yet"

    def _difference(self) -> str:
        now = self.now
        if now.low is None or now.high is None or now.estimate is None:
            return format_difference(self.figure, now, self.names)
        # The test can decide before the interval of paired models leaves out 0.
        if self._asked or (self.decided is not None and now.low <= 0 <= now.high):
            low, high = (amount(self.figure, end, unit=False) for end in (now.low, now.high))
            return (
                f"{self.names[1]} less {self.names[0]} is {amount(self.figure, now.estimate)} in "
                f"{title_of(self.figure)} ({low} to {high})"
            )
        return format_difference(self.figure, now, self.names)

    def _why_nobody(self) -> str:
        if self.figure == "selection_rate":
            missing = "who was decided on"
        else:
            missing = "with a known outcome" + WHOM.get(self.figure, "")
        if self.paired:
            return f"there is nobody yet {missing}"
        empty = [n for n, count in zip(self.names, self.count, strict=True) if not count]
        return f"there is nobody yet in {' and '.join(empty)} {missing}"
