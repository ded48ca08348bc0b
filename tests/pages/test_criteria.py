"""Criteria are adopted before or after results, and the overview, the report and the gate agree."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from components.app import session, steps
from components.app.shown_results import mark_counted
from components.criteria.criteria_form import criteria_table, edited_policy
from components.criteria.criteria_view import SIGNS
from core.audit_state.collecting import collect
from core.audit_state.state import begin_bytes, load_audit, read_table
from core.data.assign import assign
from core.data.roles.roles import Roles
from core.errors import InputError
from core.governance.adopted_policy import policy_record
from core.policy.error_rates import error_rates
from core.policy.evaluate import evaluate
from core.policy.presets import PRESETS
from core.reporting.written_report import write_report
from core.storage.workspace import Workspace
from tests.pages.conftest import opened, ran, texts
from tests.pages.test_overview import credit, hiring

DEFAULT = PRESETS["default"].policy


def adopt(app, name: str = "Ada", reason: str = "Agreed with the works council"):
    next(i for i in app.text_input if i.label == "Your name").set_value(name)
    next(i for i in app.text_area if i.label.startswith("Why these")).set_value(reason)
    next(b for b in app.button if b.label == "Adopt these criteria").click()
    return ran(app)


def test_criteria_adopted_before_results_say_so_and_count(workspace: Workspace) -> None:
    audit = hiring(workspace)
    app = opened("criteria", audit)
    assert "No policy is adopted" in texts(app)
    assert not app.warning
    app = adopt(app)
    told = texts(app).replace("\\", "")
    assert "was adopted on" in told
    assert "by Ada, before any result of this audit was seen" in told
    shown = texts(opened("overview", audit)).replace("\\", "")
    assert "Policy “default”: not met." in shown
    assert "by Ada, before any result" in shown
    again = opened("criteria", audit)
    assert any(
        "Results of this audit were first seen" in w.value.replace("\\", "") for w in again.warning
    )


def test_criteria_changed_after_results_say_that(workspace: Workspace) -> None:
    audit = hiring(workspace)
    opened("overview", audit)
    app = adopt(opened("criteria", audit))
    assert "by Ada, after results were seen" in texts(app).replace("\\", "")
    assert policy_record(workspace, audit).adoptions[0].seen


def test_without_a_name_or_a_reason_nothing_is_adopted(workspace: Workspace) -> None:
    audit = hiring(workspace)
    app = adopt(opened("criteria", audit), name=" ")
    assert app.error
    assert policy_record(workspace, audit).current is None


def test_overview_report_and_evaluation_agree(workspace: Workspace) -> None:
    audit = hiring(workspace)
    adopt(opened("criteria", audit))
    app = opened("overview", audit)
    state = load_audit(workspace, audit)
    assert state.roles is not None
    table = read_table(workspace, state)
    result = collect(workspace, state, table, assign(table, state.roles), None, None, ())
    expected = evaluate(DEFAULT, result)
    shown = texts(app).replace("\\", "").replace("\u2060", "")
    for found in expected.results:
        assert f"{SIGNS[found.outcome]} · **{found.criterion.definition.title}** · " in shown
        assert found.sentence in shown
    report = write_report(result, state.file, state.sample, policy=policy_record(workspace, audit))
    record = json.loads(report.json)["policy"]
    assert record["verdict"] == expected.verdict
    assert [item["outcome"] for item in record["criteria"]] == [
        found.outcome for found in expected.results
    ]


def test_the_form_changes_limits_and_leaves_criteria_out() -> None:
    table = criteria_table(DEFAULT)
    assert edited_policy(DEFAULT, table) is DEFAULT
    table.loc[0, "Limit"] = 0.9
    table.loc[1, "Use"] = False
    changed = edited_policy(DEFAULT, table)
    assert changed.name == "default, changed"
    assert changed.criteria[0] == replace(DEFAULT.criteria[0], at_least=0.9)
    assert DEFAULT.criteria[1] not in changed.criteria
    table["Use"] = False
    with pytest.raises(InputError, match="no criterion"):
        edited_policy(DEFAULT, table)
    table = criteria_table(DEFAULT)
    table.loc[0, "Limit"] = 7
    with pytest.raises(InputError, match=DEFAULT.criteria[0].id):
        edited_policy(DEFAULT, table)
    table.loc[0, "Limit"] = pd.NA
    with pytest.raises(InputError, match="needs a limit"):
        edited_policy(DEFAULT, table)


def trained_credit(workspace: Workspace) -> str:
    """An audit whose model was trained elsewhere, so that no page has shown a figure of it."""
    audit = credit(workspace)
    assert not policy_record(workspace, audit).seen
    return audit


WITHOUT_RESULTS = ("start", "roles", "criteria", "budget", "release", "large_tables", "compare")
"""Pages that show no figure of a result by themselves."""
ASKED_FIRST = ("privacy", "trust", "conditional_parity", "price", "local_noise")
"""Pages that show figures once a person asks for them."""


@pytest.mark.parametrize("path", [*WITHOUT_RESULTS, *ASKED_FIRST])
def test_a_page_without_figures_of_results_leaves_them_unseen(workspace: Workspace, path) -> None:
    audit = trained_credit(workspace)
    opened(path, audit)
    assert not policy_record(workspace, audit).seen


@pytest.mark.parametrize(
    "path", ["train", "fairness", "thresholds", "subgroups", "anonymise", "tradeoffs", "overview"]
)
def test_a_page_with_figures_of_results_says_that_it_showed_them(workspace: Workspace, path):
    audit = trained_credit(workspace)
    opened(path, audit)
    found = policy_record(workspace, audit)
    assert found.seen
    assert found.where == f"the page {steps.spec_of(path).title}"


def test_figures_that_are_asked_for_are_seen(workspace: Workspace) -> None:
    audit = trained_credit(workspace)
    app = opened("conditional_parity", audit)
    choice = next(item for item in app.multiselect if item.label == "Among people alike in")
    choice.set_value([choice.options[0]])
    ran(app)
    assert policy_record(workspace, audit).where == "the page Conditional parity"


@pytest.mark.parametrize("path", ["multiclass", "regression"])
def test_classes_and_amounts_in_the_audits_table_are_results_of_it(workspace: Workspace, path):
    data = pd.DataFrame(
        {"sex": ["f", "m"] * 60, "true": [1.5, 2, 3, 1.5, 2.5, 4] * 20, "said": [1, 2, 3, 4] * 30}
    )
    state = begin_bytes(workspace, data.to_csv(index=False).encode(), "t.csv")
    app = opened(path, state.id)
    assert not policy_record(workspace, state.id).seen
    for label, value in (("True", "true"), ("redict", "said")):
        box = next(item for item in app.selectbox if label in item.label)
        if box.value != value:
            box.set_value(value)
            app = ran(app)
    groups = next(item for item in app.multiselect if "by" in item.label.lower())
    if not groups.value:
        groups.set_value(["sex"])
        ran(app)
    assert policy_record(workspace, state.id).where.startswith("the page ")


def test_a_count_is_a_result_of_an_audit_that_has_its_columns(workspace: Workspace, monkeypatch):
    audit = hiring(workspace)
    state = load_audit(workspace, audit)
    monkeypatch.setattr(session, "current", lambda: state)
    monkeypatch.setattr(session, "table", lambda state: read_table(workspace, state))
    monkeypatch.setattr(session, "workspace", lambda: workspace)
    monkeypatch.setattr(session, "remembered", lambda name, default: default)
    monkeypatch.setattr(session, "remember", lambda name, value: value)
    mark_counted(Roles("other", "1", ("sex",), prediction="selected"))
    assert not policy_record(workspace, audit).seen
    mark_counted(Roles(None, "1", ("sex",), prediction="selected"))
    assert policy_record(workspace, audit).seen


def test_error_rates_stand_beside_a_preset_and_not_beside_changed_criteria(workspace: Workspace):
    found = error_rates(DEFAULT)
    assert found is not None
    app = opened("criteria", hiring(workspace))
    told = texts(app).replace("\\", "")
    assert all(sentence in told for sentence in found.sentences)
    changed = replace(DEFAULT, criteria=DEFAULT.criteria[1:])
    assert error_rates(changed) is None
