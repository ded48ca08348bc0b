"""What an audit shows of each criterion, on both sides of every edge."""

import math

import numpy as np
import pandas as pd
import pytest

from core.fairness.disparities.judged_gap import judged_gap
from core.policy.evaluate import evaluate
from core.policy.policy import Criterion
from core.policy.presets import PRESETS
from tests.core.policy.tables import audit_of, decisions, drawn, labelled, one


def difference(limit: float = 0.1, evidence: str = "beyond_limit", **more) -> Criterion:
    return Criterion(
        "c", "fairness", "selection_rate_difference", at_most=limit, evidence=evidence, **more
    )


def ratio(evidence: str = "beyond_limit", limit: float = 0.8, **more) -> Criterion:
    return Criterion(
        "c", "fairness", "selection_rate_ratio", at_least=limit, evidence=evidence, **more
    )


def judged(criterion: Criterion, data: pd.DataFrame, **audit):
    return evaluate(one(criterion), audit_of(data, **audit)).results[0]


def test_figures_are_those_of_the_assessment() -> None:
    data = labelled({"f": (90, 60, 40, 110), "m": (120, 50, 60, 90), "x": (3, 2, 2, 2)})
    result = audit_of(data, target="outcome")
    assessment = result.assessments[("sex",)]
    for name, own in (
        ("selection_rate_difference", "demographic_parity_difference"),
        ("equalized_odds_difference", "equalized_odds_difference"),
        ("equal_opportunity_difference", "equal_opportunity_difference"),
        ("false_positive_rate_difference", "false_positive_rate_difference"),
        ("prevalence_difference", "prevalence_difference"),
    ):
        criterion = Criterion("c", "fairness", name, at_most=0.1)
        (part,) = evaluate(one(criterion), result).results[0].parts
        found = judged_gap(assessment, own)
        assert part.figure == found.figure, name
        assert part.left_out == found.left_out == ("x",)
        assert (part.worse, part.better) == found.disparity.between
    (part,) = evaluate(one(ratio()), result).results[0].parts
    assert part.figure == assessment.four_fifths.ratio


def test_a_gap_wholly_beyond_the_limit_is_not_met_and_says_who_and_how_much() -> None:
    found = judged(difference(), decisions({"f": (100, 500), "m": (250, 500)}))
    part = found.decisive
    assert found.outcome == "not met"
    assert (part.worse, part.better) == ("f", "m")
    assert (part.worse_rate, part.better_rate) == (0.2, 0.5)
    assert part.figure.estimate == pytest.approx(0.3)
    assert part.figure.low > 0.1
    assert "Selection rate of f, which is worse off, is 0.200 against 0.500 of m" in part.sentence
    assert part.sentence.startswith("Not met: selection rate difference by sex is 0.300 (95%")


def test_a_small_gap_of_many_is_met_and_one_between_lacks_evidence() -> None:
    assert judged(difference(), decisions({"f": (2450, 5000), "m": (2500, 5000)})).outcome == "met"
    lacking = judged(difference(), decisions({"f": (200, 500), "m": (250, 500)}))
    assert lacking.outcome == "not enough evidence"
    assert "the interval reaches over the limit" in lacking.sentence.lower()
    # Rows that tell such a gap from none are no promise of a verdict at the limit.
    needed = lacking.decisive.rows_needed
    assert f"To tell a gap of 0.100 from none, a group needs about {needed:,}" in lacking.sentence
    other = judged(ratio(), decisions({"f": (205, 500), "m": (250, 500)}))
    assert other.outcome == "not enough evidence"
    assert "To tell a ratio of 0.800 from 1, a group needs about" in other.sentence
    for found in (lacking, other):
        assert "judge at the limit" not in found.sentence


@pytest.mark.parametrize(("end", "outcome"), [("high", "met"), ("low", "not enough evidence")])
def test_an_interval_that_ends_at_the_limit(end: str, outcome: str) -> None:
    data = decisions({"f": (180, 500), "m": (250, 500)})
    figure = judged(difference(), data).decisive.figure
    at = getattr(figure, end)
    assert judged(difference(at), data).outcome == outcome
    other = {"high": "not enough evidence", "low": "not met"}[end]
    assert judged(difference(at - 1e-6), data).outcome == other


