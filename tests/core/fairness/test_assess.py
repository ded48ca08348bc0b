from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from core.errors import InputError
from core.fairness.assessment.assess import (
    assess,
    assess_attributes,
    assess_cube,
    fairness_json,
    to_json,
)
from core.fairness.counts.cube import build_cube
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.metrics.metric_registry import METRICS
from tests.core.fairness.tables import tables
from tests.core.fairness.test_disparities import table

COMPAS = Path(__file__).parents[3] / "data" / "compas.csv.gz"


@pytest.fixture(scope="module")
def compas():
    frame = pd.read_csv(COMPAS)
    return {
        "target": (frame["two_year_recid"] == 1).to_numpy(),
        "prediction": (frame["decile_score"] >= 5).to_numpy(),
        "sensitive": frame[["race", "sex"]],
        "scores": frame["decile_score"].to_numpy(dtype=float),
        "positive_is_favourable": False,
    }


def test_published_compas_figures(compas):
    found = fairness_json(**compas)
    by_race = {g["group"]["race"]: g for g in found["by_attribute"]["race"]["by_group"]}
    black, white = by_race["African-American"], by_race["Caucasian"]
    assert round(black["false_positive_rate"], 4) == 0.4485
    assert round(white["false_positive_rate"], 4) == 0.2345
    assert round(black["false_negative_rate"], 4) == 0.2799
    assert round(white["false_negative_rate"], 4) == 0.4772
    assert (black["count"], white["count"]) == (3696, 2454)
    assert found["overall"]["count"] == 7214
    assert found["attributes"] == ["race", "sex"]
    assert list(found["by_attribute"]) == ["race", "sex"]
    assert found["by_attribute"]["race"]["four_fifths"]["verdict"] == "fails"


@settings(max_examples=40, deadline=None)
@given(tables())
def test_json_never_holds_nan_and_explains_every_null(rows):
    found = fairness_json(
        rows.target,
        rows.prediction,
        rows.sensitive,
        scores=rows.scores,
        weights=rows.weights,
        draws=100,
    )
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for part in (found, *found["by_attribute"].values()):
        assert sum(g["count"] for g in part["by_group"]) == len(rows)
        assert part["overall"]["weight"] == pytest.approx(
            sum(g["weight"] for g in part["by_group"])
        )
        assert list(part["disparities"]) == list(DISPARITIES.names())
        for group in (part["overall"], *part["by_group"]):
            for name in METRICS.names():
                if group[name] is None:
                    assert group["undefined"][name]
                    assert name not in group["intervals"]
                elif name in group["intervals"]:
                    low, high = group["intervals"][name]
                    assert low <= group[name] <= high
                else:
                    assert group["no_interval"][name]
        for disparity in part["disparities"].values():
            if disparity["estimate"] is None or disparity["low"] is None:
                assert disparity["reason"]
        assert part["weighted"] == (rows.weights is not None)


def test_the_contract_of_the_json():
    found = to_json(assess(*table(a=(30, 10, 10, 30), b=(30, 10, 20, 20))))
    assert set(found) == {
        "attributes",
        "level",
        "rate_interval",
        "weighted",
        "intervals_count",
        "overall",
        "by_group",
        "disparities",
        "four_fifths",
        "inequality",
        "impact_ratios",
    }
    assert found["overall"]["group"] == {}
    assert found["by_group"][0]["group"] == {"g": "a"}
    assert found["by_group"][0]["undefined"] == dict.fromkeys(
        ("roc_auc", "brier", "expected_calibration_error"), "no scores were given"
    )
    assert set(found["four_fifths"]) == {"verdict", "estimate", "low", "high", "sentence"}


def test_one_pass_gives_what_each_attribute_gives_alone(compas):
    rest = {k: v for k, v in compas.items() if k != "sensitive"}
    found = assess_attributes(**compas)
    assert list(found) == [("race",), ("sex",), ("race", "sex")]
    for attributes, assessment in found.items():
        alone = assess(**rest, sensitive=compas["sensitive"][list(attributes)])
        assert to_json(alone) == to_json(assessment)


