"""Findings on rates, errors and groups, on both sides of their edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.audit.finding import Finding
from core.audit.pipeline import with_findings
from core.audit.result import AuditResult
from core.fairness.assessment.assess import assess, assess_attributes
from tests.core.audit.checks.cases import audited, case, found, roles_of
from tests.core.fairness.test_disparities import table

Cells = tuple[int, int, int, int]


@pytest.fixture(scope="module")
def existing() -> AuditResult:
    read = case("intersection_only")
    roles = roles_of(read, "y", "1", "sex", "race", prediction="selected", features=())
    return audited(read, roles)


def judged(existing: AuditResult, code: str, **cells: Cells) -> list[Finding]:
    target, prediction, sensitive = table(**cells)
    changed = replace(
        existing,
        assessments=assess_attributes(target, prediction, sensitive),
        dataset=replace(existing.dataset, predictions=prediction),
    )
    return found(with_findings(changed), code)


def test_harm_at_an_intersection_alone_names_every_group_that_bears_it(
    existing: AuditResult,
) -> None:
    (one,) = found(existing, "FAIR-01")
    assert one.severity == "high"
    assert one.title == "Four-fifths rule fails for sex × race"
    assert "Group F · B receives the favourable decision at 33% of the rate" in one.evidence
    assert "interval 27–42%" in one.evidence
    assert "M · W (0.33, 0.26 to 0.42)" in one.evidence
    assert "M · B" not in one.evidence.partition("Below it too")[2]


def test_the_four_fifths_rule_on_both_sides_of_its_edges(existing: AuditResult) -> None:
    (fails,) = judged(existing, "FAIR-01", a=(600, 50, 120, 230), b=(450, 100, 100, 350))
    assert (fails.severity, fails.title) == ("high", "Four-fifths rule fails for g")
    assert "Below it too" not in fails.evidence
    (unclear,) = judged(existing, "FAIR-01", a=(20, 4, 6, 10), b=(16, 6, 8, 14))
    assert (unclear.severity, unclear.title) == ("medium", "Four-fifths rule is unclear for g")
    assert not judged(existing, "FAIR-01", a=(500, 100, 100, 400), b=(500, 110, 90, 400))


@pytest.mark.parametrize(
    ("hits", "severity"),
    [(3252, None), (3253, "medium"), (3706, "medium"), (3707, "high")],
)
def test_a_gap_in_errors_by_how_much_is_surely_there(
    existing: AuditResult, hits: int, severity: str | None
) -> None:
    cells = {"a": (6000, 2000, 3000, 3000), "b": (6000, 2000, 6000 - hits, hits)}
    told = judged(existing, "FAIR-02", **cells)
    assert [one.severity for one in told] == ([] if severity is None else [severity])
    low = assess(*table(**cells)).disparity("equalized_odds_difference").figure.low
    assert low is not None
    assert severity == (None if low <= 0.02 else "medium" if low <= 0.1 else "high")


def test_a_headline_gap_names_no_group_that_is_too_small(existing: AuditResult) -> None:
    large = {"a": (300, 100, 50, 250), "b": (300, 100, 150, 150)}
    (one,) = judged(existing, "FAIR-02", **large, few=(10, 0, 9, 0))
    assert "between b and a; 1 group too small to judge" in one.evidence
    assert one.severity == "high"
    assert not judged(existing, "FAIR-02", a=(300, 100, 50, 250), few=(0, 9, 9, 0))


def test_groups_too_small_are_named(existing: AuditResult) -> None:
    (one,) = judged(existing, "FAIR-03", a=(100, 20, 20, 100), few=(10, 5, 4, 10))
    assert one.severity == "low"
    assert one.evidence == "Too few rows for a firm figure: few"
    assert not judged(existing, "FAIR-03", a=(100, 20, 20, 100), b=(10, 5, 5, 10))


def test_a_group_of_few_labels_is_not_called_too_small_for_what_it_is_judged_by(
    existing: AuditResult,
) -> None:
    (one,) = judged(existing, "FAIR-03", a=(100, 20, 20, 100), some=(30, 5, 4, 5))
    assert one.title == "1 of 2 groups of g is too small to judge by error rates"
    assert one.evidence == "Too few positive or negative labels: some"
    both = judged(existing, "FAIR-03", a=(100, 20, 20, 100), some=(30, 5, 4, 5), few=(9, 9, 5, 5))
    assert [f.title for f in both] == [
        "1 of 3 groups of g is too small to judge",
        "1 of 3 groups of g is too small to judge by error rates",
    ]


def test_too_few_rows_get_no_finding_of_high_severity() -> None:
    read = case("few_test_rows")
    roles = roles_of(read, "event", "1", "sex", "stage")
    result = audited(read, roles, "logistic_regression", seed=1)
    assert {g.too_small is None for a in result.assessments.values() for g in a.groups} == {False}
    fairness = [f for f in result.findings if f.code.startswith("FAIR")]
    assert {f.severity for f in fairness} == {"medium", "low"}
    assert "fails" not in " ".join(f.title + f.evidence for f in fairness)


def test_a_model_that_decides_the_same_for_everybody_passes_nothing() -> None:
    read = case("same_decision_for_all")
    result = audited(read, roles_of(read, "released", "Yes", "grp"), "logistic_regression")
    (one,) = found(result, "FAIR-04")
    assert one.severity == "medium"
    assert one.title == "The decision is the same for everybody"
    assert "0.660 in group B of grp and 0.920 in group A" in one.evidence
    assert "ratio 0.717 (95% interval 0.684 to 0.753)" in one.evidence
    rule = result.assessments[("grp",)].four_fifths
    assert rule.verdict == "undefined"
    assert "passes" not in str(result.findings)


@pytest.mark.parametrize(("exceptions", "expected"), [(0, 1), (3, 1), (4, 0)])
def test_nearly_the_same_for_everybody(
    existing: AuditResult, exceptions: int, expected: int
) -> None:
    told = judged(existing, "FAIR-04", a=(200 - exceptions, exceptions, 0, 0), b=(100, 0, 100, 0))
    assert len(told) == expected
    if exceptions == 3:
        assert "397 of 400 rows get the negative decision, 3 the other one" in told[0].evidence


def test_recorded_outcomes_that_are_unfavourable_are_turned_round(existing: AuditResult) -> None:
    data = existing.dataset
    roles = replace(data.roles, positive_is_favourable=False)
    sensitive = pd.DataFrame({"sex": np.repeat(["F", "M"], [1000, 1000])})
    target = np.r_[np.arange(1000) < 340, np.arange(1000) < 80]
    changed = replace(
        data, roles=roles, sensitive=sensitive, outcome=target, predictions=np.zeros(2000, bool)
    )
    (one,) = found(with_findings(replace(existing, dataset=changed)), "FAIR-04")
    assert "0.660 in group F of sex and 0.920 in group M" in one.evidence
