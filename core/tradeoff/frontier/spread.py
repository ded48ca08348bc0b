"""How far a figure of a setting moves with privacy noise and with the split, and what that leaves.

The mean is that of the splits' means, and its 95 % interval is

- *from splits*, with three or more: m ± t · √((1/J + n_test/n_train) · s²), with s² the variance of
  the J splits' means and Student's t with J − 1 degrees of freedom. It is the corrected resampled t
  of Nadeau and Bengio (2003), Machine Learning 52: splits of one table share rows, so that s²/J
  alone is too small. s² holds the noise that is left in a split's mean.
- *from test people*, with fewer, or where all splits agree to the last digit: m ± z · √(e² + v/R),
  with e the mean standard error of single runs from their test people, v the noise variance and R
  the number of runs. How much another split matters is then not in it.

To draw: the mean ± one noise deviation (inner band) and ± √(noise² + sampling²) (outer band), of
:mod:`core.tradeoff.frontier.variance`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from core.arrays import Floats
from core.comparison.cross_validation.power_of_splits import corrected_error
from core.errors import InputError
from core.fairness.intervals.intervals import normal_quantile
from core.tradeoff.frontier.axes import ParetoAxis
from core.tradeoff.frontier.variance import components
from core.tradeoff.sweep.grid import Setting
from core.tradeoff.sweep.point import SweepPoint

Method = Literal["splits", "test people"]
LEVEL = 0.95
ENOUGH_SPLITS = 3
NAMED_REASONS = 3
ROUNDING = 1e-12
"""Splits that differ by no more than this agree."""


@dataclass(frozen=True)
class Observation:
    """One run's value.

    Attributes
    ----------
    split : int
        Seed of the split.
    value : float
    error : float or None
        Standard error from the test people alone.
    shared : float
        Test rows over training rows.
    """

    split: int
    value: float
    error: float | None
    shared: float


@dataclass(frozen=True)
class Spread:
    """A figure of one setting over its runs.

    Attributes
    ----------
    mean : float or None
        Of the splits' means.
    runs : int
        In which it is defined.
    undefined : int
        Runs in which it is not, left out of the mean.
    by_split : mapping of int to float
        Means by seed of the split, in order of the seeds.
    sd_noise, sd_sampling : float or None
    noise_reason, sampling_reason : str or None
        Why one of them is not defined, or that it was negative and set to 0.
    people_error : float or None
        Standard error from the test people: the mean over runs of that of one run.
    shared : float
        Test rows over training rows, mean over runs.
    low, high : float or None
        95 % interval of the mean.
    method : {"splits", "test people"} or None
        Of the interval.
    reason : str or None
        Why there is no mean, or no interval.
    """

    mean: float | None
    runs: int
    undefined: int
    by_split: Mapping[int, float]
    sd_noise: float | None
    sd_sampling: float | None
    noise_reason: str | None
    sampling_reason: str | None
    people_error: float | None
    shared: float
    low: float | None
    high: float | None
    method: Method | None
    reason: str | None

    @property
    def alone_error(self) -> float | None:
        """Standard error of the mean from test people and noise; None if either is unknown."""
        if self.people_error is None or self.sd_noise is None:
            return None
        return float(np.hypot(self.people_error, self.sd_noise / np.sqrt(self.runs)))

    @property
    def sd_outer(self) -> float | None:
        """Half the outer band, √(noise² + sampling²)."""
        if self.sd_noise is None or self.sd_sampling is None:
            return None
        return float(np.hypot(self.sd_noise, self.sd_sampling))


def spread_of(
    observations: Sequence[Observation],
    *,
    noisy: bool,
    reasons: Sequence[str] = (),
    bounds: tuple[float | None, float | None] = (None, None),
) -> Spread:
    """Summarise the runs of one setting.

    Parameters
    ----------
    observations : sequence of Observation
        Runs in which the figure is defined.
    noisy : bool
        Whether the learner is private.
    reasons : sequence of str
        Of the runs in which it is not.
    bounds : tuple
        The interval is cut at these.
    """
    if not observations:
        why = "; ".join(list(dict.fromkeys(reasons))[:NAMED_REASONS]) or "no run of it has finished"
        return Spread(
            None, 0, len(reasons), {}, None, None, why, why, None, 0.0, None, None, None, why
        )
    grouped: dict[int, list[float]] = {}
    for item in sorted(observations, key=lambda item: item.split):
        grouped.setdefault(item.split, []).append(item.value)
    by_split = {split: float(np.mean(values)) for split, values in grouped.items()}
    found = components(list(grouped.values()), noisy=noisy)
    errors = [item.error for item in observations if item.error is not None]
    people = float(np.mean(errors)) if errors else None
    shared = float(np.mean([item.shared for item in observations]))
    mean = float(np.mean(list(by_split.values())))
    one_draw = "one draw of noise in each split" if found.noise is None else None
    one_split = "a single split" if len(by_split) < 2 else one_draw
    if found.truncated:
        one_split = "splits differ no more than noise explains, so it is set to 0"
    half, method, reason = _half_width(
        by_split, shared, people, found.noise, len(observations), LEVEL
    )
    low, high = (None, None) if half is None else _within(mean - half, mean + half, bounds)
    return Spread(
        mean, len(observations), len(reasons), by_split,
        None if found.noise is None else found.noise**0.5,
        None if found.sampling is None else found.sampling**0.5,
        one_draw, one_split, people, shared, low, high, method, reason,
    )  # fmt: skip


def spreads(points: Sequence[SweepPoint], axis: ParetoAxis) -> dict[Setting, Spread]:
    """Summarise a figure for each setting, in the order in which settings first come.

    Raises
    ------
    InputError
        If a run is there twice, which would pass for a second draw.
    """
    if len({point.run for point in points}) < len(points):
        raise InputError("a run is there twice", where="sweep", remedy="Give each run once")
    found: dict[Setting, list[Observation]] = {}
    missing: dict[Setting, list[str]] = {}
    for point in points:
        setting, estimate = point.run.setting, point.figures.get(axis.name)
        found.setdefault(setting, [])
        if estimate is None or estimate.value is None:
            why = point.reason or (estimate and estimate.reason) or "it was not measured"
            missing.setdefault(setting, []).append(why)
            continue
        shared = point.test_rows / point.train_rows if point.train_rows else 0.0
        found[setting].append(
            Observation(point.run.split_seed, estimate.value, estimate.error, shared)
        )
    return {
        setting: spread_of(
            observations,
            noisy=setting.epsilon is not None,
            reasons=missing.get(setting, ()),
            bounds=(axis.low, axis.high),
        )
        for setting, observations in found.items()
    }


def corrected_half(
    s: Floats | np.float64,
    splits: Floats | np.float64,
    shared: Floats | np.float64,
    level: float,
) -> Floats:
    """Half the interval of Nadeau and Bengio (2003) from the deviation ``s`` of splits' means.

    Parameters
    ----------
    s, splits, shared : ndarray or float64
        Deviation with J − 1 below, J of at least 2, test rows over training rows.
    level : float
        In (0, 1).
    """
    out: Floats = stdtrit(splits - 1, 0.5 + level / 2) * corrected_error(s, splits, shared)
    return out


def _half_width(
    by_split: Mapping[int, float],
    shared: float,
    people: float | None,
    noise: float | None,
    runs: int,
    level: float,
) -> tuple[float | None, Method | None, str | None]:
    means = np.array(list(by_split.values()))
    if len(means) >= ENOUGH_SPLITS and np.ptp(means) > ROUNDING:
        half = corrected_half(means.std(ddof=1), np.float64(len(means)), np.float64(shared), level)
        return float(half), "splits", None
    if people is None:
        return None, None, "no interval: no standard error from the test people"
    if noise is None:
        return None, None, "no interval: one draw of noise in each split says nothing of noise"
    reach = normal_quantile(level) * float(np.hypot(people, (noise / runs) ** 0.5))
    return reach, "test people", None


def _within(
    low: float, high: float, bounds: tuple[float | None, float | None]
) -> tuple[float, float]:
    least, most = (
        -np.inf if bounds[0] is None else bounds[0],
        np.inf if bounds[1] is None else bounds[1],
    )
    return float(np.clip(low, least, most)), float(np.clip(high, least, most))
