"""Findings on performance, on both sides of their edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.audit.finding import Finding
from core.audit.pipeline import with_findings
from core.audit.result import AuditResult
from core.data.frames import table_of
from core.data.roles.roles import Roles
from core.fairness.assessment.assess import assess_attributes
from core.fairness.metrics.assessment import Figure
from core.learning.performance import Performance
from tests.core.audit.checks.cases import audited, case, found, roles_of


@pytest.fixture(scope="module")
def reversed_score() -> AuditResult:
    read = case("reversed_score")
    roles = roles_of(read, "truth", "1", "grp", score="risk", threshold=0.5, features=())
    return audited(read, roles)


@pytest.fixture(scope="module")
def private() -> AuditResult:
    read = case("same_decision_for_all")
    spec = {"epsilon": 1.0, "delta": 1e-6, "noise": "seeded"}
    roles = roles_of(read, "released", "Yes", "grp")
    return audited(read, roles, "dp_binned_regression", **spec)


def findings_of(result: AuditResult, code: str, **figures: Figure) -> list[Finding]:
    performance = replace(result.performance, figures={**result.performance.figures, **figures})
    return found(with_findings(replace(result, performance=performance)), code)


def test_a_score_turned_round_is_a_finding(reversed_score: AuditResult) -> None:
    (one,) = found(reversed_score, "PERF-04")
    assert one.severity == "high"
    assert "ROC AUC 0.077" in one.evidence
    assert "would have 0.923" in one.evidence


@pytest.mark.parametrize(("high", "count"), [(0.499, 1), (0.5, 0)])
def test_turned_round_is_surely_below_guessing(
    reversed_score: AuditResult, high: float, count: int
) -> None:
    overall = replace(reversed_score, assessments={})
    assert len(findings_of(overall, "PERF-04", roc_auc=Figure(0.4, 0.3, high))) == count


def test_a_score_turned_round_in_one_group_alone_names_it(reversed_score: AuditResult) -> None:
    rng = np.random.default_rng(0)
    n = 600
    group = np.where(np.arange(n) < 450, "u", "v")
    target = rng.random(n) < 0.5
    sign = np.where(group == "u", 1, -1)
    scores = 1 / (1 + np.exp(-(2 * sign * (target - 0.5) + rng.normal(size=n))))
    assessments = assess_attributes(
        target, scores >= 0.5, pd.DataFrame({"grp": group}), scores=scores
    )
    area = assessments[("grp",)].overall.figures["roc_auc"]
    right = replace(reversed_score, assessments=assessments)
    (one,) = findings_of(right, "PERF-04", roc_auc=area)
    assert one.title == "The score is turned round for v of grp"
    small = assess_attributes(
        target[425:475], scores[425:475] >= 0.5, pd.DataFrame({"grp": group[425:475]}),
        scores=scores[425:475],
    )  # fmt: skip
    assert all(g.too_small for g in small[("grp",)].groups)
    assert not findings_of(replace(reversed_score, assessments=small), "PERF-04", roc_auc=area)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.5, 0.59, "less accurate"), (0.5, 0.7, "not significantly more"), (0.61, 0.7, None)],
)
def test_no_better_than_always_the_same(
    reversed_score: AuditResult, low: float, high: float, words: str | None
) -> None:
    assert reversed_score.performance.majority_class_accuracy == pytest.approx(0.603, abs=1e-3)
    findings = findings_of(reversed_score, "PERF-01", accuracy=Figure(0.58, low, high))
    assert len(findings) == (words is not None)
    if words is not None:
        assert words in findings[0].title


@pytest.mark.parametrize(("own", "severity"), [(0.75, "medium"), (0.751, "info"), (0.81, "info")])
def test_what_privacy_cost(private: AuditResult, own: float, severity: str) -> None:
    assert private.trained is not None
    assert private.trained.baseline is not None
    plain = Performance("test", 400, {"roc_auc": Figure(0.8005)}, 0.8)
    changed = replace(private, trained=replace(private.trained, baseline=plain))
    (one,) = findings_of(changed, "PERF-02", roc_auc=Figure(own))
    assert one.severity == severity
    assert ("below" in one.title) == (own < 0.8005)
    without = replace(private, trained=replace(private.trained, baseline=None))
    assert not findings_of(without, "PERF-02", roc_auc=Figure(own))


@pytest.mark.parametrize(("area", "count"), [(0.98, 0), (0.981, 1)])
def test_scores_too_good_to_be_true(private: AuditResult, area: float, count: int) -> None:
    assert len(findings_of(private, "PERF-03", roc_auc=Figure(area))) == count
    # An existing score may know more than a model could have learned.
    existing = replace(private, trained=None)
    existing = replace(
        existing, dataset=replace(existing.dataset, predictions=existing.dataset.target)
    )
    assert not findings_of(existing, "PERF-03", roc_auc=Figure(area))


def _leaking(learner: str, **spec) -> AuditResult:
    """A column that is the outcome but for a little noise, one that is half of it, and another."""
    rng = np.random.default_rng(4)
    outcome = rng.random(600) < 0.5
    data = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], 600),
            "days_until": 10.0 * outcome + rng.normal(0, 1, 600),
            "closed": np.where(rng.random(600) < 0.03, ~outcome, outcome).astype(str),
            "age": outcome + rng.normal(0, 1.5, 600),
            "y": np.where(outcome, "yes", "no"),
        }
    )
    roles = Roles("y", "yes", ("sex",), features=("days_until", "closed", "age"))
    return audited(table_of(data), roles, learner, **spec)


def test_a_leak_names_the_features_that_tell_the_outcome_alone() -> None:
    (one,) = found(_leaking("logistic_regression"), "PERF-03")
    assert "; by themselves these rank the outcome so well: days_until (1.000), closed (0.9" in (
        one.evidence
    )
    assert "age" not in one.evidence
    assert "most important" not in one.evidence


def test_of_a_private_models_rows_no_feature_is_told(private: AuditResult) -> None:
    (one,) = findings_of(private, "PERF-03", roc_auc=Figure(0.99))
    assert "by themselves" not in one.evidence
    told = _leaking("dp_binned_regression", epsilon=5.0, delta=1e-6, noise="seeded")
    (one,) = findings_of(told, "PERF-03", roc_auc=Figure(0.99))
    assert "by themselves" not in one.evidence


def test_without_a_telling_feature_the_most_important_one_is_named() -> None:
    result = _leaking("logistic_regression")
    weak = replace(result.dataset, features=result.dataset.features[["age"]])
    (one,) = findings_of(replace(result, dataset=weak), "PERF-03", roc_auc=Figure(0.99))
    assert "by themselves" not in one.evidence
    assert result.explained is not None
    assert f"; most important: {result.explained.features[0]}" in one.evidence
