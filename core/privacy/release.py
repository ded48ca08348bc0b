"""Private releases: histograms, contingency tables, means, quantiles, the fairness cube.

Every release is one vector of integers over cells that were declared beforehand, with discrete
noise on each: one row changes the vector by a known amount, and whatever is made of the noisy
vector afterwards costs nothing more (post-processing; Dwork and Roth 2014, proposition 2.1). So
one ε pays for a whole table, or for all metrics of all groups.

The charge is written before noise is drawn. Nothing is refunded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.privacy.budget import Ledger
from core.privacy.noise import FRESH, NoiseSource, noisy
from core.privacy.release_plan import OUTCOMES, Plan, group_column


@dataclass(frozen=True)
class Release:
    """A release that was made; everything shown of it follows from ``counts`` alone.

    Attributes
    ----------
    plan : Plan
    counts : tuple of int
        Noisy counts, negative ones included.
    noise : {"fresh", "seeded"}
        "seeded" is a simulation, whose promise is void.
    unit : str
        Whose presence is hidden.
    delta : float
    when : str
        UTC time of the charge, empty for a simulation.
    """

    plan: Plan
    counts: tuple[int, ...]
    noise: Literal["fresh", "seeded"]
    unit: str = "row"
    delta: float = 0.0
    when: str = ""


def release(
    plan: Plan, frame: pd.DataFrame, ledger: Ledger | None, source: NoiseSource = FRESH
) -> Release:
    """Charge the ledger, draw noise, and release.

    Parameters
    ----------
    plan : plan of one kind
    frame : DataFrame
        Holds the plan's columns; for a fairness plan from :func:`outcome_frame`.
    ledger : Ledger or None
        None only with seeded noise.
    source : NoiseSource

    Raises
    ------
    BudgetExceededError
        If it would overspend; nothing was drawn then.
    InputError
        If a column doesn't fit the plan; nothing was charged then.
    """
    if ledger is None and source.noise == "fresh":
        raise ValueError("a private release needs a ledger to charge")
    exact = plan.count(frame)
    when = ""
    if ledger is not None:
        charge = ledger.charge(plan.what, epsilon=plan.epsilon, neighbouring=plan.neighbouring)
        when = charge.when
    counts = noisy(exact, epsilon=plan.epsilon, sensitivity=plan.sensitivity, source=source)
    return Release(plan, counts, source.noise, when=when)


def outcome_frame(
    target: npt.NDArray[np.bool_],
    decisions: npt.NDArray[np.bool_],
    sensitive: pd.DataFrame,
    columns: Sequence[str],
) -> pd.DataFrame:
    """Put labels, decisions and the chosen sensitive columns side by side, rows by position.

    Parameters
    ----------
    target, decisions : ndarray of bool, shape (n,)
    sensitive : DataFrame of str, shape (n, s)
    columns : sequence of str
        Those of a plan's axes, in their order.
    """
    parts = {
        OUTCOMES[0]: pd.Series(np.where(target, "1", "0"), dtype=object),
        OUTCOMES[1]: pd.Series(np.where(decisions, "1", "0"), dtype=object),
    }
    for position, name in enumerate(columns):
        parts[group_column(position)] = pd.Series(sensitive[name].to_numpy(dtype=object))
    return pd.DataFrame(parts)
