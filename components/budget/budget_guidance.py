"""The guided choice: the smallest ε at which a question still has an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.app import session
from components.app.progress import follow
from components.widgets.charts import GREY, PALETTE, Chart, frame, show
from core.data.samples import SAMPLES
from core.errors import InputError
from core.learning.learners import LEARNERS
from core.privacy.guidance.guidance_epsilon import Question, smallest_epsilon
from core.privacy.guidance.guidance_questions import GapQuestion, MeanQuestion, ShareQuestion
from core.storage.canonical import key
from core.tradeoff.sweep.accuracy_guidance import (
    AccuracyQuestion,
    lost_accuracy,
    simulate,
    smallest_epsilon_for,
)

if TYPE_CHECKING:
    from core.privacy.guidance.guidance_epsilon import Answer
    from core.tradeoff.sweep.accuracy_guidance import LostAccuracy

KINDS = ("A share", "A mean", "A gap between two groups", "A model's accuracy")


def guidance(rows: int, audit: str) -> None:
    """Ask a question and show the smallest ε that answers it."""
    kind = st.selectbox(
        "What do you want to know?", KINDS, key=f"question {audit}", persist_state="session"
    )
    try:
        if kind == KINDS[3]:
            _accuracy(rows, audit)
        else:
            show(answered(smallest_epsilon(_asked(kind, rows, audit))), f"answer {audit}")
    except InputError as error:
        session.shown_error(error)


def _asked(kind: str, rows: int, audit: str) -> Question:
    place = f"{kind} {audit}"
    first, second, third = st.columns(3)
    if kind == KINDS[2]:
        gap = third.number_input("A gap of (points)", 0.1, 99.0, 10.0, key=f"gap {place}")
        sizes = [
            int(where.number_input(f"Rows of the {name} group", 1, 10**9, max(1, rows // 2),
                                   key=f"{name} {place}"))
            for where, name in ((first, "first"), (second, "second"))
        ]  # fmt: skip
        return GapQuestion(gap / 100, sizes[0], sizes[1])
    count = int(first.number_input("Of how many rows", 1, 10**9, rows, key=f"rows {place}"))
    if kind == KINDS[0]:
        points = second.number_input("Within ± (points)", 0.1, 50.0, 5.0, key=f"within {place}")
        share = third.number_input(
            "Share expected (%)", 0.0, 100.0, 50.0, key=f"share {place}", help="50 is the hardest."
        )
        return ShareQuestion(count, points / 100, share / 100)
    low = second.number_input("Lowest value", value=0.0, key=f"low {place}")
    high = third.number_input("Highest value", value=100.0, key=f"high {place}")
    within = st.number_input(
        "Within ± (units of the column)", value=2.0, key=f"within {place}",
        help="Bounds are what is publicly known of the column, such as 0 and 120 for an age.",
    )  # fmt: skip
    return MeanQuestion(count, low, high, within)


def answered(found: Answer) -> Chart:
    """Draw what each ε reaches, the wanted mark, and the smallest ε beyond it."""
    figure = go.Figure()
    figure.add_scatter(
        x=found.tried, y=found.reached, mode="lines+markers", name="rows and noise",
        line={"color": PALETTE[0]}, hovertemplate="ε = %{x:g}<br>%{y:.3g}<extra></extra>",
    )  # fmt: skip
    ends = [found.tried[0], found.tried[-1]]
    figure.add_scatter(
        x=ends, y=[found.without_noise] * 2, mode="lines", name="rows alone, no noise",
        line={"color": GREY, "dash": "dot"}, hovertemplate="%{y:.3g}<extra>no noise</extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=ends, y=[found.wanted] * 2, mode="lines", name="wanted",
        line={"color": PALETTE[1], "dash": "dash"}, hovertemplate="%{y:.3g}<extra>wanted</extra>",
    )  # fmt: skip
    figure.update_xaxes(title="ε, log scale (left: more private)", type="log", dtick=1)
    figure.update_yaxes(title="Error" if found.at_most else "Told", rangemode="tozero")
    table = pd.DataFrame(
        {"ε": found.tried, found.measure[0].upper() + found.measure[1:]: found.reached}
    )
    if found.epsilon is not None:
        title = f"ε = {found.epsilon:g} is the smallest of those tried at which this has an answer"
    else:
        title = f"No ε answers this: {found.reason}"
    notes = (
        f"Drawn: {found.measure}. Wanted: {'at most' if found.at_most else 'at least'} "
        f"{found.wanted:g}; rows alone reach {found.without_noise:.3g}.",
        "A simulation on synthetic rows with noise from a seed: your data are not looked at, and "
        "nothing is spent. It is for one release that is given this ε alone.",
    )
    return Chart(title, frame(figure, 340), table, notes)


def _accuracy(rows: int, audit: str) -> None:
    first, second, third = st.columns(3)
    private = [learner.name for learner in LEARNERS if learner.private]
    place = f"accuracy {audit}"
    learner = first.selectbox(
        "Private model", private, format_func=lambda name: LEARNERS[name].title,
        key=f"learner {place}",
    )  # fmt: skip
    samples = [s.name for s in SAMPLES if not s.roles.audits_existing_predictions]
    sample = second.selectbox(
        "Public sample to simulate on", samples, format_func=lambda name: SAMPLES[name].title,
        index=len(samples) - 1, key=f"sample {place}",
    )  # fmt: skip
    points = third.number_input("Within (points)", 0.1, 50.0, 1.0, key=f"within {place}")
    question = AccuracyQuestion(sample, learner, rows, points / 100)
    work = f"guidance {key('', question)}"
    st.caption(
        "Models are trained on the public sample, cut to as many rows as this table has; your "
        "rows are not looked at, and nothing is spent. It can take a minute or two."
    )
    started = session.remembered(f"started {work}", False)
    if not started and not st.button("Simulate", key=f"simulate {place}"):
        return
    session.remember(f"started {work}", True)
    found = follow(simulate(question), "Training on the public sample", work)
    lost = lost_accuracy(question, found or [])
    if lost:
        show(accuracy_lost(question, lost), f"lost {place}")


def accuracy_lost(question: AccuracyQuestion, lost: tuple[LostAccuracy, ...]) -> Chart:
    """Draw the accuracy lost at each ε, mean and range over the seeds."""
    points = [100 * item.mean for item in lost]
    figure = go.Figure(
        go.Scatter(
            x=[item.epsilon for item in lost], y=points, mode="lines+markers",
            name="lost, mean over seeds", line={"color": PALETTE[0]},
            error_y={
                "symmetric": False,
                "array": [100 * (item.high - item.mean) for item in lost],
                "arrayminus": [100 * (item.mean - item.low) for item in lost],
            },
            hovertemplate="ε = %{x:g}<br>%{y:.2f} points lost<extra></extra>",
        )
    )  # fmt: skip
    figure.add_scatter(
        x=[lost[0].epsilon, lost[-1].epsilon], y=[100 * question.within] * 2, mode="lines",
        name="wanted at most", line={"color": PALETTE[1], "dash": "dash"}, hoverinfo="skip",
    )  # fmt: skip
    figure.update_xaxes(title="ε, log scale (left: more private)", type="log", dtick=1)
    figure.update_yaxes(title="Accuracy lost (points)")
    table = pd.DataFrame(
        {
            "ε": [item.epsilon for item in lost],
            "Points lost (mean)": [f"{100 * item.mean:.2f}" for item in lost],
            "Range over seeds": [f"{100 * i.low:.2f} to {100 * i.high:.2f}" for i in lost],
        }
    )
    smallest = smallest_epsilon_for(question, lost)
    name = LEARNERS[question.learner].title
    asked = 100 * question.within
    points_wanted = f"{asked:g} point{'' if asked == 1 else 's'}"
    title = (
        f"{name} stays within {points_wanted} of its baseline from ε = "
        f"{smallest:g} on, on the public sample"
        if smallest is not None
        else f"{name} loses more than {points_wanted} at every ε tried, on the public sample"
    )
    notes = (
        f"{len(question.seeds)} seeds, each with another split and other noise; bars reach from "
        "the smallest to the largest. The answer is by the mean, so one training can lose more.",
    )
    return Chart(title, frame(figure, 340), table, notes)
