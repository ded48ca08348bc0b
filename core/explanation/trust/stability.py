"""Whether the explanation stays the same when nothing that matters has changed.

Three changes that should not matter much: the person differs slightly and is decided the same way
(Alvarez-Melis and Jaakkola 2018, "On the robustness of interpretability methods", whose estimate
of the local Lipschitz constant is the largest ratio of the change in the explanation to the change
in the person); the explainer draws other rows; the same learner is trained with another seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Floats
from core.explanation.trust.agreement import Agreement
from core.fairness.metrics.assessment import Figure

NEAR = 0.05
"""A number moves to a value that the data has within so many ranks (as a share) of the person's."""


@dataclass(frozen=True)
class Stability:
    """How much one change altered explanations.

    Attributes
    ----------
    explainer : str
    change : str
        What was changed, in a few words.
    agreement : Agreement
        Of the explanations before and after.
    lipschitz : Figure or None
        Mean over people of the largest change of the explanation for each standard deviation by
        which the person was moved; None where the person was not moved.
    caveat : str
        What to know about it; may be empty.
    """

    explainer: str
    change: str
    agreement: Agreement
    lipschitz: Figure | None = None
    caveat: str = ""


class Neighbourhood:
    """Draws people who differ slightly from someone, by values that the data supports.

    Numbers move to a value found in the data within 5 % of the ranks. Categories stay, unless
    there is no number to move: then one category changes to another that the data has. What is
    missing stays missing.

    Parameters
    ----------
    training : DataFrame, shape (m, p)
    """

    def __init__(self, training: pd.DataFrame):
        self.sorted = {
            str(name): np.sort(training[name].dropna().to_numpy(dtype=np.float64))
            for name in training
            if training[name].dtype.kind == "f" and training[name].nunique() > 1
        }
        self.levels = {
            str(name): sorted({str(v) for v in training[name]})
            for name in training
            if training[name].dtype.kind != "f" and training[name].nunique() > 1
        }
        self.spread = {name: float(values.std()) for name, values in self.sorted.items()}

    def draw(self, rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        """Move each of the rows once."""
        out = rows.copy()
        for name, known in self.sorted.items():
            own = rows[name].to_numpy(dtype=np.float64)
            low = np.searchsorted(known, own, side="left") / len(known)
            high = np.searchsorted(known, own, side="right") / len(known)
            rank = rng.uniform(np.maximum(low - NEAR, 0.0), np.minimum(high + NEAR, 1.0))
            at = np.minimum((rank * len(known)).astype(int), len(known) - 1)
            out[name] = np.where(np.isnan(own), own, known[at])
        if not self.sorted and self.levels:
            names = list(self.levels)
            for i, j in enumerate(rng.integers(len(names), size=len(rows))):
                name = names[j]
                others = [v for v in self.levels[name] if v != rows[name].iloc[i]]
                if others:
                    out.iat[i, list(out).index(name)] = str(rng.choice(others))
        return out

    def distance(self, first: pd.DataFrame, second: pd.DataFrame) -> Floats:
        """Euclidean distance row by row: numbers in standard deviations, a category 1."""
        total = np.zeros(len(first))
        for name, spread in self.spread.items():
            a, b = (rows[name].to_numpy(dtype=np.float64) for rows in (first, second))
            gap = np.where(np.isnan(a) & np.isnan(b), 0.0, (a - b) / spread)
            total += np.where(np.isnan(gap), 1.0, gap) ** 2
        for name in self.levels:
            total += first[name].to_numpy() != second[name].to_numpy()
        return np.sqrt(total)


def lipschitz_ratios(before: Floats, after: Floats, distance: Floats) -> Floats:
    """Change of each explanation over the distance moved; NaN where nobody moved."""
    change = np.linalg.norm(after - before, axis=1)
    moved = distance > 0
    return np.where(moved, change / np.where(moved, distance, 1.0), np.nan)
