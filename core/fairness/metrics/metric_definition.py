"""What a group metric is: a small value over the 2 × 2 table of label × prediction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from core.arrays import Flags, Floats, Ints
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.person_draws import draw_cells
from core.fairness.counts.ranking import ScoreEstimates
from core.fairness.intervals.intervals import PRIOR, Ends, effective_size
from core.fairness.intervals.rate_intervals import RateLimits

Number = TypeVar("Number", np.int64, np.float64)
Better = Literal["follows_decision", "higher", "lower", "neither"]
"""What is good for a group: for rates of the positive decision it depends on whether that decision
is the favourable one."""


@dataclass(frozen=True)
class Cells:
    """Some cells of a table indexed [..., label, prediction].

    Attributes
    ----------
    picked : tuple of (int, int)
        Label and prediction, 0 negative and 1 positive, in ascending order: summed in the same
        order everywhere, a part can't exceed its whole by rounding.
    phrase : str
        What their rows are, in the plural: "positive labels".
    """

    picked: tuple[tuple[int, int], ...]
    phrase: str

    def __call__(self, table: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Sum the cells; shape (..., 2, 2) becomes (...)."""
        label, prediction = self.picked[0]
        out: npt.NDArray[Number] = table[..., label, prediction]
        for label, prediction in self.picked[1:]:
            out = out + table[..., label, prediction]
        return out


TN, FP, FN, TP = (0, 0), (0, 1), (1, 0), (1, 1)
EVERYONE = Cells((TN, FP, FN, TP), "rows")
POSITIVES = Cells((FN, TP), "positive labels")
NEGATIVES = Cells((TN, FP), "negative labels")
SELECTED = Cells((FP, TP), "positive decisions")
REJECTED = Cells((TN, FN), "negative decisions")
TRUE_POSITIVES = Cells((TP,), "true positives")
FALSE_POSITIVES = Cells((FP,), "false positives")
TRUE_NEGATIVES = Cells((TN,), "true negatives")
FALSE_NEGATIVES = Cells((FN,), "false negatives")
CORRECT = Cells((TN, TP), "correct decisions")
ERRORS = Cells((FP, FN), "wrong decisions")
ANY_POSITIVE = Cells((FP, FN, TP), "positive labels or positive decisions")


@dataclass(frozen=True)
class GroupMetric:
    """A figure that can be computed from one group's 2 × 2 table.

    Attributes
    ----------
    name, title, sentence : str
        Registered name; name for people; explanation for a newcomer.
    definition : str
        The formula as an expectation given A = a, the group.
    numerator, denominator : callable
        From tables of shape (..., 2, 2) to (...).
    needs : tuple of Cells
        The metric is undefined where any of these holds no row or no weight.
    interval : callable
        From (cube, level, limits) to the ends, NaN where undefined; ``limits`` gives those of a
        rate, from which every metric of the table makes its own.
    better : {"follows_decision", "higher", "lower", "neither"}
    rate : tuple of (Cells, Cells) or None
        Hits and all trials, where the metric is the share of one set of cells in another.
    shares : tuple of (Cells, Cells)
        The shares that it is made of, rising with each: of a rate itself alone.
    """

    name: str
    title: str
    sentence: str
    definition: str
    numerator: Callable[[Floats], Floats]
    denominator: Callable[[Floats], Floats]
    needs: tuple[Cells, ...]
    interval: Callable[[OutcomeCube, float, RateLimits], Ends]
    better: Better = "neither"
    rate: tuple[Cells, Cells] | None = None
    shares: tuple[tuple[Cells, Cells], ...] = ()

    @property
    def kind(self) -> Literal["rate", "cells"]:
        """Either "rate" for a share of rows, "cells" for any other function of the table."""
        return "rate" if self.rate else "cells"

    @property
    def needs_outcome(self) -> bool:
        """Whether the metric asks what came true: all but those that sum over the labels."""
        if self.rate is None:
            return True
        return any(
            {(1 - label, prediction) for label, prediction in cells.picked} != set(cells.picked)
            for cells in self.rate
        )

    def value(self, table: Floats) -> Floats:
        """Compute the metric; NaN where its denominator is empty."""
        below = self.denominator(table)
        out = np.full(np.shape(below), np.nan)
        np.divide(self.numerator(table), below, out=out, where=below > 0)
        return out

    def reason(self, count: Floats, weight: Floats, scope: str) -> str | None:
        """Say why the metric is undefined for one table of shape (2, 2); None if it is defined."""
        for cells in self.needs:
            if not cells(count):
                return f"no {cells.phrase} {scope}"
            if not cells(weight):
                return f"all {cells.phrase} {scope} have weight zero"
        return None

    def correlation(self, cube: OutcomeCube) -> Floats | None:
        """Correlation between groups, shape (g, g), where persons have rows in several of them."""
        persons = cube.persons
        if persons is None or not persons.crossing:
            return None
        moved = [persons.influences(h(persons.cells), t(persons.cells)) for h, t in self.shares]
        return persons.correlation(np.sum(moved, axis=0))

    def draw(self, cube: OutcomeCube, draws: int, rng: np.random.Generator) -> Floats:
        """Draw the metric in every group, shape (draws, g), as from :func:`draw_cells`.

        A share of cells in a Dirichlet draw follows a Beta distribution exactly, so a rate is
        drawn from that, with weights at the effective size of its own denominator.
        """
        weight, weight_squared = cube.weight, cube.weight_squared
        if self.rate is None or cube.persons is not None:
            return self.value(draw_cells(cube, draws, rng))
        hits, trials = self.rate
        size = effective_size(trials(weight), trials(weight_squared))
        share = np.nan_to_num(self.value(weight), nan=0.0)
        prior_hits = PRIOR * len(hits.picked)
        prior_misses = PRIOR * (len(trials.picked) - len(hits.picked))
        out: Floats = rng.beta(
            share * size + prior_hits, (1 - share) * size + prior_misses, size=(draws, len(size))
        )
        return out


@dataclass(frozen=True)
class ScoreMetric:
    """A figure that needs scores and not only decisions.

    Attributes
    ----------
    name, title, sentence, definition, better
        As for :class:`GroupMetric`.
    measure : callable
        From (codes, number of groups, target, scores, weights or None, persons or None) to the
        estimates.
    needs_outcome : bool
        Whether it asks what came true.
    """

    name: str
    title: str
    sentence: str
    definition: str
    measure: Callable[[Ints, int, Flags, Floats, Floats | None, Ints | None], ScoreEstimates]
    better: Better = "higher"
    needs_outcome: bool = True

    @property
    def kind(self) -> Literal["scores"]:
        """Always "scores": it is measured on rows, not on the cube."""
        return "scores"


def share(
    name: str,
    title: str,
    sentence: str,
    definition: str,
    cells: tuple[Cells, Cells],
    better: Better,
) -> GroupMetric:
    """Make the metric that is the share of the first cells in the second."""
    hits, trials = cells

    def interval(cube: OutcomeCube, level: float, limits: RateLimits) -> Ends:
        return limits(metric.value(cube.weight), cube.sizes(hits, trials, level), level)

    metric = GroupMetric(
        name,
        title,
        sentence,
        definition,
        hits,
        trials,
        (trials,),
        interval,
        better,
        cells,
        (cells,),
    )
    return metric
