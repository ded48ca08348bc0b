"""The corrected resampled t-test of two models over splits of the same data.

Definition
----------
Let d₁ … d_J be the differences of two models' figures on the same J splits, d̄ their mean and s²
their sample variance. Training sets overlap, so the differences are not independent and s² / J is
too small. Nadeau and Bengio (2003), "Inference for the generalization error", Machine Learning 52,
section 3, take Var(d̄) = (1/J + n_test / n_train) s² and compare d̄ over its root with Student's t
of J − 1 degrees of freedom. Bouckaert and Frank (2004), PAKDD, show that it serves repeated K-fold
cross-validation, where J = folds × repeats. It is an approximation: the correlation of the splits
is guessed to be n_test / (n_train + n_test), since it can't be estimated without bias (Bengio and
Grandvalet 2004, JMLR 5).

A wrong answer would be caught by a computation by hand, and by the share of false alarms among
equally good models in simulated cross-validation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from core.arrays import Floats
from core.comparison.cross_validation.power_of_splits import (
    LEVEL,
    POWER,
    check_options,
    corrected_error,
    detectable_difference,
)
from core.comparison.wording import Names, amount, format_difference
from core.errors import InputError
from core.fairness.metrics.assessment import Figure

__all__ = [
    "CorrectedTest",
    "corrected_test",
    "detectable_difference",
]


@dataclass(frozen=True)
class CorrectedTest:
    """What a corrected test found.

    Attributes
    ----------
    difference : Figure
        Mean over splits, second minus first, with its interval or the reason why there is none.
    p_value : float or None
        Two-sided; None where ``difference`` has no interval.
    splits : int
        J.
    spread : float or None
        s, the standard deviation over splits; None with fewer than two.
    ratio : float
        n_test / n_train.
    detectable : float or None
        True difference that would be found with ``power``; None where there is no spread.
    level, power : float
        Of the interval, and of the statement on what would be found.
    """

    difference: Figure
    p_value: float | None
    splits: int
    spread: float | None
    ratio: float
    detectable: float | None
    level: float = LEVEL
    power: float = POWER

    def sentence(
        self,
        figure: str,
        names: Names = ("A", "B"),
        splits: str | None = None,
        positive_is_favourable: bool | None = True,
    ) -> str:
        """Say in one sentence what was found and what would have been.

        Parameters
        ----------
        figure : str
            Registered name of the metric or disparity that was compared.
        names : tuple of (str, str)
            Of the first and the second model.
        splits : str, optional
            How to call the splits, "5 × 2 splits".
        positive_is_favourable : bool or None
            None where that isn't known.
        """
        text = format_difference(figure, self.difference, names, positive_is_favourable)
        if self.detectable is None:
            return f"{text}."
        return (
            f"{text}; with these {splits or f'{self.splits} splits'} a difference of "
            f"{amount(figure, self.detectable)} would have been found with "
            f"{100 * self.power:g}% power."
        )


def corrected_test(
    differences: Sequence[float] | Floats,
    ratio: float,
    *,
    level: float = LEVEL,
    power: float = POWER,
) -> CorrectedTest:
    """Test whether the mean difference over splits is 0.

    Parameters
    ----------
    differences : sequence of float, length J
        Second model minus first, one for each split, finite.
    ratio : float
        n_test / n_train of a split, above 0.
    level, power : float
        In (0, 1).

    Returns
    -------
    CorrectedTest
        With fewer than two splits nothing is defined. Where all differences are equal there is an
        estimate without an interval or p-value, for t would be 0 / 0 or infinite.

    Raises
    ------
    InputError
        If a difference is not finite, or the ratio, level or power out of range.
    """
    check_options(ratio, level, power)
    d = np.asarray(differences, dtype=np.float64).ravel()
    if not np.isfinite(d).all():
        raise InputError(
            "it is not a finite number",
            where=f"the difference of split {int(np.flatnonzero(~np.isfinite(d))[0]) + 1}",
            remedy="Leave out splits in which a figure is not defined",
        )
    splits = len(d)
    if splits < 2:
        have = "is none" if splits == 0 else "is only one"
        reason = f"it takes at least two splits, and there {have}"
        return CorrectedTest(
            Figure(None, reason=reason), None, splits, None, ratio, None, level, power
        )
    mean, spread = float(d.mean()), float(d.std(ddof=1))
    if np.ptp(d) <= 1e-12 * max(1.0, float(np.abs(d).max())):
        reason = f"the difference is the same in all {splits} splits, so its spread is not known"
        return CorrectedTest(
            Figure(mean, reason=reason), None, splits, 0.0, ratio, None, level, power
        )
    error = float(corrected_error(spread, splits, ratio))
    half = error * float(student.ppf(0.5 + level / 2, splits - 1))
    return CorrectedTest(
        Figure(mean, mean - half, mean + half),
        float(2 * student.sf(abs(mean) / error, splits - 1)),
        splits,
        spread,
        ratio,
        detectable_difference(spread, splits, ratio, level, power),
        level,
        power,
    )
