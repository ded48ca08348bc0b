"""What pictures and tables of a Pareto analysis read: computed once for a sweep and two figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.tradeoff.frontier.chosen import setting_label, without_privacy
from core.tradeoff.frontier.equivalent_settings import SAME_DECISION_SHARE, equivalent_settings
from core.tradeoff.frontier.impact_by_group import default_reference
from core.tradeoff.frontier.marginal import epsilon_prices, gap_prices
from core.tradeoff.frontier.pareto_analysis import ParetoAnalysis, pareto_analysis
from core.tradeoff.frontier.ties import Judged, Ties, tied_with_best

if TYPE_CHECKING:
    from core.arrays import Flags
    from core.tradeoff.frontier.axes import ParetoAxis
    from core.tradeoff.frontier.marginal import EpsilonPrice, GapPrice
    from core.tradeoff.frontier.pareto_analysis import Filtered
    from core.tradeoff.frontier.spread import Spread
    from core.tradeoff.sweep.grid import Setting
    from core.tradeoff.sweep.point import SweepPoint
    from core.tradeoff.sweep.sweep import SweepState

STATUS = {
    "front": "on the Pareto front",
    "surely dominated": "significantly dominated",
    "dominated by estimates": "dominated, but not significantly",
    "undefined": "a figure is not defined",
}
"""How it is said where a setting stands."""


@dataclass(frozen=True, eq=False)
class SweepResults:
    """A Pareto analysis and what follows from it before any limit is set.

    Attributes
    ----------
    analysis : ParetoAnalysis
    judged : Judged
        Where each setting stands to the front of performance, unfairness and ε.
    runs : mapping of Setting to tuple of SweepPoint
    """

    analysis: ParetoAnalysis
    judged: Judged
    runs: Mapping[Setting, tuple[SweepPoint, ...]]

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Each setting in words."""
        return tuple(setting_label(setting) for setting in self.analysis.settings)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each setting: all that no limit changes."""
        return pd.DataFrame(
            {
                "Setting": self.labels,
                "ε": [epsilon_label(setting) for setting in self.analysis.settings],
                "Where it stands": [STATUS[status] for status in self.judged.status],
                **_columns(self.analysis.axes[0].title, self.analysis.performance),
                **_columns(self.analysis.axes[1].title, self.analysis.unfairness),
            }
        )

    @cached_property
    def equivalent(self) -> Mapping[Setting, float]:
        """Settings that decide alike for nearly everyone, with their selection rates."""
        return equivalent_settings([point for own in self.runs.values() for point in own])

    @property
    def equivalent_note(self) -> str:
        """Say how many there are, and that their gaps say nothing; empty if none."""
        if not self.equivalent:
            return ""
        verb = "gives" if len(self.equivalent) == 1 else "give"
        return (
            f"{len(self.equivalent)} of {len(self.labels)} settings {verb} more than "
            f"{100 * SAME_DECISION_SHARE:g}% of people the same decision: where nearly everyone is "
            "decided alike, small gaps say nothing about fairness."
        )

    @cached_property
    def epsilon_prices(self) -> tuple[EpsilonPrice, ...]:
        """Of every step in ε."""
        return epsilon_prices(self.analysis)

    @cached_property
    def gap_prices(self) -> tuple[GapPrice, ...]:
        """Of every step along the fronts at one ε."""
        return gap_prices(self.analysis)

    def of(self, *settings: Setting | None) -> list[SweepPoint]:
        """Return the runs of some settings, each once."""
        kept = dict.fromkeys(setting for setting in settings if setting is not None)
        return [point for setting in kept for point in self.runs.get(setting, ())]

    def reference(self, setting: Setting) -> Setting:
        """Return the same choices without privacy if they ran, else the learner with no choice."""
        plain = without_privacy(setting)
        return plain if plain is not None and plain in self.runs else default_reference(setting)


def explore(
    points: Sequence[SweepPoint], performance: ParetoAxis, unfairness: ParetoAxis
) -> SweepResults:
    """Lay a sweep out, see :func:`core.tradeoff.frontier.pareto_analysis.pareto_analysis`."""
    found = pareto_analysis(points, performance, unfairness)
    runs: dict[Setting, list[SweepPoint]] = {}
    for point in points:
        runs.setdefault(point.run.setting, []).append(point)
    kept = {setting: tuple(own) for setting, own in runs.items()}
    return SweepResults(found, found.judged(), kept)


def ties_within(found: ParetoAnalysis, kept: Flags) -> Ties:
    """Say which settings within the limits do not differ significantly from the best there.

    Its rows are those that are kept, in their order.
    """
    table = found.tables[0]
    inside = type(table)(
        table.mean[kept], table.by_split[kept], table.alone_error[kept], table.shared[kept]
    )
    return tied_with_best(inside, found.axes[0].sign)


def whole_table(found: SweepResults, limits: Filtered, ties: Ties) -> pd.DataFrame:
    """Return the table of all settings, with what the limits decide."""
    rows = np.flatnonzero(limits.kept)
    tied = ["outside the limits"] * len(limits.kept)
    for row, item in zip(rows, ties.tied, strict=True):
        tied[row] = {True: "no significant difference", False: "no", None: "not known"}[item]
    if ties.best is not None:
        tied[rows[ties.best]] = "the best"
    for row in np.flatnonzero(limits.undefined):
        tied[row] = "not defined"
    table = found.table.copy()
    table.insert(3, f"The best {found.analysis.axes[0].title}?", tied)
    return table


def missing_table(state: SweepState, axes: Sequence[ParetoAxis]) -> pd.DataFrame:
    """List what has no figure, by reason: runs that failed, figures, and what was left out."""
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], dict[str, None]] = {}

    def add(what: str, reason: str, setting: Setting) -> None:
        counts[what, reason] += 1
        examples.setdefault((what, reason), {}).setdefault(setting_label(setting))

    for point in state.points:
        if point.reason is not None:
            add("the model", point.reason, point.run.setting)
            continue
        for axis in axes:
            if point.value(axis.name) is None:
                estimate = point.figures.get(axis.name)
                reason = (estimate and estimate.reason) or "it was not measured"
                add(axis.title, reason, point.run.setting)
    for item in state.left_out:
        add("left out before training", item.reason, item.setting)
    return pd.DataFrame(
        [
            {
                "What is missing": what,
                "Reason": reason,
                "How often": number,
                "Settings": _some(list(examples[what, reason])),
            }
            for (what, reason), number in counts.most_common()
        ]
    )


def epsilon_label(setting: Setting) -> str:
    """Write a setting's ε: "1", or "no privacy"."""
    return "no privacy" if setting.epsilon is None else f"{setting.epsilon:g}"


