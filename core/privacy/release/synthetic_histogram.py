"""A synthetic histogram: what ε does to a histogram, without looking at the data.

Noise drawn on a real histogram at each move of a slider would be a release each time. The counts
here are made up from what is public, the declared categories or bounds and about how many rows
there are, and the noise comes from a seed; so nothing is spent however often it is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.domains import Domain, NumberDomain
from core.errors import InputError
from core.privacy.mechanisms.noise import Seeded, noise_reach, noisy, sensitivity_of_counts
from core.privacy.release.axis import equal_bins

BINS = 10
MOST_SHOWN = 20
"""More categories than that are too many to look at; the first are shown."""
CONFIDENCE = 0.95


@dataclass(frozen=True)
class SyntheticHistogram:
    """A synthetic histogram before and after noise.

    Attributes
    ----------
    labels : tuple of str
    before, after : tuple of int
    reach : int
        In 95 of 100 draws a count is off by at most this, by the noise's own distribution.
    epsilon : float
    """

    labels: tuple[str, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    reach: int
    epsilon: float


def make_synthetic_histogram(
    domain: Domain, rows: int, epsilon: float, seed: int = 0
) -> SyntheticHistogram:
    """Make a histogram up and add noise of ε.

    Parameters
    ----------
    domain : NumberDomain or CategoryDomain
        Declared: bins between the bounds in the shape of a bell, or categories each two thirds as
        frequent as the one before.
    rows : int
        About how many there are, at least 1.
    epsilon : float
        Above 0.
    seed : int
        Of the noise.

    Raises
    ------
    InputError
        If there is no category, or no row.
    """
    if rows < 1:
        raise InputError("at least one row is needed", where=f"{rows} rows")
    if isinstance(domain, NumberDomain):
        labels = equal_bins(domain.name, domain.low, domain.high, BINS).labels
        weights = np.exp(-0.5 * np.linspace(-2, 2, BINS) ** 2)
    else:
        labels = domain.categories[:MOST_SHOWN]
        weights = (2 / 3) ** np.arange(len(labels), dtype=np.float64)
    if not labels:
        raise InputError("it has no declared category", where=f"column {domain.name!r}")
    counts = [int(count) for count in np.rint(rows * weights / weights.sum())]
    one = sensitivity_of_counts("add-or-remove")
    after = noisy(counts, epsilon=epsilon, sensitivity=one, source=Seeded(seed))
    reach = noise_reach(epsilon, one, CONFIDENCE)
    return SyntheticHistogram(labels, tuple(counts), after, reach, epsilon)
