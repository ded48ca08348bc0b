"""Who pays, prices, and pinned settings in words and pictures."""

from __future__ import annotations

import pytest

from components.app.sweep_numbers import explore
from components.tradeoffs.impact_along import (
    MITIGATION,
    no_mitigated_family,
    no_private_family,
    private_families,
)
from components.tradeoffs.impact_by_group_chart import MOST_PANELS, impact_by_group_figure
from components.tradeoffs.impact_by_group_view import rates_table
from components.tradeoffs.prices_view import (
    epsilon_sentence,
    epsilon_table,
    gap_sentence,
    gap_table,
)
from components.tradeoffs.selected_setting import describe_difference, groups_table, pins_table
from core.fairness.metrics.metric_registry import METRICS
from core.tradeoff.frontier.axes import axis_named
from core.tradeoff.frontier.chosen import setting_label
from core.tradeoff.frontier.differences import difference
from core.tradeoff.frontier.group_rates import better_end
from core.tradeoff.frontier.impact_by_group import impact_by_group
from tests.components.planted_sweep import (
    FAIR,
    GAP,
    PLAIN,
    PRIVATE,
    TOLD,
    planted_point,
    planted_points,
)

BY_SEX = (("sex",),)
AXES = axis_named("roc_auc", BY_SEX), axis_named(GAP, BY_SEX)


@pytest.fixture(scope="module")
def found():
    return explore(planted_points(), *AXES)


def impact_of(found, rate="accuracy"):
    family = private_families(found, PRIVATE[0])[0]
    return [
        impact_by_group(found.of(item, PLAIN), item, ("sex",), reference=PLAIN, rates=(rate,))
        for item in family
    ]


def test_families_go_over_epsilon_alone(found):
    assert private_families(found, PRIVATE[1]) == [list(PRIVATE)]
    assert private_families(found, PLAIN) == [list(PRIVATE)]
    assert private_families(found, FAIR) == []
    assert found.reference(PRIVATE[0]) == PLAIN


def test_panels_show_each_groups_rate_beside_the_one_without_privacy(found):
    result = impact_of(found)
    figure = impact_by_group_figure(result, "accuracy", "what must be said")
    lines = [t for t in figure.data if t.mode == "lines+markers"]
    assert len(lines) == 2
    assert list(lines[0].x) == [0.5, 2.0, 8.0]
    assert lines[0].y[2] == pytest.approx(result[2].cell("female", "accuracy").spread.mean)
    dashed = [t for t in figure.data if t.mode == "lines"]
    # Right are half of 50 · p positives and of 50 · p negatives of 100: p itself.
    assert dashed[0].y[0] == pytest.approx(0.9)
    texts = " ".join(a.text for a in figure.layout.annotations)
    assert "too small to judge" in texts
    assert "what must be said" in texts
    table = rates_table(result, "accuracy", True)
    assert len(table) == 6
    assert table["Beside it"][0].startswith("29.9 points worse")
    assert set(table["Too small to judge?"]) == {"no", "12 rows are too few"}


@pytest.mark.parametrize(
    ("rate", "favourable", "adverse"),
    [
        # A decision that a person hopes for: loans. One that a person fears: kept in custody.
        ("selection_rate", "higher", "lower"),  # more loans; fewer in custody
        ("true_positive_rate", "higher", None),  # loans repaid; rightly in custody is no gain
        ("false_negative_rate", "lower", None),  # wrongly refused; wrongly set free is no loss
        ("false_positive_rate", None, "lower"),  # loans that fail; wrongly in custody
        ("true_negative_rate", None, "higher"),  # rightly refused; rightly set free
        ("accuracy", "higher", "higher"),
        ("precision", "higher", "higher"),
        ("negative_predictive_value", "higher", "higher"),
        ("false_discovery_rate", "lower", "lower"),
        ("false_omission_rate", "lower", "lower"),
        ("false_negative_share", None, None),
        ("prevalence", None, None),
    ],
)
def test_the_better_end_of_every_rate_by_hand(rate, favourable, adverse):
    assert better_end(rate, True) == favourable
    assert better_end(rate, False) == adverse


def test_every_rate_has_been_judged_by_hand():
    (judged,) = (
        mark.args[1]
        for mark in test_the_better_end_of_every_rate_by_hand.pytestmark
        if mark.name == "parametrize"
    )
    rates = {metric.name for metric in METRICS if getattr(metric, "rate", None) is not None}
    assert {name for name, _, _ in judged} == rates


@pytest.mark.parametrize(
    ("rate", "favourable", "words"),
    [
        # At ε = 0.5 the true positive rate falls by 30 points and the false one rises by 30.
        ("true_positive_rate", True, "29.9 points worse"),
        ("true_positive_rate", False, "29.9 points lower"),
        ("false_positive_rate", True, "29.9 points higher"),
        ("false_positive_rate", False, "29.9 points worse"),
        ("accuracy", False, "29.9 points worse"),
    ],
)
def test_words_of_impact_by_group_follow_what_the_positive_decision_is(
    found, rate, favourable, words
):
    result = impact_of(found, rate)
    sentence = result[0].sentence(rate, positive_is_favourable=favourable)
    assert f"female is {words}" in sentence
    assert rates_table(result, rate, favourable)["Beside it"][0].startswith(words)
    unlike = ("worse", "better") if words.endswith(("higher", "lower")) else ("higher", "lower")
    assert not [word for word in unlike if word in sentence]


