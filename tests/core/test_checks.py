"""Findings that hang on the split and the mitigation."""

from __future__ import annotations

import pytest

from core.audit.pipeline import run
from core.audit.result import AuditPlan
from core.learning.split import SplitSpec, split_rows
from core.training.spec import TrainingSpec
from tests.core.worlds import dataset, frame, table


@pytest.mark.parametrize("mitigation", ["threshold_optimizer", "levelling_up"])
def test_a_group_unknown_to_a_mitigation_is_a_finding(mitigation: str) -> None:
    data = frame(600)
    split = split_rows(dataset(600).target, SplitSpec(), dataset(600).content)
    data.loc[split.test[:3], "sex"] = "x"
    read = table(data)
    from core.data.assign import default_roles

    roles = default_roles(read, "paid", "yes", ("sex",))[0]
    plan = AuditPlan(roles, TrainingSpec("logistic_regression", mitigation), explain=0)
    found = {f.code: f.evidence for f in run(read, plan).findings}
    assert "held none of: x;" in found["MIT-02"]
    plain = AuditPlan(roles, TrainingSpec("logistic_regression"), explain=0)
    assert "MIT-02" not in {f.code for f in run(read, plain).findings}
