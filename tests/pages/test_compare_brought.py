"""A brought model beside one that is trained here, on the compare page: on the same people."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.audit_state import audit_models
from core.audit_state.results.compared_models import candidates, compare_candidates
from core.audit_state.state import AuditState, begin_bytes, load_audit, save
from core.data.assign import assign
from core.data.reading.reading import read_bytes
from core.data.roles.roles import Roles
from core.external_models.bring import Wishes, bring
from core.external_models.candidates import candidates_of
from core.external_models.sandbox.model_process import open_model
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.pages.conftest import opened, ran, texts

lightgbm = pytest.importorskip("lightgbm")
LOGISTIC = TrainingSpec("logistic_regression")
COUNT = 400


def people() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], COUNT),
            "income": rng.integers(0, 101, COUNT),
            "age": rng.integers(18, 80, COUNT),
            "town": rng.choice(["Bonn", "Köln"], COUNT),
        }
    )
    frame["paid"] = np.where(frame["income"] + rng.normal(0, 20, COUNT) > 50, "yes", "no")
    return frame


DATA = people().to_csv(index=False).encode()
TABLE = read_bytes(DATA, "people.csv")
ROLES = Roles("paid", "yes", ("sex",), features=("income", "town"))


def begun(workspace: Workspace) -> AuditState:
    state = begin_bytes(workspace, DATA, "people.csv")
    return save(workspace, AuditState(**{**vars(state), "roles": ROLES}))


def bring_one(workspace: Workspace, state: AuditState) -> TrainingSpec:
    frame = people()
    fitted = lightgbm.LGBMClassifier(n_estimators=10, n_jobs=1, verbose=-1)
    fitted.fit(frame[["income", "age"]], frame["paid"])
    data = fitted.booster_.model_to_string().encode()
    offered = candidates_of(TABLE, ROLES)
    external = bring(
        open_model(data, "scores.txt"), "scores.txt", offered.features, "yes",
        Wishes({}, positive_class="1"),
    )  # fmt: skip
    spec = TrainingSpec("external_model", external=external)
    audit_models.audit_brought_model(workspace, state, TABLE, data, spec)
    return spec


def plain(app) -> str:
    return texts(app).replace("\\", "").replace("**", "")


def test_a_model_that_was_trained_before_is_compared_with_the_brought_one(
    workspace: Workspace,
) -> None:
    state = begun(workspace)
    trained = audit_models.train_audited_model(workspace, state, assign(TABLE, ROLES), LOGISTIC)
    brought = bring_one(workspace, load_audit(workspace, state.id))
    state = load_audit(workspace, state.id)
    assert state.roles is not None
    assert state.roles.features == ("income", "age")
    dataset = assign(TABLE, state.roles)
    found = candidates(workspace, state, TABLE, dataset)
    assert [item.spec for item in found] == [brought, LOGISTIC]
    assert found[1].features == ("income", "town")
    rows = trained.split.test
    for pair in (found, found[::-1]):
        paired = compare_candidates(
            workspace, state, TABLE, state.roles, (pair[0], pair[1]), ("sex",)
        )
        assert paired.people == len(rows)
        side = paired.b if pair is found else paired.a
        assert side.positive_is_favourable
        rate = paired.everyone["selection_rate"]
        own = rate.b if pair is found else rate.a
        assert own == pytest.approx(float(trained.decisions.mean()))
    app = opened("compare", state.id)
    shown = plain(app)
    assert f"which was trained here: {len(rows)} rows that it was not trained on" in shown
    assert "Nobody knows whether some of these" in shown
    assert "A: scores.txt" in shown
    assert "B: Logistic regression, on 2 columns" in shown
    assert len(app.get("plotly_chart")) == 2
    assert not app.exception


def test_one_is_trained_beside_the_brought_one_on_its_columns(workspace: Workspace) -> None:
    state = begun(workspace)
    brought = bring_one(workspace, state)
    app = opened("compare", state.id)
    assert "Only one model is kept: scores.txt" in plain(app)
    assert "on the 2 columns that the brought model sees" in plain(app)
    next(b for b in app.button if "Train and keep" in b.label).click()
    ran(app)
    assert load_audit(workspace, state.id).training == brought
    assert "which was trained here" in plain(app)
    assert len(app.get("plotly_chart")) == 2
    assert not app.exception