def test_at_most_twelve_groups_are_drawn():
    names = tuple(f"group {n:02}" for n in range(15))
    points = planted_points(make=lambda run, figures: planted_point(run, figures, names))
    result = impact_of(explore(points, *AXES))
    figure = impact_by_group_figure(result, "accuracy", "")
    assert len([t for t in figure.data if t.mode == "lines+markers"]) == MOST_PANELS == 12
    assert len(rates_table(result, "accuracy", True)) == 45


def test_prices_of_epsilon_in_points(found):
    own = list(found.epsilon_prices)
    table = epsilon_table(own, every=False)
    assert table["Step in ε"].tolist() == ["0.5 → 2", "2 → 8"] * 2
    # 0.1 of ROC AUC over 1.5 of ε and over two doublings.
    assert table["Points for one more ε"][0].startswith("6.7")
    assert table["Points for a doubling"][0].startswith("5.0")
    sentence = epsilon_sentence(own)
    assert "From ε = 0.5 to 2, ROC AUC gains 10.0" in sentence
    assert "significantly gains" in sentence


def test_price_of_fairness_in_points_for_a_point(found):
    prices = list(found.gap_prices)
    assert [item.epsilon for item in prices] == [None]
    # 5 points of ROC AUC for 20 of the gap.
    assert gap_table(prices)["Points lost for one point fairer"][0].startswith("0.25")
    assert "one point fairer in equalized odds difference by sex costs 0.25" in gap_sentence(
        found, prices
    )


def test_groups_of_a_setting_with_rows_and_what_is_too_small(found):
    rates = impact_by_group(found.of(PLAIN), PLAIN, ("sex",))
    table = groups_table(found, rates)
    assert table["Group"].tolist() == ["female", "male"]
    assert table["Test rows in a run"].tolist() == ["100", "12"]
    assert table["Too small to judge?"].tolist() == ["no", "12 rows are too few"]
    assert table["True positive rate"][0].startswith("0.900 (")


def test_pins_stand_side_by_side_with_differences_from_the_first(found):
    table = pins_table(found, (PLAIN, PRIVATE[0]), ("sex",)).set_index(" ")
    assert list(table.columns) == ["A", "B"]
    assert table.loc["ε"].tolist() == ["no privacy", "0.5"]
    assert table.loc["ROC AUC: beside A", "B"].startswith("29.9 points worse")
    assert "female: True positive rate" in table.index
    assert "male (too small to judge): Selection rate" in table.index


def test_differences_that_hold_nothing_cannot_be_told_apart():
    near = TOLD | {PRIVATE[2]: (0.9, 0.3)}
    scene = explore(planted_points(near, splits=(0,)), *AXES).analysis
    pair = [scene.performance[scene.row(item)] for item in (PLAIN, PRIVATE[2])]
    assert describe_difference(difference(*pair), "higher").endswith(": not significant")
    far = [scene.performance[scene.row(item)] for item in (PLAIN, PRIVATE[0])]
    assert "not significant" not in describe_difference(difference(*far), "higher")


def test_the_impact_of_a_mitigation_by_group_goes_along_its_strength() -> None:
    found = explore(planted_points(), *AXES)
    plain, fair = PLAIN, FAIR
    (family,) = MITIGATION.families(found, fair)
    assert family == [fair]
    assert MITIGATION.families(found, plain) == [family], "of no mitigation each is a family"
    assert MITIGATION.reference(found, fair) == plain
    parts = [
        impact_by_group(found.of(item, plain), item, ("sex",), reference=plain, rates=("accuracy",))
        for item in family
    ]
    figure = impact_by_group_figure(parts, "accuracy", "", MITIGATION)
    assert figure is not None
    assert figure.layout.xaxis.type == "linear"
    assert list(figure.layout.xaxis.tickvals) == [item.strength for item in family]
    table = rates_table(parts, "accuracy", True, MITIGATION)
    assert list(table["Strength"]) == ["1"] * len(table)
    assert "Without the mitigation" in table
    lonely = explore([p for p in planted_points() if p.run.setting != plain], *AXES)
    assert MITIGATION.families(lonely, fair) == []


def test_an_empty_section_says_whether_the_setting_or_the_sweep_lacks_what_is_compared(found):
    result = no_private_family(found, FAIR)
    assert f"The setting you look at ({setting_label(FAIR)}) gives no privacy guarantee" in result
    assert setting_label(PRIVATE[0]) in result
    result = no_mitigated_family(found, PRIVATE[0])
    assert "No mitigation ran with the choices of the setting you look at" in result
    assert setting_label(FAIR) in result
    plain = explore([p for p in planted_points() if p.run.setting == PLAIN], *AXES)
    assert no_private_family(plain, PLAIN).startswith("This sweep holds no private model")
    assert no_mitigated_family(plain, PLAIN).startswith("This sweep holds no mitigation")
    alone = explore([p for p in planted_points() if p.run.setting == FAIR], *AXES)
    assert "none beside the same choices without it" in no_mitigated_family(alone, FAIR)
