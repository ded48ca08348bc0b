"""Existing scores as a model that is never trained, so that what comes after training can be tried.

An audit of existing predictions has scores s and a threshold t, and decides positively where
s ≥ t. Mitigations after training take a score in [0, 1] that decides at 0.5, so each side of the
threshold is stretched linearly: [low, t) to [0, 0.5) and [t, high] to [0.5, 1]. The order of people
and every decision stay as they are; figures that read scores are measured on the scores as they
were given, stretched back. A wrong map would change a decision of the audit without a mitigation,
or its AUROC, which tests compare with those of the audit itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.dataset import Dataset
from core.data.roles import Roles
from core.errors import InputError
from core.learning.encoding import Ordinal
from core.learning.models import EncodedModel

Floats = npt.NDArray[np.float64]
BELOW = float(np.nextafter(0.5, 0))
"""The largest score in [0, 1] that doesn't decide positively."""


@dataclass(frozen=True)
class ScoreScale:
    """How given scores lie in [0, 1].

    Attributes
    ----------
    low, threshold, high : float
        Ascending; ``threshold`` goes to 0.5.
    least, most : float
        Of the given scores.
    """

    low: float
    threshold: float
    high: float
    least: float
    most: float

    def unit(self, scores: Floats) -> Floats:
        """Map given scores, shape (n,), to [0, 1]: at least 0.5 from the threshold on."""
        # Halves first: the width of scores near the largest double would overflow.
        below = 0.5 * (scores / 2 - self.low / 2) / (self.threshold / 2 - self.low / 2)
        above = 0.5 + 0.5 * (scores / 2 - self.threshold / 2) / (self.high / 2 - self.threshold / 2)
        return np.where(scores < self.threshold, np.clip(below, 0.0, BELOW), np.clip(above, 0.5, 1))

    def given(self, unit: Floats) -> Floats:
        """Map scores in [0, 1], shape (n,), back to where given ones lie."""
        below = self.low * (1 - 2 * unit) + self.threshold * 2 * unit
        above = self.threshold * (2 - 2 * unit) + self.high * (2 * unit - 1)
        return np.clip(np.where(unit < 0.5, below, above), self.least, self.most)


def scale_of(dataset: Dataset) -> ScoreScale:
    """Find how the scores of an audit of existing predictions lie in [0, 1].

    Parameters
    ----------
    dataset : Dataset

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
    least, most = float(scores.min()), float(scores.max())
    # Where all are on one side, the other one needs some width.
    width = max(1.0, abs(threshold))
    low = least if least < threshold else threshold - width
    high = most if most > threshold else threshold + width
    return ScoreScale(low, threshold, high, least, most)


def _threshold_of(roles: Roles, scores: Floats, decided: npt.NDArray[np.bool_]) -> float:
    """Find the least score that is decided positively, if decisions follow from the score."""
    if not decided.any():
        return float(np.nextafter(scores.max(), np.inf))
    threshold = float(scores[decided].min())
    against = int((scores[~decided] >= threshold).sum())
    if against:
        raise InputError(
            f"its decisions follow from no threshold on the score: {against:,} rows are decided "
            f"negatively with a score of {threshold:g} or more, which others are decided "
            "positively with",
            where=f"column {roles.prediction!r}",
            remedy="Leave the column of decisions out and give a threshold, or check the score",
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
        positive: npt.NDArray[np.bool_],
        weights: npt.NDArray[np.float64] | None = None,
    ) -> None:
        """Do nothing: there is nothing to learn."""

    def score(self, X: pd.DataFrame) -> Floats:
        """Return the one column, shape (n,), in [0, 1]."""
        return X.iloc[:, 0].to_numpy(dtype=np.float64)
