"""The privacy promise in words: what it covers, and what it leaves out."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from core.fairness.mitigation import MITIGATIONS
from core.learning.learners import LEARNERS
from core.learning.training import Trained
from core.privacy.budget import NEIGHBOURING_SENTENCE, Budget, Charge
from core.privacy.contribution import unit_told
from core.privacy.coverage import json_coverage


@dataclass(frozen=True)
class Promise:
    """What is promised of a trained model.

    Attributes
    ----------
    epsilon, delta : float or None
        None without a promise.
    neighbouring, unit : str or None
        The unit is whose presence is hidden: "row", or a person by an identifier column.
    statement : str
        The promise, or its absence, in words.
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
    "the choice of learner, mitigation, ε and seed, if whoever chose had seen raw figures",
)
"""What is shown of rows as they are, whatever was trained privately; labelled where it stands."""

NO_PROMISE = Promise(
    None,
    None,
    None,
    None,
    "No privacy promise is made: nothing here was trained or released with noise.",
)


_COUNTED: dict[str, tuple[str, ...]] = {
    "": (),
    "validation": (
        "the thresholds, which come from noisy counts of validation rows; a row is in one part of "
        "the split only, so they cost nothing beyond the promise",
    ),
    "training": ("the row weights, which come from noisy counts of training rows",),
}


def promise_of(trained: Trained | None) -> Promise:
    """State the promise of a trained model; :data:`NO_PROMISE` if it is not private."""
    if trained is None:
        return NO_PROMISE
    spec, learner = trained.spec, LEARNERS[trained.spec.learner]
    if not learner.private:
        return NO_PROMISE
    if spec.noise == "seeded":
        return Promise(
            None,
            None,
            None,
            None,
            f"No privacy promise is made: this is a simulation at ε = {spec.epsilon:g}, whose "
            "noise was drawn from a seed and can be drawn again.",
        )
    assert learner.neighbouring is not None
    assert trained.domains is not None
    paid = trained.domains.origin == "paid"
    assert trained.cost is not None
    epsilon, delta = trained.cost
    mitigation = MITIGATIONS[spec.mitigation]
    rows_used = "training or validation" if mitigation.counts == "validation" else "training"
    covers = [
        "the trained model, and every score or decision it gives to rows it was not trained on",
        *_COUNTED[mitigation.counts],
        "scaling, category lists and missing values, which use "
        + ("bounds paid for from the budget" if paid else "declared bounds only"),
    ]
    leaves_out = [
        *learner.leaves_out,
        "the schema of the table, settled after looking: each column's kind, and which columns "
        "were left out as empty, constant, identifiers or free text; and that each part of the "
        "split holds both outcomes",
        *RAW_FIGURES,
    ]
    if not paid:
        leaves_out.append("the declared bounds and categories, if whoever declared them looked")
    unit, whom, neighbours = "row", "one row", NEIGHBOURING_SENTENCE[learner.neighbouring]
    told = "a given row was"
    if spec.person is not None:
        unit = unit_told(spec.person, spec.rows_per_person)
        whom, told = f"one {unit}", "a given person's rows were"
        neighbours = (
            "two tables are neighbours if all rows of one person are in the one and not in the "
            "other"
        )
        covers.append("which rows of a person were used, and in which part of the split they are")
    what = "Training" if mitigation.name == "none" else f"Training with {mitigation.title.lower()}"
    return Promise(
        epsilon,
        delta,
        learner.neighbouring,
        unit,
        f"{what} is ({epsilon:g}, {delta:g})-differentially private for {whom}: "
        f"{neighbours}. Whatever anyone knows besides, having "
        f"the model changes the odds that {told} in the {rows_used} data by a factor of at "
        f"most {_factor(epsilon)}"
        + (f", but for a probability of about {delta:g}." if delta else "."),
        tuple(covers),
        tuple(leaves_out),
    )


def _factor(epsilon: float) -> str:
    return f"{math.exp(epsilon):.3g}" if epsilon < 20 else f"e^{epsilon:g}"


def to_json(
    promise: Promise, noise: str, charges: tuple[Charge, ...], cap: Budget | None
) -> dict[str, Any]:
    """As it stands in audit.json under ``privacy``; ``coverage`` labels the parts of that file."""
    return {
        "epsilon": promise.epsilon,
        "delta": promise.delta,
        "unit": promise.unit,
        "neighbouring": promise.neighbouring,
        "statement": promise.statement,
        "covers": list(promise.covers),
        "leaves_out": list(promise.leaves_out),
        "coverage": json_coverage(budget=cap is not None, promised=promise.epsilon is not None),
        "noise": noise,
        "ledger": [asdict(charge) for charge in charges],
        "cap": None if cap is None else asdict(cap),
    }
