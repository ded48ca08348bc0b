"""Area under the ROC curve by group, exact by ranks, with DeLong's standard error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy.special import expit, logit

from core.arrays import Flags, Floats, Ints
from core.fairness.counts.person_cells import PersonCells, student_factor
from core.fairness.intervals.intervals import PRIOR, effective_size, logit_interval, wilson

ROUNDING = 1e-12
"""Nearer to 0 or 1 an estimate is there: sums of weights don't end at them to the last digit."""


@dataclass(frozen=True)
class ScoreEstimate:
    """A figure in [0, 1] that was measured on the rows of one group.

    Attributes
    ----------
    estimate : float or None
    standard_error : float or None
        On the scale of the estimate; None without an interval.
    size : float
        Effective number of the scarcer label, for the border where the standard error is 0.
    reason : str or None
        Why the estimate, or its interval, is not defined; to be followed by "in this group".
    persons : float or None
        Effective number of persons that the standard error was computed over, where persons have
        several rows: Student's quantile with one less takes the place of the normal one.
    moved : tuple of (ndarray of int64, ndarray of float64) or None
        Those persons, ascending, and by how much each moves the estimate.
    """

    estimate: float | None
    standard_error: float | None = None
    size: float = 0.0
    reason: str | None = None
    persons: float | None = None
    moved: tuple[Ints, Floats] | None = field(default=None, compare=False, repr=False)

    @property
    def _at_border(self) -> bool:
        """Whether the rows show no variation: at 0 or 1 up to rounding, as sums of weights end."""
        assert self.estimate is not None
        return min(self.estimate, 1 - self.estimate) < ROUNDING or self.standard_error == 0

    def error(self, level: float) -> float:
        """Return the standard error, stretched where few persons stand behind it."""
        assert self.standard_error is not None
        if self.persons is None:
            return self.standard_error
        factor = float(student_factor(np.array(self.persons), level))
        return float(self.standard_error / np.sqrt(factor))

    def interval(self, level: float) -> tuple[float, float] | None:
        """Compute the ends of the interval, on the logit scale; Wilson's at the borders 0 and 1."""
        if self.estimate is None or self.standard_error is None:
            return None
        if self._at_border:
            low, high = wilson(np.array(self.estimate), np.array(self.size), level)
            return float(low), float(high)
        return logit_interval(self.estimate, self.error(level), level)

    def draw(self, draws: int, rng: np.random.Generator) -> Floats:
        """Draw from the distribution that the interval stands for, shape (draws,)."""
        if self.estimate is None or self.standard_error is None:
            return np.full(draws, np.nan)
        if self._at_border:
            hits = self.estimate * self.size
            return rng.beta(hits + PRIOR, self.size - hits + PRIOR, size=draws)
        scale = self.error(0.95) / (self.estimate * (1 - self.estimate))
        out: Floats = expit(rng.normal(logit(self.estimate), scale, size=draws))
        return out


ScoreEstimates = tuple[ScoreEstimate, ...]


def roc_auc(
    codes: Ints,
    groups: int,
    target: Flags,
    scores: Floats,
    weights: Floats | None = None,
    persons: Ints | None = None,
) -> ScoreEstimates:
    """Area under the ROC curve in each group.

    With persons, structural components are summed within each (Obuchowski 1997, Biometrics 53).

    Parameters
    ----------
    codes : ndarray of int64, shape (n,)
        Each row's group, 0 to ``groups`` − 1.
    target : ndarray of bool, shape (n,)
    scores : ndarray of float64, shape (n,)
        Finite; larger means more likely positive.
    weights : ndarray of float64, shape (n,), optional
    persons : ndarray of int64, shape (n,), optional
        Equal for rows of one person; without them every row is a person.

    Returns
    -------
    tuple of ScoreEstimate, one for each group
    """
    order = np.lexsort((scores, codes))
    return estimate_groups(_area, order, codes, groups, target, scores, weights, persons)


GroupEstimate = Callable[[Flags, Floats, Floats, "Ints | None"], ScoreEstimate]
"""From labels, scores, weights and persons of one group to its estimate."""


def estimate_groups(
    estimate: GroupEstimate,
    order: Ints,
    codes: Ints,
    groups: int,
    target: Flags,
    scores: Floats,
    weights: Floats | None,
    persons: Ints | None,
) -> ScoreEstimates:
    """Estimate each group alone; ``order`` sorts rows by group, and within it as is needed."""
    bounds = np.searchsorted(codes[order], np.arange(groups + 1))
    weight = np.ones(len(scores)) if weights is None else weights
    return tuple(
        estimate(
            target[rows], scores[rows], weight[rows], None if persons is None else persons[rows]
        )
        for rows in (order[start:end] for start, end in pairwise(bounds))
    )


