"""The form in which a person says what to release privately, and at which ε."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from core.audit_state.audit_ledger import charges
from core.data.domains import CategoryDomain, NumberDomain
from core.data.table import Kind
from core.errors import InputError
from core.privacy.guidance.outlook import offered
from core.privacy.release.axis import (
    CategoryAxis,
    ReleaseAxis,
    declared_domain_of,
    declared_groups,
    equal_bins,
)
from core.privacy.release.release_plan import CountsPlan, FairnessPlan, MeanPlan, Plan, QuantilePlan

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset
    from core.data.table import Table
    from core.privacy.accounting.budget import Neighbouring

KINDS = {
    "fairness": "Fairness report: all rates of all groups, from one noisy count",
    "histogram": "Histogram: how many rows have each value",
    "mean": "Mean: the average of a column",
    "quantile": "Quantile: the value below which a share of rows lies, such as the median",
    "table": "Contingency table: how many rows have each combination of values",
}
EPSILONS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0)
USUAL = 0.5


def release_form(
    state: AuditState,
    dataset: Dataset,
    table: Table,
    neighbouring: Neighbouring,
    *,
    has_decisions: bool,
) -> Plan:
    """Show the controls and return the plan they make.

    Raises
    ------
    InputError
        If something is not declared yet, or not usable.
    """
    kinds = list(KINDS) if has_decisions else [kind for kind in KINDS if kind != "fairness"]
    kind = st.radio(
        "What to release", kinds, format_func=KINDS.__getitem__,
        **session.lasting(f"release kind {state.id}"),
    )  # fmt: skip
    if not has_decisions:
        st.caption("A fairness report needs decisions: train a model first.")
    epsilon = st.select_slider(
        "ε of this release", EPSILONS, _offered(state),
        **session.lasting(f"release epsilon {state.id}"),
        help="The smaller, the more private and the more noise. It is spent when you confirm.",
    )  # fmt: skip
    if kind == "fairness":
        return _fairness(state, dataset, epsilon, neighbouring)
    if kind in ("mean", "quantile"):
        numeric = [c.name for c in table.columns if c.kind == Kind.NUMBER]
        return _number(state, kind, numeric, epsilon, neighbouring)
    names = [c.name for c in table.columns if c.kind != Kind.EMPTY]
    if kind == "histogram":
        chosen = [_column(state, names, kind)]
    else:
        chosen = st.multiselect(
            "Columns", names, max_selections=3, **session.lasting(f"release columns {state.id}"),
        )  # fmt: skip
        if len(chosen) < 2:
            raise InputError("choose two or three columns", where="contingency table")
    axes = [_axis(state, table.column(name).kind, name) for name in chosen]
    return CountsPlan(tuple(axes), epsilon, neighbouring)


def _offered(state: AuditState) -> float:
    """Return the usual ε, or the largest that is a quarter of what is left at most."""
    assert state.budget is not None
    part = offered(state.budget.left(charges(session.workspace(), state)), EPSILONS[0])
    return max((e for e in EPSILONS if e <= min(part, USUAL)), default=EPSILONS[0])


def _fairness(
    state: AuditState, dataset: Dataset, epsilon: float, neighbouring: Neighbouring
) -> FairnessPlan:
    assert state.roles is not None
    chosen = st.multiselect(
        "Compare by", state.roles.sensitive, state.roles.sensitive[:1],
        **session.lasting(f"release by {state.id} {state.roles.sensitive}"),
        help="Fewer columns make fewer and larger cells, which the noise disturbs less.",
    )  # fmt: skip
    edges = dict(state.roles.edges)
    axes = []
    for name in chosen:
        known = declared_groups(name, edges, state.sample, state.roles.merged_groups)
        numeric = name in dict(dataset.roles.edges)
        if numeric and not known:
            raise InputError(
                "its bins were chosen by looking at the data, which would give something away",
                where=f"column {name!r}",
                remedy="Declare its bins on the page of roles",
            )
        axes.append(CategoryAxis(name, _typed(state, name, known)))
    return FairnessPlan(tuple(axes), epsilon, neighbouring, state.roles.positive_is_favourable)


def _number(
    state: AuditState, kind: str, numeric: list[str], epsilon: float, neighbouring: Neighbouring
) -> Plan:
    if not numeric:
        raise InputError("there is no numeric column", where=kind)
    name = _column(state, numeric, kind)
    low, high = _bounds(state, name)
    if kind == "mean":
        return MeanPlan(name, low, high, epsilon, neighbouring)
    share = st.slider(
        "Share of rows below", 0.05, 0.95, 0.5, 0.05, help="0.5 is the median.",
        **session.lasting(f"release share {state.id}"),
    )  # fmt: skip
    candidates = st.slider(
        "Steps between the bounds", 10, 200, 50, 10,
        **session.lasting(f"release candidates {state.id}"),
        help="The answer is one of so many values. More of them are finer, but each has noise.",
    )  # fmt: skip
    return QuantilePlan(name, low, high, share, epsilon, neighbouring, candidates)


def _column(state: AuditState, names: list[str], kind: str) -> str:
    key_prefix = f"release {kind} column {state.id}"
    return str(st.selectbox("Column", names, **session.lasting(key_prefix)))


def _axis(state: AuditState, kind: Kind, name: str) -> ReleaseAxis:
    if kind != Kind.NUMBER:
        return CategoryAxis(name, _typed(state, name, _known_categories(state, name)))
    domain = _domain(state, name)
    if isinstance(domain, CategoryDomain):
        return CategoryAxis(name, _typed(state, name, _known_categories(state, name)))
    low, high = _bounds(state, name)
    bins = st.slider(
        f"Bins of {name}", 2, 40, 10, **session.lasting(f"release bins {state.id} {name}"),
    )  # fmt: skip
    return equal_bins(name, low, high, bins)


def _bounds(state: AuditState, name: str) -> tuple[float, float]:
    domain = _domain(state, name)
    known = (domain.low, domain.high) if isinstance(domain, NumberDomain) else (None, None)
    left, right = st.columns(2)
    low = left.number_input(
        f"Lowest {name}", value=known[0], **session.lasting(f"release low {state.id} {name}"),
        help="From public knowledge, not from the data. Values below count as this one.",
    )  # fmt: skip
    high = right.number_input(
        f"Highest {name}", value=known[1], **session.lasting(f"release high {state.id} {name}"),
        help="From public knowledge, not from the data. Values above count as this one.",
    )  # fmt: skip
    if low is None or high is None:
        raise InputError(
            "its bounds are not declared yet",
            where=f"column {name!r}",
            remedy="Write down what is known without looking, such as 0 and 120 for an age",
        )
    return float(low), float(high)


def _typed(state: AuditState, name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    text = st.text_area(
        f"Values of {name} that may occur, one a line", "\n".join(known),
        **session.lasting(f"release values {state.id} {name} {known}"),
        height=min(60 + 26 * len(known), 260),
        help="From public knowledge, not from the data: all are released, empty ones too. Any "
        "other value counts as “(other)”.",
    )  # fmt: skip
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _known_categories(state: AuditState, name: str) -> tuple[str, ...]:
    domain = _domain(state, name)
    if isinstance(domain, CategoryDomain):
        return domain.categories
    return declared_groups(name, {}, state.sample)


def _domain(state: AuditState, name: str) -> CategoryDomain | NumberDomain | None:
    for item in state.domains.items if state.domains else ():
        if item.name == name:
            return item
    return declared_domain_of(name, state.sample)
