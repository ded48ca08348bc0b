"""Every pair of several cross-validated models, judged together.

Definition
----------
Each pair has its corrected resampled t-test
(:mod:`core.comparison.cross_validation.corrected_test`). With k models there are k (k − 1) / 2
pairs, and by chance alone some would seem to differ; so their p-values are corrected together by
Holm (1979), Scandinavian Journal of Statistics 6, which keeps the chance of one false alarm among
all pairs at the level. Intervals are those of each pair by itself.

A wrong answer would be caught by Holm's steps written out by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from core.comparison.cross_validation.cross_validated import (
    CrossValidated,
    CrossValidatedComparison,
    compare_cross_validated,
)
from core.comparison.cross_validation.power_of_splits import LEVEL
from core.explanation.attribution.drivers import holm


@dataclass(frozen=True)
class JudgedPair:
    """Two models among several.

    Attributes
    ----------
    comparison : CrossValidatedComparison
    corrected_p : float or None
        After Holm's correction over all pairs with a p-value; None without one.
    """

    comparison: CrossValidatedComparison
    corrected_p: float | None

    @property
    def differs(self) -> bool:
        """Whether a difference is shown, all pairs judged together."""
        return self.corrected_p is not None and self.corrected_p < 1 - LEVEL


def compare_pairs(
    results: Sequence[CrossValidated], figure: str, *, positive_is_favourable: bool = True
) -> tuple[JudgedPair, ...]:
    """Compare every pair that has a split in common.

    Parameters
    ----------
    results : sequence of CrossValidated
        On the same folds.
    figure : str
        Registered name of a metric or disparity.
    positive_is_favourable : bool

    Returns
    -------
    tuple of JudgedPair
        First with second, first with third and so on; empty with fewer than two models begun.

    Raises
    ------
    InputError
        As :func:`core.comparison.cross_validation.cross_validated.compare_cross_validated`.
    """
    begun = [found for found in results if found.results]
    made = [
        compare_cross_validated(a, b, figure, positive_is_favourable=positive_is_favourable)
        for a, b in combinations(begun, 2)
    ]
    values = [m.test.p_value for m in made if m.test.p_value is not None]
    corrected = iter(holm(np.array(values)).tolist() if values else [])
    return tuple(JudgedPair(m, None if m.test.p_value is None else next(corrected)) for m in made)


def describe_p_value(p_value: float) -> str:
    """Say what a p-value is, without a full stop, for two models that are equally good.

    Parameters
    ----------
    p_value : float
        In [0, 1].
    """
    up = "a difference this large or larger would come up in"
    if p_value < 0.001:
        return f"{up} fewer than 1 of 1,000 cases"
    if p_value < 0.01:
        return f"{up} {_some(1000 * p_value)} of 1,000 cases"
    return f"{up} {_some(100 * p_value)} of 100 cases"


def _some(cases: float) -> str:
    whole = round(cases)
    return f"{whole}" if abs(whole - cases) < 1e-9 else f"about {whole}"
