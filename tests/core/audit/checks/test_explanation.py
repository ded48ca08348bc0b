"""Findings on explanations, on both sides of their edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.audit.pipeline import run, with_findings
from core.audit.result import AuditPlan, AuditResult
from core.training.spec import TrainingSpec
from tests.core.audit.checks.cases import audited, case, found, roles_of
from tests.core.worlds import frame, table


@pytest.fixture(scope="module")
def explained() -> AuditResult:
    data = frame(900)
    rng = np.random.default_rng(0)
    # A feature that tells sex all but surely, and moves the outcome.
    data["club"] = np.where(rng.random(900) < 0.95, data["sex"], "f")
    data["paid"] = np.where(
        rng.random(900) < np.where(data["club"] == "m", 0.85, 0.15), "yes", "no"
    )
    read = table(data)
    roles = roles_of(read, "paid", "yes", "sex")
    return run(read, AuditPlan(roles, TrainingSpec("logistic_regression"), explain=2))


@pytest.mark.parametrize(("fit", "turned", "count"), [(0.3, -1, 0), (0.29, -1, 1), (0.29, 1, 0)])
def test_local_explanations_that_do_not_fit_and_name_other_reasons(
    explained: AuditResult, fit: float, turned: int, count: int
) -> None:
    people = []
    for one in explained.people:
        # What SHAP says, or its opposite.
        shap = dict(zip(one.shap.features, one.shap.values[0], strict=True))
        weights = np.array([turned * shap[name] for name in one.lime.features])
        people.append(replace(one, lime=replace(one.lime, fit=fit, weights=weights)))
    findings = found(with_findings(replace(explained, people=tuple(people))), "EXPL-01")
    assert [one.severity for one in findings] == ["low"] * count
    if findings:
        assert "for 2 of 2 people" in findings[0].evidence


def test_a_strong_driver_that_tells_the_group(explained: AuditResult) -> None:
    (one,) = found(explained, "EXPL-02")
    assert one.severity == "medium"
    assert "“club”, driver number 1" in one.evidence
    assert "tells “sex” with a ROC AUC of 0.9" in one.evidence


@pytest.mark.parametrize(("share", "count"), [(0.051, 1), (0.049, 0)])
def test_what_carries_under_five_per_cent_drives_nothing(
    explained: AuditResult, share: float, count: int
) -> None:
    found_by = explained.explained
    assert found_by is not None
    others = tuple(name for name in found_by.features if name != "club")
    features = (others[0], "club", *others[1:])
    sizes = np.array([1 - share, share, *[0.0] * (len(features) - 2)])
    moved = replace(found_by, features=features, mean_absolute=sizes)
    findings = found(with_findings(replace(explained, explained=moved)), "EXPL-02")
    assert len(findings) == count
    if findings:
        assert "“club”, driver number 2 with 5%" in findings[0].evidence


def test_a_driver_that_tells_nothing_is_no_proxy() -> None:
    read = case("one_strong_feature")
    result = audited(read, roles_of(read, "out", "yes", "grp"), "logistic_regression")
    assert not found(result, "EXPL-02")
