"""Impact by group: every group's rates at a setting and beside a reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.arrays import Floats
from core.data.roles.group_labels import label_of_name
from core.fairness.disparities.disparities import lower
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.metric_titles import metric_title
from core.tradeoff.frontier.chosen import points_worse, setting_label
from core.tradeoff.frontier.differences import Difference, difference
from core.tradeoff.frontier.spread import LEVEL, Spread
from core.tradeoff.sweep.grid import Setting

Column = Literal["mean", "low", "high", "least", "most", "change", "change_low", "change_high"]
End = Literal["higher", "lower"]

ENDS: dict[str, tuple[End | None, End | None]] = {
    "selection_rate": ("higher", "lower"),
    "true_positive_rate": ("higher", None),
    "false_negative_rate": ("lower", None),
    "false_positive_rate": (None, "lower"),
    "true_negative_rate": (None, "higher"),
}
"""The end of a rate that is better for a group, first where the positive decision is favourable and
then where it is adverse: fewer people wrongly flagged is better, but fewer people wrongly granted
a loan is not plainly better, and neither is more people rightly flagged."""


@dataclass(frozen=True)
class GroupRate:
    """One rate of one group.

    Attributes
    ----------
    group, rate : str
        The group's name; name of the metric.
    spread : Spread
        At the setting.
    beside : Spread or None
        At the reference setting; None where the sweep holds no run of it.
    least, most : float or None
        Over the setting's runs.
    change : Difference
        From the reference setting.
    too_small : str or None
        Why the group is too small to judge, in the first run in which it is.
    small_runs : int
        Runs of the setting or the reference in which it is.
    """

    group: str
    rate: str
    spread: Spread
    beside: Spread | None
    least: float | None
    most: float | None
    change: Difference
    too_small: str | None
    small_runs: int


@dataclass(frozen=True)
class ImpactByGroup:
    """Groups of a combination at a setting.

    Attributes
    ----------
    setting : Setting
    reference : Setting or None
        None where the sweep holds no run of it.
    combination : str
        Sensitive columns, "sex × race".
    groups, rates : tuple of str
    cells : tuple of GroupRate
        Group by group, rate by rate.
    """

    setting: Setting
    reference: Setting | None
    combination: str
    groups: tuple[str, ...]
    rates: tuple[str, ...]
    cells: tuple[GroupRate, ...]

    def label(self, group: str) -> str:
        """Write a group's name as people read it."""
        return label_of_name(self.combination.split(" × "), group, self.groups)

    def cell(self, group: str, rate: str) -> GroupRate:
        """Look one up; ValueError if there is none."""
        at = self.groups.index(group) * len(self.rates) + self.rates.index(rate)
        return self.cells[at]

    def table(self, column: Column) -> Floats:
        """Return a column as an array, shape (groups, rates), NaN where undefined."""
        values = [_read(cell, column) for cell in self.cells]
        flat = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
        return flat.reshape(len(self.groups), len(self.rates))

    def sentence(self, rate: str = "accuracy", *, positive_is_favourable: bool = True) -> str:
        """Say who pays most, and who least, among the groups that are large enough to judge.

        The group that pays most is picked from the data, so it "may be chance" unless its interval
        leaves 0 out at a level of 1 − 0.05 / groups (Bonferroni); intervals shown are 95 % each.
        Where neither end is better, it names the largest change and the smallest.

        Parameters
        ----------
        rate : str
            In :attr:`rates`.
        positive_is_favourable : bool
            Whether the positive decision is what a person hopes for.
        """
        end = better_end(rate, positive_is_favourable)
        title = lower(metric_title(rate, positive_is_favourable))
        if self.reference is None:
            return "Who pays can't be told: the sweep holds no run of the reference setting."
        if self.setting == self.reference:
            return f"The reference itself was chosen: {setting_label(self.setting)}."
        judged = [
            cell
            for group in self.groups
            if (cell := self.cell(group, rate)).too_small is None and cell.change.value is not None
        ]
        if not judged:
            return f"No group is large enough to judge what it pays in {title}."
        judged.sort(key=lambda cell: -_paid(cell.change.value or 0.0, end))
        text = f"Beside {setting_label(self.reference)}, "
        named = judged[:1] + judged[-1:] if len(judged) > 1 else judged
        text += ", and ".join(
            f"{self.label(cell.group)} is {points_from(cell.change, end)}" for cell in named
        )
        text += f" in {title}"
        if len(judged) > 2:
            which = "the most and the least" if end else "the largest change and the smallest"
            text += f", {which} of {len(judged)} groups"
        text += "." if _significant(named[0], len(judged)) else "; the first may be chance."
        left = len(self.groups) - len(judged)
        if left:
            text += (
                f" {left} more {'is' if left == 1 else 'are'} too small to judge or not defined."
            )
        return text


def better_end(rate: str, positive_is_favourable: bool) -> End | None:
    """Say which end of a rate is better for a group; None if neither plainly is.

    An end is better if decisions are more often right there or more favourable, and not less of
    the other. Where the two pull apart, neither is.

    Parameters
    ----------
    rate : str
        Name of a metric.
    positive_is_favourable : bool
    """
    if rate in ENDS:
        return ENDS[rate][0 if positive_is_favourable else 1]
    better = METRICS[rate].better
    return better if better in ("higher", "lower") else None


def points_from(found: Difference, end: End | None) -> str:
    """Say a difference in points: worse or better, or only higher or lower if no end is better."""
    if end is None:
        return points_worse(found, 1.0, ("higher", "lower"))
    return points_worse(found, 1.0 if end == "lower" else -1.0)


def _paid(change: float, end: End | None) -> float:
    """How much a change is for the worse, or its size where no end is better."""
    return abs(change) if end is None else change if end == "lower" else -change


def _significant(cell: GroupRate, groups: int) -> bool:
    level = 1 - (1 - LEVEL) / groups
    return cell.beside is not None and bool(
        difference(cell.spread, cell.beside, level=level).distinct
    )


def _read(cell: GroupRate, column: Column) -> float | None:
    change, spread = cell.change, cell.spread
    return {
        "mean": spread.mean,
        "low": spread.low,
        "high": spread.high,
        "least": cell.least,
        "most": cell.most,
        "change": change.value,
        "change_low": change.low,
        "change_high": change.high,
    }[column]
