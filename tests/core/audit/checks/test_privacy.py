"""Findings on the privacy guarantee, on both sides of their edges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.audit.pipeline import run, with_findings
from core.audit.result import AuditPlan, AuditResult
from core.training.spec import TrainingSpec
from tests.core.audit.checks.cases import found, roles_of
from tests.core.worlds import DOMAINS, frame, table


@pytest.fixture(scope="module")
def private() -> AuditResult:
    read = table(frame(600))
    roles = roles_of(read, "paid", "yes", "sex")
    spec = TrainingSpec(
        "dp_binned_regression", epsilon=1.0, delta=1e-6, domains=DOMAINS, noise="seeded"
    )
    return run(read, AuditPlan(roles, spec, explain=0))


def changed(result: AuditResult, *, cost: tuple[float, float] | None = None, **spec: object):
    assert result.trained is not None
    trained = replace(result.trained, spec=replace(result.trained.spec, **spec))
    if cost is not None:
        trained = replace(trained, cost=cost)
    return with_findings(replace(result, trained=trained))


def test_noise_that_can_be_repeated(private: AuditResult) -> None:
    (one,) = found(private, "PRIV-01")
    assert (one.severity, one.title[:25]) == ("high", "Privacy noise can be repe")


@pytest.mark.parametrize(("epsilon", "count"), [(5.0, 0), (5.1, 1)])
def test_a_large_budget(private: AuditResult, epsilon: float, count: int) -> None:
    told = found(changed(private, noise="fresh", epsilon=epsilon), "PRIV-01")
    assert [one.severity for one in told] == ["medium"] * count


def test_an_ordinary_learner_has_no_promise_to_judge(private: AuditResult) -> None:
    plain = changed(private, learner="logistic_regression", epsilon=None, delta=None)
    assert not found(plain, "PRIV-01")


@pytest.mark.parametrize(("share", "count"), [(0.999, 0), (1.0, 1)])
def test_a_delta_that_promises_nothing(private: AuditResult, share: float, count: int) -> None:
    assert private.trained is not None
    delta = share / len(private.trained.split.train)
    told = found(changed(private, cost=(1.0, delta)), "PRIV-03")
    assert [one.severity for one in told] == ["high"] * count


@pytest.mark.parametrize(
    ("origin", "blind", "severity"),
    [("declared", (), None), ("paid", (), "info"), ("paid", ("age",), "medium")],
)
def test_columns_of_which_paid_bounds_told_nothing(
    private: AuditResult, origin: str, blind: tuple[str, ...], severity: str | None
) -> None:
    assert private.trained is not None
    domains = replace(DOMAINS, origin=origin, unlearned=blind)
    trained = replace(private.trained, domains=domains)
    told = found(with_findings(replace(private, trained=trained)), "PRIV-02")
    assert [one.severity for one in told] == ([] if severity is None else [severity])
    if blind:
        assert "1 of 3 columns stayed below the noise: age" in told[0].evidence
