"""Variance of repeated runs, split into privacy noise and sampling.

Runs of a setting are grouped by split. The one-way random-effects analysis of variance estimates
two components by the method of moments, with any number of runs in a split (Searle, Casella and
McCulloch 1992, Variance Components, section 3.6): *noise*, between runs of one split, and
*sampling*, between splits, which holds other training rows, other test rows and every random
choice but noise. A sampling component that comes out negative is 0, and that is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Components:
    """Variances of a figure.

    Attributes
    ----------
    noise, sampling : float or None
        None with fewer than two runs in every split, and with fewer than two splits.
    truncated : bool
        Whether sampling came out negative and is 0.
    """

    noise: float | None
    sampling: float | None
    truncated: bool = False


def components(values: Sequence[Sequence[float]], *, noisy: bool = True) -> Components:
    """Split the variance of runs, method of moments; unequal numbers of runs are allowed.

    Parameters
    ----------
    values : sequence of sequence of float
        By split, each with at least one run.
    noisy : bool
        False without privacy noise, which is then 0 by definition; runs of a split are averaged.
    """
    means = np.array([np.mean(runs) for runs in values])
    counts = np.array([len(runs) for runs in values], dtype=np.float64)
    splits, runs = len(values), counts.sum()
    if not noisy:
        return Components(0.0, float(means.var(ddof=1)) if splits > 1 else None)
    if runs == splits:
        return Components(None, None)
    within = sum(
        float(np.square(np.subtract(inside, mean)).sum())
        for inside, mean in zip(values, means, strict=True)
    )
    noise = within / float(runs - splits)
    if splits < 2:
        return Components(noise, None)
    middle = float((counts * means).sum() / runs)
    between = float((counts * np.square(means - middle)).sum() / (splits - 1))
    effective = float((runs - np.square(counts).sum() / runs) / (splits - 1))
    sampling = (between - noise) / effective
    return Components(noise, max(sampling, 0.0), sampling < 0)
