"""The page of private releases under AppTest."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from core.audit_state.audit_ledger import cap_of, charges, set_budget
from core.audit_state.results.release_results import list_releases
from core.audit_state.state import AuditState, begin_sample, state_of_record
from core.privacy.accounting.budget import Budget
from core.storage.workspace import Workspace
from tests.pages.conftest import agree, opened, ran, texts
from tests.pages.test_model_pages import uploaded


def with_budget(workspace: Workspace, name: str = "compas", epsilon: float = 2.0) -> AuditState:
    state = begin_sample(workspace, name)
    set_budget(workspace, state, Budget(epsilon), state.domains)
    return state_of_record(workspace.open(state.id))


def confirm(app: AppTest) -> AppTest:
    assert app.button(key="release now").disabled
    agree(app)
    app.button(key="release now").click()
    return ran(app)


def test_without_a_budget_it_says_so_and_offers_nothing(workspace: Workspace) -> None:
    app = opened("release", uploaded(workspace).id)
    assert "No privacy budget is set" in texts(app)
    assert not [item for item in app.button if item.key == "release now"]


def test_a_fairness_report_is_released_once_and_a_refresh_is_free(workspace: Workspace) -> None:
    state = with_budget(workspace)
    app = opened("release", state.id)
    shown = texts(app).replace("\\", "")
    assert "This run spends ε = 0.5 and leaves ε = 1.5" in shown
    assert not charges(workspace, state)  # the preview costs nothing
    confirm(app)
    assert [c.epsilon for c in charges(workspace, state)] == [0.5]
    again = opened("release", state.id)
    assert len(charges(workspace, state)) == 1
    # A quarter of what is left is offered next; the same plan again is the release that stands.
    assert again.select_slider[0].value == 0.25
    again.select_slider[0].set_value(0.5)
    ran(again)
    shown = texts(again).replace("\\", "")
    assert "Covered by the guarantee" in shown
    assert "This release is 0.5-differentially private for one row" in shown
    assert "Released already" in shown
    assert len(list_releases(workspace, state)) == 1
    assert not [item for item in again.button if item.key == "release now"]


def test_existing_predictions_get_their_cap_here(workspace: Workspace) -> None:
    state = begin_sample(workspace, "compas")
    app = opened("release", state.id)
    app.number_input[0].set_value(0.75)
    ran(app)
    app.button(key="set cap").click()
    ran(app)
    assert state_of_record(workspace.open(state.id)).budget == Budget(0.75)
    assert "leaves ε = 0.65 (in all then ε = 0.1 of the cap ε = 0.75)" in texts(app).replace(
        "\\", ""
    )


def test_a_cap_set_elsewhere_is_preset_and_raised_with_a_reason(workspace: Workspace) -> None:
    first = with_budget(workspace, epsilon=3.0)
    confirm(opened("release", first.id))
    other = begin_sample(workspace, "compas")
    app = opened("release", other.id)
    assert "In force: ε = 3" in texts(app)
    app.button(key="set cap").click()
    ran(app)
    assert cap_of(workspace, other) == Budget(3.0)
    assert "leaves ε = 2 (in all then ε = 1 of the cap ε = 3)" in texts(app).replace("\\", "")
    caps = [item for item in app.number_input if item.label == "Cap ε"]
    caps[0].set_value(4.0)
    ran(app)
    app.button(key="set cap").click()
    ran(app)
    assert "needs a reason" in texts(app)
    assert cap_of(workspace, other) == Budget(3.0)
    next(item for item in app.text_input if "Reason" in item.label).set_value("a second question")
    ran(app)
    app.button(key="set cap").click()
    ran(app)
    assert cap_of(workspace, other) == Budget(4.0)


def test_a_release_over_the_cap_is_refused(workspace: Workspace) -> None:
    state = with_budget(workspace, epsilon=0.2)
    app = opened("release", state.id)
    # Less than the usual is offered, and what is asked for beyond the cap can't be agreed to.
    assert app.select_slider[0].value == 0.1
    app.select_slider[0].set_value(1.0)
    ran(app)
    assert "the cap does not cover" in app.error[0].value.replace("\\", "")
    assert app.button(key="release now").disabled
    assert not [item for item in app.checkbox if item.label.startswith("Spend")]
    assert not charges(workspace, state)
    assert not list_releases(workspace, state)


def test_every_kind_can_be_released(workspace: Workspace) -> None:
    state = with_budget(workspace, "german_credit", 10.0)
    app = opened("release", state.id)
    assert "fairness" not in app.radio[0].options[0].lower()  # nothing was decided yet
    for kind, message in (
        ("histogram", "is the most frequent"),
        ("mean", "In these rows"),
        ("quantile", "errs to the wide side"),
    ):
        app.radio[0].set_value(kind)
        ran(app)
        confirm(app)
        assert message in texts(app).replace("\\", ""), kind
    app.radio[0].set_value("table")
    ran(app)
    assert "choose two or three columns" in texts(app)
    names = list(app.multiselect[0].options)
    app.multiselect[0].set_value([n for n in ("housing", "job") if n in names] or names[:2])
    ran(app)
    confirm(app)
    assert len(list_releases(workspace, state)) == 4
    assert sum(c.epsilon for c in charges(workspace, state)) == 2.0


def test_undeclared_values_are_asked_for_and_not_read_from_the_data(workspace: Workspace) -> None:
    state = set_budget(workspace, uploaded(workspace), Budget(1.0))
    app = opened("release", state.id)
    app.selectbox[0].set_value("city")
    ran(app)
    assert "categories must be declared" in texts(app)
    assert app.text_area[0].value == ""
    app.text_area[0].set_value("north\nsouth\nwest")
    ran(app)
    confirm(app)
    (found,) = list_releases(workspace, state)
    assert len(found.counts) == 4  # three declared, west empty, and the rest
