"""A statistical audit of a private mechanism: a lower confidence bound on its ε.

For any event E of the output, ε ≥ ln((P[M(D) ∈ E] − δ) / P[M(D') ∈ E]) (Dwork and Roth 2014,
definition 2.4, solved for ε). Some runs choose the event, fresh ones bound both probabilities by
Clopper and Pearson (1934), half the error each: the method of Jagielski, Ullman and Oprea 2020,
"Auditing differentially private machine learning", and of Ding et al. 2018, "Detecting violations
of differential privacy". A bound above the claim refutes it; one below is "no violation found".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import Floats
from core.fairness.intervals.intervals import clopper_pearson

Mechanism = Callable[[int], Floats]
"""Runs the mechanism so often on one input; shape (runs,) or (runs, outputs)."""
Statistic = Callable[[Floats], Floats]
"""From outputs of shape (runs, outputs) to one number a run, shape (runs,)."""

QUANTILES = np.linspace(0.005, 0.995, 100)


@dataclass(frozen=True)
class EpsilonBound:
    """What an audit found.

    Attributes
    ----------
    epsilon : float
        Lower bound on ε, 0 or more.
    event : str
        By which the two inputs were told apart.
    frequent, rare : float
        How often it occurred under the one input and the other.
    confidence : float
    """

    epsilon: float
    event: str
    frequent: float
    rare: float
    confidence: float


@dataclass(frozen=True)
class _Event:
    statistic: int
    above: bool
    threshold: float
    swapped: bool

    def share(self, columns: list[Floats]) -> float:
        column = columns[self.statistic]
        hit = column >= self.threshold if self.above else column <= self.threshold
        return float(hit.mean())


def epsilon_lower_bound(
    first: Mechanism,
    second: Mechanism,
    *,
    delta: float = 0.0,
    choose: int = 5_000,
    fresh: int = 20_000,
    confidence: float = 0.999,
    statistics: Sequence[Statistic] = (),
) -> EpsilonBound:
    """Bound ε from below by telling two neighbouring inputs apart.

    Parameters
    ----------
    first, second : callable
        The mechanism on two neighbouring inputs.
    delta : float
        In [0, 1).
    choose, fresh : int
        Runs that choose the event, and runs that judge it.
    confidence : float
        That ε is not below the bound, if the mechanism's runs are independent.
    statistics : sequence of callable, optional
        Beside each output itself: what else may tell the inputs apart, such as
        :func:`lowest_bit`.
    """
    seen = [_columns(mechanism(choose), statistics) for mechanism in (first, second)]
    event = max(_events(seen), key=lambda e: _bound(e, seen, choose, delta, confidence))
    judged = [_columns(mechanism(fresh), statistics) for mechanism in (first, second)]
    frequent, rare = _shares(event, judged)
    sign = "≥" if event.above else "≤"
    return EpsilonBound(
        max(0.0, _bound(event, judged, fresh, delta, confidence)),
        f"statistic {event.statistic} {sign} {event.threshold:g}",
        frequent,
        rare,
        confidence,
    )


def lowest_bit(outputs: Floats) -> Floats:
    """Return the exponent of the lowest bit that is set in the first output of each run.

    Mironov 2012, "On significance of the least significant bits for differential privacy": 0 plus
    continuous noise reaches finer floats near 0 than 1 plus the same noise. 0 itself has none, and
    takes the largest.

    Parameters
    ----------
    outputs : ndarray of float64, shape (runs, outputs)
    """
    mantissa, exponent = np.frexp(outputs[:, 0])
    whole = np.abs(mantissa * 2.0**53).astype(np.int64)
    trailing = np.log2(np.maximum(whole & -whole, 1))
    return np.where(whole == 0, 1024.0, exponent - 53 + trailing)


def _columns(outputs: Floats, statistics: Sequence[Statistic]) -> list[Floats]:
    table = np.asarray(outputs, dtype=np.float64)
    table = table.reshape(len(table), -1)
    return [*(table[:, k] for k in range(table.shape[1])), *(s(table) for s in statistics)]


def _events(seen: list[list[Floats]]) -> list[_Event]:
    found = []
    for position, (one, other) in enumerate(zip(*seen, strict=True)):
        both = np.concatenate([one, other])
        for threshold in np.unique(np.quantile(both, QUANTILES, method="nearest")):
            found += [
                _Event(position, above, float(threshold), swapped)
                for above in (True, False)
                for swapped in (True, False)
            ]
    return found


def _shares(event: _Event, columns: list[list[Floats]]) -> tuple[float, float]:
    one, other = (event.share(part) for part in columns)
    return (other, one) if event.swapped else (one, other)


def _bound(
    event: _Event, columns: list[list[Floats]], runs: int, delta: float, confidence: float
) -> float:
    frequent, rare = _shares(event, columns)
    # One-sided at half the error each is two-sided at the whole.
    level, size = confidence, np.array([float(runs)])
    low = float(clopper_pearson(np.array([frequent * runs]), size, level)[0][0])
    high = float(clopper_pearson(np.array([rare * runs]), size, level)[1][0])
    if low <= delta:
        return -math.inf
    return math.log((low - delta) / high)
