"""One metric in every group: estimates, intervals and draws behind one face."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import numpy as np

from core.arrays import Floats, Ints
from core.data.dataset import NO_OUTCOME
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.ranking import ScoreEstimates, correlation_of
from core.fairness.intervals.intervals import Ends, wilson
from core.fairness.intervals.rate_intervals import RateLimits, near_exact
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.metric_registry import GroupMetric, ScoreMetric

NO_SCORES = "no scores were given"
"""Why a figure of scores is not defined, unless something else is said."""


@dataclass(frozen=True)
class Sampling:
    """How draws are made."""

    draws: int = 4000
    seed: int = 0

    def generator(self, name: str) -> np.random.Generator:
        """Make a generator for a metric by name, so that its draws don't depend on the others."""
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])


@dataclass(frozen=True, eq=False)
class Measured:
    """A metric of the cube in all of its groups.

    Attributes
    ----------
    metric : GroupMetric
    cube : OutcomeCube
    scope : str
        Ends a reason: "in this group".
    limits : callable
        Of a rate: a member of :data:`core.fairness.intervals.rate_intervals.RATE_INTERVALS`.
    """

    metric: GroupMetric
    cube: OutcomeCube
    scope: str = "in this group"
    limits: RateLimits = wilson

    @property
    def lacks_outcome(self) -> bool:
        """Whether the metric asks for true outcomes that were not given."""
        return self.metric.needs_outcome and not self.cube.has_outcome

    def estimates(self) -> Floats:
        """Shape (g,); NaN where undefined."""
        if self.lacks_outcome:
            return np.full(len(self.cube.groups), np.nan)
        return self.metric.value(self.cube.weight)

    def reasons(self) -> list[str | None]:
        """Why it is undefined in each group, None where it is defined."""
        if self.lacks_outcome:
            return [NO_OUTCOME] * len(self.cube.groups)
        return [
            self.metric.reason(count, weight, self.scope)
            for count, weight in zip(self.cube.count.astype(float), self.cube.weight, strict=True)
        ]

    def gaps_in_intervals(self) -> list[str | None]:
        """Why a defined figure has no interval in each group; never so for the cube's metrics."""
        return [None] * len(self.cube.groups)

    def intervals(self, level: float) -> Ends:
        """Compute the ends, shape (g,) each; NaN where there is none."""
        return self.metric.interval(self.cube, level, self.limits)

    def chosen(self, positions: Ints) -> Measured:
        """Keep some of the groups."""
        return replace(self, cube=self.cube.chosen(positions))

    def contrast_ends(self, level: float) -> Ends:
        """Compute the ends that contrasts between groups are made from, shape (g,) each."""
        return self.metric.interval(self.cube, level, near_exact)

    def correlation(self) -> Floats | None:
        """Correlation between the groups' figures, (g, g); None where they are independent."""
        return self.metric.correlation(self.cube)

    def draws(self, sampling: Sampling) -> Floats:
        """Shape (draws, g)."""
        return self.metric.draw(self.cube, sampling.draws, sampling.generator(self.metric.name))


@dataclass(frozen=True, eq=False)
class MeasuredScores:
    """A metric of scores in all groups; ``items`` is None where scores or outcomes are lacking."""

    metric: ScoreMetric
    items: ScoreEstimates | None
    groups: int
    scope: str = "in this group"
    has_outcome: bool = True
    no_scores: str = NO_SCORES

    def estimates(self) -> Floats:
        """Shape (g,); NaN where undefined."""
        if self.items is None:
            return np.full(self.groups, np.nan)
        return np.array([np.nan if item.estimate is None else item.estimate for item in self.items])

    def reasons(self) -> list[str | None]:
        """Why it is undefined in each group, None where it is defined."""
        if self.items is None:
            why = self.no_scores if self.has_outcome else NO_OUTCOME
            return [why] * self.groups
        return [
            f"{item.reason} {self.scope}" if item.estimate is None else None for item in self.items
        ]

    def gaps_in_intervals(self) -> list[str | None]:
        """Why a defined figure has no interval in each group."""
        return [
            None if item.estimate is None or item.reason is None else item.reason
            for item in self.items or ()
        ]

    def intervals(self, level: float) -> Ends:
        """Compute the ends, shape (g,) each; NaN where there is none."""
        ends = [item.interval(level) or (np.nan, np.nan) for item in self.items or ()]
        low, high = np.array(ends, dtype=np.float64).reshape(-1, 2).T
        return low, high

    def chosen(self, positions: Ints) -> MeasuredScores:
        """Keep some of the groups."""
        items = None if self.items is None else tuple(self.items[p] for p in positions)
        return replace(self, items=items, groups=len(positions))

    def contrast_ends(self, level: float) -> Ends:
        """Compute the ends that contrasts between groups are made from: the groups' own."""
        return self.intervals(level)

    def correlation(self) -> Floats | None:
        """Correlation between the groups' figures, (g, g); None where they are independent."""
        return correlation_of(self.items or ())

    def draws(self, sampling: Sampling) -> Floats:
        """Shape (draws, g)."""
        rng = sampling.generator(self.metric.name)
        columns = [item.draw(sampling.draws, rng) for item in self.items or ()]
        return np.stack(columns, axis=1)


Measurement = Measured | MeasuredScores


def figures(measurement: Measurement, level: float) -> list[Figure]:
    """Make each group's figure; undefined ones carry their reason."""
    reasons = measurement.reasons()
    if all(reasons):
        return [Figure(None, reason=reason) for reason in reasons]
    low, high = measurement.intervals(level)
    without = measurement.gaps_in_intervals()
    out = []
    for position, value in enumerate(measurement.estimates().tolist()):
        if reasons[position]:
            out.append(Figure(None, reason=reasons[position]))
        elif without[position]:
            out.append(Figure(value, reason=without[position]))
        else:
            # By rounding alone an interval of no width can miss its estimate.
            ends = min(float(low[position]), value), max(float(high[position]), value)
            out.append(Figure(value, *ends))
    return out
