"""See who is treated how, and how sure that is."""

import json

import streamlit as st

from components import charts, session, steps, verdict
from components.fairness_charts import metric_by_group
from components.tables import SHOWN, disparity_table, group_table, written
from core.fairness.disparities import DISPARITIES
from core.fairness.four_fifths import DEFINITION
from core.fairness.metrics import METRICS
from core.fairness.record import to_json
from core.privacy.promise import promise_of

BOX = {"passes": st.success, "fails": st.error, "unclear": st.warning, "undefined": st.warning}

steps.heading("fairness")
progress = session.require()
roles = progress.roles
trained = session.require_decisions(progress)
place = f"{progress.id} fairness"
kept = [name for name in session.remembered(place, ()) if name in roles.sensitive]
chosen = st.multiselect(
    "Compare people by",
    roles.sensitive,
    default=kept or roles.sensitive[:1],
    help="Sensitive attributes. With two or more, groups are their combinations: Female · Black.",
)
session.remember(place, chosen)
if not chosen:
    st.info("Choose at least one attribute to compare people by.")
    st.stop()
combination = tuple(name for name in roles.sensitive if name in chosen)
found = session.assessments(progress, [combination])[combination]

summary = (
    f"{found.four_fifths.sentence} {verdict.largest_gap(found)} "
    f"{verdict.rows_judged(found, trained=trained is not None)}"
)
BOX[found.four_fifths.verdict](session.literal(summary), icon=":material/balance:")
st.caption(session.literal(verdict.positive_decision(roles)))
if promise_of(trained).epsilon is not None:
    st.warning(
        "These figures are computed from raw rows and are **not covered by the privacy promise** "
        "of the model. Keep them within the team that may see the data."
    )

st.subheader("Who is treated how")
metric = st.selectbox(
    "Metric", METRICS.names(), format_func=lambda name: METRICS[name].title, key=f"{place} metric"
)
st.caption(session.literal(METRICS[metric].sentence))
charts.show(metric_by_group(found, metric), f"{place} chart")

st.subheader("All groups")
st.dataframe(
    group_table(found),
    hide_index=True,
    alt="Figures of every group",
    column_config={"Group": st.column_config.TextColumn(width="medium")},
)
small = verdict.too_small(found)
if small:
    st.warning(session.literal(small))
st.caption("Each cell is the figure and, in brackets, its 95 % interval: the range that fits the "
           "data, wide where a group is small.")  # fmt: skip
with st.expander("What these figures mean"):
    st.markdown("\n".join(f"- {session.literal(METRICS[name].sentence)}" for name in SHOWN))

st.subheader("How far apart the groups are")
st.table(disparity_table(found).map(session.literal), hide_index=True)
st.caption(
    "A difference of 0 or a ratio of 1 is parity. “May be chance”: the 95 % interval holds parity. "
    "“Surely”: it doesn't; the number says how far from parity the gap is at the least."
)
with st.expander("What these comparisons mean"):
    st.markdown("\n".join(f"- {session.literal(item.sentence)}" for item in DISPARITIES))

st.subheader("The four-fifths rule")
st.markdown(session.literal(DEFINITION.sentence))
st.markdown(f"**{session.literal(found.four_fifths.sentence)}**")
st.caption(
    f"Ratio: {session.literal(written(found.four_fifths.ratio))}. This is a rule of thumb from "
    "United States hiring law: what it finds is a reason to look closer, not a legal verdict."
)
st.download_button(
    "Download these figures (JSON)",
    json.dumps(to_json(found), allow_nan=False, ensure_ascii=False, indent=2),
    file_name="fairness.json",
    mime="application/json",
)
steps.next_step("fairness", progress)