def format_spread(spread: Spread, digits: int = 3) -> str:
    """Write a mean with its 95 % interval, or why there is none."""
    if spread.mean is None:
        return f"not defined: {spread.reason}"
    if spread.low is None or spread.high is None:
        return f"{spread.mean:.{digits}f} ({spread.reason})"
    return f"{spread.mean:.{digits}f} ({spread.low:.{digits}f} to {spread.high:.{digits}f})"


def _columns(title: str, spreads: tuple[Spread, ...]) -> dict[str, list[str] | list[int]]:
    return {
        f"{title} (95% interval)": [format_spread(item) for item in spreads],
        f"{title}: deviation by noise": [
            _deviation(item.sd_noise, item.noise_reason) for item in spreads
        ],
        f"{title}: deviation by the split": [
            _deviation(item.sd_sampling, item.sampling_reason) for item in spreads
        ],
        f"{title}: runs": [item.runs for item in spreads],
    }


def _deviation(value: float | None, reason: str | None) -> str:
    if value is None:
        return f"not defined: {reason}"
    return f"{value:.4f} ({reason})" if reason else f"{value:.4f}"


def _some(names: list[str], most: int = 5) -> str:
    text = "; ".join(names[:most])
    return f"{text}; and {len(names) - most} more" if len(names) > most else text
