"""Criteria are adopted before or after results, and the overview, the report and the gate agree."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from components.criteria.criteria_form import criteria_table, edited_policy
from components.criteria.criteria_view import SIGNS
from core.audit_state.collecting import collect
from core.audit_state.state import load_audit, read_table
from core.data.assign import assign
from core.errors import InputError
from core.governance.adopted_policy import policy_record
from core.policy.evaluate import evaluate
from core.policy.presets import PRESETS
from core.reporting.written_report import write_report
from core.storage.workspace import Workspace
from tests.pages.conftest import opened, ran, texts
from tests.pages.test_overview import hiring

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
