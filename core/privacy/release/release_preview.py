"""The error to expect of a release before any budget is spent.

From the analytic variance of the noise and a number of rows that a person assumes; the data are
never looked at, since a preview made from them would be a release of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.errors import InputError
from core.fairness.intervals.intervals import normal_quantile, wilson
from core.privacy.mechanisms.noise import noise_reach, noise_variance
from core.privacy.release.noisy_share import NoiseSize, noisy_share_interval
from core.privacy.release.release_plan import (
    GRID,
    CountsPlan,
    FairnessPlan,
    MeanPlan,
    Plan,
    QuantilePlan,
)

LEVEL = 0.95


@dataclass(frozen=True)
class ExpectedError:
    """How far off one figure of a release may be, in 95 of 100 cases.

    Attributes
    ----------
    figure : str
        Which figure, and of how many assumed rows.
    unit : str
        "rows", "share", or the column's own.
    noise : float or None
        Half-width from the noise alone; None where the noise swamps the figure.
    sampling : float or None
        Half-width without noise; None where these rows' own count is meant.
    both : float or None
        Half-width of the interval that will be shown.
    """

    figure: str
    unit: str
    noise: float | None
    sampling: float | None
    both: float | None


def expected_errors(plan: Plan, rows: int) -> tuple[ExpectedError, ...]:
    """Say what error to expect if there are about so many rows.

    Parameters
    ----------
    plan : Plan
    rows : int
        Assumed, at least 1; spread evenly over groups and categories.

    Raises
    ------
    InputError
        If no row is assumed.
    """
    if rows < 1:
        raise InputError("assume at least one row", where=f"{rows} rows")
    if isinstance(plan, FairnessPlan):
        return _of_groups(plan, rows, LEVEL)
    if isinstance(plan, CountsPlan):
        reach = float(noise_reach(plan.epsilon, plan.sensitivity, LEVEL))
        return (ExpectedError("each count", "rows", reach, None, reach),)
    if isinstance(plan, MeanPlan):
        noise = NoiseSize.of(plan.epsilon, plan.sensitivity, GRID)
        width = plan.high - plan.low
        return (
            _of_share(
                f"mean of {plan.column}, in the middle of its bounds",
                rows / 2, (1, 1), noise, LEVEL, width, plan.column,
            ),
        )  # fmt: skip
    return (_of_quantile(plan, rows, LEVEL),)


def _of_groups(plan: FairnessPlan, rows: int, level: float) -> tuple[ExpectedError, ...]:
    """Half of each group with a positive label, half of those with a positive decision."""
    noise = NoiseSize.of(plan.epsilon, plan.sensitivity)
    cells = math.prod(len(axis.categories) for axis in plan.axes)
    found = []
    for name, groups in [
        *((axis.name, len(axis.categories)) for axis in plan.axes),
        *([("all columns together", cells)] if len(plan.axes) > 1 else []),
    ]:
        each, merged = rows / groups, cells // groups
        for metric, share, summed in (
            ("selection rate", each / 2, 2 * merged),
            ("true positive rate", each / 4, merged),
        ):
            text = f"{metric} of a group by {name}, of {each:,.0f} rows"
            found.append(_of_share(text, share, (summed, summed), noise, level, 1.0, "share"))
    return tuple(found)


def _of_share(
    figure: str,
    half: float,
    cells: tuple[int, int],
    noise: NoiseSize,
    level: float,
    width: float,
    unit: str,
) -> ExpectedError:
    hits = np.array([half])
    alone = wilson(np.array([0.5]), 2 * hits, level)
    noisy = noisy_share_interval(hits, hits, cells, noise, level, sampling=False)
    both = noisy_share_interval(hits, hits, cells, noise, level)

    def reach(ends: tuple[np.ndarray, np.ndarray]) -> float | None:
        return None if math.isnan(ends[0][0]) else width * float(ends[1][0] - ends[0][0]) / 2

    return ExpectedError(figure, unit, reach(noisy), reach(alone), reach(both))


def _of_quantile(plan: QuantilePlan, rows: int, level: float) -> ExpectedError:
    """In ranks, as a share of the rows: values can't be told without the data."""
    q, below = plan.share, plan.share * plan.candidates
    cells = (1 - q) ** 2 * below + q**2 * (plan.candidates - below)
    noise = noise_variance(plan.epsilon, plan.sensitivity) * cells / rows**2
    sampling = q * (1 - q) / rows
    z = normal_quantile(level)
    figure = f"rank of the {q:g} quantile of {plan.column}"
    ends = (z * math.sqrt(part) for part in (noise, sampling, noise + sampling))
    return ExpectedError(figure, "share", *ends)
