"""How many features an explanation needs.

Bhatt, Weller and Moura (2020, "Evaluating and aggregating feature-based model explanations") take
the entropy of the shares that features have in the sum of absolute contributions: 0 if one feature
explains everything, ln p if all p weigh alike. ``e`` to that power is the number of equally large
contributions that would be as hard to take in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Floats
from core.explanation.trust.averages import mean_over
from core.fairness.metrics.assessment import Figure

SHARE = 0.9
NOTHING = "no feature contributes anything"


@dataclass(frozen=True)
class Complexity:
    """How complex the explanations of some people are.

    Attributes
    ----------
    explainer : str
    needed : Figure
        Mean number of features that make 90 % of the attribution.
    entropy : Figure
        Mean entropy in nats, in [0, ln p].
    features : int
        All features, p.
    each : ndarray, shape (n,)
        Features needed for each person; NaN where nothing contributes.
    """

    explainer: str
    needed: Figure
    entropy: Figure
    features: int
    each: Floats


def complexity(explainer: str, values: Floats) -> Complexity:
    """Measure explanations of shape (n, p)."""
    needed = np.array([features_needed(row) for row in values])
    spread = np.array([entropy(row) for row in values])
    return Complexity(
        explainer, mean_over(needed, NOTHING), mean_over(spread, NOTHING), values.shape[1], needed
    )


def features_needed(values: Floats) -> float:
    """Count the largest contributions that make the share of all; NaN if there is none."""
    size = np.sort(np.abs(values))[::-1]
    total = size.sum()
    if not total > 0:
        return float("nan")
    # A hair below, so that rounding doesn't ask for one feature more.
    return float(np.searchsorted(np.cumsum(size / total), SHARE - 1e-9) + 1)


def entropy(values: Floats) -> float:
    """Entropy of the shares of absolute contributions, in nats; NaN if there is none."""
    size = np.abs(values)
    total = size.sum()
    if not total > 0:
        return float("nan")
    part = size / total
    part = part[part > 0]
    return float(abs((part * np.log(part)).sum()))
