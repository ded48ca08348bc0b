"""A model made elsewhere in the place of one that is trained here: fitting it changes nothing.

Everything that comes after training asks a model for a score in [0, 1] that decides at 0.5. An
external model may decide at another threshold t, and does so by itself without a mitigation. For a
mitigation its score is moved by a map that is linear on either side of t, so that the order of
people and every decision stay as they are, and moved back where the model's own score is shown.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats
from core.errors import InputError
from core.external_models.external_spec import ExternalSpec, class_position
from core.external_models.matching import model_inputs
from core.external_models.opened import scorer_of
from core.learning.encoding import Ordinal
from core.learning.models import EncodedModel


class ExternalModel(EncodedModel):
    """A model made elsewhere.

    Attributes
    ----------
    external : ExternalSpec
    mitigated : bool
        Whether a mitigation takes its scores, which then decide at 0.5.
    """

    kept_fields = ("external", "mitigated")

    def __init__(self, external: ExternalSpec, *, mitigated: bool = False) -> None:
        super().__init__(Ordinal(), None, "any")
        self.external = external
        self.mitigated = mitigated

    @property
    def threshold(self) -> float:
        """From where on a score is decided positively."""
        return 0.5 if self.mitigated else self.external.threshold

    def fit(self, X: pd.DataFrame, positive: Flags, weights: Floats | None = None) -> None:
        """Do nothing: it was trained elsewhere."""

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Score of the positive label, shape (n,), in [0, 1]."""
        own = self.own_score(X)
        return at_half(own, self.external.threshold) if self.mitigated else own

    def own_score(self, X: pd.DataFrame) -> Floats:
        """Score as the model gives it, shape (n,), in [0, 1].

        Raises
        ------
        InputError
            If the model is not at hand, gives no number, or one outside of [0, 1].
        """
        scorer = scorer_of(self.external)
        found = scorer.score(model_inputs(self.external.matching, scorer.facts, X))
        return positive_score(found, scorer.facts.classes, self.external)


def positive_score(
    found: Floats, classes: tuple[str, ...] | None, external: ExternalSpec
) -> Floats:
    """Take the score of the positive class out of what a model answered.

    Parameters
    ----------
    found : ndarray of float64, shape (n, classes) or (n,)
    classes : tuple of str or None
        In the order of the columns.
    external : ExternalSpec

    Raises
    ------
    InputError
        If the class is none of the model's, or an answer is no number in [0, 1].
    """
    where = f"model {external.name!r}"
    score = np.asarray(found, dtype=np.float64)
    if score.ndim == 2:
        score = score[:, class_position(classes, external)]
    wrong = ~np.isfinite(score)
    if wrong.any():
        raise InputError(
            f"for {int(wrong.sum()):,} of {len(score):,} rows it gives no number, first for row "
            f"{int(np.flatnonzero(wrong)[0]) + 1}",
            where=where,
            remedy="Look for missing or very large values among its inputs",
        )
    outside = (score < -1e-6) | (score > 1 + 1e-6)
    if outside.any():
        raise InputError(
            f"{int(outside.sum()):,} of {len(score):,} scores lie outside of 0 and 1, such as "
            f"{float(score[outside][0]):.6g}, so they are no probabilities",
            where=where,
            remedy="Export the model with probabilities, or audit its scores as a column",
        )
    return score.clip(0, 1)


def at_half(scores: Floats, threshold: float) -> Floats:
    """Map scores in [0, 1] so that a threshold comes to 0.5, keeping their order.

    Parameters
    ----------
    scores : ndarray of float64, shape (n,)
    threshold : float
        In (0, 1).
    """
    if threshold == 0.5:
        return scores
    below = np.minimum(scores / (2 * threshold), np.nextafter(0.5, 0))
    above = np.maximum(0.5 + (scores - threshold) / (2 * (1 - threshold)), 0.5)
    return np.where(scores >= threshold, above, below).clip(0, 1)


def own_scale(units: Floats, threshold: float) -> Floats:
    """Undo :func:`at_half`, to within rounding, shape (n,)."""
    if threshold == 0.5:
        return units
    below = 2 * threshold * units
    above = threshold + (units - 0.5) * 2 * (1 - threshold)
    # No rounding may carry a score to the other side of its threshold.
    low = np.minimum(below, np.nextafter(threshold, 0))
    return np.where(units >= 0.5, np.maximum(above, threshold), low)
