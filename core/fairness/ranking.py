"""Area under the ROC curve by group, exact by ranks, with DeLong's standard error."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from core.fairness.intervals import PRIOR, effective_size, logit_interval, wilson

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


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
    """

    estimate: float | None
    standard_error: float | None = None
    size: float = 0.0
    reason: str | None = None

    def interval(self, level: float) -> tuple[float, float] | None:
        """Compute the ends of the interval, on the logit scale; Wilson's at the borders 0 and 1."""
        if self.estimate is None or self.standard_error is None:
            return None
        if self.estimate in (0.0, 1.0) or self.standard_error == 0:
            low, high = wilson(np.array(self.estimate), np.array(self.size), level)
            return float(low), float(high)
        return logit_interval(self.estimate, self.standard_error, level)

    def draw(self, draws: int, rng: np.random.Generator) -> Floats:
        """Draw from the distribution that the interval stands for, shape (draws,)."""
        if self.estimate is None or self.standard_error is None:
            return np.full(draws, np.nan)
        if self.estimate in (0.0, 1.0) or self.standard_error == 0:
            hits = self.estimate * self.size
            return rng.beta(hits + PRIOR, self.size - hits + PRIOR, size=draws)
        scale = self.standard_error / (self.estimate * (1 - self.estimate))
        out: Floats = expit(rng.normal(logit(self.estimate), scale, size=draws))
        return out


ScoreEstimates = tuple[ScoreEstimate, ...]


def roc_auc(
    codes: npt.NDArray[np.int64],
    groups: int,
    target: Flags,
    scores: Floats,
    weights: Floats | None = None,
) -> ScoreEstimates:
    """Area under the ROC curve in each group.

    Parameters
    ----------
    codes : ndarray of int64, shape (n,)
        Each row's group, 0 to ``groups`` − 1.
    target : ndarray of bool, shape (n,)
    scores : ndarray of float64, shape (n,)
        Finite; larger means more likely positive.
    weights : ndarray of float64, shape (n,), optional

    Returns
    -------
    tuple of ScoreEstimate, one for each group
    """
    order = np.lexsort((scores, codes))
    bounds = np.searchsorted(codes[order], np.arange(groups + 1))
    weight = np.ones(len(scores)) if weights is None else weights
    return tuple(
        _area(target[rows], scores[rows], weight[rows])
        for rows in (order[start:end] for start, end in pairwise(bounds))
    )


def _area(target: Flags, scores: Floats, weights: Floats) -> ScoreEstimate:
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
    variance = _component(w1, below_negative - area, size1)
    variance += _component(w0, below_positive - (1 - area), size0)
    return ScoreEstimate(area, float(np.sqrt(variance)), min(size1, size0))


def _below(weights: Floats, starts: npt.NDArray[np.int64]) -> Floats:
    """For each distinct score, the weight at lower scores plus half of that at the same score."""
    at = np.add.reduceat(weights, starts)
    out: Floats = np.cumsum(at) - at / 2
    return out


def _component(weights: Floats, deviation: Floats, size: float) -> float:
    spread = np.sum(np.square(weights * deviation)) / np.square(weights.sum())
    return float(spread * size / (size - 1))
