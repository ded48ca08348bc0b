from __future__ import annotations

import pytest

from core.fairness.assess import assess
from core.fairness.four_fifths import _percent
from tests.core.fairness.test_disparities import table


def test_clearly_below():
    rule = assess(*table(women=(600, 50, 120, 230), men=(450, 100, 100, 350))).four_fifths
    assert rule.verdict == "fails"
    assert rule.ratio.estimate == pytest.approx(0.28 / 0.45)
    assert rule.ratio.high < 0.8
    assert rule.sentence.startswith(
        "Group women receives the favourable decision at 62 % of the rate of group men "
        "(95 % interval 5"
    )
    assert rule.sentence.endswith(": below four fifths.")


def test_clearly_not_below():
    rule = assess(*table(a=(500, 100, 100, 400), b=(500, 110, 90, 400))).four_fifths
    assert rule.verdict == "passes"
    assert rule.ratio.low >= 0.8
    assert rule.sentence.endswith(": not below four fifths.")


def test_small_groups_can_not_tell():
    rule = assess(*table(a=(10, 2, 3, 5), b=(8, 3, 4, 7))).four_fifths
    assert rule.verdict == "unclear"
    assert rule.ratio.low < 0.8 <= rule.ratio.high
    assert "can't tell" in rule.sentence


def test_an_adverse_positive_decision_turns_the_rule_around():
    rows = table(flagged=(300, 200, 50, 450), spared=(700, 50, 100, 150))
    adverse = assess(*rows, positive_is_favourable=False).four_fifths
    assert adverse.ratio.estimate == pytest.approx(0.35 / 0.8)
    assert adverse.sentence.startswith("Group flagged receives the favourable decision at 44 %")
    favourable = assess(*rows, positive_is_favourable=True).four_fifths
    assert favourable.ratio.estimate == pytest.approx(0.2 / 0.65)
    assert favourable.sentence.startswith("Group spared receives")


def test_undefined():
    nobody = assess(*table(a=(30, 0, 10, 0), b=(30, 0, 20, 0))).four_fifths
    assert nobody.verdict == "undefined"
    assert "nobody receives the favourable decision in any group" in nobody.sentence
    alone = assess(*table(a=(30, 5, 10, 5))).four_fifths
    assert alone.verdict == "undefined"
    assert "only one group" in alone.sentence


def test_equal_rates_name_no_group():
    rule = assess(*table(a=(300, 100, 100, 300), b=(300, 100, 100, 300))).four_fifths
    assert rule.sentence.startswith("All groups receive the favourable decision at the same rate")
    assert rule.verdict == "passes"


@pytest.mark.parametrize(
    ("share", "text"), [(0.62, "62"), (0.7996, "79.96"), (0.8, "80"), (0.795, "79"), (1.0, "100")]
)
def test_rounding_never_hides_the_side_of_the_rule(share, text):
    assert _percent(share) in (text, "79.5")
    assert (float(_percent(share)) >= 80) == (share >= 0.8)


def test_a_handful_of_rows_does_not_decide_the_headline():
    rows = {"women": (600, 50, 120, 230), "men": (600, 60, 110, 230), "few": (0, 0, 9, 9)}
    rule = assess(*table(**rows)).four_fifths
    plain = assess(*table(women=rows["women"], men=rows["men"])).four_fifths
    assert rule.verdict == plain.verdict == "passes"
    assert rule.ratio == plain.ratio
    assert rule.sentence.endswith("Left out: 1 group of fewer than 30 rows.")
    # The disparity over all groups is still there, beside the rule.
    every = assess(*table(**rows)).disparity("demographic_parity_ratio").figure.estimate
    assert every != pytest.approx(rule.ratio.estimate)
