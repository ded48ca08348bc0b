"""Existing scores as a model that is never trained, so that what comes after training can be tried.

An audit of existing predictions has scores s and a threshold t, and decides positively where
s ≥ t. Mitigations after training take a score in [0, 1] that decides at 0.5. Probabilities with
that threshold are taken as they are. Of other scores the distinct ones on each side of the
threshold are spaced evenly, below it from 0 on and from it on between 0.5 and 1: only their order
counts, so that one huge score moves no other. Every decision stays as it is, and figures that
read scores are measured on the scores as they were given. A wrong map would change a decision of
the audit without a mitigation, or its ROC AUC, which tests compare with those of the audit itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats
from core.data.dataset import Dataset
from core.data.roles.roles import Roles
from core.errors import InputError
from core.learning.encoding import Ordinal
from core.learning.models import EncodedModel


@dataclass(frozen=True)
class ScoreScale:
    """How given scores lie in [0, 1].

    Attributes
    ----------
    threshold : float
        That goes to 0.5.
    values, units : ndarray of float, shape (m,)
        Distinct scores, ascending, and where each lies.
    """

    threshold: float
    values: Floats
    units: Floats

    def unit(self, scores: Floats) -> Floats:
        """Map given scores, shape (n,), to [0, 1]: at least 0.5 from the threshold on."""
        found: Floats = self.units[np.searchsorted(self.values, scores)]
        return found

    def given(self, unit: Floats) -> Floats:
        """Map scores in [0, 1], shape (n,), back: exactly where a given one lies, else between."""
        above = np.minimum(np.searchsorted(self.units, unit), len(self.units) - 1)
        below = np.maximum(above - 1, 0)
        width, way = self.units[above] - self.units[below], unit - self.units[below]
        with np.errstate(over="ignore"):  # beyond the last one, which the clip is for
            part = np.divide(way, width, out=np.ones_like(unit), where=width > 0).clip(0, 1)
        low, high = self.values[below], self.values[above]
        with np.errstate(over="ignore"):
            span = high - low
        # Halves where the difference overflows. A step from the lower end never falls as its part
        # grows, rounding included; the sum of both ends by their parts may.
        between = np.where(
            np.isfinite(span),
            low + np.where(np.isfinite(span), span, 0.0) * part,
            2 * (low / 2 + (high / 2 - low / 2) * part),
        )
        found: Floats = np.where(part < 1, np.clip(between, low, high), high)
        return found


def scale_of(dataset: Dataset) -> ScoreScale:
    """Find how the scores of an audit of existing predictions lie in [0, 1].

    Raises
    ------
    InputError
        If there is no score, or the decisions don't follow from any threshold on it.
    """
    scores, decided = dataset.scores, dataset.predictions
    if scores is None or decided is None:
        raise InputError(
            "there are decisions and no score, so there is no threshold to move",
            where="column of scores",
            remedy="Name a score column beside the decisions, if the table has one",
        )
    if dataset.roles.prediction is None:
        assert dataset.roles.threshold is not None
        threshold = dataset.roles.threshold
    else:
        threshold = _threshold_of(dataset.roles, scores, decided)
    values = np.unique(scores)
    if threshold == 0.5 and values[0] >= 0 and values[-1] <= 1:
        return ScoreScale(threshold, values, values)
    low = int(np.searchsorted(values, threshold))
    high = len(values) - low
    below, above = np.arange(low) / max(low, 1), np.arange(high) / max(high - 1, 1)
    units = np.r_[0.5 * below, 0.5 + 0.5 * above]
    return ScoreScale(threshold, values, units)


def _threshold_of(roles: Roles, scores: Floats, decided: Flags) -> float:
    """Find the threshold that decisions follow from, the least score decided positively.

    Raises
    ------
    InputError
        If they follow from none, with the fewest rows that any threshold contradicts.
    """
    values, position = np.unique(scores, return_inverse=True)
    yes = np.bincount(position[decided], minlength=len(values))
    no = np.bincount(position[~decided], minlength=len(values))
    # At each distinct score as the threshold, and above all: yes below it, and no from it on.
    against = np.r_[0, np.cumsum(yes)] + np.r_[np.cumsum(no[::-1])[::-1], 0]
    best = int(np.argmin(against))
    threshold = float(np.r_[values, np.nextafter(values[-1], np.inf)][best])
    if against[best]:
        raise InputError(
            "the decisions follow from no threshold on the score: even at the best one, "
            f"{threshold:g}, {against[best]:,} of {len(scores):,} rows are decided otherwise",
            where=f"column {roles.prediction!r}",
            remedy="Leave the column of decisions out and give that threshold, or check the score",
        )
    return threshold


def with_given_score(dataset: Dataset) -> Dataset:
    """Make the existing score the one feature, in [0, 1], of rows whose predictions are audited.

    Parameters
    ----------
    dataset : Dataset
        Returned as it is where a model is trained.

    Raises
    ------
    InputError
        As :func:`scale_of`.
    """
    if not dataset.roles.audits_existing_predictions:
        return dataset
    scale = scale_of(dataset)
    assert dataset.scores is not None
    name = str(dataset.roles.score)
    return replace(dataset, features=pd.DataFrame({name: scale.unit(dataset.scores)}))


class GivenScore(EncodedModel):
    """The score that is the one feature; fitting it changes nothing."""

    def __init__(self) -> None:
        super().__init__(Ordinal(), None, "any")

    def fit(
        self,
        X: pd.DataFrame,
        positive: Flags,
        weights: Floats | None = None,
    ) -> None:
        """Do nothing: there is nothing to learn."""

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Return the one column, shape (n,), in [0, 1]."""
        return X.iloc[:, 0].to_numpy(dtype=np.float64)
