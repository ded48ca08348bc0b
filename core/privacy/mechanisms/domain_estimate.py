"""Bounds and categories estimated under the privacy budget, where nobody can declare them.

Numbers: counts over a fixed public grid of signed powers of two, geometric noise on each; the
bounds are the outer ends of the lowest and highest cell whose noisy count exceeds a threshold
that empty cells pass all together with probability at most 0.001. After Durfee 2023 and
OpenDP's ``approximate bounds``; the grid is public, so it reveals nothing.

Categories: the stability-based histogram (Korolova et al. 2009; Bun, Nissim and Stemmer 2016,
theorem 3.5). Only categories that occur are counted, with two-sided geometric noise, and released
if the noisy count exceeds 1 + ln(1/δ') / ε'. A category that occurs once is released with
probability at most δ'.

A row falls in one cell of each column. Under add-or-remove it changes one count by 1; under
replace-one it may change two, so noise is twice as wide and δ' is halved. The columns share ε and
δ equally by basic composition. Noise of a release comes from the exact sampler of
:mod:`core.privacy.mechanisms.noise`, as that of all releases does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Floats, Ints
from core.data.domains import CategoryDomain, Domain, Domains, NumberDomain
from core.privacy.accounting.budget import Neighbouring
from core.privacy.mechanisms.noise import NoiseSource, noisy, sensitivity_of_counts

__all__ = ["SHARE_OF_EPSILON", "estimate_domains"]

SHARE_OF_EPSILON = 0.1
"""Part of a plan's ε that pays for bounds and categories."""

_EDGES = np.concatenate(
    [-(2.0 ** np.arange(40, -11, -1)), [0.0], 2.0 ** np.arange(-10, 41)],
)


def estimate_domains(
    X: pd.DataFrame,
    *,
    epsilon: float,
    delta: float,
    neighbouring: Neighbouring,
    source: NoiseSource,
) -> Domains:
    """Estimate the domain of every feature. The caller has charged ε and δ before.

    Parameters
    ----------
    X : DataFrame, shape (n, p)
        Training rows.
    epsilon, delta : float
        For all columns together.
    neighbouring : {"replace-one", "add-or-remove"}
    source : NoiseSource
        :data:`core.privacy.mechanisms.noise.FRESH` for a release.

    Returns
    -------
    Domains
        With origin "paid". A column in which nothing stood out of the noise has the bounds
        (0, 1), or no category but "(other)".
    """
    categorical = sum(X[c].dtype.kind != "f" for c in X)
    counting = _Counting(
        epsilon,
        # All columns together change by so much, in as many counts as one row touches.
        sensitivity_of_counts(neighbouring) * max(1, X.shape[1]),
        delta / max(1, categorical) / sensitivity_of_counts(neighbouring),
        source,
    )
    items: list[Domain] = []
    unlearned: list[str] = []
    for name in map(str, X.columns):
        found: Domain | None
        if X[name].dtype.kind == "f":
            found = _number(name, X[name].to_numpy(dtype=np.float64), counting)
            items.append(found or NumberDomain(name, 0.0, 1.0))
        else:
            found = _category(name, X[name], counting)
            items.append(found or CategoryDomain(name, ()))
        if found is None:
            unlearned.append(name)
    return Domains(tuple(items), "paid", tuple(unlearned))


@dataclass(frozen=True)
class _Counting:
    """Noise for all columns together, and the chance that a category of one row is released."""

    epsilon: float
    sensitivity: int
    delta: float
    source: NoiseSource

    @property
    def scale(self) -> float:
        return self.sensitivity / self.epsilon

    def noisy(self, counts: Ints) -> Ints:
        found = noisy(
            counts, epsilon=self.epsilon, sensitivity=self.sensitivity, source=self.source
        )
        return np.array(found, dtype=np.int64)


def _number(name: str, values: Floats, counting: _Counting) -> NumberDomain | None:
    inside = np.clip(values[~np.isnan(values)], _EDGES[0], _EDGES[-1])
    counts = np.histogram(inside, bins=_EDGES)[0].astype(np.int64)
    threshold = counting.scale * math.log(len(counts) / 0.001)
    full = np.flatnonzero(counting.noisy(counts) > threshold)
    if len(full) == 0:
        return None
    return NumberDomain(name, float(_EDGES[full[0]]), float(_EDGES[full[-1] + 1]))


def _category(name: str, values: pd.Series, counting: _Counting) -> CategoryDomain | None:
    counts = values.astype(object).value_counts()
    noisy = counting.noisy(counts.to_numpy().astype(np.int64))
    threshold = 1 + counting.scale * math.log(1 / counting.delta)
    kept = sorted(str(c) for c, n in zip(counts.index, noisy, strict=True) if n > threshold)
    return CategoryDomain(name, tuple(kept)) if kept else None
