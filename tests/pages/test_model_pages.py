"""Budget, training, explanations and report under AppTest."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.audit_state.audit_ledger import charges
from core.audit_state.audit_models import load_model, train_audited_model
from core.audit_state.state import (
    AuditState,
    begin_bytes,
    begin_sample,
    read_table,
    save,
    state_of_record,
)
from core.privacy.accounting.budget import Budget
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.core.worlds import DOMAINS, frame
from tests.pages.conftest import agree, opened, ran, texts

BUDGET = Budget(1.0, 1e-5)
QUARTER = TrainingSpec("dp_logistic_regression", epsilon=0.25, delta=0.0, domains=DOMAINS)


def uploaded(workspace: Workspace) -> AuditState:
    """Begin an audit of an uploaded table, roles assigned."""
    from core.data.assign import default_roles

    state = begin_bytes(workspace, frame(500).to_csv(index=False).encode(), "world.csv")
    table = read_table(workspace, state)
    roles = default_roles(table, "paid", "yes", ("sex",))[0]
    return save(workspace, replace(state, roles=roles))


def trained(workspace: Workspace, state: AuditState, spec: TrainingSpec) -> AuditState:
    from core.data.assign import assign

    assert state.roles is not None
    data = assign(read_table(workspace, state), state.roles)
    train_audited_model(workspace, state, data, spec)
    return state_of_record(workspace.open(state.id))


def button(app: AppTest, label: str) -> AppTest:
    found = [item for item in app.button if item.label == label]
    assert len(found) == 1, [item.label for item in app.button]
    found[0].click()
    return ran(app)


def test_a_budget_with_declared_bounds_is_saved(workspace: Workspace) -> None:
    state = begin_sample(workspace, "german_credit")
    app = opened("budget", state.id)
    app.radio[0].set_value("Yes")
    ran(app)
    assert "from 50% to at most 73%" in texts(app)  # e / (1 + e)
    app.number_input[0].set_value(0.5)
    ran(app)
    button(app, "Save budget")
    after = state_of_record(workspace.open(state.id))
    assert after.budget == Budget(0.5, 1e-6)
    assert after.domains is not None
    assert {d.name for d in after.domains.items} == set(after.roles.features)  # type: ignore[union-attr]


def test_undeclared_bounds_are_named_and_nothing_is_saved(workspace: Workspace) -> None:
    state = uploaded(workspace)
    app = opened("budget", state.id)
    app.radio[0].set_value("Yes")
    ran(app)
    app.radio[2].set_value("Declared from public knowledge")
    ran(app)
    button(app, "Save budget")
    assert "column 'income': its bounds are not declared yet" in app.error[0].value.replace(
        "\\", ""
    )
    assert state_of_record(workspace.open(state.id)).budget is None


def test_training_shows_figures_and_keeps_the_model(workspace: Workspace) -> None:
    state = uploaded(workspace)
    app = opened("train", state.id)
    assert "Performance on test rows" not in texts(app)
    button(app, "Train")
    assert "Performance on test rows" in texts(app)
    assert "No privacy guarantee is given" in texts(app).replace("\\", "")
    assert "Logistic regression, no mitigation, seed 0" in texts(app).replace("\\", "")
    after = state_of_record(workspace.open(state.id))
    assert after.training == TrainingSpec("logistic_regression")


def test_the_same_private_choice_again_costs_nothing(workspace: Workspace) -> None:
    state = save(workspace, replace(uploaded(workspace), budget=BUDGET, domains=DOMAINS))
    app = opened("train", state.id)
    agree(app)
    button(app, "Train")
    after = state_of_record(workspace.open(state.id))
    assert after.training is not None
    assert [c.epsilon for c in charges(workspace, after)] == [0.25]
    assert "trained already" in texts(app)
    button(app, "Train")
    assert len(charges(workspace, after)) == 1
    assert "Model, mitigation, ε and seed may have been chosen" in texts(app)
    assert "not covered by the privacy guarantee" in texts(app)


def test_one_click_spends_nothing_and_a_quarter_is_offered(workspace: Workspace) -> None:
    state = save(workspace, replace(uploaded(workspace), budget=BUDGET, domains=DOMAINS))
    app = opened("train", state.id)
    assert app.number_input[0].value == 0.25
    (train,) = [item for item in app.button if item.label == "Train"]
    assert train.disabled
    shown = texts(app).replace("\\", "")
    assert "This run spends ε = 0.25" in shown
    assert "and leaves ε = 0.75 (in all then ε = 0.25 of the cap ε = 1)" in shown
    assert charges(workspace, state) == ()
    agree(app)
    # A yes is for one sum: another one has to be agreed to again.
    app.number_input[0].set_value(0.5)
    ran(app)
    assert next(item for item in app.button if item.label == "Train").disabled
    assert "leaves ε = 0.5" in texts(app).replace("\\", "")
    # The whole can still be spent by whoever asks for it, and no more.
    app.number_input[0].set_value(1.0)
    ran(app)
    assert "leaves ε = 0 " in texts(app).replace("\\", "")
    app.number_input[0].set_value(1.001)
    ran(app)
    assert "the cap does not cover" in app.error[0].value.replace("\\", "")
    assert next(item for item in app.button if item.label == "Train").disabled
    assert charges(workspace, state) == ()


def test_a_run_that_died_after_its_charge_is_offered_at_no_cost(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.data.assign import assign

    state = save(workspace, replace(uploaded(workspace), budget=BUDGET, domains=DOMAINS))
    spec = QUARTER
    data = assign(read_table(workspace, state), state.roles)  # type: ignore[arg-type]
    with monkeypatch.context() as patch:
        patch.setattr(Workspace, "put_model", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            train_audited_model(workspace, state, data, spec)
    spent = charges(workspace, state)
    assert sum(charge.epsilon for charge in spent) == pytest.approx(0.25)
    app = opened("train", state.id)
    assert "charged before and did not come to its end" in texts(app)
    button(app, "Finish it")
    assert "did not come to its end" not in texts(app)
    assert "Performance on test rows" in texts(app)
    assert charges(workspace, state) == spent


def test_a_paid_model_opens_with_other_versions_of_libraries(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.storage import signed_pickle

    state = save(workspace, replace(uploaded(workspace), budget=BUDGET, domains=DOMAINS))
    state = trained(workspace, state, QUARTER)
    spent, here = charges(workspace, state), signed_pickle._versions()
    monkeypatch.setattr(signed_pickle, "_versions", lambda: here | {"numpy": "99.0"})
    st.cache_resource.clear()
    app = opened("train", state.id)
    assert not app.error
    assert "Performance on test rows" in texts(app)
    assert charges(workspace, state) == spent


def test_a_paid_model_that_cannot_be_opened_is_told_and_never_paid_for_again(
    workspace: Workspace,
) -> None:
    from core.storage import signed_pickle

    state = save(workspace, replace(uploaded(workspace), budget=BUDGET, domains=DOMAINS))
    state = trained(workspace, state, QUARTER)
    spent = charges(workspace, state)
    (path,) = workspace.path_in(state.id, "models").glob("*")
    kept = path.read_bytes()
    # Of a class that no version has recorded.
    path.write_bytes(
        signed_pickle.sign_pickle(
            signed_pickle.secret(workspace.root), (state.id, path.stem), Fraction(1, 2)
        )
    )
    st.cache_resource.clear()
    for page in ("train", "fairness", "release"):
        app = opened(page, state.id)
        shown = " ".join(str(item.value) for item in app.error).replace("\\", "")
        assert "and this version of Equipoise holds other classes" in shown
        assert "would be charged again" in shown
    app = opened("train", state.id)
    button(app, "Train")
    assert "it was written by" in " ".join(str(e.value) for e in app.error).replace("\\", "")
    assert charges(workspace, state) == spent
    path.write_bytes(kept)
    st.cache_resource.clear()
    assert "Performance on test rows" in texts(opened("train", state.id))


def test_an_ordinary_model_of_other_versions_is_told_and_trained_again_at_no_cost(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.storage import signed_pickle

    state = trained(workspace, uploaded(workspace), TrainingSpec("logistic_regression"))
    here = signed_pickle._versions()
    monkeypatch.setattr(signed_pickle, "_versions", lambda: here | {"scikit-learn": "99.0"})
    st.cache_resource.clear()
    for page in ("train", "fairness"):
        shown = texts(opened(page, state.id)).replace("\\", "")
        assert f"it was written by scikit-learn {here['scikit-learn']}" in shown
        assert "Training it again costs nothing" in shown
    app = opened("train", state.id)
    button(app, "Train")
    assert "Performance on test rows" in texts(app)
    assert "it was written by" not in texts(app)


def test_an_overspent_budget_is_refused_and_the_model_before_is_kept(
    workspace: Workspace,
) -> None:
    state = save(workspace, replace(uploaded(workspace), budget=BUDGET, domains=DOMAINS))
    app = opened("train", state.id)
    app.number_input[0].set_value(1.0)
    ran(app)
    agree(app)
    button(app, "Train")
    before = state_of_record(workspace.open(state.id)).training
    app.number_input[0].set_value(0.5)
    ran(app)
    assert "of the cap" in app.error[0].value.replace("\\", "")
    assert next(item for item in app.button if item.label == "Train").disabled
    assert state_of_record(workspace.open(state.id)).training == before
    assert sum(charge.epsilon for charge in charges(workspace, state)) == 1.0


def test_a_model_of_other_roles_is_not_shown(workspace: Workspace) -> None:
    state = trained(workspace, uploaded(workspace), TrainingSpec("logistic_regression"))
    assert state.roles is not None
    save(workspace, replace(state, roles=replace(state.roles, positive_label="no")))
    assert "train a model first" in texts(opened("fairness", state.id))
    assert "train a model first" in texts(opened("explanations", state.id))
    assert "train a model first" in texts(opened("report", state.id))


@pytest.mark.parametrize("learner", ["logistic_regression", "gradient_boosting"])
def test_explanations_of_a_model_and_of_a_person(workspace: Workspace, learner: str) -> None:
    state = trained(workspace, uploaded(workspace), TrainingSpec(learner))
    app = opened("explanations", state.id)
    shown = texts(app).replace("\\", "")
    assert "income" in shown
    assert "of what moves the scores" in shown
    assert "LIME: mean of 5 fresh runs" in shown
    people = {}
    for way in ("Lowest score", "Middle score", "Highest score"):
        next(s for s in app.selectbox if s.label == "Which person?").set_value(way)
        ran(app)
        line = next(item.value for item in app.markdown if item.value.startswith("Row "))
        people[way] = float(line.split("**")[1])
    assert people["Lowest score"] < people["Middle score"] < people["Highest score"]
    next(s for s in app.selectbox if s.label == "Which person?").set_value("Row number")
    ran(app)
    next(n for n in app.number_input if n.label.startswith("Row number")).set_value(499_999)
    ran(app)
    assert "it isn't a test row" in app.error[0].value.replace("\\", "")


def test_a_report_is_made_and_the_explanations_are_kept(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = trained(workspace, uploaded(workspace), TrainingSpec("gradient_boosting"))
    app = opened("report", state.id)
    assert "Findings" in texts(app)
    assert [item.proto.label for item in app.get("download_button")] == [
        "Download the report (HTML)",
        "Download the same as JSON",
        "Download a model card",
    ]

    def never(*args: object, **kwargs: object) -> None:
        raise AssertionError("explained again")

    monkeypatch.setattr("core.audit_state.results.model_results.explain_person", never)
    monkeypatch.setattr("core.audit_state.results.model_results.explain_globally", never)
    assert "Findings" in texts(opened("report", state.id))


@pytest.mark.parametrize("path", ["budget", "train", "explanations", "tradeoffs"])
def test_pages_about_models_say_that_existing_predictions_have_none(
    workspace: Workspace, path: str
) -> None:
    state = begin_sample(workspace, "compas")
    assert "existing predictions" in texts(opened(path, state.id)).lower()


def test_the_report_of_existing_predictions_needs_no_model(workspace: Workspace) -> None:
    state = begin_sample(workspace, "compas")
    app = opened("report", state.id)
    assert "Four-fifths rule fails for race" in texts(app).replace("\\", "")


def test_a_tampered_model_is_not_opened(workspace: Workspace) -> None:
    state = trained(workspace, uploaded(workspace), TrainingSpec("logistic_regression"))
    files = [p for p in workspace.root.rglob("*") if p.is_file() and "models" in p.parts]
    assert files
    for path in files:
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert "train a model first" in texts(opened("fairness", state.id))


def test_names_with_markup_are_shown_as_text(workspace: Workspace) -> None:
    data = frame(300).rename(columns={"city": "<b>city</b> **x**", "sex": "$sex$"})
    state = begin_bytes(workspace, data.to_csv(index=False).encode(), "<img src=x>.csv")
    from core.data.assign import default_roles

    roles = default_roles(read_table(workspace, state), "paid", "yes", ("$sex$",))[0]
    state = trained(
        workspace,
        save(workspace, replace(state, roles=roles)),
        TrainingSpec("logistic_regression"),
    )
    for path in ("roles", "fairness", "explanations", "report"):
        app = opened(path, state.id)
        for item in app.markdown:
            assert "<b>city</b>" not in item.value
            assert not item.allow_html


def test_a_cap_below_what_is_spent_is_refused_and_the_ledger_stays(workspace: Workspace) -> None:
    state = save(workspace, replace(uploaded(workspace), budget=BUDGET, domains=DOMAINS))
    state = trained(
        workspace,
        state,
        TrainingSpec("dp_binned_regression", epsilon=1.0, delta=1e-5, domains=DOMAINS),
    )
    app = opened("budget", state.id)
    app.number_input[0].set_value(0.5)
    ran(app)
    button(app, "Save budget")
    assert "are spent already" in app.error[0].value.replace("\\", "")
    assert state_of_record(workspace.open(state.id)).budget == Budget(1.0, 1e-5)
    app.radio[0].set_value("No")
    ran(app)
    button(app, "Save: no privacy guarantee")
    assert "stay spent" in texts(opened("budget", state.id))
    # The private model is still the audited one, and the page says that it no longer fits.
    assert "before the privacy budget was changed" in texts(opened("train", state.id))


def test_what_a_mitigation_changed_is_shown_and_adds_up(workspace: Workspace) -> None:
    from core.audit_state.results.effect_results import effect_of
    from core.data.assign import assign
    from core.training.training import train

    state = trained(
        workspace,
        uploaded(workspace),
        TrainingSpec("logistic_regression", "threshold_optimizer", "sex"),
    )
    assert state.roles is not None
    assert state.training is not None
    data = assign(read_table(workspace, state), state.roles)
    model = load_model(workspace, state, data, state.training)
    assert model is not None
    found = effect_of(workspace, state, data, model)
    assert found is not None
    plain = train(data, replace(state.training, mitigation="none", mitigate_for=None))
    moved = int((plain.decisions != model.decisions).sum())
    assert sum(found.everyone.gained) + sum(found.everyone.lost) == moved > 0
    app = opened("train", state.id)
    assert f"{moved} of {len(model.decisions)} decisions changed" in texts(app).replace("\\", "")
    assert effect_of(workspace, state, data, plain) is None