def test_a_ratio_is_judged_on_its_other_side() -> None:
    data = decisions({"f": (180, 500), "m": (250, 500)})
    figure = judged(ratio(), data).decisive.figure
    assert judged(ratio(limit=figure.low), data).outcome == "met"
    assert judged(ratio(limit=figure.low + 1e-6), data).outcome == "not enough evidence"
    assert judged(ratio(limit=figure.high), data).outcome == "not enough evidence"
    assert judged(ratio(limit=figure.high + 1e-6), data).outcome == "not met"


def pooled_z(hits1: int, size1: int, hits2: int, size2: int) -> float:
    """The score statistic of two rates, with Campbell's factor."""
    p, total = (hits1 + hits2) / (size1 + size2), size1 + size2
    error = math.sqrt(p * (1 - p) * (1 / size1 + 1 / size2))
    return (hits1 / size1 - hits2 / size2) / error * math.sqrt((total - 1) / total)


@pytest.mark.parametrize("hits", range(160, 241, 10))
def test_significance_is_that_of_the_pooled_test(hits: int) -> None:
    data = decisions({"f": (hits, 500), "m": (250, 500)})
    part = judged(difference(0.05, "significant"), data).decisive
    expected = math.erfc(abs(pooled_z(hits, 500, 250, 500)) / math.sqrt(2))
    assert part.p_value == pytest.approx(expected, rel=1e-9)
    assert part.adjusted == part.p_value
    gap = (250 - hits) / 500
    if gap > 0.05 and expected < 0.05:
        # So many people fail at once what differs: it is clearly beyond the limit too.
        assert part.outcome == "not met"
    else:
        assert part.outcome in ("met", "not enough evidence")
        assert (part.outcome == "met") == (part.figure.high <= 0.05)


def test_significant_and_small_is_not_a_failure() -> None:
    # z is above 4, and the gap lies surely below the limit of 0.05.
    data = decisions({"f": (9_700, 20_000), "m": (10_000, 20_000)})
    found = judged(difference(0.05, "significant"), data)
    assert found.decisive.p_value < 0.01
    assert found.outcome == "met"


def test_large_and_not_significant_is_no_failure_either() -> None:
    found = judged(difference(0.05, "significant"), decisions({"f": (12, 40), "m": (16, 40)}))
    assert found.outcome == "not enough evidence"
    assert "The estimate is beyond the limit, but not significantly" in found.sentence


def _clear(low: int, high: int, size: int, limit: float, weight: float = 1.0) -> bool:
    """By hand: is weight · high − low above the limit by a quartile of the normal distribution?"""
    a, b = low / size, high / size
    error = math.sqrt((a * (1 - a) + weight**2 * b * (1 - b)) / size)
    return weight * b - a - limit > 0.67449 * error


@pytest.mark.parametrize("hits", [2_190, 2_210, 2_216, 2_224, 2_240])
def test_a_gap_fails_that_is_clearly_beyond_the_limit(hits: int) -> None:
    # All differ with p below 1e-7, by 5.2 to 6.2 points.
    data = decisions({"f": (hits, 5_000), "m": (2_500, 5_000)})
    found = judged(difference(0.05, "significant"), data)
    assert found.decisive.adjusted < 1e-6
    clear = _clear(hits, 2_500, 5_000, 0.05)
    assert found.outcome == ("not met" if clear else "not enough evidence")
    assert ("so little that even the 50% interval reaches over it" in found.sentence) != clear


@pytest.mark.parametrize("hits", [1_920, 1_970, 1_974, 1_980, 1_990])
def test_a_ratio_fails_that_is_clearly_below_the_limit(hits: int) -> None:
    data = decisions({"f": (hits, 5_000), "m": (2_500, 5_000)})
    found = judged(ratio("significant"), data)
    clear = _clear(hits, 2_500, 5_000, 0.0, 0.8)
    assert found.outcome == ("not met" if clear else "not enough evidence")


def test_clear_is_told_over_all_pairs_of_an_attribute() -> None:
    two = {"a": (2_200, 5_000), "b": (2_500, 5_000)}
    more = two | {"c": (2_350, 5_000), "d": (2_350, 5_000)}
    assert judged(difference(0.05, "significant"), decisions(two)).outcome == "not met"
    found = judged(difference(0.05, "significant"), decisions(more))
    assert found.outcome == "not enough evidence"
    assert "50% interval" in found.sentence
    assert (found.decisive.worse, found.decisive.better) == ("a", "b")


