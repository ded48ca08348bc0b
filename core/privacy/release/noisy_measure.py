"""One metric in every group from a noisy cube, with the face of :class:`Measured`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Floats
from core.fairness.counts.cube import OutcomeCube
from core.fairness.intervals.intervals import Ends, mean_of_two
from core.fairness.metrics.group_measurement import Measured
from core.fairness.metrics.metric_definition import (
    ANY_POSITIVE,
    NEGATIVES,
    POSITIVES,
    TRUE_NEGATIVES,
    TRUE_POSITIVES,
    Cells,
    GroupMetric,
)
from core.privacy.release.noisy_share import NoiseSize, noisy_share, noisy_share_interval, swamped


@dataclass(frozen=True, eq=False)
class NoisyCube:
    """Noisy counts by declared group, label and decision.

    Attributes
    ----------
    attributes : tuple of str
    groups : tuple of tuples of str, length g
        Declared combinations, empty ones included.
    noisy : ndarray of float64, shape (g, 2, 2)
        Negative counts included.
    merged : int
        How many released numbers each count is the sum of.
    noise : NoiseSize
        Of each released number.
    """

    attributes: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    noisy: Floats
    merged: int
    noise: NoiseSize

    def marginal(self, attributes: tuple[str, ...]) -> NoisyCube:
        """Sum over the other attributes; noise adds up, but no ε is spent.

        Relies on the groups being all combinations of the declared values.
        """
        columns = [self.attributes.index(name) for name in attributes]
        shortened = [tuple(group[column] for column in columns) for group in self.groups]
        groups = tuple(dict.fromkeys(shortened))
        position = {group: index for index, group in enumerate(groups)}
        noisy = np.zeros((len(groups), 2, 2))
        np.add.at(noisy, [position[group] for group in shortened], self.noisy)
        merged = self.merged * len(self.groups) // len(groups)
        return NoisyCube(tuple(attributes), groups, noisy, merged, self.noise)

    def shown(self) -> OutcomeCube:
        """Return counts with negative ones as 0, for what needs a plain cube."""
        count = np.maximum(self.noisy, 0).astype(np.int64)
        weight = count.astype(np.float64)
        return OutcomeCube(self.attributes, self.groups, count, weight, weight.copy())


@dataclass(frozen=True, eq=False)
class NoisyMeasured(Measured):
    """A metric of a noisy cube in all of its groups.

    Intervals are those of :mod:`core.privacy.release.noisy_share`, and so are those that contrasts
    between groups are made from.
    """

    counts: NoisyCube | None = None

    @property
    def released(self) -> NoisyCube:
        """The noisy counts."""
        assert self.counts is not None
        return self.counts

    def estimates(self) -> Floats:
        """Shape (g,); NaN where there is no positive denominator."""
        if self.metric.rate is not None:
            return noisy_share(*self._hits_and_misses(*self.metric.rate))
        if self.metric.name == "f1":
            share = noisy_share(*self._hits_and_misses(TRUE_POSITIVES, ANY_POSITIVE))
            return 2 * share / (1 + share)
        positive = noisy_share(*self._hits_and_misses(TRUE_POSITIVES, POSITIVES))
        negative = noisy_share(*self._hits_and_misses(TRUE_NEGATIVES, NEGATIVES))
        return (positive + negative) / 2

    def reasons(self) -> list[str | None]:
        """Why it is undefined in each group: the noise swamps what it is a share of."""
        cube = self.released
        out: list[str | None] = [None] * len(cube.groups)
        for cells in self.metric.needs:
            summed, total = cube.merged * len(cells.picked), cells(cube.noisy)
            for position in np.flatnonzero(swamped(total, summed, cube.noise)):
                counted = max(0, round(total[position]))
                out[position] = f"noise swamps the {counted:,} {cells.phrase} {self.scope}"
        return out

    def intervals(self, level: float) -> Ends:
        """Return the ends, shape (g,) each; NaN where the noise swamps the denominator."""
        return self._ends(level, bounded=True)

    def contrast_ends(self, level: float) -> Ends:
        """Return the ends that contrasts between groups are made from, shape (g,) each.

        They may lie beyond 0 and 1, as noise does.
        """
        return self._ends(level, bounded=False)

    def _ends(self, level: float, *, bounded: bool) -> Ends:
        if self.metric.rate is not None:
            return self._interval(*self.metric.rate, level, bounded)
        if self.metric.name == "f1":
            low, high = self._interval(TRUE_POSITIVES, ANY_POSITIVE, level, True)
            return 2 * low / (1 + low), 2 * high / (1 + high)
        return mean_of_two(
            self._rate(TRUE_POSITIVES, POSITIVES, level, bounded),
            self._rate(TRUE_NEGATIVES, NEGATIVES, level, bounded),
        )

    def _hits_and_misses(self, hits: Cells, trials: Cells) -> tuple[Floats, Floats]:
        hit = hits(self.released.noisy)
        return hit, trials(self.released.noisy) - hit

    def _interval(self, hits: Cells, trials: Cells, level: float, bounded: bool) -> Ends:
        merged, inside = self.released.merged, len(hits.picked)
        cells = (float(merged * inside), float(merged * (len(trials.picked) - inside)))
        hit, miss = self._hits_and_misses(hits, trials)
        return noisy_share_interval(hit, miss, cells, self.released.noise, level, bounded=bounded)

    def _rate(self, hits: Cells, trials: Cells, level: float, bounded: bool) -> tuple[Floats, Ends]:
        return (
            noisy_share(*self._hits_and_misses(hits, trials)),
            self._interval(hits, trials, level, bounded),
        )


def measure_noisy(metric: GroupMetric, cube: NoisyCube, scope: str = "in this group") -> Measured:
    """Measure a metric in all groups; without noise as on any other cube."""
    if not cube.noise.variance:
        return Measured(metric, cube.shown(), scope)
    if metric.rate is None and metric.name not in ("f1", "balanced_accuracy"):
        raise ValueError(f"how noise moves {metric.name!r} is not written down here yet")
    return NoisyMeasured(metric, cube.shown(), scope, counts=cube)