def _area(
    target: Flags, scores: Floats, weights: Floats, persons: Ints | None = None
) -> ScoreEstimate:
    """Area of one group whose rows are sorted by score.

    The Mann–Whitney share of pairs, ties counting a half (Hanley and McNeil 1982, Radiology 143);
    its variance from structural components (DeLong, DeLong and Clarke-Pearson 1988, Biometrics
    44). A row's weight multiplies its part in every pair; the sample variance's correction then
    takes the effective number of rows.
    """
    for label, phrase in ((True, "positive labels"), (False, "negative labels")):
        if not (target == label).any():
            return ScoreEstimate(None, reason=f"no {phrase}")
        if not weights[target == label].any():
            return ScoreEstimate(None, reason=f"no {phrase} with a weight above zero")
    starts = np.flatnonzero(np.r_[True, scores[1:] != scores[:-1]])
    tie = np.cumsum(np.r_[True, scores[1:] != scores[:-1]]) - 1
    positive, negative = weights * target, weights * ~target
    below_negative = _below(negative, starts)[tie][target] / negative.sum()
    below_positive = _below(positive, starts)[tie][~target] / positive.sum()
    w1, w0 = weights[target], weights[~target]
    area = float(np.clip(np.sum(w1 * below_negative) / w1.sum(), 0, 1))
    size1 = float(effective_size(w1.sum(), np.square(w1).sum()))
    size0 = float(effective_size(w0.sum(), np.square(w0).sum()))
    if min(size1, size0) < 1 + 1e-9:
        return ScoreEstimate(
            area, reason="an interval needs at least two positive and two negative labels"
        )
    if persons is not None:
        moved = np.zeros(len(target))
        moved[target] = w1 * (below_negative - area) / w1.sum()
        moved[~target] = w0 * (below_positive - (1 - area)) / w0.sum()
        sizes = [effective(persons[target == label], w) for label, w in ((True, w1), (False, w0))]
        return by_person(area, persons, moved, min(sizes))
    variance = _component(w1, below_negative - area, size1)
    variance += _component(w0, below_positive - (1 - area), size0)
    return ScoreEstimate(area, float(np.sqrt(variance)), min(size1, size0))


def effective(persons: Ints, weights: Floats) -> float:
    """Count the persons of equal weight that would be as informative."""
    total = np.bincount(np.unique(persons, return_inverse=True)[1], weights)
    return float(effective_size(total.sum(), np.square(total).sum()))


def by_person(estimate: float, persons: Ints, moved: Floats, size: float) -> ScoreEstimate:
    """Make the estimate whose rows' influences are summed within persons.

    Parameters
    ----------
    persons : ndarray of int64, shape (n,)
    moved : ndarray of float64, shape (n,)
        By how much each row moves the estimate; they sum to 0.
    size : float
        Effective number of persons, of the scarcer label where labels are compared.
    """
    if size < 1 + 1e-9:
        return ScoreEstimate(estimate, reason="an interval needs at least two persons")
    who, own = np.unique(persons, return_inverse=True)
    each = np.bincount(own, moved, minlength=len(who)).astype(np.float64)
    error = float(np.sqrt(np.square(each).sum() * size / (size - 1)))
    return ScoreEstimate(estimate, error, size, None, size, (who.astype(np.int64), each))


def correlation_of(items: Sequence[ScoreEstimate]) -> Floats | None:
    """Correlation between groups' estimates, (g, g); None where no person is in two groups."""
    known = [(g, *item.moved) for g, item in enumerate(items) if item.moved is not None]
    if not known:
        return None
    group = np.concatenate([np.full(len(who), g) for g, who, _ in known])
    person = np.concatenate([who for _, who, _ in known])
    cells = PersonCells(len(items), person, group, np.zeros((len(person), 0)))
    if not cells.crossing:
        return None
    return cells.correlation(np.concatenate([each for _, _, each in known]))


def _below(weights: Floats, starts: Ints) -> Floats:
    """For each distinct score, the weight at lower scores plus half of that at the same score."""
    at = np.add.reduceat(weights, starts)
    out: Floats = np.cumsum(at) - at / 2
    return out


def _component(weights: Floats, deviation: Floats, size: float) -> float:
    spread = np.sum(np.square(weights * deviation)) / np.square(weights.sum())
    return float(spread * size / (size - 1))
