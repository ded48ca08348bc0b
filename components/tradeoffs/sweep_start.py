"""Before a sweep: its runs and their time, what is left out, what it costs, and its start."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import results, session
from components.tradeoffs.sweep_basis import swept_rows
from components.tradeoffs.sweep_run import ask_to_run
from core.audit_state.audit_ledger import charges
from core.data.samples import SAMPLES
from core.errors import InputError
from core.governance.sweep_estimate import Outlook, by_reason, estimate_sweep
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.storage.canonical import key
from core.tradeoff.sweep.clusters import VARIABLE, cluster_at, named_clusters
from core.tradeoff.sweep.executors import Cores, Executor, Here, cores
from core.tradeoff.sweep.precomputed import all_precomputed

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.audit_state.sweep_plan import SweepPlan
    from core.data.dataset import Dataset
    from core.tradeoff.sweep.grid import LeftOut

WORTH_SECONDS, WORTH_RUNS = 20, 30
"""From here on it takes longer to train than to start processes on other cores."""


def start(state: AuditState, dataset: Dataset, plan: SweepPlan, shown: SweepPlan | None) -> None:
    """Say what a sweep would do, and offer to do it.

    Parameters
    ----------
    state : AuditState
    dataset : Dataset
        Of the audit.
    plan : SweepPlan
    shown : SweepPlan or None
        The sweep whose points the page shows.

    Raises
    ------
    InputError
        If the plan doesn't fit its rows.
    """
    found = _estimate(state, dataset, plan, "form")
    text = f"{_many(found.settings, 'setting')}, which make **{_many(found.total, 'run')}** with "
    text += "their splits. " if plan.grid.given else "their splits and draws of noise. "
    if found.done:
        text += f"On disk already: {found.done:,}. To {_doing(plan)}: **{found.missing:,}**."
    st.markdown(text)
    if found.unused and not plan.basis.spends:
        # Where a budget protects the rows, the bound is to be set without looking at them.
        st.caption(
            f"{found.used:,} rows are used. {found.unused:,} are left out: beyond "
            f"{plan.grid.rows_per_person} of a person, or they name nobody."
        )
    if found.uneven:
        st.warning(
            "Many rows are alike in all columns. A sweep splits rows by their own values, as "
            "private models must, so these stay together: test rows differ much between splits, "
            "and a single split says less than its intervals. Take five splits or more.",
            icon=":material/call_split:",
        )
    if found.left_out:
        many = _many(len(found.left_out), "combination")
        past = "tried" if plan.grid.given else "trained"
        with st.expander(f"{many} can't be {past} and {_is(found.left_out)} left out"):
            st.dataframe(
                reasons(found.left_out),
                hide_index=True,
                alt="Combinations that are left out, by reason",
                column_config={"Why": st.column_config.TextColumn(width="large")},
            )
    key_prefix = f"{state.id} sweep start"
    executor: Executor = Here()
    if found.missing and not plan.basis.spends and not plan.grid.given:
        executor = _where(found, key_prefix)
    elif not found.missing and plan == shown:
        st.caption("All of these runs are there and shown below.")
        return
    _button(state, plan, found, executor, key_prefix)


def go_on(state: AuditState, dataset: Dataset, plan: SweepPlan) -> None:
    """Offer to do the rest of a sweep that was stopped; nothing where there is no rest."""
    found = _estimate(state, dataset, plan, "kept")
    if not found.missing:
        return
    st.warning(
        f"This sweep was stopped: {found.done:,} of {found.total:,} runs are done.",
        icon=":material/stop_circle:",
    )
    alone = plan.basis.spends or plan.grid.external is not None
    executor = Cores() if _cores_pay(found) and not alone else Here()
    _button(state, plan, found, executor, f"{state.id} sweep go on")


def _doing(plan: SweepPlan) -> str:
    return "try" if plan.grid.given else "train"


def reasons(left_out: tuple[LeftOut, ...]) -> pd.DataFrame:
    """Lay out why combinations are left out, one reason a row."""
    return pd.DataFrame(
        {
            "Why": reason,
            "Combinations": len(items),
            "Models": _listed(LEARNERS[item.setting.learner].title for item in items),
            "Mitigations": _listed(MITIGATIONS[item.setting.mitigation].title for item in items),
            "Balancing": _listed(BALANCINGS[item.setting.balancing].title for item in items),
            "k": _listed(str(item.setting.k) for item in items),
        }
        for reason, items in by_reason(left_out).items()
    )


def _estimate(state: AuditState, dataset: Dataset, plan: SweepPlan, topic: str) -> Outlook:
    """Look once at what a sweep would do, until it, the points, or what is spent changes."""
    store = results.sweep_points(state)
    rows, domains = swept_rows(state, dataset, plan.basis, topic)
    grid = replace(plan.grid, domains=domains)
    spent = charges(session.workspace(), state) if plan.basis.spends else ()
    parts = [topic, grid, plan.basis, len(store), state.budget, spent]
    cache_key = key(rows.fingerprint, ["outlook", *parts])
    session.keep_only(f"{topic} outlook {state.id}", cache_key)

    def look() -> Outlook | InputError:
        elsewhere = [p for ready in all_precomputed(SAMPLES.names()) for p in ready.points]
        try:
            with st.spinner("Counting the runs"):
                return estimate_sweep(
                    session.workspace(), state, plan, rows, grid, store, elsewhere
                )
        except InputError as error:
            return error

    found: Outlook | InputError = session.once(f"outlook {cache_key}", look)
    if isinstance(found, InputError):
        raise found
    return found


def _where(found: Outlook, key_prefix: str) -> Executor:
    """Ask where to train."""
    most = cores()
    pays = _cores_pay(found)
    chosen = "here"
    if most > 1:
        chosen = st.radio(
            "Where to train",
            ("cores", "here"),
            index=0 if pays else 1,
            format_func={
                "cores": f"All {most} cores of this machine",
                "here": "This process, one after the other",
            }.__getitem__,
            horizontal=True,
            help="Other cores need some seconds to start, which pays for longer sweeps.",
            # Another picker when it pays or no longer does, so that it begins with the better one.
            **session.lasting(f"{key_prefix} where {pays}"),
        )
    with st.expander("On a cluster"):
        address = _cluster(key_prefix)
    st.caption(
        found.duration.sentence(most if chosen == "cores" and address is None else 1)
        + (" The cluster's workers share it." if address else "")
    )
    if address is not None:
        return cluster_at(address)
    return Cores() if chosen == "cores" else Here()


def _cluster(key_prefix: str) -> str | None:
    st.caption(
        "The rows are sent to the workers of a Dask scheduler: whoever runs it sees them, and what "
        "comes back is trusted, so only clusters that this server's operator has named are offered."
    )
    try:
        offered = [cluster.address for cluster in named_clusters()]
    except InputError as error:
        session.shown_error(error)
        return None
    if not offered:
        st.markdown(
            f"None is named. Set `{VARIABLE}=tcp://host:8786` before the server starts, several "
            "with commas between; workers need this project installed."
        )
        return None
    address: str | None = st.selectbox(
        "Cluster",
        (None, *offered),
        format_func=lambda address: "None, train on this machine" if address is None else address,
        **session.lasting(f"{key_prefix} cluster"),
    )
    return address


def _button(
    state: AuditState, plan: SweepPlan, found: Outlook, executor: Executor, key_prefix: str
) -> None:
    """Offer to begin; what spends has to be agreed to first."""
    if not found.missing:
        label = "Show these runs"
    elif found.done:
        label = f"Go on: {_doing(plan)} {_many(found.missing, 'more run')}"
    else:
        label = f"Start: {_doing(plan)} {_many(found.missing, 'run')}"
    agreed = not (plan.basis.spends and found.missing) or _agreed(state, found, key_prefix)
    # Its key keeps it the same button when a run is finished between its drawing and a click, and
    # what a click begins is what was on the page.
    st.button(
        label,
        type="primary",
        icon=":material/play_arrow:",
        key=key_prefix,
        disabled=not agreed,
        on_click=ask_to_run,
        args=(state, plan, executor),
    )


def _agreed(state: AuditState, found: Outlook, key_prefix: str) -> bool:
    if found.refusal is not None or found.cost is None or state.budget is None:
        st.error(session.literal(str(found.refusal)), icon=":material/error:")
        return False
    cost, cap = found.cost, state.budget
    if not cost.runs:
        st.caption("None of the runs to train is private, so nothing is charged.")
        return True
    total = f"ε = {cost.epsilon:.10g}, δ = {cost.delta:.10g}"
    text = (
        f"{_many(cost.runs, 'private model')} would be charged. With what is spent already that "
        f"comes to {total}; the cap is ε = {cap.epsilon:.10g}, δ = {cap.delta:.10g}."
    )
    if not cost.fits:
        st.error(
            f"{text} It doesn't fit, so nothing can be started: choose fewer values of ε, models "
            "or seeds, or other rows.",
            icon=":material/error:",
        )
        return False
    st.warning(text, icon=":material/payments:")
    # Agreed for this sum only: another sum is another checkbox.
    return st.checkbox(
        f"Spend it: {_many(cost.runs, 'private model')}, in all {total}",
        key=f"{key_prefix} {total}",
    )


def _cores_pay(found: Outlook) -> bool:
    long = found.duration.seconds > WORTH_SECONDS or found.duration.unknown >= WORTH_RUNS
    return cores() > 1 and long


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _is(items: tuple[LeftOut, ...]) -> str:
    return "is" if len(items) == 1 else "are"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))
