"""On whom a lot falls, on the pages; what is no score has no thresholds; older kept models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.audit_state.audit_models import load_model
from core.audit_state.results.effect_results import effect_of, with_unmitigated
from core.audit_state.state import read_table
from core.data.assign import assign
from core.mitigation.inprocessing import reductions
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.pages.conftest import opened, texts
from tests.pages.test_model_pages import trained, uploaded


def test_the_training_page_says_on_whom_the_lot_falls(workspace: Workspace) -> None:
    spec = TrainingSpec("logistic_regression", "threshold_optimizer", "sex")
    state = trained(workspace, uploaded(workspace), spec)
    text = texts(opened("train", state.id))
    assert "Randomised decisions by group" in text
    assert "decisions are randomised" in text
    spec = TrainingSpec("logistic_regression", "group_thresholds", "sex")
    state = trained(workspace, state, spec)
    assert "Randomised decisions by group" not in texts(opened("train", state.id))


def test_chances_of_a_decision_have_no_thresholds(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reductions, "MAX_ITERATIONS", 4)
    spec = TrainingSpec("logistic_regression", "exponentiated_gradient", "sex")
    state = trained(workspace, uploaded(workspace), spec)
    app = opened("thresholds", state.id)
    assert "is randomised between several models" in texts(app)
    assert not app.slider


def test_a_model_kept_before_its_like_without_the_mitigation_gets_it(workspace: Workspace) -> None:
    spec = TrainingSpec("logistic_regression", "threshold_optimizer", "sex")
    state = trained(workspace, uploaded(workspace), spec)
    assert state.roles is not None
    assert state.training is not None
    data = assign(read_table(workspace, state), state.roles)
    model = load_model(workspace, state, data, state.training)
    assert model is not None
    assert model.unmitigated is not None
    older = replace(model, unmitigated=None)
    beside = with_unmitigated(workspace, state, data, older).unmitigated
    assert beside is not None
    assert np.array_equal(beside.decisions, model.unmitigated.decisions)
    assert effect_of(workspace, state, data, older) == effect_of(workspace, state, data, model)
    plain = replace(model, spec=replace(model.spec, mitigation="none"), unmitigated=None)
    assert with_unmitigated(workspace, state, data, plain) is plain
