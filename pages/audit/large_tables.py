"""Count fairness in tables that stay where they are."""

import streamlit as st

from components.app import audit_head, counted, session
from components.app.shown_results import mark_counted
from components.fairness import fairness_sections, impact_view
from components.large_tables.large_table_count import count, count_list
from components.large_tables.large_table_form import roles_form
from components.large_tables.large_table_location import location_form
from components.large_tables.large_table_view import bins, evidence, headline, left_out
from components.widgets import charts, fairness_view, verdict
from components.widgets.fairness_charts import metric_by_group
from components.widgets.pickers import pick_groups, pick_metric
from core.audit_state.results.count_results import CountSpec
from core.errors import InputError
from core.fairness.metrics.metric_registry import METRICS

audit_head.heading("large_tables")
opened = counted.opened_count()
try:
    kept = None if opened is None else counted.stored_count(opened)
except InputError as error:
    session.shown_error(error)
    counted.open_count(None)
    kept = None
if kept is None:
    st.markdown(
        "For tables larger than memory that already hold decisions or scores. No audit needs to be "
        "open: say where the table is and which column means what."
    )
    where = location_form()
    if where is not None:
        roles = roles_form(where[0], where[1].schema)
        if roles is not None:
            count(CountSpec(where[0], roles), where[1])
    st.header("Earlier counts")
    count_list()
    st.stop()

mark_counted(kept.counted.roles)
headline(kept)
sensitive = kept.counted.cube.attributes
combination = pick_groups(kept.id, sensitive)
judged = counted.counted_assessment(kept.id, combination)
found = judged.assessment

fairness_view.summary(
    found,
    spec=None,
    positive_is_favourable=kept.counted.roles.positive_is_favourable,
)
st.caption(session.literal(verdict.positive_decision(kept.counted.roles)))
left_out(kept)
st.header("Who is treated how")
has_outcome = kept.counted.cube.has_outcome
metric = pick_metric(kept.id, [m.name for m in METRICS if has_outcome or not m.needs_outcome])
charts.show(metric_by_group(found, metric), f"{kept.id} chart")
st.header("All groups")
fairness_view.groups(found, kept.counted.roles.weight)
st.caption(
    "Counts of a table that stays where it is hold no persons: intervals take every row for a "
    "person, and are too narrow where persons have several rows."
)
bins(judged)
st.header("How far apart the groups are")
fairness_view.comparisons(found)
st.header("The four-fifths rule")
fairness_view.four_fifths(found)
impact_view.impact_section(found)
if kept.counted.scores is not None:
    st.header("Who scores above the median")
    if judged.scoring:
        impact_view.scoring_tables(judged.scoring)
    else:
        st.caption(session.literal(f"Not defined: {kept.counted.no_scoring}."))
with st.expander("Gap found, none that matters, or not enough evidence?"):
    fairness_sections.verdict_section(found)
with st.expander("What can't be had together in this data"):
    fairness_sections.impossibility_section(found)
with st.expander("Which definition fits this decision?"):
    fairness_sections.guidance_section()
evidence(kept)
