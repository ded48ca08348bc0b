"""The budget page: what an ε means, and that judging it spends nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.audit_state.audit_ledger import cap_of, charges, ledger, set_budget
from core.audit_state.state import begin_sample, state_of_record
from core.privacy.accounting.budget import Budget
from core.storage.workspace import Workspace
from tests.pages.conftest import opened, ran, texts


def begun(workspace: Workspace, spent: float = 0.0) -> str:
    state = begin_sample(workspace, "german_credit")
    state = set_budget(workspace, state, Budget(2.0, 1e-5), state.domains)
    if spent:
        held = ledger(workspace, state)
        assert held is not None
        held.charge("a histogram", epsilon=spent, neighbouring="add-or-remove")
        held.charge("a mean", epsilon=spent, neighbouring="add-or-remove")
    return state.id


def judged(app: AppTest, panel: str) -> AppTest:
    app.segmented_control[0].set_value(panel)
    return ran(app)


@pytest.mark.parametrize(
    ("panel", "expected"),
    [
        ("What it does to a histogram", "Your rows are not looked at"),
        ("What others chose", "published uses chose an ε smaller than this cap"),
        ("Which ε is enough?", "is the smallest of those tried at which this has an answer"),
    ],
)
def test_every_way_of_judging_shows_its_finding_and_spends_nothing(
    workspace: Workspace, panel: str, expected: str
) -> None:
    audit = begun(workspace)
    app = judged(opened("budget", audit), panel)
    assert expected in texts(app).replace("\\", "")
    assert charges(workspace, state_of_record(workspace.open(audit))) == ()


def test_moving_the_slider_draws_the_same_stand_in_with_other_noise(workspace: Workspace) -> None:
    audit = begun(workspace)
    app = judged(opened("budget", audit), "What it does to a histogram")
    seen = []
    for value in (0.1, 1.0, 0.1):
        app.select_slider[0].set_value(value)
        ran(app)
        seen.append(next(m.value for m in app.markdown if "95 of 100" in m.value))
    assert seen[0] == seen[2] != seen[1]
    assert charges(workspace, state_of_record(workspace.open(audit))) == ()


def test_a_question_about_a_gap_is_answered(workspace: Workspace) -> None:
    app = judged(opened("budget", begun(workspace)), "Which ε is enough?")
    question = next(s for s in app.selectbox if s.label == "What do you want to know?")
    question.set_value("A gap between two groups")
    ran(app)
    assert "has an answer" in texts(app).replace("\\", "")
    gap = next(n for n in app.number_input if n.label.startswith("A gap of"))
    gap.set_value(1.0)
    ran(app)
    assert "too few even without noise" in texts(app).replace("\\", "")


def test_mistyped_bounds_of_a_mean_are_a_sentence(workspace: Workspace) -> None:
    app = judged(opened("budget", begun(workspace)), "Which ε is enough?")
    next(s for s in app.selectbox if s.label == "What do you want to know?").set_value("A mean")
    ran(app)
    next(n for n in app.number_input if n.label == "Lowest value").set_value(200.0)
    ran(app)
    assert "the lower bound comes first" in app.error[0].value.replace("\\", "")


def test_a_reason_is_asked_only_where_a_cap_is_raised_after_spending(workspace: Workspace) -> None:
    fresh = opened("budget", begun(workspace))
    fresh.number_input[0].set_value(5.0)
    assert not [t for t in ran(fresh).text_input if "Reason" in t.label]
    audit = begun(workspace, spent=0.5)
    app = opened("budget", audit)
    assert not [t for t in app.text_input if "Reason" in t.label]
    app.number_input[0].set_value(1.5)
    assert not [t for t in ran(app).text_input if "Reason" in t.label]
    app.number_input[0].set_value(5.0)
    (reason,) = [t for t in ran(app).text_input if "Reason" in t.label]
    reason.set_value("the board agreed")
    ran(app)
    next(b for b in app.button if b.label == "Save budget").click()
    ran(app)
    assert not app.error
    cap = cap_of(workspace, state_of_record(workspace.open(audit)))
    assert cap == Budget(5.0, 1e-5)


def test_the_ledger_says_what_is_shared_and_what_it_comes_to(workspace: Workspace) -> None:
    shown = texts(opened("budget", begun(workspace, spent=0.5))).replace("\\", "")
    assert "share one ledger" in shown
    assert "come to ε = 1 at δ = 0 (Basic)" in shown


def test_belief_is_never_rounded_up_to_certainty(workspace: Workspace) -> None:
    state = state_of_record(workspace.open(begun(workspace)))
    set_budget(workspace, state, Budget(8.0, 1e-5), state.domains)
    text = texts(opened("budget", replace(state).id))
    assert "to at most 99.97%" in text


def test_an_accuracy_is_simulated_on_a_public_sample_and_spends_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.tradeoff.sweep.accuracy_guidance.EPSILONS", (0.5, 8.0))
    audit = begun(workspace)
    app = judged(opened("budget", audit), "Which ε is enough?")
    question = next(s for s in app.selectbox if s.label == "What do you want to know?")
    question.set_value("A model's accuracy")
    ran(app)
    sample = next(s for s in app.selectbox if s.label.startswith("Public sample"))
    sample.set_value("heart_disease")
    ran(app)
    next(b for b in app.button if b.label == "Simulate").click()
    ran(app)
    assert "on the public sample" in texts(app).replace("\\", "")
    assert charges(workspace, state_of_record(workspace.open(audit))) == ()
