"""A learner of noisy counts, whole and with planted leaks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.data.domains import CategoryDomain, Domains

BASE = 40


class NoisyCounts:
    """Scores a category by its count of positive less negative labels plus Laplace noise.

    One row changes one count by one, so noise of scale 1/ε makes it ε-private under add-or-remove.

    Parameters
    ----------
    epsilon : float
    scale : float
        Noise is this times what it should be.
    reads_categories : bool
        Whether only categories that the data holds get a count: the leak of a vocabulary.
    """

    def __init__(
        self, epsilon: float, seed: int, *, scale: float = 1.0, reads_categories: bool = False
    ) -> None:
        self.epsilon, self.scale, self.reads = epsilon, scale, reads_categories
        self.rng = np.random.default_rng(seed)

    def fit(self, X: pd.DataFrame, positive: np.ndarray) -> None:
        signs = np.where(positive, 1.0, -1.0)
        held = pd.Series(signs).groupby(X["who"].to_numpy()).sum()
        self.counts = held.to_dict()
        self.drawn: dict[str, float] = {}

    def predict_score(self, X: pd.DataFrame) -> np.ndarray:
        out = []
        for name in X["who"]:
            if self.reads and name not in self.counts:
                out.append(0.0)
                continue
            if name not in self.drawn:
                noise = self.rng.laplace(0, 1 / self.epsilon) * self.scale
                self.drawn[name] = self.counts.get(name, 0.0) + noise
            out.append(self.drawn[name])
        scores: np.ndarray = 1 / (1 + np.exp(-np.array(out)))
        return scores


class Flat:
    """A reference that knows nothing."""

    def fit(self, X: pd.DataFrame, positive: np.ndarray) -> None:
        pass

    def predict_score(self, X: pd.DataFrame) -> np.ndarray:
        return np.full(len(X), 0.49)


def world(canaries: int) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame, Domains]:
    """Some ordinary rows, and canaries each with a declared category of its own."""
    names = [f"canary {number}" for number in range(canaries)]
    base = pd.DataFrame({"who": pd.Series(["base"] * BASE, dtype=object)})
    odd = pd.DataFrame({"who": pd.Series(names, dtype=object)})
    domains = Domains((CategoryDomain("who", ("base", *names)),))
    return base, np.arange(BASE) % 2 == 0, odd, domains
