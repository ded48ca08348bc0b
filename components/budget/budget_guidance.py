"""The guided choice: the smallest ε at which a question still has an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.app import session
from components.app.progress import follow
from components.widgets.charts import GREY, PALETTE, Chart, frame, line, show, whiskers
from components.widgets.pickers import pick_registered
from core.data.samples import SAMPLES
from core.fairness.metrics.assessment import Figure
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
    kind = st.selectbox("What do you want to know?", KINDS, **session.lasting(f"question {audit}"))
    with session.refusal_shown():
        if kind == KINDS[3]:
            _accuracy(rows, audit)
        else:
            show(answered(smallest_epsilon(_asked(kind, rows, audit))), f"answer {audit}")


def _asked(kind: str, rows: int, audit: str) -> Question:
    key_prefix = f"{kind} {audit}"
    first, second, third = st.columns(3)
    if kind == KINDS[2]:
        gap = third.number_input("A gap of (points)", 0.1, 99.0, 10.0, key=f"gap {key_prefix}")
        sizes = [
            int(where.number_input(f"Rows of the {name} group", 1, 10**9, max(1, rows // 2),
                                   key=f"{name} {key_prefix}"))
            for where, name in ((first, "first"), (second, "second"))
        ]  # fmt: skip
        return GapQuestion(gap / 100, sizes[0], sizes[1])
    count = int(first.number_input("Of how many rows", 1, 10**9, rows, key=f"rows {key_prefix}"))
    if kind == KINDS[0]:
        points = second.number_input(
            "Within ± (points)", 0.1, 50.0, 5.0, key=f"within {key_prefix}"
        )
        share = third.number_input(
            "Share expected (%)",
            0.0,
            100.0,
            50.0,
            key=f"share {key_prefix}",
            help="50 is the hardest.",
        )
        return ShareQuestion(count, points / 100, share / 100)
    low = second.number_input("Lowest value", value=0.0, key=f"low {key_prefix}")
    high = third.number_input("Highest value", value=100.0, key=f"high {key_prefix}")
    within = st.number_input(
        "Within ± (units of the column)", value=2.0, key=f"within {key_prefix}",
        help="Bounds are what is publicly known of the column, such as 0 and 120 for an age.",
    )  # fmt: skip
    return MeanQuestion(count, low, high, within)


def answered(found: Answer) -> Chart:
    """Draw what each ε reaches, the wanted mark, and the smallest ε beyond it."""
    ends = [found.tried[0], found.tried[-1]]
    figure = go.Figure(
        [
            line(found.tried, found.reached, "rows and noise", PALETTE[0],
                 "ε = %{x:g}<br>%{y:.3g}", mode="lines+markers"),
            line(ends, [found.without_noise] * 2, "rows alone, no noise", GREY,
                 "no noise: %{y:.3g}", dash="dot"),
            line(ends, [found.wanted] * 2, "wanted", PALETTE[1], "wanted: %{y:.3g}", dash="dash"),
        ]
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
    key_prefix = f"accuracy {audit}"
    learner = pick_registered(
        "Private model", LEARNERS, private, f"learner {key_prefix}", where=first
    )
    samples = [s.name for s in SAMPLES if not s.roles.audits_existing_predictions]
    sample = pick_registered(
        "Public sample to simulate on", SAMPLES, samples, f"sample {key_prefix}",
        first=samples[-1], where=second,
    )  # fmt: skip
    points = third.number_input("Within (points)", 0.1, 50.0, 1.0, key=f"within {key_prefix}")
    question = AccuracyQuestion(sample, learner, rows, points / 100)
    work = f"guidance {key('', question)}"
    st.caption(
        "Models are trained on the public sample, cut to as many rows as this table has; your "
        "rows are not looked at, and nothing is spent. It can take a minute or two."
    )
    started = session.remembered(f"started {work}", False)
    if not started and not st.button("Simulate", key=f"simulate {key_prefix}"):
        return
    session.remember(f"started {work}", True)
    found = follow(simulate(question), "Training on the public sample", work)
    lost = lost_accuracy(question, found or [])
    if lost:
        show(accuracy_lost(question, lost), f"lost {key_prefix}")


def accuracy_lost(question: AccuracyQuestion, lost: tuple[LostAccuracy, ...]) -> Chart:
    """Draw the accuracy lost at each ε, mean and range over the seeds."""
    epsilons = [item.epsilon for item in lost]
    points = [Figure(100 * item.mean, 100 * item.low, 100 * item.high) for item in lost]
    figure = go.Figure(
        [
            line(epsilons, [item.estimate for item in points], "lost, mean over seeds", PALETTE[0],
                 "ε = %{x:g}<br>%{y:.2f} points lost", mode="lines+markers",
                 error_y=whiskers(points)),
            line([epsilons[0], epsilons[-1]], [100 * question.within] * 2, "wanted at most",
                 PALETTE[1], dash="dash"),
        ]
    )  # fmt: skip
    figure.update_xaxes(title="ε, log scale (left: more private)", type="log", dtick=1)
    figure.update_yaxes(title="Accuracy lost (points)")
    table = pd.DataFrame(
        {
            "ε": epsilons,
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
