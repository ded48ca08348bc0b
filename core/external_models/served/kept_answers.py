"""What an audit keeps of a served model: what it is, and its answers by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.arrays import Floats
from core.external_models.model_facts import ModelFacts

SERVED_FORMATS = ("mlflow", "open-inference")


@dataclass(frozen=True, eq=False)
class ServedAnswers:
    """A served model as it was asked.

    Attributes
    ----------
    address : str
    batch : int
        Rows of one call.
    facts : ModelFacts
    positive : str
        The label that is the positive one, of a server that answers with labels.
    outputs : tuple of str
        What is asked for by name.
    labels : tuple of str
        All that were answered, of such a server.
    trial : dict of str to ndarray, shape (m,)
        The first rows that were asked, by which it is seen later that the model is the same.
    trial_answers : ndarray of float64, shape (m, classes) or (m,)
    keys : ndarray of uint64, shape (n,)
        Of all rows that were asked.
    answers : ndarray of float64, shape (n, classes) or (n,)
    """

    address: str
    batch: int
    facts: ModelFacts
    positive: str
    outputs: tuple[str, ...]
    labels: tuple[str, ...]
    trial: dict[str, npt.NDArray[Any]]
    trial_answers: Floats
    keys: npt.NDArray[np.uint64]
    answers: Floats
