"""Price of privacy on a page: its controls, its pictures, and the simulation while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.app.progress import growing
from components.price.price_charts import price_chart
from components.widgets import charts
from components.widgets.epsilon_picker import DELTA, epsilon_of, epsilons_picker
from components.widgets.pickers import pick_registered
from core.audit_state.results.simulation_results import load_or_price
from core.learning.learners import LEARNERS
from core.tradeoff.price.price import FEWEST_DRAWS, PriceSpec, groups
from core.tradeoff.price.price_by_group import MEASURES, prices

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset
    from core.data.domains import Domains
    from core.tradeoff.price.price import PricePoint

EPSILONS = ("0.25", "0.5", "1", "2", "4", "8")
DEFAULT_EPSILONS = ("0.25", "0.5", "1", "2", "4")
DEFAULT_LEARNER = "dp_binned_regression"
SENTENCES = {
    "accuracy": "Accuracy is the share of right decisions.",
    "true_positive_rate": "True positive rate is the share of people with the positive outcome "
    "who get the positive decision.",
    "calibration": "Calibration is whether scores can be read as probabilities. What is lost is "
    "the growth of the expected calibration error: how far, on average, scores are from the share "
    "of positive outcomes among people with like scores.",
}


def price_form(state: AuditState, domains: Domains) -> PriceSpec:
    """Show the controls and return what they say.

    Raises
    ------
    InputError
        If an ε isn't a number above 0.
    """
    assert state.roles is not None
    key_prefix = f"{state.id} price {state.roles.sensitive}"
    private = [learner.name for learner in LEARNERS if learner.private]
    left, right = st.columns(2)
    with left:
        key = f"{key_prefix} learner"
        learner = pick_registered("Private model", LEARNERS, private, key, first=DEFAULT_LEARNER)
        typed = epsilons_picker(EPSILONS, DEFAULT_EPSILONS, key_prefix)
    with right:
        attributes = st.multiselect(
            "Groups by",
            state.roles.sensitive,
            default=state.roles.sensitive[:1],
            help="With several columns, each combination of their values is a group.",
            wrap=True,
            **session.lasting(f"{key_prefix} attributes"),
        )
        draws = st.slider(
            "Draws of noise",
            FEWEST_DRAWS,
            20,
            FEWEST_DRAWS,
            help="How often the model is trained at each ε, each time with other noise on the "
            "same rows. More draws make intervals narrower.",
            **session.lasting(f"{key_prefix} draws"),
        )
    return PriceSpec(
        learner,
        tuple(dict.fromkeys(epsilon_of(text) for text in typed)),
        draws,
        DELTA,
        tuple(attributes),
        domains,
    )


def measure_picker(state: AuditState) -> str:
    """Let a person choose what is counted as lost."""
    chosen = st.segmented_control(
        "What is lost",
        list(MEASURES),
        default="true_positive_rate",
        required=True,
        format_func=lambda name: MEASURES[name].capitalize(),
        **session.lasting(f"{state.id} price measure"),
    )
    return str(chosen)


def picture(
    points: list[PricePoint],
    dataset: Dataset,
    spec: PriceSpec,
    measure: str,
    slot: DeltaGenerator,
    number: int = 0,
) -> None:
    """Show what is lost by group; the number keeps redrawn charts apart."""
    found = prices(points, groups(dataset, spec), measure)
    with slot.container():
        failed = [point.reason for point in points if point.reason is not None]
        for reason in dict.fromkeys(failed):
            st.warning(session.literal(str(reason)), icon=":material/warning:")
        if not found:
            st.caption("No private model is trained yet.")
            return
        charts.show(price_chart(found, measure, spec.epsilons), f"price {measure} {number}")
        baseline = LEARNERS[LEARNERS[spec.learner].baseline or ""].title
        st.caption(
            f"{SENTENCES[measure]} Losses are in points of a hundred and against "
            f"“{baseline}” without privacy on the same test rows: above 0 the group is worse off "
            "with privacy. At ∞ the same private model has next to no noise: what is lost there "
            "is due to the kind of model, and what comes on top to the left is the price of noise. "
            "Bands are 95% intervals of the mean over draws of noise; the split is the same for "
            "all, so the luck of who is in the test rows is not in them."
        )


def run(
    state: AuditState,
    dataset: Dataset,
    spec: PriceSpec,
    kept: list[PricePoint],
    total: int,
    measure: str,
    slot: DeltaGenerator,
) -> None:
    """Train what isn't on disk yet, showing what there is as it grows."""

    def so_far() -> Iterator[tuple[float, list[PricePoint]]]:
        done = {(point.epsilon, point.draw): point for point in kept}
        for _, point in load_or_price(session.workspace(), state, dataset, spec):
            done[point.epsilon, point.draw] = point
            yield len(done) / total, list(done.values())

    if kept:
        picture(kept, dataset, spec, measure, slot)
    growing(
        so_far(),
        f"Training {total - len(kept)} of {total} models",
        lambda points, number: picture(points, dataset, spec, measure, slot, number),
        "Stop the simulation",
        len(kept) / total,
    )
