"""Private releases: histograms, contingency tables, means, quantiles, the fairness cube.

Every release is one vector of integers over cells that were declared beforehand, with discrete
noise on each: one row changes the vector by a known amount, and whatever is made of the noisy
vector afterwards costs nothing more (post-processing; Dwork and Roth 2014, proposition 2.1). So
one ε pays for a whole table, or for all metrics of all groups.

The charge is written before noise is drawn. Nothing is refunded.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.arrays import Flags, Ints
from core.privacy.accounting.ledger import Ledger
from core.privacy.accounting.payment import paying
from core.privacy.mechanisms.noise import NoiseSource, noisy, source_of
from core.privacy.release.release_plan import OUTCOMES, PLANS, Plan, check_columns, group_column
from core.storage.json_format import fields_json, from_json, json_form


@dataclass(frozen=True)
class Release:
    """A release that was made; everything shown of it follows from ``counts`` alone.

    Attributes
    ----------
    plan : Plan
    counts : tuple of int
        Noisy counts, negative ones included.
    noise : {"fresh", "seeded"}
        "seeded" is a simulation, whose guarantee is void.
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


def _with_kind(found: Release) -> dict[str, Any]:
    plan = found.plan
    return fields_json(found) | {
        "kind": next(name for name, kind in PLANS.items() if type(plan) is kind),
        "what": plan.what,
        "epsilon": plan.epsilon,
        "neighbouring": plan.neighbouring,
    }


def _without_kind(record: Any) -> dict[str, Any]:
    taken_from_plan = {"kind", "what", "epsilon", "neighbouring"}
    out = {name: record[name] for name in record.keys() - taken_from_plan}
    if record["kind"] not in PLANS:
        raise ValueError(f"{record['kind']!r} is no kind of release")
    return out | {"plan": from_json(PLANS[record["kind"]], record["plan"], "its plan")}


json_form(Plan, read=lambda plan: plan)
json_form(Release, write=_with_kind, read=_without_kind)


def release(
    plan: Plan,
    frame: pd.DataFrame,
    ledger: Ledger | None,
    source: NoiseSource | None = None,
    *,
    name: str = "",
) -> Release:
    """Charge the ledger, draw noise, and release.

    A release that was paid for and died is finished at that charge. Whoever has kept it says so to
    :func:`core.privacy.accounting.payment.delivered`.

    Parameters
    ----------
    plan : plan of one kind
    frame : DataFrame
        Holds the plan's columns; for a fairness plan from :func:`outcome_frame`.
    ledger : Ledger or None
        None only with seeded noise.
    source : NoiseSource, optional
        Of noise; if not given it comes from a key of the release's own.
    name : str
        Of the plan and its rows, 64 hexadecimal digits, under which it can be finished; without
        one it can't.

    Raises
    ------
    BudgetExceededError
        If it would overspend; nothing was drawn then.
    InputError
        If a column doesn't fit the plan; nothing was charged then.
    """
    if ledger is None and (source is None or source.noise == "fresh"):
        raise ValueError("a private release needs a ledger to charge")
    check_columns(plan, frame)
    exact = plan.count(frame)
    if ledger is None:
        assert source is not None
        return Release(plan, _noisy(plan, exact, source), source.noise)
    with paying(
        ledger,
        name or secrets.token_hex(32),
        plan.what,
        epsilon=plan.epsilon,
        neighbouring=plan.neighbouring,
    ) as payment:
        if isinstance(payment.result, Release):
            return payment.result
        drawn = source or source_of(payment.key, "release")
        found = Release(plan, _noisy(plan, exact, drawn), drawn.noise, when=payment.when)
        payment.keep(found)
    return found


def _noisy(plan: Plan, exact: Ints, source: NoiseSource) -> tuple[int, ...]:
    return noisy(exact, epsilon=plan.epsilon, sensitivity=plan.sensitivity, source=source)


def outcome_frame(
    target: Flags,
    decisions: Flags,
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
