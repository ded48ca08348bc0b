"""Rows that somebody declares public: with a name and a reason, and on record."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.audit_state import state as audits
from core.audit_state.state import AuditState
from core.audit_state.sweep_plan import SweepPlan
from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.errors import InputError
from core.governance.declared_public import (
    declarations,
    declare_public,
    declared_public,
    take_back,
)
from core.governance.stored_sweeps import last_plan, load_sweep, run_stored_sweep
from core.reporting.report import render
from core.storage.workspace import Workspace
from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.grid import Grid
from tests.core.reporting.audits import trained as audit_of_a_model
from tests.core.reporting.page import Page
from tests.core.worlds import frame

GRID = Grid(("logistic_regression",), (None,), (("sex",),), split_seeds=(0,), noise_seeds=(0,))
Begun = tuple[Workspace, AuditState, Dataset]


@pytest.fixture
def begun(tmp_path: Path) -> Begun:
    workspace = Workspace(tmp_path)
    text = io.StringIO()
    frame(300).to_csv(text, index=False)
    state = audits.begin_bytes(workspace, text.getvalue().encode(), "world.csv")
    table = audits.read_table(workspace, state)
    roles, _ = default_roles(table, "paid", "yes", ("sex",))
    return workspace, audits.save(workspace, replace(state, roles=roles)), assign(table, roles)


@pytest.mark.parametrize(
    ("name", "because", "text"),
    [
        ("", "it is open data", "kept with its name"),
        ("Ada", "  \n", "kept with its reason"),
        ("Ada", "x" * 301, "longer than 300 letters"),
        ("A" * 201, "it is open data", "longer than 200 letters"),
    ],
)
def test_it_needs_a_name_and_a_reason(begun: Begun, name: str, because: str, text: str) -> None:
    workspace, state, _ = begun
    with pytest.raises(InputError, match=text):
        declare_public(workspace, state, name=name, because=because)
    assert declared_public(workspace, state) is None


def test_it_stands_until_it_is_taken_back_and_stays_on_record(begun: Begun) -> None:
    workspace, state, _ = begun
    take_back(workspace, state)
    made = declare_public(workspace, state, name=" Ada ", because="it is\nopen data.")
    assert (made.name, made.because) == ("Ada", "it is open data.")
    assert declared_public(workspace, state) == made
    take_back(workspace, state)
    take_back(workspace, state)
    assert declared_public(workspace, state) is None
    (kept,) = declarations(workspace, state)
    assert kept == replace(made, taken_back=kept.taken_back)
    assert kept.taken_back > made.when
    again = declare_public(workspace, state, name="Bea", because="printed")
    assert declared_public(workspace, state) == again
    assert len(declarations(workspace, state)) == 2


def test_a_sweep_on_rows_that_nobody_declares_public_is_refused(begun: Begun) -> None:
    workspace, state, rows = begun
    with pytest.raises(InputError, match="nobody declares these rows public"):
        next(run_stored_sweep(workspace, state, rows, SweepPlan(GRID, Basis("public"))))
    made = declare_public(workspace, state, name="Ada", because="it is open data")
    for basis in (Basis("public"), replace(made.basis, because="nothing")):
        with pytest.raises(InputError, match="declared public anew"):
            next(run_stored_sweep(workspace, state, rows, SweepPlan(GRID, basis)))
    assert last_plan(workspace, state, rows) is None


def test_a_sample_is_public_without_a_declaration(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    state = audits.begin_sample(workspace, "german_credit")
    assert state.roles is not None
    rows = assign(audits.read_table(workspace, state), state.roles)
    *_, last = run_stored_sweep(workspace, state, rows, SweepPlan(GRID, Basis("public")))
    assert last.finished


def test_it_stands_on_pictures_and_in_the_report(begun: Begun) -> None:
    workspace, state, rows = begun
    made = declare_public(workspace, state, name="Ada", because="it is open data.")
    plan = SweepPlan(GRID, made.basis)
    *_, last = run_stored_sweep(workspace, state, rows, plan)
    assert last.finished
    text = f"declared public by Ada on {made.when[:10]} because it is open data: noise was drawn"
    assert text in plan.label
    assert last_plan(workspace, state, rows) == plan
    take_back(workspace, state)
    # What was made under it says so still.
    kept = load_sweep(workspace, state, rows)
    assert kept is not None
    assert kept["basis"]["declared_by"] == "Ada"
    assert text in kept["frontier"]["label"]
    assert text in json.loads(json.dumps(kept))["label"]
    page = Page(render(audit_of_a_model() | {"tradeoffs": kept}))
    assert text in page.by_id("tradeoffs").text


def test_a_basis_that_was_stored_before_is_read() -> None:
    stored = {"kind": "public", "sample": "", "rows": 0}
    assert Basis(**stored).label.startswith("A simulation on rows that were declared public: ")  # type: ignore[arg-type]
