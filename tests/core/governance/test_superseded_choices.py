"""Operating points that were chosen for other roles: told of, and back when the roles are."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from core.audit_state import state as audits
from core.audit_state.state import AuditState
from core.audit_state.sweep_plan import SweepPlan
from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.data.roles.roles import Roles
from core.governance.operating_point import choices_key, choose, chosen
from core.governance.stored_sweeps import load_sweep
from core.governance.superseded_choices import chosen_for_others, role_differences
from core.reporting.report import render
from core.storage.workspace import Workspace
from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.grid import Grid, Setting
from tests.core.reporting.audits import trained as audit_of_a_model
from tests.core.reporting.page import Page
from tests.core.worlds import frame

PLAN = SweepPlan(Grid(("logistic_regression",), (None,), (("sex",),)), Basis("own"))


@pytest.fixture
def begun(tmp_path: Path) -> tuple[Workspace, AuditState]:
    workspace = Workspace(tmp_path)
    text = io.StringIO()
    frame(200).to_csv(text, index=False)
    state = audits.begin_bytes(workspace, text.getvalue().encode(), "world.csv")
    roles, _ = default_roles(audits.read_table(workspace, state), "paid", "yes", ("sex",))
    return workspace, audits.save(workspace, replace(state, roles=roles))


def under(workspace: Workspace, state: AuditState, **changes: object) -> tuple[AuditState, Dataset]:
    assert state.roles is not None
    changed = audits.save(workspace, replace(state, roles=replace(state.roles, **changes)))
    assert changed.roles is not None
    return changed, assign(audits.read_table(workspace, changed), changed.roles)


def picked(workspace: Workspace, state: AuditState, rows: Dataset, name: str) -> None:
    setting = Setting("logistic_regression")
    choose(workspace, state, rows, PLAN, setting, reason=f"why {name}", name=name)


def test_it_is_told_of_and_comes_back(begun: tuple[Workspace, AuditState]) -> None:
    workspace, state = begun
    first, rows = under(workspace, state)
    picked(workspace, first, rows, "Ada")
    picked(workspace, first, rows, "Bea")
    assert chosen_for_others(workspace, first, rows) == ()
    assert "chosen_for_other_roles" not in (load_sweep(workspace, first, rows) or {})
    other, fewer = under(workspace, first, features=("income", "age"))
    assert chosen(workspace, other, fewer) is None
    (found,) = chosen_for_others(workspace, other, fewer)
    # The last one for those roles.
    assert found.point.name == "Bea"
    assert found.differences == ("the features (then with city)",)
    assert found.sentence.startswith(f"Bea chose an operating point on {found.point.when[:10]}")
    assert "doesn't hold for these, since they differ in the features" in found.sentence
    back, again = under(workspace, other, features=first.roles.features if first.roles else ())
    assert chosen_for_others(workspace, back, again) == ()
    assert getattr(chosen(workspace, back, again), "name", None) == "Bea"


def test_each_of_several_roles_has_its_own(begun: tuple[Workspace, AuditState]) -> None:
    workspace, state = begun
    for name, features in (("Ada", ("income",)), ("Bea", ("age",)), ("Cleo", ("city",))):
        state, rows = under(workspace, state, features=features)
        picked(workspace, state, rows, name)
    assert [item.point.name for item in chosen_for_others(workspace, state, rows)] == [
        "Ada",
        "Bea",
    ]


def test_the_report_tells(begun: tuple[Workspace, AuditState]) -> None:
    workspace, state = begun
    state, rows = under(workspace, state)
    picked(workspace, state, rows, "Ada <b>")
    other, fewer = under(workspace, state, features=("income",))
    result = load_sweep(workspace, other, fewer)
    assert result is not None
    assert "chosen" not in result
    page = Page(render(audit_of_a_model() | {"tradeoffs": result}))
    text = page.by_id("tradeoffs").text
    assert "Chosen for other roles, and not in force here" in text
    assert "Ada <b> chose an operating point on" in text
    assert "the features (then with age, city)" in text
    assert "why Ada" in text
    assert "The operating point that was chosen" not in text


def test_one_from_before_they_were_listed_is_listed_when_it_is_seen(
    begun: tuple[Workspace, AuditState],
) -> None:
    workspace, state = begun
    state, rows = under(workspace, state)
    picked(workspace, state, rows, "Ada")
    result = (workspace.get_result(state.id, choices_key(rows)) or {})["content"]
    # As an earlier version left it: no kind, no list, and no entries that came later.
    for path in (workspace.root / "audits" / state.id / "results").iterdir():
        path.unlink()
    for later in ("generalised", "person", "rows_per_person"):
        result[0].pop(later)
    workspace.put_result(state.id, choices_key(rows), result)
    assert chosen_for_others(workspace, state, rows) == ()
    other, fewer = under(workspace, state, features=("income",))
    assert [item.point.name for item in chosen_for_others(workspace, other, fewer)] == ["Ada"]


ROLES = Roles("paid", "yes", ("sex",), features=("income", "age"))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"target": "late"}, "the target (then paid, now late)"),
        ({"positive_label": "no"}, "the positive label (then yes, now no)"),
        ({"positive_is_favourable": False}, "whether that label is favourable (then yes, now no)"),
        ({"sensitive": ("race",)}, "the sensitive columns (then with sex; now with race)"),
        ({"features": ("income", "city")}, "the features (then with age; now with city)"),
        ({"features": ("age", "income")}, "the features (in another order)"),
        ({"identifiers": ("id",)}, "the identifiers (now with id)"),
        ({"weight": "w"}, "the weight (then none, now w)"),
        ({"edges": (("age", (30.0,)),)}, "the edges of bins"),
        ({"merged_groups": (("sex", "any", ("female", "male")),)}, "the merged groups"),
        ({}, "how the columns are read"),
    ],
)
def test_differences_are_named(changes: dict[str, object], text: str) -> None:
    assert role_differences(ROLES, replace(ROLES, **changes)) == (text,)
