from __future__ import annotations

import numpy as np
import pytest

from core.fairness.assessment.assess import assess
from core.fairness.disparities.four_fifths import _percent
from tests.core.fairness.test_disparities import table


def test_clearly_below():
    rule = assess(*table(women=(600, 50, 120, 230), men=(450, 100, 100, 350))).four_fifths
    assert rule.verdict == "fails"
    assert rule.ratio.estimate == pytest.approx(0.28 / 0.45)
    assert rule.ratio.high < 0.8
    assert rule.sentence.startswith(
        "Group women receives the favourable decision at 62% of the rate of group men "
        "(95% interval 5"
    )
    assert rule.sentence.endswith(": below four fifths.")


def test_clearly_not_below():
    rule = assess(*table(a=(500, 100, 100, 400), b=(500, 110, 90, 400))).four_fifths
    assert rule.verdict == "passes"
    assert rule.ratio.low >= 0.8
    assert rule.sentence.endswith(": not below four fifths.")


def test_middling_groups_can_not_tell():
    rule = assess(*table(a=(20, 4, 6, 10), b=(16, 6, 8, 14))).four_fifths
    assert rule.verdict == "unclear"
    assert rule.ratio.low < 0.8 <= rule.ratio.high
    assert "can't tell" in rule.sentence


def test_an_adverse_positive_decision_turns_the_rule_around():
    rows = table(flagged=(300, 200, 50, 450), spared=(700, 50, 100, 150))
    adverse = assess(*rows, positive_is_favourable=False).four_fifths
    assert adverse.ratio.estimate == pytest.approx(0.35 / 0.8)
    assert adverse.sentence.startswith("Group flagged receives the favourable decision at 44%")
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
    assert rule.sentence.endswith(
        "Left out: 1 group of fewer than 30 rows. The highest rate of all is that of few, 50%, "
        "which is one of them: so few are no yardstick."
    )
    # The ratio of the same rates is told once.
    parity = assess(*table(**rows)).disparity("demographic_parity_ratio")
    assert parity.figure.estimate == pytest.approx(rule.ratio.estimate)
    assert parity.left_out == ("few",)


@pytest.mark.parametrize(("rows", "verdict"), [(29, "unclear"), (30, "fails")])
def test_too_few_rows_fail_nothing_whatever_their_rates(rows: int, verdict: str):
    found = assess(*table(a=(rows, 0, 0, 0), b=(0, 0, 0, 200)))
    small = {group.name: group.too_small for group in found.groups}["a"] or ""
    assert found.four_fifths.verdict == verdict
    assert found.four_fifths.ratio.estimate == 0
    assert ("too few to judge this group by" in small) == (verdict == "unclear")
    assert ("too few rows to judge by" in found.four_fifths.sentence) == (verdict == "unclear")


def test_weights_that_make_rows_worth_less_count_as_too_few():
    target, prediction, sensitive = table(a=(200, 0, 0, 0), b=(0, 0, 0, 200))
    even = np.ones(len(target))
    uneven = np.where(np.arange(len(target)) % 40 == 0, 1.0, 1e-6)
    assert assess(target, prediction, sensitive, weights=even).four_fifths.verdict == "fails"
    found = assess(target, prediction, sensitive, weights=uneven)
    assert "worth only" in (found.groups[0].too_small or "")
    assert "have 30 worth as much by their weights" in found.four_fifths.sentence
    assert found.four_fifths.verdict == "unclear"
    third = np.append(np.zeros(200), np.ones(200))
    found = assess(*table(c=(100, 0, 0, 100), b=(20, 0, 0, 80), a=(20, 0, 0, 80)), weights=third)
    assert "1 group of fewer than 30 rows worth as much" in found.four_fifths.sentence


@pytest.mark.parametrize(("each", "few"), [(1, False), (8, True)])
def test_persons_and_not_rows_are_said_to_be_too_few(each: int, few: bool):
    target, prediction, sensitive = table(a=(40, 0, 0, 40), b=(40, 0, 0, 40))
    found = assess(target, prediction, sensitive, persons=np.arange(160) // each)
    text = "too few persons to judge by, as fewer than two groups have 30."
    assert (text in found.four_fifths.sentence) == few


@pytest.mark.parametrize("favourable", [True, False])
@pytest.mark.parametrize(("spared", "verdict"), [(9, "undefined"), (10, "passes")])
def test_a_ratio_of_nearly_everybody_tells_nothing(spared: int, verdict: str, favourable: bool):
    cells = {"a": (spared, 0, 0, 500 - spared), "b": (0, 0, 0, 500)}
    if not favourable:
        cells = {name: (tp, fn, fp, tn) for name, (tn, fp, fn, tp) in cells.items()}
    rule = assess(*table(**cells), positive_is_favourable=favourable).four_fifths
    assert rule.verdict == verdict
    assert rule.ratio.estimate == pytest.approx((500 - spared) / 500)
    assert ("tells nothing" in rule.sentence) == (verdict == "undefined")


@pytest.mark.parametrize("rows", [29, 30])
def test_a_decision_for_everybody_tells_nothing_of_small_groups_either(rows: int):
    rule = assess(*table(a=(0, 0, 0, 500), few=(0, 0, 0, rows))).four_fifths
    assert rule.verdict == "undefined"
    assert "tells nothing" in rule.sentence


def test_a_small_group_that_alone_is_refused_still_fails_beside_everybody():
    rule = assess(*table(a=(0, 0, 0, 9000), b=(40, 0, 0, 0))).four_fifths
    assert rule.verdict == "fails"
