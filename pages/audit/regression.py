"""See how far off predicted amounts are, and for whom."""

import streamlit as st

from components.app import audit_head, results, session
from components.fairness import outcome_charts
from components.widgets import charts, fairness_view
from components.widgets.downloads import download_figures
from components.widgets.fairness_charts import by_group, may_be_chance
from components.widgets.outcome_picker import changed, outcome_columns
from components.widgets.pickers import pick_metric
from components.widgets.predicting_model import predicting_model
from components.widgets.tables import format_figure
from core.data.roles.group_labels import label_of_name
from core.fairness.assessment.regression_record import bounded_loss, regression_json
from core.fairness.metrics.regression_metrics import REGRESSION_METRICS

VERDICTS = {"within": st.success, "above": st.error, "unclear": st.warning}
SAID = {
    "within": "every group stays within it",
    "above": "at least one group significantly exceeds it",
    "unclear": "there is not enough evidence to say that every group stays within it",
}

audit_head.heading("regression")
state = session.require(roles=False)
key_prefix = f"{state.id} regression"
columns, model = outcome_columns(state, session.table(state), key_prefix, amounts=True)
found, repairs = results.amount_assessment(state, columns, model)

metric = pick_metric(key_prefix, REGRESSION_METRICS.names(), REGRESSION_METRICS, "Figure")
chosen = REGRESSION_METRICS[metric]
st.caption(
    f"From {found.overall.count:,} rows; raw figures, not covered by any privacy guarantee."
    + fairness_view.persons_counted(found.overall)
)
gap = next(gap for gap in found.gaps if gap.metric == metric)
unit = f"in the unit of {charts.plain(columns.truth)}" if chosen.unit == "outcome" else "at most 1"
chart = by_group(
    found.groups, found.overall, metric, chosen.title, f"{chosen.title} ({unit})",
    may_be_chance(gap.difference), share=False,
)  # fmt: skip
charts.show(chart, f"{key_prefix} chart")

st.header("How far apart the groups are")
named = [(REGRESSION_METRICS[item.metric].title, item) for item in found.gaps]
st.dataframe(
    outcome_charts.gap_table(named, found.attributes, [g.name for g in found.groups]),
    hide_index=True,
    alt="Largest difference in every figure",
)
st.caption(
    "A difference of 0 or a ratio of 1 is parity; intervals allow for all pairs of groups. Errors "
    "are predicted minus true. Where a few large errors carry the root mean squared error or R², "
    "no interval of them is given: the sample can't say how far off they are. In small groups, or "
    "with no other groups to judge the tail by, such errors can go unnoticed; the median absolute "
    "error has an interval that holds for any."
)

st.header("A bound that no group may exceed")
st.markdown(
    "Bounded group loss asks that the mean absolute error of *every* group stay within a bound, "
    "rather than that groups be equal: nobody is helped by a group made worse."
)
bound = st.number_input(
    "Largest mean absolute error that is acceptable",
    min_value=0.0,
    value=None,
    placeholder="No bound",
    **session.lasting(f"{key_prefix} bound"),
)
if bound:
    verdict, worst, standing = bounded_loss(found, bound)
    text = f"With a bound of {bound:g}, {SAID[verdict]}. Worst group's error: "
    VERDICTS[verdict](session.literal(text + format_figure(worst) + "."))
    above = ", ".join(
        f"{label_of_name(found.attributes, name, standing)} ({said})"
        for name, said in standing.items()
        if said != "within"
    )
    st.caption(session.literal(above))
changed(repairs)
record = regression_json(found, bound or None)
if model is not None:
    record |= predicting_model(results.predicted(state, columns, model).fit, model)
download_figures(record, "amounts.json")