def test_groups_are_ordered_by_count_then_name():
    rows = table(b=(2, 2, 2, 2), a=(2, 2, 2, 2), z=(5, 5, 5, 5))
    assert [group.name for group in assess(*rows).groups] == ["z", "a", "b"]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ((5, 1, 1, 5), "Only 12 rows, fewer than 30"),
        ((0, 0, 0, 1), "Only 1 row, fewer than 30"),
        ((30, 10, 2, 2), "Only 4 positive labels, so its true positive and false negative"),
        ((1, 0, 20, 20), "Only 1 negative label, so its false positive and true negative"),
        ((30, 10, 5, 5), None),
    ],
)
def test_small_groups_say_so(cells, words):
    group = next(g for g in assess(*table(x=cells, y=(99, 99, 99, 99))).groups if g.name == "x")
    assert (group.too_small is None) if words is None else group.too_small.startswith(words)
    assert words is None or group.figures["accuracy"].estimate is not None


def test_unequal_weights_make_a_group_small():
    rows = table(x=(20, 10, 10, 20), y=(99, 99, 99, 99))
    weights = np.ones(len(rows[0]))
    weights[0] = 500
    group = next(g for g in assess(*rows, weights=weights).groups if g.name == "x")
    assert "60 rows" in group.too_small
    assert "worth only" in group.too_small


def test_a_seed_gives_the_same_again_and_another_seed_almost():
    rows = table(a=(30, 10, 10, 30), b=(30, 10, 20, 20))
    first, again, other = (assess(*rows, seed=s) for s in (1, 1, 2))
    assert to_json(first) == to_json(again)
    # Disparities need no draws; the inequality indices do.
    assert first.disparities == other.disparities
    indices = [item.inequality[0].individual for item in (first, other)]
    assert indices[0].high != indices[1].high
    assert indices[0].high == pytest.approx(indices[1].high, rel=0.1)


def test_the_order_of_rows_changes_nothing(compas):
    order = np.random.default_rng(0).permutation(len(compas["target"]))
    shuffled = assess(
        compas["target"][order], compas["prediction"][order], compas["sensitive"].iloc[order]
    )
    straight = assess(compas["target"], compas["prediction"], compas["sensitive"])
    assert to_json(shuffled) == to_json(straight)


def test_unit_weights_are_no_weights():
    rows = table(a=(30, 10, 10, 30), b=(30, 10, 20, 20))
    plain, unit = assess(*rows), assess(*rows, weights=np.ones(160))
    assert to_json(unit) | {"weighted": False} == to_json(plain)


def test_doubling_every_weight_changes_only_the_weight():
    rows = table(a=(30, 10, 10, 30), b=(30, 10, 20, 20))
    one, two = (assess(*rows, weights=np.full(160, w)) for w in (1.0, 2.0))
    assert one.disparities == two.disparities
    assert one.groups[0].figures == two.groups[0].figures
    assert two.groups[0].weight == 160


def test_a_cube_alone_is_enough():
    rows = table(a=(30, 10, 10, 30), b=(30, 10, 20, 20))
    assert to_json(assess_cube(build_cube(*rows))) == to_json(assess(*rows))


def test_a_wider_level_widens_every_interval():
    rows = table(a=(30, 10, 10, 30), b=(30, 10, 20, 20))
    narrow, wide = (assess(*rows, level=level) for level in (0.8, 0.99))
    for a, b in zip(narrow.disparities, wide.disparities, strict=True):
        if a.figure.low is not None:
            assert b.figure.low <= a.figure.low <= a.figure.high <= b.figure.high
            assert b.figure.high - b.figure.low > a.figure.high - a.figure.low
    assert wide.level == 0.99


@pytest.mark.parametrize("option", [{"level": 1.0}, {"draws": 5}, {"seed": -1}])
def test_options_out_of_range_are_refused(option):
    with pytest.raises(InputError, match=next(iter(option))):
        assess(*table(a=(3, 1, 1, 3), b=(3, 1, 2, 2)), **option)


def test_missing_sensitive_values_are_a_group():
    flags = np.array([True, False, True])
    found = assess(flags, flags, pd.DataFrame({"g": ["a", None, np.nan]}))
    assert {g.name: g.count for g in found.groups} == {"(missing)": 2, "a": 1}
