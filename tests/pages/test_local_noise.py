"""The page of noise at the source."""

from __future__ import annotations

from dataclasses import replace

from core.audit_state.audit_ledger import charges
from core.audit_state.state import (
    AuditState,
    begin_bytes,
    begin_sample,
    read_table,
    save,
    state_of_record,
)
from core.data.assign import default_roles
from core.storage.workspace import Workspace
from tests.core.worlds import DOMAINS, frame
from tests.pages.conftest import opened, ran, texts


def uploaded(workspace: Workspace, *, declared: bool) -> AuditState:
    state = begin_bytes(workspace, frame(400).to_csv(index=False).encode(), "world.csv")
    roles = default_roles(read_table(workspace, state), "paid", "yes", ("sex",))[0]
    return save(workspace, replace(state, roles=roles, domains=DOMAINS if declared else None))


def test_models_are_trained_compared_and_kept_and_nothing_is_spent(workspace: Workspace) -> None:
    state = uploaded(workspace, declared=True)
    app = opened("local_noise", state.id)
    assert "A simulation" in texts(app)
    next(b for b in app.button if b.label == "Train 9 models").click()
    ran(app)
    shown = texts(app).replace("\\", "")
    assert "local noise costs" in shown
    assert "Replaced before sending" in shown
    assert "age:" in shown  # ages are missing in a tenth of the rows
    assert charges(workspace, state_of_record(workspace.open(state.id))) == ()
    again = opened("local_noise", state.id)
    assert not [b for b in again.button if b.label.startswith("Train")]
    assert "local noise costs" in texts(again).replace("\\", "")
    # Another central learner keeps the six other models.
    again.selectbox[1].set_value("dp_binned_regression")
    ran(again)
    assert [b.label for b in again.button if b.label.startswith("Train")] == ["Train 3 models"]


def test_a_column_is_shown_as_sent_and_as_estimated(workspace: Workspace) -> None:
    app = opened("local_noise", uploaded(workspace, declared=True).id)
    assert "From 400 noisy reports" in texts(app).replace("\\", "")
    column = next(s for s in app.selectbox if s.label == "Column")
    column.set_value("city")
    ran(app)
    noise = next(s for s in app.selectbox if s.label == "Noise")
    assert noise.options == ["Randomised response", "Unary encoding"]
    noise.set_value("unary_encoding")
    ran(app)
    assert "city is known to within" in texts(app).replace("\\", "")


def test_without_declared_bounds_the_page_says_where_to_declare_them(workspace: Workspace) -> None:
    app = opened("local_noise", uploaded(workspace, declared=False).id)
    assert "needs public bounds" in texts(app)


def test_no_column_chosen_is_a_sentence(workspace: Workspace) -> None:
    app = opened("local_noise", uploaded(workspace, declared=True).id)
    app.multiselect[0].set_value([])
    ran(app)
    assert "no column is chosen" in app.error[0].value.replace("\\", "")


def test_existing_predictions_have_no_model_to_compare(workspace: Workspace) -> None:
    app = opened("local_noise", begin_sample(workspace, "compas").id)
    assert "existing predictions" in texts(app)
