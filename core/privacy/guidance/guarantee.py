"""The privacy guarantee in words: what it covers, and what it leaves out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from core.privacy.accounting.budget import Budget, Charge
from core.privacy.guidance.coverage import json_coverage


@dataclass(frozen=True)
class Guarantee:
    """What is guaranteed of a trained model.

    Attributes
    ----------
    epsilon, delta : float or None
        None without a guarantee.
    neighbouring, unit : str or None
        The unit is whose presence is hidden: "row", or a person by an identifier column.
    statement : str
        The guarantee, or its absence, in words.
    covers, leaves_out : tuple of str
    """

    epsilon: float | None
    delta: float | None
    neighbouring: str | None
    unit: str | None
    statement: str
    covers: tuple[str, ...] = ()
    leaves_out: tuple[str, ...] = ()


RAW_FIGURES = (
    "how many rows there are: in the table, in each part of the split, left out of it",
    "base rates: how often each outcome occurs, over all rows and by group",
    "the SHA-256 of the file and the fingerprint of data and roles: whoever guesses the whole "
    "table can check the guess by them",
    "figures computed from raw rows: fairness, performance, baseline, explanations and attacks",
    "the findings and the verdict at the top of the report, which rest on such figures",
    "refusals: that a plan can't run on these rows is told, though without counts",
    "the choice of model, mitigation, ε and seed, if whoever chose had seen raw figures",
)
"""What is shown of rows as they are, whatever was trained privately; labelled where it stands."""

NO_GUARANTEE = Guarantee(
    None,
    None,
    None,
    None,
    "No privacy guarantee is given: nothing here was trained or released with noise.",
)


def to_json(
    guarantee: Guarantee, noise: str, charges: tuple[Charge, ...], cap: Budget | None
) -> dict[str, Any]:
    """As it stands in audit.json under ``privacy``; ``coverage`` labels the parts of that file."""
    return {
        "epsilon": guarantee.epsilon,
        "delta": guarantee.delta,
        "unit": guarantee.unit,
        "neighbouring": guarantee.neighbouring,
        "statement": guarantee.statement,
        "covers": list(guarantee.covers),
        "leaves_out": list(guarantee.leaves_out),
        "coverage": json_coverage(budget=cap is not None, guaranteed=guarantee.epsilon is not None),
        "noise": noise,
        "ledger": [asdict(charge) for charge in charges],
        "cap": None if cap is None else asdict(cap),
    }