def test_the_pair_that_fails_is_beyond_the_limit_and_significant_itself() -> None:
    # The largest gap is that of a few people; the two large groups differ surely, and little.
    data = decisions({"a": (5_000, 10_000), "b": (5_300, 10_000), "c": (13, 40)})
    found = judged(difference(0.05, "significant"), data)
    assert found.decisive.figure.estimate > 0.2
    assert found.outcome != "not met" or "c" in (found.decisive.worse, found.decisive.better)
    # With a lower limit it is that pair that fails, and it is named with its own gap.
    found = judged(difference(0.02, "significant"), data)
    assert found.outcome == "not met"
    assert (found.decisive.worse, found.decisive.better) == ("a", "b")
    assert found.decisive.pair == pytest.approx(0.03)


def test_holm_runs_over_attributes_and_intersections() -> None:
    data = drawn(5, {"f": 0.42, "m": 0.5}, 400)
    result = audit_of(data, ("sex", "age"))
    parts = evaluate(one(difference(0.05, "significant")), result).results[0].parts
    assert [part.attributes for part in parts] == [("sex",), ("age",), ("sex", "age")]
    # Holm with weights: an attribute weighs twice as much as an intersection.
    weight = {part.attributes: 3 - len(part.attributes) for part in parts}
    ordered = sorted(parts, key=lambda part: part.p_value / weight[part.attributes])
    own = np.array([weight[part.attributes] for part in ordered])
    left = np.cumsum(own[::-1])[::-1]
    steps = np.array([part.p_value for part in ordered]) * left / own
    expected = np.minimum(1, np.maximum.accumulate(steps))
    assert [part.adjusted for part in ordered] == pytest.approx(list(expected))
    alone = evaluate(one(difference(0.05, "significant", groups="each")), result).results[0].parts
    assert [part.attributes for part in alone] == [("sex",), ("age",)]
    smaller, larger = sorted(alone, key=lambda part: part.p_value)
    assert smaller.adjusted == pytest.approx(2 * smaller.p_value)
    assert larger.adjusted == pytest.approx(max(larger.p_value, smaller.adjusted))
    crossed = difference(0.05, "significant", groups="intersections")
    (only,) = evaluate(one(crossed), result).results[0].parts
    assert only.attributes == ("sex", "age")
    assert only.adjusted == only.p_value


def test_nothing_to_cross_is_not_applicable() -> None:
    found = judged(difference(groups="intersections"), decisions({"f": (9, 50), "m": (9, 50)}))
    assert found.outcome == "not applicable"
    assert "only one sensitive attribute" in found.sentence


@pytest.mark.parametrize(("size", "outcome"), [(30, "not met"), (29, "not enough evidence")])
def test_a_group_below_the_least_count_is_no_evidence(size: int, outcome: str) -> None:
    data = decisions({"f": (0, size), "m": (480, 500)})
    assert judged(difference(), data).outcome == outcome
    lowered = judged(difference(minimum_count=size), data)
    assert lowered.outcome == "not met"
    raised = judged(difference(minimum_count=size + 1), data)
    assert raised.outcome == "not enough evidence"
    assert raised.decisive.left_out == ("f",)


def test_unknown_groups_are_no_evidence() -> None:
    data = decisions({"f": (250, 500), "m": (250, 500), "?": (0, 100)})
    data.loc[data["sex"] == "?", "sex"] = None
    found = judged(difference(), data)
    assert found.outcome == "met"
    assert found.decisive.unknown == 100
    assert "Left out as of unknown group: 100 rows." in found.sentence


def test_one_group_is_not_applicable() -> None:
    data = decisions({"f": (20, 50), "?": (20, 50)})
    data.loc[data["sex"] == "?", "sex"] = None
    found = judged(difference(), data)
    assert found.outcome == "not applicable"
    assert "only one group" in found.sentence


