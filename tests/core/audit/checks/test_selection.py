"""Findings on selection rates, with and without true outcomes, on both sides of their edges."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from core.audit.pipeline import run, with_findings
from core.audit.result import AuditPlan, AuditResult
from core.data.roles.roles import Roles
from core.fairness.assessment.assess import assess_attributes
from core.reporting.audit_json import audit_json
from core.reporting.report import render
from tests.core.audit.checks.cases import case, found


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
        "Black 37.7% against 48.7% of White: ratio 0.774 (95% interval 0.690 to 0.869), z = -4.61"
    )


def test_an_intersection_is_told_where_its_whole_interval_is_below(hiring: AuditResult) -> None:
    # Male · Black, 0.809 (0.696 to 0.940), is significantly lower too, but not surely by so much.
    (one,) = [one for one in found(hiring, "FAIR-05") if "sex × race" in one.title]
    assert one.severity == "high"
    assert one.evidence.startswith(
        "Female · Black 32.8% against 50.7% of Male · White: ratio 0.647 (95% interval 0.536 "
        "to 0.782), z = -5.01. "
    )


def test_unknown_rows_are_a_finding_of_their_own(hiring: AuditResult) -> None:
    (one,) = found(hiring, "FAIR-06")
    assert one.title == "60 of 2,379 rows are of unknown sex"
    assert not found(selected(hiring, a=(50, 50), b=(50, 50)), "FAIR-06")


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
    told = audit_json(hiring)
    assert told["dataset"]["base_rate"] == {
        "overall": None,
        "reason": "no true outcome was given",
        "by_attribute": {},
    }
    assert told["performance"]["undefined"]["accuracy"] == "no true outcome was given"
    assert told["performance"]["majority_class"]["accuracy"] is None
    page = render(told)
    assert "no true outcome was given" in page
    assert not found(hiring, "CHECK-01")


def test_the_report_has_impact_ratios_and_scoring_rates(hiring: AuditResult) -> None:
    told = audit_json(hiring)
    by_race = told["fairness"]["by_attribute"]["race"]["impact_ratios"]
    assert (by_race["highest"], by_race["largest"]) == ("Asian", "White")
    (black,) = [item for item in by_race["groups"] if item["group"] == "Black"]
    assert black["ratio_to_largest"]["estimate"] == pytest.approx(0.774, abs=5e-4)
    scoring = told["fairness"]["by_attribute"]["sex"]["scoring"]
    assert [item["median"] for item in scoring] == [44.78, 44.75]
    page = render(told)
    assert "Impact ratios by race" in page
    assert "the share strictly above the median 44.78" in page
    assert "without true outcomes, compared by" in page
