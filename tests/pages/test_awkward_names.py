"""Every page, with columns called like parameters of the code: none fails, none is misread."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from components.app.page_list import PAGES
from core.audit_state.audit_ledger import set_budget
from core.audit_state.audit_models import train_audited_model
from core.audit_state.state import begin_bytes, read_table, save
from core.data.assign import assign
from core.data.roles.roles import Roles
from core.privacy.accounting.budget import Budget
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.awkward_names import called, domains_of, frame, roles_of
from tests.pages.conftest import opened, ran, texts

PRESSED = {
    "anonymise": {"Train before and after", "Attack with a second release"},
    "train": {"Train"},
    "person": {"Train them"},
    "privacy": {"Attack this model", "Guess it", "Single people out"},
}


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Begin an audit of a trained model and one of existing predictions."""
    root = tmp_path_factory.mktemp("awkward") / "workspace"
    workspace = Workspace(root)
    data = frame().to_csv(index=False).encode()
    found = {}
    state = begin_bytes(workspace, data, "awkward.csv")
    table = read_table(workspace, state)
    roles = roles_of(table)
    state = save(workspace, replace(state, roles=roles, domains=domains_of(table)))
    train_audited_model(workspace, state, assign(table, roles), TrainingSpec("logistic_regression"))
    found["model"] = state.id
    state = begin_bytes(workspace, data, "predictions.csv")
    existing = Roles("target", "yes", ("self", "group"), score="y", threshold=0.0, weight=None)
    state = save(workspace, replace(state, roles=existing))
    set_budget(workspace, state, Budget(10.0), None)
    found["predictions"] = state.id
    return root, found


@pytest.mark.parametrize("audit", ["model", "predictions"])
@pytest.mark.parametrize("path", [spec.path for spec in PAGES])
def test_every_page_takes_columns_of_any_name(audits, monkeypatch, path: str, audit: str) -> None:
    root, ids = audits
    monkeypatch.setenv("EQUIPOISE_WORKSPACE", str(root))
    app = opened(path, ids[audit])
    # What takes minutes with many features is left out: the core's test fits every model.
    for label in sorted(PRESSED.get(path, ())):
        for button in app.button:
            if button.label == label and not button.disabled:
                button.click()
                ran(app)
                break


def page_text(app) -> str:
    return texts(app).replace("\\", "")


def test_effects_and_changes_are_shown_for_a_feature_called_self(audits, monkeypatch) -> None:
    root, ids = audits
    monkeypatch.setenv("EQUIPOISE_WORKSPACE", str(root))
    app = opened("effects", ids["model"])
    for name in ("self", "index", "column 13", "x:Q", "0"):
        app.selectbox(key="curve of").set_value(name)
        ran(app)
        assert name in page_text(app)
    assert "Decides as the model does for" in page_text(app)
    assert called(frame_table(), "") == "column 13"
    assert "score" in page_text(opened("recourse", ids["model"]))
    # A decision taken with the attribute itself changed: by its name too.
    assert "self" in page_text(opened("individuals", ids["model"]))


def frame_table():
    from core.data.reading.reading import read_bytes

    return read_bytes(frame(rows=20).to_csv(index=False).encode(), "t.csv")
