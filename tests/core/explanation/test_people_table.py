"""A person is found in the table of test rows by any text in their row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.audit.pipeline import run
from core.audit.result import AuditPlan, AuditResult
from core.explanation.person.people_table import ERROR_KINDS, error_kinds, people_table, searched
from core.training.spec import TrainingSpec
from tests.core.audit.checks.cases import roles_of
from tests.core.worlds import frame, table


@pytest.fixture(scope="module")
def audit() -> AuditResult:
    read = table(frame(300))
    roles = roles_of(read, "paid", "yes", "sex")
    return run(read, AuditPlan(roles, TrainingSpec("logistic_regression"), explain=0))


def test_the_table_lists_test_rows_in_their_order(audit: AuditResult) -> None:
    assert audit.trained is not None
    found = people_table(audit.dataset, audit.trained)
    test = audit.trained.split.test
    assert found["Row"].tolist() == audit.dataset.rows[test].tolist()
    assert found["Score"].tolist() == audit.trained.scores.tolist()
    called = audit.dataset.decision_labels
    assert set(found["Decision"]) <= {called.told(True), called.told(False)}
    assert (found["Decision"] == called.told(True)).tolist() == audit.trained.decisions.tolist()
    assert found["sex"].tolist() == audit.dataset.sensitive["sex"].iloc[test].tolist()
    assert set(map(str, audit.dataset.features)) <= set(found)


def test_a_search_takes_any_cell_whatever_its_case_and_no_pattern() -> None:
    cells = pd.DataFrame({"name": ["Ada.", "ada", "Bob"], "n": [1.0, 12.5, np.nan]})
    assert searched(cells, " ADA ").tolist() == [0, 1]
    assert searched(cells, ".").tolist() == [0, 1]
    assert searched(cells, "a.").tolist() == [0]
    assert searched(cells, "12.5").tolist() == [1]
    assert searched(cells, "").tolist() == [0, 1, 2]
    assert searched(cells, "zoë").tolist() == []


def test_outcome_and_error_kind_stand_beside_the_decision(audit: AuditResult) -> None:
    assert audit.trained is not None
    found = people_table(audit.dataset, audit.trained)
    names = list(found)
    assert names[:6] == ["Row", "sex", "Score", "Decision", "Outcome", "Error"]
    true = audit.dataset.target[audit.trained.split.test]
    decided = audit.trained.decisions
    assert (found["Outcome"] == audit.dataset.outcome_labels.told(True)).tolist() == true.tolist()
    assert (found["Error"] == "false positive").tolist() == (decided & ~true).tolist()
    assert (found["Error"] == "false negative").tolist() == (~decided & true).tolist()
    assert (found["Error"] == "correct").tolist() == (decided == true).tolist()
    assert set(found["Error"]) == set(ERROR_KINDS)


def test_kinds_of_error_are_by_the_positive_label() -> None:
    kinds = error_kinds(np.array([True, True, False, False]), np.array([True, False, True, False]))
    assert kinds.tolist() == ["correct", "false positive", "false negative", "correct"]


def test_without_outcomes_there_is_no_error_and_columns_called_like_ours_are_told_apart(
    audit: AuditResult,
) -> None:
    assert audit.trained is not None
    features = audit.dataset.features.rename(columns={"income": "Score"})
    features["Error"] = 1.0
    who = pd.DataFrame({"person": [f"p{k}" for k in range(len(audit.dataset))]})
    data = replace(audit.dataset, features=features, identifiers=who)
    found = people_table(data, audit.trained)
    test = audit.trained.split.test
    assert list(found)[:2] == ["Row", "person"]
    assert found["person"].tolist() == who["person"].iloc[test].tolist()
    assert found["Score"].tolist() == audit.trained.scores.tolist()
    assert found["Score (column)"].tolist() == features["Score"].iloc[test].tolist()
    assert set(found["Error"]) <= set(ERROR_KINDS)
    found = people_table(replace(data, outcome=None), audit.trained)
    assert "Outcome" not in found
    assert set(found["Error"]) == {1.0}
