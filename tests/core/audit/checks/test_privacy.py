"""Findings on the privacy guarantee, on both sides of their edges."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from core.attacks.figures import AtLimit
from core.attacks.membership import GroupRisk, Membership
from core.attacks.one_run import Guesses, OneRun
from core.attacks.record import Attacked, attack_json
from core.audit.pipeline import run, with_findings
from core.audit.result import AuditPlan, AuditResult
from core.data.assign import default_roles
from core.fairness.metrics.assessment import Figure
from core.reporting.audit_json import audit_json
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
    findings = found(changed(private, noise="fresh", epsilon=epsilon), "PRIV-01")
    assert [one.severity for one in findings] == ["medium"] * count


def test_an_ordinary_learner_has_no_guarantee_to_judge(private: AuditResult) -> None:
    plain = changed(private, learner="logistic_regression", epsilon=None, delta=None)
    assert not found(plain, "PRIV-01")


@pytest.mark.parametrize(("share", "count"), [(0.999, 0), (1.0, 1)])
def test_a_delta_that_promises_nothing(private: AuditResult, share: float, count: int) -> None:
    assert private.trained is not None
    delta = share / len(private.trained.split.train)
    findings = found(changed(private, cost=(1.0, delta)), "PRIV-03")
    assert [one.severity for one in findings] == ["high"] * count


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
    findings = found(with_findings(replace(private, trained=trained)), "PRIV-02")
    assert [one.severity for one in findings] == ([] if severity is None else [severity])
    if blind:
        assert "1 of 3 columns stayed below the noise: age" in findings[0].evidence


def membership(low: float, gain: float, gap: float = -0.1) -> Membership:
    rate = Figure(low + 0.01, low, low + 0.02)
    undefined = Figure(None, reason="too few")
    return Membership(
        "loss threshold",
        600,
        200,
        Figure(0.6, 0.55, 0.65),
        Figure(gain + 0.05, gain, gain + 0.1),
        (AtLimit(0.01, 20, rate, rate, ""), AtLimit(0.001, 0, undefined, undefined, "")),
        np.array([0.0, 1.0]),
        np.array([0.0, 1.0]),
        (GroupRisk("sex", "f", 300, 100, Figure(0.7, 0.6, 0.8), Figure(gap + 0.1, gap, 0.3)),),
        0.95,
    )


def guarantee_audit(claimed: tuple[float, float] | None, p_value: float | None) -> OneRun:
    return OneRun(100, (Guesses(50, 45),), 1.5, p_value, claimed, 1e-6, 0.95, "rows", False)


def test_an_attack_that_is_not_registered_goes_by_its_name() -> None:
    assert membership(0.1, 0.1).title == "Loss attack"
    assert replace(membership(0.1, 0.1), method="someone's own").title == "someone's own"


def codes(attack: Attacked | None) -> list[str]:
    read = table(frame(400))
    plan = AuditPlan(
        default_roles(read, "paid", "yes", ("sex",))[0], TrainingSpec("logistic_regression"), 0
    )
    result = with_findings(replace(run(read, plan), attack=attack))
    written = audit_json(result)["attack"]
    assert written == attack_json(attack)
    json.dumps(written, allow_nan=False)
    return [f.code for f in result.findings if f.code in ("PRIV-04", "PRIV-05", "PRIV-06")]


def test_no_attack_no_finding() -> None:
    assert codes(None) == []
    assert codes(Attacked((membership(0.012, 0.05),), (guarantee_audit(None, None),))) == []


def test_members_found_are_a_finding() -> None:
    assert codes(Attacked((membership(0.021, 0.0),), ())) == ["PRIV-04"]
    assert codes(Attacked((membership(0.0, 0.11),), ())) == ["PRIV-04"]
    assert codes(Attacked((membership(0.0, 0.0, gap=0.05),), ())) == ["PRIV-06"]


def test_a_broken_guarantee_is_one_and_one_not_refuted_is_not() -> None:
    quiet = membership(0.0, 0.0)
    assert codes(Attacked((quiet,), (guarantee_audit((1.0, 1e-6), 0.001),))) == ["PRIV-05"]
    assert codes(Attacked((quiet,), (guarantee_audit((1.0, 1e-6), 0.2),))) == []


def test_an_audit_of_the_guarantee_alone_leaves_the_checks_of_membership_unrun(
    private: AuditResult,
) -> None:
    attack = Attacked((), (guarantee_audit((1.0, 1e-6), 0.2),))
    checks = {c.code: c for c in with_findings(replace(private, attack=attack)).checks}
    for code in ("PRIV-04", "PRIV-06"):
        assert (checks[code].status, checks[code].reasons) == (
            "skipped",
            ("no membership attack was run",),
        )
    assert checks["PRIV-05"].status == "passed"
