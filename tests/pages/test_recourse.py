"""The page on what would change a decision, checked by deciding the changed people again."""

from __future__ import annotations

import pytest

from core.audit_state import audit_models
from core.audit_state import state as steps
from core.audit_state.state import load_audit as opened_audit
from core.data.assign import assign
from core.data.samples import load_sample
from core.training.spec import TrainingSpec
from tests.pages.conftest import opened, ran, texts
from tests.pages.test_fairness import frame_with, trained_german


@pytest.fixture
def german(workspace):
    return trained_german(workspace)


def model_of(workspace, audit):
    state = opened_audit(workspace, audit)
    dataset = assign(load_sample("german_credit"), state.roles)
    return dataset, audit_models.load_model(workspace, state, dataset, state.training)


def test_each_set_of_changes_flips_the_decision(workspace, german):
    app = opened("recourse", german)
    app.selectbox[1].select("Lowest score")
    ran(app)
    dataset, trained = model_of(workspace, german)
    row = trained.split.test[trained.scores.argmin()]
    table = frame_with(app, "Share as unusual")
    assert set(table["Set"]) == {1, 2, 3}
    for _, changes in table.groupby("Set"):
        person = dataset.features.iloc[[row]].reset_index(drop=True)
        for feature, before, after in changes[["Feature", "From", "To"]].itertuples(index=False):
            number = person[feature].dtype.kind == "f"
            own = person.loc[0, feature]
            assert own == (float(before.replace(",", "")) if number else before)
            person.loc[0, feature] = float(after.replace(",", "")) if number else after
        score = trained.decider.predict_score(person)[0]
        assert score >= 0.5
        assert round(score, 3) == changes["New score"].iloc[0]
    assert "would gain the favourable decision" in texts(app)


def test_a_frozen_feature_stays_and_a_contradiction_is_named(workspace, german):
    app = opened("recourse", german)
    used = frame_with(app, "Share as unusual")["Feature"].iloc[0]
    app.multiselect[0].set_value([used])
    ran(app)
    assert used not in set(frame_with(app, "Share as unusual")["Feature"])
    app.multiselect[0].set_value(list(app.multiselect[0].options))
    ran(app)
    assert "Nothing may change" in texts(app).replace("\\", "")
    app.multiselect[1].set_value(["credit_amount"])
    ran(app)
    assert "more than one of frozen" in texts(app).replace("\\", "")


def test_recourse_of_groups_and_flips_with_proxies(workspace, german):
    app = opened("recourse", german)
    app.number_input[1].set_value(10)
    ran(app)
    next(b for b in app.button if b.label.startswith("Search for")).click()
    ran(app)
    table = frame_with(app, "Decided unfavourably").set_index("Group")
    dataset, trained = model_of(workspace, german)
    sex = dataset.sensitive["sex"].to_numpy(dtype=object)[trained.split.test]
    for group in ("male", "female"):
        against = int((~trained.decisions & (sex == group)).sum())
        assert table.loc[group, "Decided unfavourably"] == against
        assert table.loc[group, "Searched for"] == min(10, against)
    app.multiselect[3].set_value(["employment_since"])
    ran(app)
    assert "would flip if sex and its proxies" in texts(app).replace("\\", "")
    assert len(frame_with(app, "Decided as typical")) == 2


def test_existing_predictions_have_no_counterfactuals(workspace):
    app = opened("recourse", steps.begin_sample(workspace, "compas").id)
    assert "nobody can be decided again" in texts(app)


@pytest.mark.parametrize(
    ("mitigation", "draws"), [("calibrated_equalized_odds", True), ("threshold_optimizer", False)]
)
def test_a_group_dependent_model_says_that_it_draws_where_it_does(workspace, mitigation, draws):
    # On these rows the optimiser's thresholds need no draw; withholding decides 16 rows by one.
    spec = TrainingSpec("logistic_regression", mitigation=mitigation)
    app = opened("recourse", trained_german(workspace, spec))
    assert ("any change makes another draw" in texts(app)) == draws
