"""How well scores and decisions match the true outcomes, with intervals.

The figures are those of the fairness engine with everyone in one group, so that performance and
fairness can never disagree; the Brier score, mean (score − outcome)² (Brier 1950), joins them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Ints
from core.fairness.assessment.assess import assess
from core.fairness.counts.cube import as_persons
from core.fairness.counts.ranking import by_person, effective
from core.fairness.metrics.assessment import Figure

SHOWN = ("accuracy", "balanced_accuracy", "roc_auc", "precision", "true_positive_rate", "f1")


@dataclass(frozen=True)
class Performance:
    """Performance on some rows.

    Attributes
    ----------
    evaluated_on : str
        "test", or "all rows" for existing predictions.
    count : int
    figures : dict of str to Figure
        By metric name; "brier" only where scores are probabilities.
    majority_class_accuracy : float or None
        Accuracy of always deciding for the more frequent label on the same rows; None where no
        true outcome was given.
    """

    evaluated_on: str
    count: int
    figures: dict[str, Figure]
    majority_class_accuracy: float | None

    def to_json(self) -> dict[str, Any]:
        """As it stands in audit.json: figures by name, intervals and reasons beside them."""
        out: dict[str, Any] = {"evaluated_on": self.evaluated_on, "count": self.count}
        out |= {name: figure.estimate for name, figure in self.figures.items()}
        out["intervals"] = {
            name: [figure.low, figure.high]
            for name, figure in self.figures.items()
            if figure.low is not None
        }
        out["undefined"] = {
            name: figure.reason
            for name, figure in self.figures.items()
            if figure.estimate is None and figure.reason
        }
        out["no_interval"] = {
            name: figure.reason
            for name, figure in self.figures.items()
            if figure.estimate is not None and figure.low is None and figure.reason
        }
        out["majority_class"] = {"accuracy": self.majority_class_accuracy}
        return out


def measure(
    target: Flags | None,
    decisions: Flags,
    scores: Floats | str | None,
    weights: Floats | None,
    evaluated_on: str,
    persons: Ints | None = None,
) -> Performance:
    """Measure performance.

    Parameters
    ----------
    target, decisions : ndarray of bool, shape (n,)
        The target is None where no true outcome was given: every figure says so.
    scores : ndarray of float, shape (n,), optional
        A text says why there are none.
    weights : ndarray of float, shape (n,), optional
    evaluated_on : str
        What the rows are.
    persons : ndarray of int, shape (n,), optional
        Equal for rows of one person, whom intervals then count.
    """
    everyone = pd.DataFrame({"everyone": np.full(len(decisions), "everyone", dtype=object)})
    overall = assess(
        target, decisions, everyone, scores=scores, weights=weights, persons=persons, draws=100
    ).overall
    figures = {name: overall.figures[name] for name in SHOWN if name in overall.figures}
    if target is None:
        return Performance(evaluated_on, len(decisions), figures, None)
    share = float(np.average(target, weights=weights))
    if isinstance(scores, str):
        figures["brier"] = Figure(None, reason=scores)
    elif scores is not None and scores.min() >= 0 and scores.max() <= 1:
        figures["brier"] = _brier(target, scores, weights, persons)
    return Performance(evaluated_on, len(target), figures, max(share, 1 - share))


def _brier(
    target: Flags,
    scores: Floats,
    weights: Floats | None,
    persons: Ints | None,
) -> Figure:
    """Brier score with the normal interval of a mean; weights enter its variance squared."""
    errors = (scores - target) ** 2
    weight = np.ones(len(errors)) if weights is None else weights
    mean = float(np.average(errors, weights=weight))
    persons = as_persons(persons, len(errors))
    if persons is not None:
        moved = weight * (errors - mean) / weight.sum()
        found = by_person(mean, persons, moved, effective(persons, weight))
        if found.standard_error is None:
            return Figure(mean, reason=found.reason)
        half = 1.96 * found.error(0.95)
        return Figure(mean, max(0.0, mean - half), min(1.0, mean + half))
    deviation = float(np.sqrt((weight**2 * (errors - mean) ** 2).sum()) / weight.sum())
    return Figure(mean, max(0.0, mean - 1.96 * deviation), min(1.0, mean + 1.96 * deviation))
