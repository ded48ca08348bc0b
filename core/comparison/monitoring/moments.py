"""Moments of a path person by person, thinned to what a chart can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import Flags, Floats, Ints

MOST_STEPS = 500
"""Moments that are stored of a longer path."""


@dataclass(frozen=True)
class Moment:
    """One moment of a path.

    Attributes
    ----------
    count : int
        People counted so far.
    row : int
        Position of the last of them in order of arrival, from 0.
    estimate : float or None
        Second minus first; None where one has nobody yet.
    low, high : float or None
        Of the confidence sequence; None where no constant difference is left.
    log_e : float
        Natural logarithm of the e-value.
    p_value : float
        Always valid: 1 over the largest e-value so far, in (0, 1].
    """

    count: int
    row: int
    estimate: float | None
    low: float | None
    high: float | None
    log_e: float
    p_value: float


def thinned(
    rows: Ints,
    estimate: Floats,
    ends: tuple[Floats, Floats],
    log_e: Floats,
    marks: Sequence[Flags],
) -> tuple[tuple[Moment, ...], tuple[Moment | None, ...]]:
    """Store a path of t moments, and the first at which each of some things holds.

    Parameters
    ----------
    rows, estimate : ndarray, shape (t,)
        NaN where there is no estimate.
    ends : tuple of ndarray, shape (t,) each
        Low above high where no constant difference is left.
    log_e : ndarray, shape (t,)
    marks : sequence of ndarray of bool, shape (t,) each

    Returns
    -------
    path : tuple of Moment
        At most :data:`MOST_STEPS` and one for each mark; the first and the last are among them.
    found : tuple of Moment or None
        For each mark the first moment at which it holds, which is in the path too.
    """
    low, high = ends
    best = np.maximum.accumulate(log_e)

    def moment(i: int) -> Moment:
        empty = low[i] > high[i]
        return Moment(
            i + 1,
            int(rows[i]),
            None if np.isnan(estimate[i]) else float(estimate[i]),
            None if empty else float(low[i]),
            None if empty else float(high[i]),
            float(log_e[i]),
            float(np.exp(-np.clip(best[i], 0, 700))),
        )

    first = [int(np.argmax(flags)) if flags.any() else None for flags in marks]
    t = len(rows)
    kept = set(np.linspace(0, t - 1, min(t, MOST_STEPS)).round().astype(int).tolist())
    kept |= {i for i in first if i is not None}
    return tuple(moment(i) for i in sorted(kept)), tuple(
        None if i is None else moment(i) for i in first
    )
