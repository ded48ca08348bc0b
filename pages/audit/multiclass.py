"""See how right predictions among any number of classes are, and for whom."""

import streamlit as st

from components.app import audit_head, results, session
from components.fairness import outcome_charts
from components.widgets import charts, fairness_view
from components.widgets.downloads import download_figures
from components.widgets.fairness_charts import by_group, may_be_chance
from components.widgets.outcome_picker import changed, outcome_columns
from components.widgets.pickers import pick_metric, pick_registered
from components.widgets.predicting_model import predicting_model
from core.fairness.assessment.class_record import classes_json
from core.fairness.assessment.multiclass import CLASS_RATES
from core.fairness.metrics.class_metrics import CLASS_METRICS
from core.fairness.metrics.metric_registry import METRICS

audit_head.heading("multiclass")
state = session.require(roles=False)
key_prefix = f"{state.id} multiclass"
columns, model = outcome_columns(state, session.table(state), key_prefix, amounts=False)
found, repairs = results.class_assessment(state, columns, model)

st.header("Over all classes")
st.caption(
    f"{found.overall.count:,} rows, {len(found.classes)} classes: "
    + session.literal(", ".join(found.classes))
    + ". Raw figures of these rows, not covered by any privacy guarantee."
    + fairness_view.persons_counted(found.overall)
)
metric = pick_metric(key_prefix, CLASS_METRICS.names(), CLASS_METRICS, "Figure")
chosen = CLASS_METRICS[metric]
gap = next(gap for gap in found.gaps if gap.metric == metric)
chart = by_group(
    found.groups, found.overall, metric, chosen.title, f"{chosen.title} (share, 0 to 1)",
    may_be_chance(gap.figure), share=True,
)  # fmt: skip
charts.show(chart, f"{key_prefix} chart")
with st.expander("How far apart the groups are in every figure"):
    named = [(CLASS_METRICS[item.metric].title, item) for item in found.gaps]
    st.table(
        outcome_charts.gap_table(named, found.attributes, [g.name for g in found.groups]).map(
            session.literal
        ),
        hide_index=True,
    )

st.header("Class by class")
label = "Figure of each class against all others"
rate = pick_registered(label, METRICS, CLASS_RATES, f"{key_prefix} rate")
st.caption(
    "One class counts as positive, all others together as negative (one versus rest). "
    + session.literal(METRICS[rate].sentence)
    + " The intervals hold for all classes together, so that the worst may be picked."
)
charts.show(outcome_charts.class_gaps(found, rate), f"{key_prefix} gaps")
label = st.selectbox("Class", found.classes, **session.lasting(f"{key_prefix} label"))
against = found.by_class[label]
alone = next(gap for gap in found.class_gaps if (gap.metric, gap.label) == (rate, label))
title = f"{METRICS[rate].title} of {label}"
chart = by_group(
    against.groups, against.overall, rate, title, f"{title} (share, 0 to 1)",
    may_be_chance(alone.figure), share=True,
)  # fmt: skip
charts.show(chart, f"{key_prefix} one class")
changed(repairs)
record = classes_json(found)
if model is not None:
    record |= predicting_model(results.predicted(state, columns, model).fit, model)
download_figures(record, "classes.json")
