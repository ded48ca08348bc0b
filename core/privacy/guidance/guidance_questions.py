"""Questions whose answer can be simulated on synthetic rows before anything is spent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Floats, Ints
from core.errors import InputError
from core.privacy.mechanisms.noise import noise_rate, sensitivity_of_counts, simulated_noise

DRAWS = 4000
CONFIDENCE = 0.95
POWER = 0.8
"""Usual in planning a study (Cohen 1988, Statistical Power Analysis, section 2.4)."""
SMALLEST_STEP = 2**10
"""A mean is released as sums of whole steps; finer ones change nothing that can be seen."""


@dataclass(frozen=True)
class ShareQuestion:
    """A share among ``rows`` rows, to within ``within`` in 95 of 100 cases.

    Attributes
    ----------
    rows : int
        At least 1.
    within : float
        In (0, 1): half the width of what the answer may be off.
    share : float
        In [0, 1]: of the synthetic population; 0.5 is the hardest.
    """

    rows: int
    within: float
    share: float = 0.5
    at_most: bool = True

    def __post_init__(self) -> None:
        _check_rows(self.rows)
        _check_open(self.within, "within", 0.0, 1.0)
        if not 0 <= self.share <= 1:
            raise InputError("a share lies between 0 and 1", where=f"share = {self.share:g}")

    @property
    def measure(self) -> str:
        """Half-width, as a share."""
        return "off by at most, in 95 of 100 cases (share)"

    @property
    def wanted(self) -> float:
        """The half-width asked for."""
        return self.within

    def reached(self, epsilon: float | None, rng: np.random.Generator) -> float:
        """Return the error that 95 of 100 releases stay below."""
        return float(np.quantile(np.abs(self.errors(epsilon, rng)), CONFIDENCE, method="higher"))

    def errors(self, epsilon: float | None, rng: np.random.Generator) -> Floats:
        """Errors of simulated releases, shape (draws,)."""
        hits = rng.binomial(self.rows, self.share, DRAWS)
        return _ratio(hits, self.rows - hits, epsilon, rng) - self.share


@dataclass(frozen=True)
class MeanQuestion:
    """A mean of a column with declared bounds, to within ``within`` in 95 of 100 cases.

    The synthetic values are spread evenly between the bounds. Both distances, from the lower bound
    and from the upper, are summed and released, as
    :class:`core.privacy.release.release_plan.MeanPlan` does it.

    Attributes
    ----------
    rows : int
        At least 1.
    low, high : float
        Declared bounds.
    within : float
        Above 0, in the units of the column.
    """

    rows: int
    low: float
    high: float
    within: float
    at_most: bool = True

    def __post_init__(self) -> None:
        _check_rows(self.rows)
        if not self.low < self.high:
            raise InputError("the lower bound comes first", where=f"{self.low:g}, {self.high:g}")
        _check_open(self.within, "within", 0.0, float("inf"))

    @property
    def measure(self) -> str:
        """Half-width, in the units of the column."""
        return "off by at most, in 95 of 100 cases (units of the column)"

    @property
    def wanted(self) -> float:
        """The half-width asked for."""
        return self.within

    def reached(self, epsilon: float | None, rng: np.random.Generator) -> float:
        """Return the error that 95 of 100 releases stay below."""
        # Twelve values or more: the sum of evenly spread ones is as good as normal.
        spread = self.rows / 12
        total = np.clip(rng.normal(self.rows / 2, np.sqrt(spread), DRAWS), 0, self.rows)
        steps = np.rint(total * SMALLEST_STEP).astype(np.int64)
        share = _ratio(steps, self.rows * SMALLEST_STEP - steps, epsilon, rng, SMALLEST_STEP)
        errors = np.abs(share - 0.5) * (self.high - self.low)
        return float(np.quantile(errors, CONFIDENCE, method="higher"))


@dataclass(frozen=True)
class GapQuestion:
    """A gap between two groups' rates, to be told from none in 80 of 100 cases.

    What counts as told is set by simulation too: a gap so large that without any true gap it is
    seen in 5 of 100 cases only.

    Attributes
    ----------
    gap : float
        In (0, 1): first group's rate minus second's.
    first, second : int
        Rows of each group, at least 1.
    rate : float
        Middle of both rates, so that both lie within [0, 1].
    """

    gap: float
    first: int
    second: int
    rate: float = 0.5
    at_most: bool = False

    def __post_init__(self) -> None:
        _check_rows(self.first)
        _check_rows(self.second)
        _check_open(self.gap, "gap", 0.0, 1.0)
        if not self.gap / 2 <= self.rate <= 1 - self.gap / 2:
            raise InputError(
                "the two groups' rates would not both lie between 0 and 1",
                where=f"a gap of {self.gap:g} about a rate of {self.rate:g}",
                remedy="Ask for a smaller gap, or a rate nearer to 0.5",
            )

    @property
    def measure(self) -> str:
        """Power."""
        return "how often the gap is told from none (share of cases)"

    @property
    def wanted(self) -> float:
        """The usual power."""
        return POWER

    def reached(self, epsilon: float | None, rng: np.random.Generator) -> float:
        """Return how often the gap is told from none."""
        none = self._gaps(0.0, epsilon, rng)
        seen = self._gaps(self.gap, epsilon, rng)
        return float((seen > np.quantile(np.abs(none), 0.95, method="higher")).mean())

    def _gaps(self, gap: float, epsilon: float | None, rng: np.random.Generator) -> Floats:
        rates = []
        for rows, rate in ((self.first, self.rate + gap / 2), (self.second, self.rate - gap / 2)):
            hits = rng.binomial(rows, rate, DRAWS)
            rates.append(_ratio(hits, rows - hits, epsilon, rng))
        apart: Floats = rates[0] - rates[1]
        return apart


def _ratio(
    hits: Ints,
    misses: Ints,
    epsilon: float | None,
    rng: np.random.Generator,
    step: int = 1,
) -> Floats:
    """Share of hits as it is released; 1/2, which says nothing, where noise swamps the total."""
    if epsilon is not None:
        rate = float(noise_rate(epsilon, step * sensitivity_of_counts("add-or-remove")))
        noise = simulated_noise(rate, (2, len(hits)), rng)
        hits, misses = hits + noise[0], misses + noise[1]
    total = hits + misses
    share = np.divide(hits, total, out=np.full(len(hits), 0.5), where=total > 0)
    return np.asarray(np.clip(share, 0.0, 1.0), dtype=np.float64)


def _check_rows(rows: int) -> None:
    if rows < 1:
        raise InputError("at least one row is needed", where=f"{rows} rows")


def _check_open(value: float, name: str, low: float, high: float) -> None:
    if not low < value < high:
        raise InputError(f"it must lie between {low:g} and {high:g}", where=f"{name} = {value:g}")
