"""See whether similar people get the same decision, and whose would flip in another group."""

import streamlit as st

from components.app import asking, audit_head, session, steps
from components.app.progress import follow
from components.fairness import individual_view
from components.widgets import charts
from components.widgets.coverage_label import coverage_label
from components.widgets.judged_columns import judged, table_columns
from core.explanation.counterfactual.sensitive_flips import model_flips
from core.fairness.what_if.individual import consistency_steps
from core.training.randomised import is_randomised

audit_head.heading("individuals")
state = session.require()
trained = session.require_decisions(state)
dataset = session.dataset(state)
rows = judged(dataset, trained, table_columns(session.table(state), dataset))
coverage_label("individuals", state)
key_prefix = f"{state.id} individuals {session.decisions_key(state)}"
attribute = st.selectbox(
    "Compare people by", dataset.roles.sensitive, **session.lasting(f"{key_prefix} by")
)

st.header("Are similar people treated alike?")
similar = st.multiselect(
    "Similar in",
    list(rows.columns),
    default=individual_view.similar_by_default(
        rows.columns, dataset.roles, rows.decisions, rows.target
    ),
    **session.lasting(f"{key_prefix} similar"),
    help="Numbers count in standard deviations; of text, the same or not. Sensitive columns are "
    "left out at first; of existing predictions, so are columns that give the decision or the true "
    "outcome away.",
)
left, right = st.columns(2)
neighbours = left.number_input(
    "Neighbours", 1, 100, 5, **session.lasting(f"{key_prefix} neighbours"),
    help="So many of the most similar people are looked up for each person.",
)  # fmt: skip
most = right.selectbox(
    "Rows looked up at most", [1000, 5000, 20000], index=1, format_func=lambda n: f"{n:,}",
    **session.lasting(f"{key_prefix} most"),
)  # fmt: skip
st.caption(
    "Consistency: 1 less how far a decision is, on average, from the decisions of the most similar "
    "people; 1 means that like people are always treated alike. It says nothing on whether the "
    "decisions are right: deciding against everyone has a consistency of 1. Every row counts once "
    "on this page, whatever its weight."
)
if similar:
    asked = f"{key_prefix} {similar} {neighbours} {most} {attribute}"
    found = follow(
        consistency_steps(
            rows.columns[similar], rows.decisions, neighbours=int(neighbours),
            groups=rows.sensitive[attribute].tolist(), most_rows=most, persons=rows.persons,
        ),
        "Looking similar people up",
        asked,
    )  # fmt: skip
    if found is not None:
        charts.show(
            individual_view.consistency_chart(found, attribute), f"{key_prefix} consistency chart"
        )
else:
    st.info("Choose at least one column to tell similar people by.")

st.header("Whose decision would flip in another group?")
st.caption(
    "Counterfactual flip rate: only the sensitive attribute of each person is changed, all else "
    "stays, and the model decides again. In truth much else would differ too, so few flips are no "
    "proof of fairness; many are a sign that the attribute itself decides."
)
if trained is None:
    st.info(
        "Not possible here: these are existing predictions, and without the model that made them "
        "nobody can be decided again."
    )
else:
    model = trained
    flips = asking.follow(
        state,
        lambda _: model_flips(dataset, model, attribute),
        "Deciding again",
        f"{key_prefix} {attribute}",
    )
    if flips is not None:
        decision = f"“{dataset.decision_labels.told(True)}”"
        charts.show(individual_view.flips_chart(flips, decision), f"{key_prefix} flips chart")
    if flips is not None and flips.pairs and is_randomised(dataset, trained):
        st.caption(
            "This model is partly randomised. A changed person may get another draw, so that some "
            "flips come from chance alone."
        )
steps.next_step("individuals", state)
