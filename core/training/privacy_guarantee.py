"""What the guarantee of a trained model is, in words."""

from __future__ import annotations

import math

from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.privacy.accounting.budget import NEIGHBOURING_SENTENCE
from core.privacy.accounting.contribution import describe_unit
from core.privacy.guidance.guarantee import NO_GUARANTEE, RAW_FIGURES, Guarantee
from core.training.trained import Trained

_COUNTED: dict[str, tuple[str, ...]] = {
    "": (),
    "validation": (
        "the thresholds, which come from noisy counts of validation rows; a row is in one part of "
        "the split only, so they cost nothing beyond the guarantee",
    ),
    "training": ("the row weights, which come from noisy counts of training rows",),
}

SCHEMA = (
    "the schema of the table, settled after looking: each column's kind, and which columns were "
    "left out as empty, constant, identifiers or free text; and that each part of the split holds "
    "both outcomes"
)


def guarantee_of(trained: Trained | None) -> Guarantee:
    """State the guarantee of a trained model; :data:`NO_GUARANTEE` if it is not private."""
    if trained is None:
        return NO_GUARANTEE
    spec, learner = trained.spec, LEARNERS[trained.spec.learner]
    if not learner.private:
        return NO_GUARANTEE
    if spec.noise == "seeded":
        return Guarantee(
            None,
            None,
            None,
            None,
            f"No privacy guarantee is given: this is a simulation at ε = {spec.epsilon:g}, whose "
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
    leaves_out = [*learner.leaves_out, SCHEMA, *RAW_FIGURES]
    if not paid:
        leaves_out.append("the declared bounds and categories, if whoever declared them looked")
    unit, whom, neighbours = "row", "one row", NEIGHBOURING_SENTENCE[learner.neighbouring]
    text = "a given row was"
    if spec.person is not None:
        unit = describe_unit(spec.person, spec.rows_per_person)
        whom, text = f"one {unit}", "a given person's rows were"
        neighbours = (
            "two tables are neighbours if all rows of one person are in the one and not in the "
            "other"
        )
        covers.append("which rows of a person were used, and in which part of the split they are")
    what = "Training" if mitigation.name == "none" else f"Training with {mitigation.title.lower()}"
    return Guarantee(
        epsilon,
        delta,
        learner.neighbouring,
        unit,
        f"{what} is ({epsilon:g}, {delta:g})-differentially private for {whom}: "
        f"{neighbours}. Whatever anyone knows besides, having "
        f"the model changes the odds that {text} in the {rows_used} data by a factor of at "
        f"most {_factor(epsilon)}"
        + (f", but for a probability of about {delta:g}." if delta else "."),
        tuple(covers),
        tuple(leaves_out),
    )


def _factor(epsilon: float) -> str:
    return f"{math.exp(epsilon):.3g}" if epsilon < 20 else f"e^{epsilon:g}"
