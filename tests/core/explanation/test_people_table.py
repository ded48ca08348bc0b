"""A person is found in the table of test rows by any text in their row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.audit.pipeline import run
from core.audit.result import AuditPlan, AuditResult
from core.explanation.person.people_table import people_table, searched
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