def test_without_outcomes_and_scores_it_is_said() -> None:
    data = decisions({"f": (250, 500), "m": (250, 500)})
    for name in ("equalized_odds_difference", "prevalence_difference", "roc_auc_difference"):
        found = judged(Criterion("c", "fairness", name, at_most=0.1), data)
        assert found.outcome == "not applicable"
        assert "no true outcome was given" in found.sentence
    for name in ("accuracy", "roc_auc", "accuracy_over_majority"):
        found = judged(Criterion("c", "performance", name, at_least=0.5), data)
        assert found.outcome == "not applicable"
        assert "no true outcome was given" in found.sentence
    found = judged(Criterion("c", "fairness", "scoring_rate_ratio", at_least=0.8), data)
    assert "no scores were given" in found.sentence
    labels = labelled({"f": (90, 60, 40, 110), "m": (120, 50, 60, 90)})
    for name in ("roc_auc_difference", "calibration_gap"):
        found = judged(Criterion("c", "fairness", name, at_most=0.1), labels, target="outcome")
        assert found.outcome == "not applicable"
        assert "no scores were given" in found.sentence


def test_the_favourable_decision_is_the_other_one_where_the_label_is_adverse() -> None:
    data = decisions({"f": (450, 500), "m": (250, 500)})
    found = judged(ratio("significant"), data, positive_is_favourable=False)
    part = found.decisive
    assert found.outcome == "not met"
    assert (part.worse, part.worse_rate, part.better_rate) == ("f", pytest.approx(0.1), 0.5)
    assert part.figure.estimate == pytest.approx(0.2)
    assert part.rate == "rate of the favourable decision"
    welcome = judged(ratio("significant"), data).decisive
    assert (welcome.worse, welcome.figure.estimate) == ("m", pytest.approx(250 / 450))
    gap = judged(difference(), data, positive_is_favourable=False).decisive
    assert (gap.worse, gap.worse_rate) == ("f", 0.9)


def test_decisions_that_are_alike_for_nearly_everybody_prove_nothing() -> None:
    everybody = decisions({"f": (2_000, 2_000), "m": (1_999, 2_000)})
    for criterion in (difference(), difference(0.05, "significant"), ratio()):
        found = judged(criterion, everybody)
        assert found.outcome == "not enough evidence"
        assert "equal rates of such decisions say nothing" in found.sentence
    assert (
        judged(difference(), decisions({"f": (1_960, 2_000), "m": (1_960, 2_000)})).outcome == "met"
    )
    nobody = judged(ratio(), decisions({"f": (0, 500), "m": (0, 500), "x": (5, 9)}))
    assert nobody.outcome == "not enough evidence"
    assert nobody.decisive.figure.estimate is None


def test_equalized_odds_names_the_rate_that_is_apart() -> None:
    data = labelled({"f": (200, 100, 30, 270), "m": (204, 96, 150, 150)})
    criterion = Criterion("c", "fairness", "equalized_odds_difference", at_most=0.1)
    part = judged(criterion, data, target="outcome").decisive
    assert part.outcome == "not met"
    assert part.rate == "false positive rate"
    assert sorted((part.worse_rate, part.better_rate)) == [0.1, 0.5]
    for name, value in (
        ("equal_opportunity_difference", 204 / 300 - 200 / 300),
        ("false_positive_rate_difference", 0.4),
        ("prevalence_difference", 0.0),
    ):
        found = judged(Criterion("c", "fairness", name, at_most=0.1), data, target="outcome")
        assert found.decisive.figure.estimate == pytest.approx(value)


def scored(seed: int, spread: tuple[float, float], size: int = 600) -> pd.DataFrame:
    """Scores that follow the outcome as closely as said, for each sex."""
    rng = np.random.default_rng(seed)
    sex = np.repeat(["f", "m"], size)
    wide = np.repeat(spread, size)
    score = rng.random(2 * size)
    chance = 0.5 + wide * (score - 0.5)
    outcome = np.where(rng.random(2 * size) < chance, "yes", "no")
    return pd.DataFrame(
        {
            "sex": sex,
            "outcome": outcome,
            "score": score,
            "decision": np.where(score >= 0.5, "yes", "no"),
        }
    )


def area(outcome: np.ndarray, score: np.ndarray) -> float:
    first, second = score[outcome], score[~outcome]
    return float(
        ((first[:, None] > second).sum() + 0.5 * (first[:, None] == second).sum())
        / (len(first) * len(second))
    )


