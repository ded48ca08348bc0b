"""Findings on privacy attacks, and how attacks stand in audit.json."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from core.attacks.figures import AtLimit
from core.attacks.membership import GroupRisk, Membership
from core.attacks.one_run import Guesses, OneRun
from core.attacks.record import Attacked, attack_json
from core.audit.pipeline import run, with_findings
from core.audit.result import AuditPlan
from core.data.roles.assign import default_roles
from core.fairness.metrics.assessment import Figure
from core.reporting.audit_json import audit_json
from core.training.spec import TrainingSpec
from tests.core.worlds import frame, table


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


def audit(promised, p_value: float | None) -> OneRun:
    return OneRun(100, (Guesses(50, 45),), 1.5, p_value, promised, 1e-6, 0.95, "rows", False)


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


def test_no_attack_no_finding():
    assert codes(None) == []
    assert codes(Attacked((membership(0.012, 0.05),), (audit(None, None),))) == []


def test_members_found_are_a_finding():
    assert codes(Attacked((membership(0.021, 0.0),), ())) == ["PRIV-04"]
    assert codes(Attacked((membership(0.0, 0.11),), ())) == ["PRIV-04"]
    assert codes(Attacked((membership(0.0, 0.0, gap=0.05),), ())) == ["PRIV-06"]


def test_a_broken_promise_is_one_and_one_not_refuted_is_not():
    quiet = membership(0.0, 0.0)
    assert codes(Attacked((quiet,), (audit((1.0, 1e-6), 0.001),))) == ["PRIV-05"]
    assert codes(Attacked((quiet,), (audit((1.0, 1e-6), 0.2),))) == []
