"""What the saved roles make of a table: rows, groups, and what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from components.roles.role_persons import person_notes
from components.widgets.coverage_label import coverage_note
from components.widgets.table_view import changes
from core.data.roles.decision_labels import outcome_labels
from core.data.roles.groups import bin_names
from core.data.roles.merged_groups import merged_names
from core.data.table import MISSING
from core.fairness.counts.cube import build_cube
from core.fairness.metrics.metric_titles import SELECTION, metric_title

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset
    from core.data.roles.roles import Roles
    from core.data.table import Table


def describe_roles(roles: Roles, others: Collection[str] = ()) -> str:
    """Tell roles in sentences of Markdown, with the labels other than the positive one."""

    def listed(names: tuple[str, ...]) -> str:
        return ", ".join(f"**{session.literal(name)}**" for name in names)

    sides = outcome_labels(roles, others)
    hoped = "the favourable outcome" if roles.positive_is_favourable else "the adverse outcome"
    if roles.target is not None:
        text = f"The outcome is {listed((roles.target,))}; "
    else:
        text = "No true outcome is given, so that errors are not defined; of the decisions, "
    text += (
        f"{listed((sides.told(True),))} counts as positive and is {hoped}; the other side is "
        f"{listed((sides.told(False),))}. People are compared by {listed(roles.sensitive)}. "
    )
    for name, called, values in roles.merged_groups:
        are = "are" if len(values) > 1 else "is"
        listed_values = listed(values[:-1]) + " and " * (len(values) > 1) + listed(values[-1:])
        text += f"For {listed((name,))}, {listed_values} {are} counted as {listed((called,))}. "
    recorded = _recorded(roles)
    if roles.prediction is not None:
        text += f"{recorded}The decisions in {listed((roles.prediction,))} are audited."
    elif roles.score is not None:
        text += (
            f"{recorded}The decision “{session.literal(roles.score)} of {roles.threshold:g} or "
            "more” is audited; nothing is trained."
        )
    else:
        count = len(roles.features)
        seen = [name for name in roles.sensitive if name in roles.features]
        also = f", {listed(tuple(seen))} among them" if seen else ", none of them sensitive"
        text += f"{recorded}A model may see {count} feature{'s' * (count != 1)}{also}."
    return text


def _recorded(roles: Roles) -> str:
    """Say what a person said the outcome records."""
    if roles.target_came_true:
        return "The outcome is said to be what came true. "
    if not roles.target_holds_decisions:
        return ""
    if roles.audits_existing_predictions:
        return "The outcome records decisions, against which errors are counted. "
    return "The outcome records decisions, which a model imitates. "


def role_result(table: Table, dataset: Dataset, state: AuditState) -> None:
    """Show rows used, groups with their base rates, and what was changed or dropped."""
    roles = dataset.roles
    st.markdown(describe_roles(roles, dataset.negative_labels))
    used, total = len(dataset), len(table.frame)
    st.markdown(
        f"**{used:,} of {total:,} rows** are used"
        + ("." if used == total else f"; {total - used:,} were left out.")
    )
    person_notes(table, dataset, state)
    columns = st.columns(min(len(roles.sensitive), 2))
    for position, name in enumerate(roles.sensitive):
        with columns[position % len(columns)]:
            shown = group_table(dataset, name)
            st.markdown(f"**{session.literal(name)}**")
            st.dataframe(
                shown,
                hide_index=True,
                height="content" if len(shown) <= 8 else 318,
                column_config={
                    "Group": st.column_config.TextColumn(width=180),
                    "Rows": st.column_config.NumberColumn(format="localized", width=65),
                    shown.columns[-1]: st.column_config.NumberColumn(format="percent", width=105),
                },
                alt=f"Groups of {name} with rows and {shown.columns[-1].lower()}s",
            )
    positive = session.literal(dataset.outcome_labels.told(True))
    what = _rate_title(dataset)
    text = "outcome" if dataset.outcome is not None else "decision"
    st.caption(
        f"{what}: the share of a group whose {text} is “{positive}”"
        + (", by weight." if dataset.weights is not None else ".")
    )
    coverage_note("row_counts", state)
    coverage_note("base_rates", state)
    if dataset.repairs:
        with st.expander(f"What was changed or left out ({len(dataset.repairs)})"):
            changes(dataset.repairs)


def _rate_title(dataset: Dataset) -> str:
    if dataset.outcome is not None:
        return "Base rate"
    return metric_title(SELECTION, dataset.roles.positive_is_favourable)


def group_table(dataset: Dataset, attribute: str) -> pd.DataFrame:
    """Count rows and positive labels of each group; the rate by weight if there are any.

    The base rate of outcomes; without outcomes the selection rate of decisions.
    """
    # The label takes the place of the decision, which is not known yet.
    labels = dataset.predictions if dataset.outcome is None else dataset.outcome
    assert labels is not None
    cube = build_cube(None, labels, dataset.sensitive[[attribute]], dataset.weights)
    weight = cube.weight.sum(axis=(1, 2))
    positive = cube.weight[:, :, 1].sum(axis=1)
    what = _rate_title(dataset)
    shown = pd.DataFrame(
        {
            "Group": [group[0] for group in cube.groups],
            "Rows": cube.count.sum(axis=(1, 2)),
            # A group whose weights are all zero has no rate.
            what: [p / w if w > 0 else None for p, w in zip(positive, weight, strict=True)],
        }
    )
    cut = dict(dataset.roles.edges).get(attribute)
    if cut is None:
        return shown.sort_values("Rows", ascending=False, kind="stable", ignore_index=True)
    order = merged_names((*bin_names(cut), MISSING), dataset.roles.merged_groups, attribute)
    return shown.sort_values("Group", key=lambda names: names.map(order.index), ignore_index=True)