def test_scores_that_rank_one_group_by_chance_are_found() -> None:
    data = scored(1, (0.0, 1.0))
    areas = [
        area((rows["outcome"] == "yes").to_numpy(), rows["score"].to_numpy())
        for _, rows in data.groupby("sex")
    ]
    for evidence in ("beyond_limit", "significant"):
        criterion = Criterion("c", "fairness", "roc_auc_difference", at_most=0.1, evidence=evidence)
        part = judged(criterion, data, target="outcome", score="score").decisive
        assert part.outcome == "not met"
        assert part.worse == "f"
        assert [part.worse_rate, part.better_rate] == pytest.approx(areas)
    gap = Criterion("c", "fairness", "calibration_gap", at_most=0.1)
    found = judged(gap, data, target="outcome", score="score").decisive
    assert found.outcome == "not met"
    assert found.worse_rate is None
    equal_groups = judged(criterion, scored(2, (1.0, 1.0), 3000), target="outcome", score="score")
    assert equal_groups.outcome == "met"


def test_scoring_rates_are_counted_above_the_median() -> None:
    rng = np.random.default_rng(3)
    score = np.r_[rng.normal(0, 1, 400), rng.normal(1, 1, 400)]
    data = pd.DataFrame(
        {
            "sex": np.repeat(["f", "m"], 400),
            "score": score,
            "decision": np.where(score > 0.3, "yes", "no"),
        }
    )
    median = np.median(score)
    rates = [(score[:400] > median).mean(), (score[400:] > median).mean()]
    criterion = Criterion("c", "fairness", "scoring_rate_ratio", at_least=0.8)
    part = judged(criterion, data, score="score").decisive
    assert part.figure.estimate == pytest.approx(rates[0] / rates[1])
    assert (part.rate, part.worse) == ("scoring rate", "f")
    assert part.outcome == "not met"


def test_recorded_figures_have_no_pass_mark() -> None:
    data = decisions({"f": (1, 20), "m": (250, 500)})
    found = evaluate(PRESETS["local-law-144"].policy, audit_of(data))
    outcomes = {result.criterion.id: result.outcome for result in found.results}
    assert outcomes == {
        "impact-ratio": "met",
        "scoring-rate-ratio": "not applicable",
        "number-unknown": "met",
    }
    # Small groups are shown too: nothing is judged.
    assert found.results[0].decisive.figure.estimate == pytest.approx(0.1)
    assert found.verdict == "met"
    alone = decisions({"f": (20, 50), "?": (20, 50)})
    alone.loc[alone["sex"] == "?", "sex"] = None
    nothing = evaluate(PRESETS["local-law-144"].policy, audit_of(alone))
    assert nothing.results[0].outcome == "not applicable"
    assert nothing.verdict == "not enough evidence"


def test_what_a_verdict_counts() -> None:
    equal_groups = audit_of(decisions({"f": (2500, 5000), "m": (2500, 5000)}))
    apart = audit_of(decisions({"f": (1000, 5000), "m": (2500, 5000)}))
    odds = {"id": "odds", "concern": "fairness", "figure": "equalized_odds_difference"}

    def verdict(result, *criteria: Criterion) -> str:
        from core.policy.policy import Policy

        return evaluate(Policy("p", "1", "", criteria), result).verdict

    asked, wanted = Criterion(**odds, at_most=0.1), Criterion(**odds, at_most=0.1, required=True)
    assert verdict(equal_groups, difference()) == "met"
    assert verdict(equal_groups, difference(), asked) == "met"
    assert verdict(equal_groups, difference(), wanted) == "not enough evidence"
    assert verdict(equal_groups, asked) == "not enough evidence"  # Nothing was judged at all.
    assert verdict(apart, difference(), wanted) == "not met"


def test_json_says_the_same() -> None:
    found = evaluate(
        PRESETS["default"].policy, audit_of(decisions({"f": (100, 500), "m": (250, 500)}))
    )
    record = found.to_json()
    assert record["verdict"] == found.verdict == "not met"
    assert [item["outcome"] for item in record["criteria"]] == [r.outcome for r in found.results]
    assert [item["sentence"] for item in record["criteria"]] == [r.sentence for r in found.results]
    assert len(record["sha256"]) == 64
