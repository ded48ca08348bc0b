"""Take the evidence with you."""

from base64 import b64encode

import streamlit as st

from components.app import asking, audit_head, results, session
from components.overview.verdict_view import findings_in_full, findings_list
from components.widgets.coverage_label import coverage_label
from core.audit_state.results import model_results as kept
from core.audit_state.results.report_people import COUNT, report_people
from core.explanation.attribution.explain import PersonExplanation
from core.training.rows_told import judging_rows

audit_head.heading("report")
state = session.require()
trained = session.require_decisions(state)
workspace, dataset = session.workspace(), session.dataset(state)
explained = None
people: tuple[PersonExplanation, ...] = ()
if trained is not None:
    model = trained
    explained = kept.load_global_explanation(workspace, state, trained) or asking.follow(
        state,
        lambda place: kept.load_or_explain_globally(place, state, dataset, model),
        f"Explaining {judging_rows(trained.spec)} for the report",
        f"global {state.id} {session.decisions_key(state)}",
    )
    if kept.load_global_explanation(workspace, state, trained) is None:
        st.caption("The report is written when the explanations are finished.")
        st.stop()
    made = asking.compute(
        state,
        lambda place: tuple(
            kept.load_or_explain_person(place, state, dataset, model, position)
            for position in report_people(model)
        ),
        f"Explaining {COUNT} people for the report",
        f"people of the report {state.id} {session.decisions_key(state)}",
    )
    if made is None:
        st.caption("The report is written when the explanations are finished.")
        st.stop()
    people = made
report = results.report(state, explained, people)
st.header("Findings")
findings_list(report.findings)
findings_in_full(report.findings)
left, middle, right = st.columns(3)
name = f"equipoise-{state.id}"
left.download_button(
    "Download the report (HTML)", report.html, f"{name}.html", "text/html", type="primary",
    help="One file, charts inside; it opens without a network.", width="stretch",
)  # fmt: skip
middle.download_button(
    "Download the same as JSON", report.json, f"{name}.json", "application/json",
    width="stretch",
)  # fmt: skip
right.download_button(
    f"Download a {'model' if trained is not None else 'decision'} card", report.card,
    f"{name}.md", "text/markdown", width="stretch",
    help="Markdown with the front matter that the Hugging Face Hub reads. It says “Not told” of "
    "the intended use: write that in.",
)  # fmt: skip
st.header("Preview")
coverage_label("report", state)
# Behind an address of its own kind the preview has no access to the app, whatever it holds.
encoded = b64encode(report.html.encode()).decode()
st.iframe(f"data:text/html;charset=utf-8;base64,{encoded}", height=900, alt="The report")
