"""Findings on rates, errors and groups, on both sides of their edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.audit.check_result import CheckResult
from core.audit.finding import Finding
from core.audit.pipeline import run, with_findings
from core.audit.result import AuditPlan, AuditResult
from core.data.roles.roles import Roles
from core.fairness.assessment.assess import assess, assess_attributes
from core.reporting.audit_json import audit_json
from core.reporting.report import render
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
    assert (
        one.title == "Four-fifths rule fails for sex × race: F · B at 0.33 times the rate of F · W"
    )
    assert one.harm is not None
    assert (one.harm.group, one.harm.rate, one.harm.reference_rate) == ("F · B", 0.2, 0.6)
    assert "Group F · B receives the favourable decision at 33% of the rate" in one.evidence
    assert "interval 27–42%" in one.evidence
    assert "M · W (0.33, 0.26 to 0.42)" in one.evidence
    assert "M · B" not in one.evidence.partition("Below it too")[2]


def test_the_four_fifths_rule_on_both_sides_of_its_edges(existing: AuditResult) -> None:
    (fails,) = judged(existing, "FAIR-01", a=(600, 50, 120, 230), b=(450, 100, 100, 350))
    assert (fails.severity, fails.title) == (
        "high",
        "Four-fifths rule fails for g: a at 0.62 times the rate of b",
    )
    assert "Below it too" not in fails.evidence
    (unclear,) = judged(existing, "FAIR-01", a=(20, 4, 6, 10), b=(16, 6, 8, 14))
    assert (unclear.severity, unclear.title) == ("medium", "Four-fifths rule is unclear for g")
    assert not judged(existing, "FAIR-01", a=(500, 100, 100, 400), b=(500, 110, 90, 400))


@pytest.mark.parametrize(
    ("hits", "severity"),
    [(3252, None), (3253, "medium"), (3706, "medium"), (3707, "high")],
)
def test_a_gap_in_errors_by_how_much_is_significant(
    existing: AuditResult, hits: int, severity: str | None
) -> None:
    cells = {"a": (6000, 2000, 3000, 3000), "b": (6000, 2000, 6000 - hits, hits)}
    findings = judged(existing, "FAIR-02", **cells)
    assert [one.severity for one in findings] == ([] if severity is None else [severity])
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
    many = {"a": (100, 20, 20, 100), "b": (100, 20, 20, 100)}
    (one,) = judged(existing, "FAIR-03", **many, few=(10, 5, 4, 10))
    assert one.severity == "low"
    assert one.title == "1 of 3 groups of g is too small to judge"
    assert one.evidence == "Too few rows for a firm figure: few"
    assert not judged(existing, "FAIR-03", a=(100, 20, 20, 100), b=(10, 5, 5, 10))


def test_an_attribute_that_nobody_can_be_compared_by_is_told_of_once(
    existing: AuditResult,
) -> None:
    few = {"few": (10, 5, 4, 10), "fewer": (9, 5, 4, 3)}
    for cells, title in (
        (few, "2 of 2 groups of g are too small to judge, so nobody can be compared by it"),
        (
            {**few, "a": (100, 20, 20, 100)},
            "2 of 3 groups of g are too small to judge, so nobody can be compared by it",
        ),
    ):
        assert not judged(existing, "FAIR-01", **cells)
        (one,) = judged(existing, "FAIR-03", **cells)
        assert (one.severity, one.title) == ("medium", title)
    # With two groups that are large enough the rule speaks for itself.
    two = {"a": (20, 4, 6, 10), "b": (16, 6, 8, 14)}
    assert [item.title for item in judged(existing, "FAIR-01", **two, few=(9, 5, 4, 3))] == [
        "Four-fifths rule is unclear for g"
    ]
    (one,) = judged(existing, "FAIR-03", **two, few=(9, 5, 4, 3))
    assert (one.severity, one.title) == ("low", "1 of 3 groups of g is too small to judge")


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
    findings = judged(
        existing, "FAIR-04", a=(200 - exceptions, exceptions, 0, 0), b=(100, 0, 100, 0)
    )
    assert len(findings) == expected
    if exceptions == 3:
        assert "397 of 400 rows get the decision “" in findings[0].evidence
        assert "”, 3 the other one" in findings[0].evidence


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


@pytest.fixture(scope="module")
def hiring() -> AuditResult:
    roles = Roles(None, "1", ("sex", "race"), prediction="selected", score="score")
    return run(case("hiring_decisions"), AuditPlan(roles))


def selected(result: AuditResult, **groups: tuple[int, int]) -> AuditResult:
    """Replace the decisions by groups given as (favourable, others)."""
    rows = pd.DataFrame(
        [(g, d) for g, (yes, no) in groups.items() for d in [True] * yes + [False] * no],
        columns=["g", "selected"],
    )
    decided = rows.selected.to_numpy(dtype=bool)
    return with_findings(
        replace(
            result,
            assessments=assess_attributes(None, decided, rows[["g"]]),
            dataset=replace(result.dataset, predictions=decided),
        )
    )


def test_hiring_tells_black_against_white_whatever_a_few_others_do(hiring: AuditResult) -> None:
    by_race = [one for one in found(hiring, "FAIR-05") if "of race get" in one.title]
    assert len(by_race) == 1
    assert by_race[0].severity == "medium"
    assert by_race[0].evidence.startswith(
        "Black 37.7% against 48.7% of White: ratio 0.774 (95% interval 0.690 to 0.869), z = −4.61"
    )


def test_an_intersection_is_told_where_its_whole_interval_is_below(hiring: AuditResult) -> None:
    # Male · Black, 0.809 (0.696 to 0.940), is significantly lower too, but not surely by so much.
    (one,) = [one for one in found(hiring, "FAIR-05") if "sex × race" in one.title]
    assert one.severity == "high"
    assert one.evidence.startswith(
        "Female · Black 32.8% against 50.7% of Male · White: ratio 0.647 (95% interval 0.536 "
        "to 0.782), z = −5.01. "
    )


def test_unknown_rows_are_a_finding_of_their_own(hiring: AuditResult) -> None:
    (one,) = found(hiring, "FAIR-06")
    assert one.title == "60 of 2,379 rows are of unknown sex"
    assert not found(selected(hiring, a=(50, 50), b=(50, 50)), "FAIR-06")


def test_words_for_unknown_are_named_and_compared_with_nobody(hiring: AuditResult) -> None:
    result = selected(hiring, a=(50, 50), b=(50, 50), Unknown=(90, 10))
    (one,) = found(result, "FAIR-06")
    assert one.title == "100 of 300 rows are of unknown g"
    assert "“Unknown” says so" in one.evidence
    assert "Unknown" not in str(found(result, "FAIR-01"))
    (other,) = found(selected(hiring, a=(50, 50), b=(50, 50), Others=(90, 10)), "FAIR-01")
    assert "rate of Others" in other.title


def test_everybody_refused_is_not_told_as_granted(hiring: AuditResult) -> None:
    refused = selected(hiring, a=(100, 0), b=(100, 0))
    roles = replace(refused.dataset.roles, positive_is_favourable=False)
    adverse = with_findings(replace(refused, dataset=replace(refused.dataset, roles=roles)))
    (one,) = found(adverse, "FAIR-04")
    assert f"“{adverse.dataset.decision_labels.told(True)}”" in one.evidence
    assert "(refused)" in one.evidence or "(adverse)" in one.evidence
    (one,) = found(refused, "FAIR-04")
    assert "(granted)" in one.evidence or "(favourable)" in one.evidence


def test_the_harm_has_the_interval_that_the_verdict_rests_on(hiring: AuditResult) -> None:
    groups = {"a": (90, 10), "b": (80, 20), "c": (75, 25), "d": (45, 55)}
    result = selected(hiring, **groups)
    (one,) = found(result, "FAIR-01")
    ratio = result.assessments[("g",)].four_fifths.ratio
    assert one.harm is not None
    assert (one.harm.low, one.harm.high) == (ratio.low, ratio.high)
    assert one.harm.high is not None
    assert one.harm.high < 0.8


def test_a_difference_is_told_from_its_level_of_significance_on(hiring: AuditResult) -> None:
    # Against 1,000 of 2,000 the score test gives p = 0.0497 for 462 of 1,000, and 0.0560 for 463.
    (one,) = found(selected(hiring, a=(1000, 1000), b=(462, 538)), "FAIR-05")
    assert one.severity == "medium"
    assert not found(selected(hiring, a=(1000, 1000), b=(463, 537)), "FAIR-05")


def test_many_groups_are_tested_together(hiring: AuditResult) -> None:
    others = dict.fromkeys("cdef", (500, 500))
    assert not found(selected(hiring, a=(1000, 1000), b=(462, 538), **others), "FAIR-05")
    assert found(selected(hiring, a=(1000, 1000), b=(440, 560), **others), "FAIR-05")


@pytest.mark.parametrize(("hits", "severity"), [(364, "high"), (365, "medium")])
def test_severity_follows_the_interval_of_the_ratio(
    hiring: AuditResult, hits: int, severity: str
) -> None:
    # A small best group leaves the four-fifths rule unclear; the two large ones decide.
    changed = selected(hiring, a=(1000, 1000), b=(hits, 1000 - hits), few=(16, 14))
    assert changed.assessments[("g",)].four_fifths.verdict == "unclear"
    (one,) = found(changed, "FAIR-05")
    assert one.severity == severity


@pytest.mark.parametrize(("hits", "close"), [(16, False), (17, True)])
def test_a_test_and_an_interval_that_disagree_are_reconciled(
    hiring: AuditResult, hits: int, close: bool
) -> None:
    # Against 546 of 1,000, 16 of 45 have z = -2.51 and Katz's upper end 0.969; 17 -2.21, 1.011.
    changed = selected(hiring, a=(546, 454), b=(hits, 45 - hits))
    (one,) = found(changed, "FAIR-05")
    assert ("a close call" in one.evidence) == close


def test_groups_too_small_to_judge_are_not_tested(hiring: AuditResult) -> None:
    assert not found(selected(hiring, a=(1000, 1000), b=(8, 21)), "FAIR-05")
    assert found(selected(hiring, a=(1000, 1000), b=(8, 22)), "FAIR-05")


def test_where_the_four_fifths_rule_fails_nothing_is_said_twice(hiring: AuditResult) -> None:
    changed = selected(hiring, a=(1000, 1000), b=(200, 800))
    assert found(changed, "FAIR-01")
    assert not found(changed, "FAIR-05")


def test_a_higher_rate_than_the_largest_group_is_no_harm(hiring: AuditResult) -> None:
    assert not found(selected(hiring, a=(1000, 1000), b=(600, 400)), "FAIR-05")


def test_the_report_of_decisions_alone_says_what_it_cannot_say(hiring: AuditResult) -> None:
    record = audit_json(hiring)
    assert record["dataset"]["base_rate"] == {
        "overall": None,
        "reason": "no true outcome was given",
        "by_attribute": {},
    }
    assert record["performance"]["undefined"]["accuracy"] == "no true outcome was given"
    assert record["performance"]["majority_class"]["accuracy"] is None
    page = render(record)
    assert "no true outcome was given" in page
    assert not found(hiring, "CHECK-01")


def test_the_report_has_impact_ratios_and_scoring_rates(hiring: AuditResult) -> None:
    record = audit_json(hiring)
    by_race = record["fairness"]["by_attribute"]["race"]["impact_ratios"]
    assert (by_race["highest"], by_race["largest"]) == ("Asian", "White")
    (black,) = [item for item in by_race["groups"] if item["group"] == "Black"]
    assert black["ratio_to_largest"]["estimate"] == pytest.approx(0.774, abs=5e-4)
    scoring = record["fairness"]["by_attribute"]["sex"]["scoring"]
    assert [item["median"] for item in scoring] == [44.78, 44.75]
    page = render(record)
    assert "Impact ratios by race" in page
    assert "the share strictly above the median 44.78" in page
    assert "without true outcomes, compared by" in page


def checked(existing: AuditResult, code: str, **cells: Cells) -> CheckResult:
    target, prediction, sensitive = table(**cells)
    changed = replace(
        existing,
        assessments=assess_attributes(target, prediction, sensitive),
        dataset=replace(existing.dataset, predictions=prediction),
    )
    return next(check for check in with_findings(changed).checks if check.code == code)


def test_a_gap_in_errors_that_may_be_large_is_not_passed(existing: AuditResult) -> None:
    even = {"a": (6000, 2000, 3000, 3000), "b": (6000, 2000, 3000, 3000)}
    assert checked(existing, "FAIR-02", **even).status == "passed"
    few = {"a": (60, 20, 30, 30), "b": (60, 20, 30, 30)}
    wide = checked(existing, "FAIR-02", **few)
    assert (wide.status, wide.findings) == ("not enough evidence", ())
    assert wide.reasons[0].startswith("g: equalized-odds difference 0.000 (95% interval 0.000 to ")
    alone = checked(existing, "FAIR-02", a=(300, 100, 50, 250), few=(0, 9, 9, 0))
    assert alone.status == "not enough evidence"
    assert alone.reasons == ("g: fewer than two groups are large enough to judge",)


@pytest.mark.parametrize(
    ("favourable", "group", "means"),
    [(True, "b", "fewer get the favourable decision there"), (False, "a", "more get the adverse")],
)
def test_a_gap_in_errors_names_who_is_harmed_and_how(
    existing: AuditResult, favourable: bool, group: str, means: str
) -> None:
    target, prediction, sensitive = table(a=(300, 100, 50, 350), b=(300, 100, 200, 200))
    changed = replace(
        existing,
        assessments=assess_attributes(
            target, prediction, sensitive, positive_is_favourable=favourable
        ),
        dataset=replace(
            existing.dataset,
            predictions=prediction,
            roles=replace(existing.dataset.roles, positive_is_favourable=favourable),
        ),
    )
    (one,) = found(with_findings(changed), "FAIR-02")
    assert one.harm is not None
    assert (one.harm.figure, one.harm.group) == ("true_positive_rate", group)
    assert {one.harm.rate, one.harm.reference_rate} == {0.875, 0.5}
    assert one.harm.estimate == pytest.approx(0.375)
    assert means in one.evidence
    assert f": {group} fares worse than " in one.title


def test_the_four_fifths_rule_that_tells_nothing_is_not_passed(existing: AuditResult) -> None:
    everybody = checked(existing, "FAIR-01", a=(0, 200, 0, 200), b=(0, 200, 0, 200))
    assert everybody.status == "not applicable"
    assert "nearly everybody gets the favourable decision" in everybody.reasons[0]
    even = checked(existing, "FAIR-01", a=(500, 500, 500, 500), b=(500, 500, 500, 500))
    assert even.status == "passed"


@pytest.mark.parametrize(
    ("positives", "severity"),
    [(1000, None), (1133, None), (1134, "low"), (1374, "low"), (1375, "medium")],
)
def test_recorded_outcomes_that_differ(
    existing: AuditResult, positives: int, severity: str | None
) -> None:
    cells = {
        "a": (2000, 0, 500, 500),
        "b": (3000 - positives, 0, positives // 2, -(-positives // 2)),
    }
    low = assess(*table(**cells)).disparity("prevalence_difference").figure.low
    assert low is not None
    findings = judged(existing, "FAIR-07", **cells)
    assert severity == (None if low <= 0.02 else "low" if low <= 0.1 else "medium")
    assert [one.severity for one in findings] == ([] if severity is None else [severity])
    for one in findings:
        assert one.title == "Recorded outcomes differ by g: a against b"
        assert one.harm is not None
        assert one.harm.rate == pytest.approx(1 / 3)


def test_recorded_outcomes_are_not_judged_by_groups_too_small(existing: AuditResult) -> None:
    few = checked(existing, "FAIR-07", a=(300, 100, 50, 250), few=(0, 0, 14, 15))
    assert (few.status, few.findings) == ("not enough evidence", ())
