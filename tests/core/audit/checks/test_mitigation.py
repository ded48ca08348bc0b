"""Findings on what a mitigation asks for and on whom its lot falls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.audit.checks import mitigation as module
from core.audit.finding import Finding
from core.audit.pipeline import run, with_findings
from core.audit.result import AuditPlan, AuditResult
from core.cli.audit import mitigation_lines
from core.fairness.metrics.assessment import Figure
from core.mitigation.randomisation import GroupRandomisation, Randomisation
from core.reporting.audit_json import audit_json
from core.reporting.report import render
from core.training.spec import TrainingSpec
from core.training.trained import Unmitigated
from tests.core.audit.checks.cases import found, roles_of
from tests.core.worlds import frame, table


def audit(mitigation: str, explain: int = 0) -> AuditResult:
    read = table(frame(600))
    roles = roles_of(read, "paid", "yes", "sex")
    return run(read, AuditPlan(roles, TrainingSpec("logistic_regression", mitigation), explain))


@pytest.fixture(scope="module")
def drawn() -> AuditResult:
    return audit("threshold_optimizer")


def randomisation(uneven: float, refused: int) -> Randomisation:
    def group(name: str) -> GroupRandomisation:
        return GroupRandomisation(name, 100, 40, Figure(0.1, 0.05, 0.15), 20, refused)

    return Randomisation(
        group("everyone"), (group("f"), group("m")), Figure(0.1, uneven, 0.2), "f", "m"
    )


@pytest.mark.parametrize(
    ("uneven", "refused", "severity", "title"),
    [
        (0.021, 0, "high", "The draw falls on f far more than on m"),
        (0.02, 3, "medium", "Some of the highest-scored are refused at random"),
        (0.02, 0, "info", "Some decisions are randomised"),
    ],
)
def test_on_whom_a_lot_falls(
    drawn: AuditResult,
    monkeypatch: pytest.MonkeyPatch,
    uneven: float,
    refused: int,
    severity: str,
    title: str,
) -> None:
    monkeypatch.setattr(
        module, "randomisation_of", lambda dataset, trained: randomisation(uneven, refused)
    )
    (one,) = found(with_findings(drawn), "MIT-06")
    assert (one.severity, one.title) == (severity, title)
    assert f"f: another draw changes 10.0% of decisions, and {refused} of 20" in one.evidence
    assert ("Group thresholds" in one.remedy) == (severity != "info")


def test_where_nothing_is_drawn_there_is_no_lot() -> None:
    for name in ("none", "levelling_up", "group_thresholds"):
        result = audit(name)
        assert not found(result, "MIT-06")
        record = audit_json(result)["mitigation"]
        assert record is None or record["randomisation"] is None


def test_a_lottery_that_draws_nothing_is_no_finding(drawn: AuditResult) -> None:
    assert drawn.trained is not None

    class Sure:
        def positive_probability(self, X: object, groups: np.ndarray) -> np.ndarray:
            return np.ones(len(groups))

        predict_score = predict = positive_probability

    sure = replace(drawn, trained=replace(drawn.trained, decider=Sure()))
    assert not found(with_findings(sure), "MIT-06")


def test_the_lot_stands_in_json_report_and_command(drawn: AuditResult) -> None:
    record = audit_json(drawn)
    groups = record["mitigation"]["randomisation"]["groups"]
    assert [item["group"] for item in groups] == ["f", "m"]
    assert sum(item["count"] for item in groups) == len(drawn.trained.decisions)  # type: ignore[union-attr]
    assert "Randomised decisions by group" in render(record)
    assert (
        f"randomised: {record['mitigation']['randomisation']['everyone']['drawn']} of"
        in "\n".join(mitigation_lines(drawn))
    )


def test_a_mitigation_that_needs_the_group_to_decide(drawn: AuditResult) -> None:
    (one,) = found(drawn, "MIT-01")
    assert (one.severity, one.title) == (
        "medium",
        "The sensitive attribute is used for each decision",
    )
    assert not found(audit("reweighing"), "MIT-01")


def test_explanations_that_leave_the_group_out() -> None:
    explained = audit("correlation_remover", explain=1)
    assert [one.severity for one in found(explained, "MIT-03")] == ["info"]
    assert not found(replace(audit("correlation_remover"), people=()), "MIT-03")
    assert not found(audit("threshold_optimizer", explain=1), "MIT-03")


def test_a_mitigation_that_found_nothing_to_do_asks_for_no_group_and_draws_no_lot() -> None:
    # Sex has no part in this world but by income, so that the own gap may be chance.
    data = frame(300)
    data["sex"] = np.where(np.arange(300) % 2 == 0, "f", "m")
    read = table(data)
    roles = roles_of(read, "paid", "yes", "sex")
    for name in ("relaxed_equalized_odds", "group_thresholds"):
        result = run(read, AuditPlan(roles, TrainingSpec("logistic_regression", name), 0))
        (one,) = found(result, "MIT-07")
        assert "all 60 test rows are decided as without it" in one.evidence
        assert "may be chance" in one.evidence
        for code in ("MIT-01", "MIT-02", "MIT-06"):
            assert not found(result, code)
    other = run(
        read, AuditPlan(roles, TrainingSpec("logistic_regression", "threshold_optimizer"), 0)
    )
    assert found(other, "MIT-01")
    assert not found(other, "MIT-07")


ROWS = 2000
"""Test rows: half of group a, half of group b, each with as many positives as negatives."""


@pytest.fixture(scope="module")
def mitigated() -> AuditResult:
    read = table(frame(600))
    roles = roles_of(read, "paid", "yes", "sex")
    return run(
        read, AuditPlan(roles, TrainingSpec("logistic_regression", "threshold_optimizer"), 0)
    )


def findings_of(
    result: AuditResult,
    code: str,
    before: dict[str, float],
    after: dict[str, float],
    **changes: object,
) -> list[Finding]:
    """Findings where the groups' true positive rates change; false positives stay at a tenth."""
    assert result.trained is not None
    group = np.repeat(["a", "b"], ROWS // 2)
    target = np.tile(np.arange(ROWS // 2) < ROWS // 4, 2)

    def decisions(rates: dict[str, float]) -> np.ndarray:
        out = np.zeros(ROWS, dtype=bool)
        for name, rate in rates.items():
            own = np.flatnonzero((group == name) & target)
            out[own[: round(rate * len(own))]] = True
            others = np.flatnonzero((group == name) & ~target)
            out[others[: len(others) // 10]] = True
        return out

    data = replace(
        result.dataset,
        outcome=target,
        sensitive=pd.DataFrame({"sex": group}),
        features=result.dataset.features.iloc[np.arange(ROWS) % 600].reset_index(drop=True),
        rows=np.arange(ROWS),
        **changes,
    )
    split = replace(result.trained.split, test=np.arange(ROWS))
    old, new = decisions(before), decisions(after)
    trained = replace(
        result.trained,
        split=split,
        decisions=new,
        scores=new.astype(float),
        unmitigated=Unmitigated(old.astype(float), old, result.trained.performance),
    )
    return found(with_findings(replace(result, dataset=data, trained=trained)), code)


EVEN = {"a": 0.7, "b": 0.7}


@pytest.mark.parametrize(("after", "severity"), [(0.5, "high"), (0.6, "low"), (0.7, None)])
def test_a_gap_that_a_mitigation_aims_at_and_makes_larger(
    mitigated: AuditResult, after: float, severity: str | None
) -> None:
    findings = findings_of(mitigated, "MIT-04", EVEN, {"a": 0.7, "b": after})
    own = [f for f in findings if "aims at" in f.title]
    assert [f.severity for f in own] == ([] if severity is None else [severity])
    if severity == "high":
        assert "Equalized odds difference 0.000 without it, 0.200 with it" in own[0].evidence


def test_a_gap_made_smaller_is_no_finding(mitigated: AuditResult) -> None:
    assert not findings_of(mitigated, "MIT-04", {"a": 0.8, "b": 0.6}, EVEN)


def test_another_gap_made_larger_is_told_apart(mitigated: AuditResult) -> None:
    assert mitigated.trained is not None
    spec = replace(mitigated.trained.spec, mitigation="reject_option")
    other = replace(mitigated, trained=replace(mitigated.trained, spec=spec))
    findings = findings_of(other, "MIT-04", EVEN, {"a": 0.7, "b": 0.5})
    (one,) = [f for f in findings if "another gap" in f.title]
    assert one.severity == "medium"
    assert "Equal opportunity difference 0.000 without it, 0.200 with it" in one.evidence
    assert "Demographic parity" not in one.evidence


@pytest.mark.parametrize(("after", "count"), [(0.7, 0), (0.6, 0), (0.5, 1)])
def test_a_group_lost_much_where_it_surely_lost_more_than_five_points(
    mitigated: AuditResult, after: float, count: int
) -> None:
    findings = findings_of(mitigated, "MIT-05", EVEN, {"a": after, "b": 0.7})
    assert len(findings) == count
    if count:
        assert "a lost 10.0 points of favourable decisions" in findings[0].evidence
        assert "b lost" not in findings[0].evidence


def test_where_the_positive_decision_is_a_harm_fewer_of_them_are_no_loss(
    mitigated: AuditResult,
) -> None:
    roles = replace(mitigated.dataset.roles, positive_is_favourable=False)
    (one,) = findings_of(mitigated, "MIT-05", EVEN, {"a": 0.5, "b": 0.7}, roles=roles)
    assert "favourable decisions" not in one.evidence
    assert "a lost 10.0 points of right decisions" in one.evidence
    (one,) = findings_of(mitigated, "MIT-05", EVEN, {"a": 0.9, "b": 0.7}, roles=roles)
    assert "a lost 10.0 points of favourable decisions" in one.evidence


def test_of_weighted_rows_nothing_is_sure(mitigated: AuditResult) -> None:
    weights = np.random.default_rng(0).uniform(0.5, 2, ROWS)
    after = {"a": 0.7, "b": 0.4}
    assert findings_of(mitigated, "MIT-04", EVEN, after, weights=np.ones(ROWS))
    assert not findings_of(mitigated, "MIT-04", EVEN, after, weights=weights)


def test_rows_that_repeat_persons_make_nothing_surer(mitigated: AuditResult) -> None:
    after = {"a": 0.7, "b": 0.5}
    alone = pd.DataFrame({"id": [str(row) for row in range(ROWS)]})
    repeated = pd.DataFrame({"id": [str(row // 10) for row in range(ROWS)]})
    (own, *_) = findings_of(mitigated, "MIT-04", EVEN, after, identifiers=alone)
    assert own.severity == "high"
    fewer = findings_of(mitigated, "MIT-04", EVEN, after, identifiers=repeated)
    assert "high" not in {one.severity for one in fewer}
    stopped = findings_of(mitigated, "CHECK-01", EVEN, after, identifiers=repeated)
    assert not [one for one in stopped if "MIT-04" in one.title]


def test_an_audit_of_persons_with_a_mitigation_carries_out_every_check() -> None:
    rows = frame(600)
    rows["who"] = [f"p{row // 2}" for row in range(len(rows))]
    read = table(rows)
    own = roles_of(read, "paid", "yes", "sex")
    features = tuple(name for name in own.features if name != "who")
    roles = replace(own, features=features, identifiers=("who",))
    plan = AuditPlan(roles, TrainingSpec("logistic_regression", "threshold_optimizer"), 0)
    assert "CHECK-01" not in {one.code for one in run(read, plan).findings}


def test_the_model_without_the_mitigation_stands_in_json_report_and_command(
    mitigated: AuditResult,
) -> None:
    record = audit_json(mitigated)
    own = record["mitigation"]
    assert mitigated.trained is not None
    assert mitigated.trained.unmitigated is not None
    without = mitigated.trained.unmitigated.performance
    assert own["unmitigated"]["accuracy"] == without.figures["accuracy"].estimate
    assert own["aim"] == "equalized_odds_difference"
    everyone = own["groups"][0]
    assert everyone["count"] == len(mitigated.trained.split.test)
    changed = sum(everyone["gained"].values()) + sum(everyone["lost"].values())
    assert changed == (mitigated.trained.decisions != mitigated.trained.unmitigated.decisions).sum()
    page = render(record)
    assert "What the mitigation changed" in page
    lines = "\n".join(mitigation_lines(mitigated))
    assert "equalized odds difference (aimed at) 0." in lines
    assert f"accuracy {own['unmitigated']['accuracy']:.3f}" in lines


def test_the_command_says_of_decisions_that_are_all_alike_that_their_equal_rates_say_nothing(
    mitigated: AuditResult,
) -> None:
    def said(exceptions: int) -> str:
        assert mitigated.trained is not None
        decisions = np.ones(len(mitigated.trained.decisions), dtype=bool)
        decisions[:exceptions] = False
        trained = replace(mitigated.trained, decisions=decisions)
        return "\n".join(mitigation_lines(replace(mitigated, trained=trained)))

    rows = len(mitigated.trained.decisions) if mitigated.trained is not None else 0
    called = mitigated.dataset.decision_labels.told(True)
    assert f"All {rows} rows get the decision “{called}”: equal rates" in said(0)
    assert "equal rates" not in said(rows // 100 + 1)


def test_without_a_mitigation_nothing_is_said(mitigated: AuditResult) -> None:
    assert mitigated.trained is not None
    spec = replace(mitigated.trained.spec, mitigation="none")
    plain = replace(mitigated, trained=replace(mitigated.trained, spec=spec, unmitigated=None))
    assert audit_json(plain)["mitigation"] is None
    assert mitigation_lines(plain) == []
    assert not found(with_findings(plain), "MIT-04")


def test_a_private_model_that_can_not_be_trained_without_says_why(mitigated: AuditResult) -> None:
    assert mitigated.trained is not None
    alone = replace(mitigated, trained=replace(mitigated.trained, unmitigated=None))
    assert "charged, once more" in audit_json(alone)["mitigation"]["reason"]
    assert "nothing to compare it with" in mitigation_lines(alone)[0]
    assert "charged, once more" in render(audit_json(alone))
