"""The privacy promise in words: what it covers, and what it leaves out."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from core.learning.learners import LEARNERS
from core.learning.training import Trained
from core.privacy.budget import NEIGHBOURING_SENTENCE, Budget, Charge


@dataclass(frozen=True)
class Promise:
    """What is promised of a trained model.

    Attributes
    ----------
    epsilon, delta : float or None
        None without a promise.
    neighbouring, unit : str or None
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


NO_PROMISE = Promise(
    None,
    None,
    None,
    None,
    "No privacy promise is made: nothing here was trained or released with noise.",
)


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
    covers = [
        "the trained model, and every score or decision it gives to rows it was not trained on",
        "scaling, category lists and missing values, which use "
        + ("bounds paid for from the budget" if paid else "declared bounds only"),
    ]
    leaves_out = [
        *learner.leaves_out,
        "the schema of the table, settled after looking: each column's kind, and which columns "
        "were left out as empty, constant, identifiers or free text; and that each part of the "
        "split holds both outcomes",
        "figures computed from raw rows: fairness, performance, baseline and explanations",
    ]
    if not paid:
        leaves_out.append("the declared bounds and categories, if whoever declared them looked")
    return Promise(
        epsilon,
        delta,
        learner.neighbouring,
        "row",
        f"Training is ({epsilon:g}, {delta:g})-differentially private for one row: "
        f"{NEIGHBOURING_SENTENCE[learner.neighbouring]}. Whatever anyone knows besides, having "
        "the model changes the odds that a given row was in the training data by a factor of at "
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
    """As it stands in audit.json under ``privacy``."""
    return {
        "epsilon": promise.epsilon,
        "delta": promise.delta,
        "unit": promise.unit,
        "neighbouring": promise.neighbouring,
        "statement": promise.statement,
        "covers": list(promise.covers),
        "leaves_out": list(promise.leaves_out),
        "noise": noise,
        "ledger": [asdict(charge) for charge in charges],
        "cap": None if cap is None else asdict(cap),
    }
