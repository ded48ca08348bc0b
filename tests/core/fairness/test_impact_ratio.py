"""Impact ratios, their intervals and tests, against counts worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, fisher_exact, norm

from core.errors import InputError
from core.fairness.counts.cube import build_cube
from core.fairness.disparities.impact_ratio import impact_ratios
from core.fairness.disparities.impact_words import adverse_told, left_out_told, reference_told
from core.fairness.intervals.pooled_test import pooled_z
from core.fairness.metrics.impact_spec import ImpactSpec

HIRING = "tests/cases/hiring_decisions.csv"


def cube_of(counts, weights=None):
    """Make the cube of groups given as (favourable, others)."""
    groups = [g for g, (yes, no) in counts.items() for _ in range(yes + no)]
    decided = [d for yes, no in counts.values() for d in [True] * yes + [False] * no]
    return build_cube(None, np.array(decided, dtype=bool), pd.DataFrame({"g": groups}), weights)


def hiring(*columns):
    frame = pd.read_csv(HIRING)
    groups = frame[list(columns)].fillna("(missing)")
    return build_cube(None, (frame.selected == 1).to_numpy(), groups)


def small(share, reason="r", **more):
    return ImpactSpec(smallest_share=share, reason=reason, **more)


def katz(s, n, t, m):
    spread = norm.ppf(0.975) * math.sqrt(1 / s - 1 / n + 1 / t - 1 / m)
    ratio = (s / n) / (t / m)
    return ratio, ratio * math.exp(-spread), ratio * math.exp(spread)


def by_name(found):
    return {item.group: item for item in found.groups}


counts = st.tuples(st.integers(1, 40), st.integers(0, 40))


@given(st.dictionaries(st.sampled_from(["a", "b", "c", "d", "(missing)"]), counts, min_size=1))
def test_ratios_and_tests_are_those_of_the_counts(groups):
    found = impact_ratios(cube_of(groups))
    known = {g: c for g, c in groups.items() if g != "(missing)"}
    assert {item.group: item.standing for item in found.groups} == {
        g: "unknown" if g == "(missing)" else "compared" for g in groups
    }
    if not known:
        assert (found.highest, found.largest) == (None, None)
        return
    rate = {g: yes / (yes + no) for g, (yes, no) in groups.items()}
    top = max(rate[g] for g in known)
    assert rate[found.highest] == top
    assert sum(groups[found.largest]) == max(sum(c) for c in known.values())
    for name, item in by_name(found).items():
        yes, no = groups[name]
        assert (item.count, item.favourable, item.rate) == (yes + no, yes, rate[name])
        if name == "(missing)":
            assert item.ratio.estimate is item.ratio_to_largest.estimate is None
            assert item.to_largest.test is item.to_reference.test is None
            continue
        for figure, reference in (
            (item.ratio, found.highest),
            (item.ratio_to_largest, found.largest),
        ):
            if name == reference:
                assert figure.reason == "it is the reference"
                continue
            t, u = groups[reference]
            expected = katz(yes, yes + no, t, t + u)
            assert (figure.estimate, figure.low, figure.high) == pytest.approx(expected, rel=1e-9)
        if name != found.largest:
            t, u = groups[found.largest]
            p = (yes + t) / (yes + no + t + u)
            error = math.sqrt(p * (1 - p) * (1 / (yes + no) + 1 / (t + u)))
            expected = (rate[name] - rate[found.largest]) / error if error else None
            assert item.to_largest.test.z == (expected and pytest.approx(expected, rel=1e-9))


def test_the_examples_of_the_rule():
    """204/408, 412/797 and 170/390 give 0.97, 1.00 and 0.84, from unrounded rates."""
    found = impact_ratios(
        cube_of({"Hispanic": (204, 204), "White": (412, 385), "Black": (170, 220)})
    )
    ratios = {name: item.ratio.estimate for name, item in by_name(found).items()}
    assert ratios == {
        "Hispanic": pytest.approx(0.9672, abs=5e-5),
        "White": None,
        "Black": pytest.approx(0.8432, abs=5e-5),
    }


def test_a_tiny_group_with_the_highest_rate_does_not_hide_a_difference_between_large_ones():
    found = impact_ratios(hiring("race"))
    black = by_name(found)["Black"]
    assert (found.highest, found.largest) == ("Asian", "White")
    assert (black.count, black.favourable) == (581, 219)
    assert black.ratio.estimate == pytest.approx(0.715, abs=5e-4)
    figure = black.ratio_to_largest
    assert (figure.estimate, figure.low, figure.high) == pytest.approx(
        (0.774, 0.690, 0.869), abs=5e-4
    )
    assert black.to_largest.test.z == pytest.approx(-4.61, abs=5e-3)
    assert black.to_largest.test.p_value < 1e-5


def test_unknowns_enter_no_ratio():
    found = impact_ratios(hiring("sex"))
    female = by_name(found)["Female"]
    assert (found.highest, found.rows) == ("Male", 2379)
    assert female.ratio.estimate == pytest.approx(0.908, abs=5e-4)
    unknown = by_name(found)["(missing)"]
    assert (unknown.standing, unknown.count, unknown.rate) == ("unknown", 60, 0.4)


def test_groups_below_two_per_cent_are_left_out_where_the_auditor_says_so():
    found = impact_ratios(hiring("sex", "race"), spec=small(0.02, "too few to compare"))
    assert found.highest == "Male · White"
    figure = by_name(found)["Female · Black"].ratio
    assert (figure.estimate, figure.low, figure.high) == pytest.approx(
        (0.647, 0.536, 0.782), abs=5e-4
    )
    left = [item for item in found.groups if item.standing == "left out"]
    assert left
    for item in left:
        assert item.count < 0.02 * 2379
        assert item.rate is not None
        assert item.ratio.reason == "not compared: left out"
    assert impact_ratios(hiring("sex", "race")).highest != "Male · White"


def test_the_share_is_strict_and_needs_a_reason():
    cube = cube_of({"a": (50, 48), "b": (1, 1)})
    assert by_name(impact_ratios(cube, spec=small(0.02)))["b"].standing == "compared"
    more = impact_ratios(cube, spec=small(0.0201))
    assert by_name(more)["b"].standing == "left out"
    with pytest.raises(InputError, match="only for a reason"):
        small(0.02, " ")
    for share in (-0.1, 0.5, float("nan")):
        with pytest.raises(InputError, match="smallest share"):
            small(share)


def test_where_the_positive_label_is_adverse_the_other_decision_counts():
    found = impact_ratios(cube_of({"a": (10, 90), "b": (30, 70)}), positive_is_favourable=False)
    assert by_name(found)["b"].ratio.estimate == pytest.approx(0.7 / 0.9)


def test_nobody_selected_gives_no_ratio():
    found = impact_ratios(cube_of({"a": (0, 9), "b": (0, 5)}))
    assert by_name(found)["b"].ratio.reason == "the rate of a is 0"
    assert by_name(found)["b"].to_largest.test.z is None
    assert pooled_z(5, 5, 9, 9) is None


def test_equal_weights_change_nothing():
    plain = impact_ratios(cube_of({"a": (10, 20), "b": (5, 20)}))
    weighted = impact_ratios(cube_of({"a": (10, 20), "b": (5, 20)}, np.full(55, 3.0)))
    one, other = by_name(plain)["b"], by_name(weighted)["b"]
    assert other.ratio.low == pytest.approx(one.ratio.low, rel=1e-9)
    assert other.to_largest.test.z == pytest.approx(one.to_largest.test.z, rel=1e-9)
    assert other.favourable == 15


def test_the_reference_may_be_everyone_else_or_a_chosen_group():
    cube = cube_of({"a": (60, 40), "b": (20, 30), "c": (9, 21), "(missing)": (50, 0)})
    rest = impact_ratios(cube, spec=ImpactSpec("rest"))
    assert (rest.reference, rest.chosen, rest.highest) == ("everyone else", False, "a")
    item = by_name(rest)["b"]
    figure = item.ratio
    assert (figure.estimate, figure.low, figure.high) == pytest.approx(katz(20, 50, 69, 130))
    assert item.to_reference.test.z == pytest.approx(pooled_z(20, 50, 69, 130))
    assert by_name(rest)["a"].ratio.estimate == pytest.approx(0.6 / (29 / 80))
    named = impact_ratios(cube, spec=ImpactSpec(groups=("b", "elsewhere")))
    assert (named.reference, named.chosen) == ("b", True)
    assert by_name(named)["a"].ratio.estimate == pytest.approx(0.6 / 0.4)
    assert by_name(named)["b"].ratio.reason == "it is the reference"
    with pytest.raises(InputError, match="only one can be its reference"):
        impact_ratios(cube, spec=ImpactSpec(groups=("a", "b")))


def test_p_values_are_adjusted_over_the_table_and_agree_with_other_code():
    counts = {"a": (300, 100), "b": (120, 80), "c": (70, 60), "d": (9, 1)}
    found = impact_ratios(cube_of(counts), spec=ImpactSpec(groups=("a",)))
    tests = {n: i.to_reference for n, i in by_name(found).items() if n != "a"}
    raw = {}
    for name in ("b", "c"):
        yes, no = counts[name]
        raw[name] = 2 * norm.sf(abs(pooled_z(yes, yes + no, 300, 400)))
    raw["d"] = fisher_exact([[9, 1], [300, 100]])[1]
    assert {n: t.test.p_value for n, t in tests.items()} == pytest.approx(raw)
    adjusted = dict(zip(raw, false_discovery_control(list(raw.values())), strict=True))
    assert {n: t.p_adjusted for n, t in tests.items()} == pytest.approx(adjusted)
    assert [tests[n].test.test for n in "bcd"] == ["pooled z test"] * 2 + ["Fisher's exact test"]


def test_the_base_of_the_share_is_named_and_told_where_it_matters():
    # 2 of 100 rows are 2 %; of the 90 of known group they are more than 2.2 %.
    cube = cube_of({"a": (44, 44), "b": (1, 1), "(missing)": (5, 5)})
    found = impact_ratios(cube, spec=small(0.021))
    assert by_name(found)["b"].standing == "left out"
    assert found.other_base == ("b",)
    assert "2.1% of all rows" in left_out_told(found)
    assert "share taken of rows of known group it would be otherwise for b" in left_out_told(found)
    known = impact_ratios(cube, spec=small(0.021, base="known"))
    assert by_name(known)["b"].standing == "compared"
    assert impact_ratios(cube, spec=small(0.02)).other_base == ()


def test_unknowns_are_compared_only_where_asked():
    cube = cube_of({"a": (44, 44), "(missing)": (50, 50)})
    assert by_name(impact_ratios(cube))["(missing)"].standing == "unknown"
    asked = impact_ratios(cube, spec=ImpactSpec(compare_unknown=True))
    assert by_name(asked)["(missing)"].standing == "compared"
    assert "as asked" in left_out_told(asked)


def test_the_unfavourable_decision_is_told_as_a_multiple():
    found = impact_ratios(cube_of({"a": (20, 80), "b": (40, 60)}), positive_is_favourable=False)
    item = by_name(found)["b"]
    figure = item.to_reference.adverse_ratio
    assert (figure.estimate, figure.low, figure.high) == pytest.approx(katz(40, 100, 20, 100))
    assert adverse_told(found, item) == "b refused at 2.00 times the rate of a"


def test_the_reference_is_told():
    cube = cube_of({"a": (60, 40), "b": (20, 30)})
    assert reference_told(impact_ratios(cube)) == (
        "Reference: the group with the highest rate, a (100 rows)."
    )
    assert "b (50 rows), chosen" in reference_told(
        impact_ratios(cube, spec=ImpactSpec(groups=("b",)))
    )
    assert "everyone else" in reference_told(impact_ratios(cube, spec=ImpactSpec("rest")))
