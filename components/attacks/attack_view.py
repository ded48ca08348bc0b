"""Sections of the page on privacy attacks: each is run by its own button and kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from components.app import asking, session
from components.app.shown_results import mark_shown
from components.attacks.attack_charts import audit_table, group_chart, roc_chart
from components.attacks.attack_guesses import guess_chart, singling_out_chart
from components.widgets import charts
from core.attacks.attribute import columns_to_guess
from core.attacks.lira import SHADOWS, LiraSpec, estimated_seconds
from core.attacks.released import LARGEST_K
from core.attacks.singling_out import BLIND
from core.audit_state.results import attack_results as kept
from core.learning.learners import LEARNERS
from core.training.privacy_guarantee import guarantee_of

if TYPE_CHECKING:
    from core.attacks.record import Attacked
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset
    from core.storage.workspace import Workspace
    from core.training.trained import Trained

T = TypeVar("T")


def run_by_button(
    state: AuditState,
    label: str,
    doing: str,
    key_prefix: str,
    work: Callable[[Workspace], Iterator[tuple[float, T | None]]],
) -> T | None:
    """Offer a button, and once it was pressed follow the work; None before and if stopped.

    Parameters
    ----------
    state : AuditState
    label : str
        Of the button.
    doing, key_prefix : str
        As in :func:`components.app.progress.follow`.
    work : callable
        Keeps its results in the workspace that it is given.
    """
    if not session.remembered(f"asked {key_prefix}", False):
        st.button(
            label,
            type="primary",
            key=f"run {key_prefix}",
            on_click=session.remember,
            args=(f"asked {key_prefix}", True),
        )
        return None
    return asking.follow(state, work, doing, key_prefix)


def membership(
    state: AuditState, dataset: Dataset, trained: Trained, key_prefix: str
) -> Attacked | None:
    """Show the membership attack and the audit of the guarantee; None before it was run."""
    workspace = session.workspace()
    found = kept.load_attacks(workspace, state, trained) or run_by_button(
        state,
        "Attack this model",
        "Attacking",
        f"{key_prefix} basic",
        lambda place: kept.load_or_attack(place, state, dataset, trained),
    )
    if found is None:
        return None
    guarantee = guarantee_of(trained)
    claimed = None if guarantee.epsilon is None else (guarantee.epsilon, guarantee.delta or 0.0)
    charts.show(roc_chart(found.memberships, claimed), f"{key_prefix} roc")
    st.caption(
        f"{found.memberships[0].members:,} members (training rows) against "
        f"{found.memberships[0].non_members:,} others (test rows). True positive rate: the share "
        "of members found; false positive rate: the share of others taken for members. The left "
        "end matters most: being sure about a few people is a breach even where the average "
        "guess is poor. A better attack may find more."
    )
    return found


def groups(found: Attacked, key_prefix: str) -> None:
    """Show whose privacy is worst, by the strongest attack there is."""
    strongest = found.memberships[-1]
    if not strongest.groups:
        st.info("No sensitive attribute has two groups to compare.")
        return
    charts.show(group_chart(strongest), f"{key_prefix} groups")


def shadow_models(
    state: AuditState, dataset: Dataset, trained: Trained, attacked: Attacked, key_prefix: str
) -> None:
    """Offer the attack by shadow models."""
    st.caption(
        "A stronger attack trains the same model many times, on random halves of the rows "
        "(shadow models), and so learns how sure a model is of each person with and without their "
        "row (likelihood ratio, LiRA)."
    )
    if LEARNERS[trained.spec.learner].private:
        st.caption(
            "Shadow models of a private model are **simulations**: their noise is drawn from a "
            "seed, they are thrown away, and nothing is charged for them."
        )
    count = st.segmented_control(
        "Shadow models", SHADOWS, default=SHADOWS[0], **session.lasting(f"{key_prefix} count")
    )
    if count is None:
        st.info("Choose how many shadow models to train.")
        return
    if attacked.memberships[-1].shadows >= count:
        st.caption(f"Drawn above, from {attacked.memberships[-1].shadows} shadow models.")
        return
    asked = f"{key_prefix} lira {count}"
    spec = LiraSpec(count)
    if not session.remembered(f"asked {asked}", False) and st.button(
        "How long would it take?", key=f"time {asked}"
    ):
        with st.spinner("Timing two small fits"):
            seconds = estimated_seconds(dataset, trained, spec)
        session.remember(f"seconds {asked}", seconds)
    seconds = session.remembered(f"seconds {asked}", None)
    if seconds is not None:
        st.caption(f"{count} models take about {_time(seconds)} on this machine as busy as it is.")
    found = run_by_button(
        state,
        f"Train {count} shadow models",
        "Training shadow models",
        asked,
        lambda place: kept.load_or_run_lira(place, state, dataset, trained, spec),
    )
    if found is not None and found.shadows == count:
        # Drawn above from disk, beside the attack by loss.
        st.rerun()
    if found is not None:
        st.caption(f"So far, with {found.shadows} models: {_area(found.auc.estimate)}.")


def _area(estimate: float | None) -> str:
    return "not defined" if estimate is None else f"ROC AUC {estimate:.3f}"


def _time(seconds: float) -> str:
    return f"{max(1.0, seconds):.0f} seconds" if seconds < 100 else f"{seconds / 60:.0f} minutes"


def guarantee_section(
    state: AuditState, dataset: Dataset, trained: Trained, found: Attacked, key_prefix: str
) -> None:
    """Show claimed beside measured, and offer canaries for a private learner."""
    st.caption(
        "A lower bound on ε from one trained model: whether each row was trained on is "
        "the toss of a coin, and the more coins are guessed rightly, the larger ε must be "
        "(Steinke, Nasr and Jagielski 2023). The bound holds with 95% confidence. “Not refuted” "
        "proves nothing: it says that this attack found no violation."
    )
    for audit in found.audits:
        if audit.verdict == "guarantee broken" and audit.claimed is not None:
            st.error(
                f"Guarantee broken: ε = {audit.claimed[0]:g} is claimed, and it is at least "
                f"{audit.epsilon:.2f}.",
                icon=":material/gpp_bad:",
            )
    st.dataframe(
        audit_table(found.audits), hide_index=True, alt="Claimed ε against the measured lower bound"
    )
    if not LEARNERS[trained.spec.learner].private:
        return
    st.caption(
        "Canaries: odd rows with surprising labels, planted in a fresh fit of the same model at "
        "the same ε. It is a simulation: nothing is charged."
    )
    workspace = session.workspace()
    if len(found.audits) == 1:
        run_by_button(
            state,
            "Plant canaries",
            "Planting canaries",
            f"{key_prefix} planted",
            lambda place: kept.load_or_plant(place, state, dataset, trained),
        )
        if len((kept.load_attacks(workspace, state, trained) or found).audits) > 1:
            st.rerun()


def attribute(state: AuditState, dataset: Dataset, trained: Trained, key_prefix: str) -> None:
    """Offer to guess a column with and without the model."""
    st.caption(
        "Someone who knows a person's other columns and outcome guesses the "
        "missing one. Much of that works without any model; what counts is how much better the "
        "guess becomes with this model's score and decision."
    )
    column = st.selectbox(
        "Column to guess", columns_to_guess(dataset), **session.lasting(f"{key_prefix} column")
    )
    workspace = session.workspace()
    found = kept.load_attribute_attack(workspace, state, trained, column) or run_by_button(
        state,
        "Guess it",
        "Guessing",
        f"{key_prefix} attribute {column}",
        lambda place: kept.load_or_attack_attribute(place, state, dataset, trained, column),
    )
    if found is not None:
        mark_shown(state)
        charts.show(guess_chart(found), f"{key_prefix} attribute chart")


def singling_out(state: AuditState, dataset: Dataset, key_prefix: str) -> None:
    """Offer to single people out of the table, raw and anonymised."""
    st.caption(
        "Conditions on a few columns that fit exactly one person of a released "
        "table. Such conditions are drawn from half of the table and tried on the other half too, "
        "where they can only succeed by chance; without seeing a table one hardly gets beyond "
        f"{BLIND:.0%}."
    )
    frame = session.table(state).frame
    offered = [str(name) for name in frame.columns]
    likely = [name for name in dataset.roles.sensitive if name in offered]
    likely += [name for name in offered if name in dataset.roles.features and name not in likely]
    columns = st.multiselect(
        "Columns that others may know",
        offered,
        default=likely[:4],
        **session.lasting(f"{key_prefix} known"),
    )
    if not columns:
        st.info("Choose at least one column.")
        return
    asked = "Compare with a k-anonymised table, k ="
    k = st.slider(asked, 2, LARGEST_K, 5, **session.lasting(f"{key_prefix} k"))
    workspace, known = session.workspace(), tuple(columns)
    found = kept.load_singling_out(workspace, state, dataset, known, k) or run_by_button(
        state,
        "Single people out",
        "Trying conditions",
        f"{key_prefix} single {columns} {k}",
        lambda place: kept.load_or_single_out(place, state, dataset, frame, known, k),
    )
    if found is not None:
        mark_shown(state)
        charts.show(singling_out_chart(found), f"{key_prefix} single chart")
