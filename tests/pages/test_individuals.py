"""The page on individual fairness, checked by a loop over people."""

from __future__ import annotations

import numpy as np
import pytest

from core.audit_state import audit_models
from core.audit_state import state as steps
from core.data.assign import assign
from core.data.samples import load_sample
from core.training.spec import TrainingSpec
from tests.pages.conftest import compas_apart, opened, ran, texts
from tests.pages.test_fairness import frame_with, trained_german


@pytest.fixture
def apart(workspace):
    return compas_apart(workspace)


@pytest.fixture
def compas(workspace):
    return steps.begin_sample(workspace, "compas").id


def test_existing_predictions_have_a_consistency_but_no_flips(apart):
    app = opened("individuals", apart)
    # Cut from the score itself, it would make neighbours of those decided alike.
    assert "score_text" not in app.multiselect[0].value
    assert "race" not in app.multiselect[0].value
    # Known only after the outcome; it tells it by itself, as nothing known before does.
    assert "is_recid" not in app.multiselect[0].value
    assert {"age", "priors_count", "c_charge_degree"} <= set(app.multiselect[0].value)
    app.multiselect[0].set_value(["age", "priors_count", "c_charge_degree"])
    app.selectbox[1].select(1000)
    ran(app)
    shown = texts(app).replace("\\", "")
    assert "without the model that made them nobody can be decided again" in shown
    assert "1,000 rows, drawn at random, were looked up among all 7,214" in shown
    table = frame_with(app, "Consistency (95% interval)").set_index("Group")
    assert table.loc["Native American", "Note"] == "too small to judge"
    value, low, high = (
        float(part.strip("()"))
        for part in table.loc["everyone"].iloc[1].replace(" to ", " ").split(" ")
    )
    frame = load_sample("compas").frame
    points = np.array(
        [(frame[c] - frame[c].mean()) / frame[c].std(ddof=0) for c in ("age", "priors_count")]
        + [(frame["c_charge_degree"] == v).astype(float) for v in ("F", "M")]
    ).T
    decision = (frame["decile_score"] >= 5).to_numpy()
    alike = []
    for i in np.random.default_rng(5).choice(len(frame), 1500, replace=False):
        distance = np.square(points - points[i]).sum(axis=1)
        distance[i] = np.inf
        alike.append(np.mean(decision[np.argpartition(distance, 5)[:5]] == decision[i]))
    assert abs(np.mean(alike) - value) < 3 * np.std(alike) * (1 / 1500 + 1 / 1000) ** 0.5
    assert low < value < high


def test_a_model_that_does_not_see_the_attribute_flips_exactly_nothing(workspace):
    app = opened("individuals", trained_german(workspace))
    shown = texts(app).replace("\\", "")
    assert "exactly 0, because the model does not see sex" in shown
    assert "All 200 rows were looked up" in shown
    app.number_input[0].set_value(100)
    ran(app)
    assert "Of the 100 people most similar" in texts(app)
    app.multiselect[0].set_value([])
    ran(app)
    assert "Choose at least one column to tell similar people by" in texts(app)


def test_flips_of_a_model_that_sees_it(workspace):
    begun = steps.begin_sample(workspace, "german_credit")
    roles = steps.replace(begun.roles, features=(*begun.roles.features, "sex"))
    begun = steps.save(workspace, steps.replace(begun, roles=roles))
    dataset = assign(load_sample("german_credit"), roles)
    trained = audit_models.train_audited_model(
        workspace, begun, dataset, TrainingSpec("logistic_regression")
    )
    app = opened("individuals", begun.id)
    table = frame_with(app, "Decided as").set_index("Members of")
    rows = dataset.features.iloc[trained.split.test].reset_index(drop=True)
    sex = rows["sex"]
    swapped = rows.assign(sex=sex.map({"male": "female", "female": "male"}))
    after = trained.decider.predict(swapped, sex.to_numpy(dtype=object))
    for group in ("male", "female"):
        of = (sex == group).to_numpy()
        gained = (after & ~trained.decisions)[of].sum()
        lost = (~after & trained.decisions)[of].sum()
        assert table.loc[group, "Rows"] == of.sum()
        assert table.loc[group, "Would gain “good (favourable)”"] == gained
        assert table.loc[group, "Would lose it"] == lost
    share = (after != trained.decisions).mean()
    assert f"{share:.1%} of 200 decisions would flip" in texts(app).replace("\\", "")
