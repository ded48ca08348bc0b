"""Shapley values of rows, whatever the way they were computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from core.arrays import Floats

Explains = Literal["log-odds", "probability"]

METHOD_SENTENCE = {
    "linear": "Exact for linear models",
    "additive": "Exact for additive models",
    "trees": "Exact for trees (interventional, tree by tree)",
    "coalitions": "Exact, by the definition over all coalitions of features",
    "any": "Sampled over orders of features (for models of any kind)",
}


def feature_names(rows: pd.DataFrame) -> tuple[str, ...]:
    """Name the raw features of rows."""
    return tuple(str(c) for c in rows)


def sampled_sentence(why: str) -> str:
    """Say why a model's values are sampled; "" where there is nothing to say."""
    return f" They are sampled and not read off the model's trees: {why}." if why else ""


@dataclass(frozen=True)
class Contributions:
    """Shapley values of some rows.

    Attributes
    ----------
    method : str
        "linear", "additive", "trees", "coalitions" or "any".
    explains : {"log-odds", "probability"}
        The output that the values add up to.
    features : tuple of str
        Raw features, p of them.
    values : ndarray, shape (n, p)
        In units of the output explained.
    base : float
        Mean output over the background rows.
    output : ndarray, shape (n,)
        Output for the rows.
    background_rows : int
    sampling_error : ndarray, shape (n, p), or None
        Standard error of each value from sampling orders; None where the values are exact.
    why_sampled : str
        Why a model whose trees might have told exact values is sampled; "" elsewhere.
    """

    method: str
    explains: Explains
    features: tuple[str, ...]
    values: Floats
    base: float
    output: Floats
    background_rows: int
    sampling_error: Floats | None = None
    why_sampled: str = ""

    @property
    def additivity_error(self) -> float:
        """Largest |base + Σ values − output| over the rows."""
        return float(np.abs(self.base + self.values.sum(axis=1) - self.output).max(initial=0.0))
