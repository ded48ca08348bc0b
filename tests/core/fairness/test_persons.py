"""Intervals count persons where persons have several rows."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.fairness.assessment.assess import assess, fairness_json
from core.fairness.assessment.multiclass import assess_classes
from core.fairness.assessment.regression import assess_regression
from core.fairness.counts.cube import build_cube
from core.fairness.counts.grouping import group_rows
from core.fairness.counts.person_cells import PersonCells, count_by_person, share_size
from core.fairness.counts.person_draws import draw_cells
from core.fairness.counts.regression import count_errors
from core.fairness.counts.score_cube import count_scores
from core.fairness.disparities.conditional import conditional_parity
from core.fairness.disparities.impact_ratio import impact_ratios
from core.fairness.disparities.rate_tests import against_rest
from core.fairness.disparities.reference import compare_with
from core.fairness.disparities.subgroups import search_subgroups
from core.fairness.metrics.assessment import Assessment, Figure
from core.fairness.metrics.group_measurement import Sampling
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.regression_metrics import REGRESSION_METRICS
from core.fairness.what_if.individual import consistency
from core.fairness.what_if.thresholds import assess_at
from core.mitigation.effect import effect


def world(
    persons: int, rows: int, seed: int = 0, *, crossing: bool = False
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Decisions that lean on the person; groups change from row to row where they cross."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(persons), rows)
    lean = rng.normal(size=persons)[who]
    group = rng.integers(0, 2, len(who)) if crossing else rng.integers(0, 2, persons)[who]
    scores = 1 / (1 + np.exp(-(lean + rng.normal(size=len(who)) + 0.5 * group)))
    given_ = {
        "target": lean + rng.normal(size=len(who)) > 0,
        "prediction": scores > 0.5,
        "scores": scores,
        "persons": who,
    }
    return given_, pd.DataFrame({"group": np.array(["a", "b"], dtype=object)[group]})


def assessed(given_: dict[str, Any], sensitive: pd.DataFrame, **options: Any) -> Assessment:
    fields = {**given_, **options}
    return assess(fields.pop("target"), fields.pop("prediction"), sensitive, draws=200, **fields)


def intervals(found: Assessment) -> list[tuple[str, Figure]]:
    out = [(f"{g.name} {n}", f) for g in found.groups for n, f in g.figures.items()]
    return out + [(item.name, item.figure) for item in found.disparities]


def width(figure: Figure) -> float:
    assert figure.low is not None
    assert figure.high is not None
    return figure.high - figure.low


@settings(max_examples=15, deadline=None)
@given(st.integers(5, 80), st.integers(0, 99), st.permutations(range(3)))
def test_with_one_row_a_person_nothing_changes(n: int, seed: int, order: list[int]) -> None:
    given_, sensitive = world(n, 1, seed)
    numbers = np.random.default_rng(seed).permutation(n) * (1 + order[0])
    with_numbers = fairness_json(
        given_["target"], given_["prediction"], sensitive, scores=given_["scores"],
        persons=numbers, draws=100,
    )  # fmt: skip
    without = fairness_json(
        given_["target"], given_["prediction"], sensitive, scores=given_["scores"], draws=100
    )
    assert json.dumps(with_numbers) == json.dumps(without)


@pytest.mark.parametrize("times", [2, 8])
def test_copies_of_a_row_tell_no_more_than_the_row(times: int) -> None:
    given_, sensitive = world(400, 1)
    once = assessed(given_, sensitive)
    again = {name: np.repeat(values, times) for name, values in given_.items()}
    copied = assessed(again, sensitive.loc[np.repeat(sensitive.index, times)])
    as_rows = assessed({**again, "persons": None}, sensitive.loc[np.repeat(sensitive.index, times)])
    assert [g.persons for g in copied.groups] == [g.count for g in once.groups]
    wider = 0
    pairs = zip(intervals(once), intervals(copied), intervals(as_rows), strict=True)
    for (name, single), (_, copy), (_, row) in pairs:
        if single.low is None:
            assert copy.low is None or "calibration" in name
            continue
        assert copy.estimate == pytest.approx(single.estimate), name
        assert width(copy) == pytest.approx(width(single), rel=0.1, abs=0.005), name
        wider += width(copy) > 1.2 * width(row)
    assert wider > 25
    for one, two in zip(once.inequality, copied.inequality, strict=True):
        assert width(two.individual) == pytest.approx(width(one.individual), rel=0.2)


def brute_variance(hits: np.ndarray, trials: np.ndarray) -> float:
    """Of a ratio of sums, by leaving out one person after another."""
    left = [
        np.delete(hits, i).sum() / np.delete(trials, i).sum() for i in range(len(hits))
    ]  # fmt: skip
    n = len(left)
    return float((n - 1) / n * np.square(np.array(left) - np.mean(left)).sum())


@settings(max_examples=25, deadline=None)
@given(st.integers(30, 120), st.integers(0, 999))
def test_the_effective_size_is_that_of_the_variance_between_persons(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    trials = rng.integers(2, 9, n).astype(float)
    hits = rng.binomial(trials.astype(int), rng.beta(0.6, 0.6, n)).astype(float)
    cells = PersonCells(1, np.arange(n), np.zeros(n, dtype=np.int64), np.empty((n, 0)))
    size, persons = cells.sizes_and_persons(hits, trials, np.array([trials.sum()]))
    share = hits.sum() / trials.sum()
    jackknife = share * (1 - share) / brute_variance(hits, trials)
    assert size[0] <= jackknife * 1.1
    assert size[0] == pytest.approx(jackknife, rel=0.25)
    assert persons[0] == pytest.approx(trials.sum() ** 2 / np.square(trials).sum())


def test_rows_that_differ_freely_within_persons_count_nearly_as_rows() -> None:
    rng = np.random.default_rng(3)
    trials = np.full(5000, 8.0)
    hits = rng.binomial(8, 0.3, 5000).astype(float)
    cells = PersonCells(1, np.arange(5000), np.zeros(5000, dtype=np.int64), np.empty((5000, 0)))
    size = cells.sizes(hits, trials, np.array([40_000.0]), 0.95)
    assert 38_000 < size[0] <= 40_000
    alike = cells.sizes(8.0 * (np.arange(5000) < 1500), trials, np.array([40_000.0]), 0.95)
    assert alike[0] == pytest.approx(5000, rel=0.01)


def test_all_or_none_counts_persons_and_one_person_tells_nothing() -> None:
    who = np.arange(40)
    cells = PersonCells(1, who, np.zeros(40, dtype=np.int64), np.empty((40, 0)))
    rows = np.array([320.0])
    for hits in (np.zeros(40), np.full(40, 8.0)):
        assert cells.sizes(hits, np.full(40, 8.0), rows, 0.95)[0] == pytest.approx(40)
    given_, sensitive = world(1, 50)
    sensitive["group"] = "a"
    low, high = assessed(given_, sensitive).groups[0].figures["accuracy"].low, 1.0
    assert low is not None
    assert low < 0.01 < high


def test_groups_are_merged_as_if_they_had_been_counted_so() -> None:
    given_, _ = world(60, 5, crossing=True)
    rng = np.random.default_rng(5)
    both = pd.DataFrame(
        {name: rng.choice(["x", "y"], 300).astype(object) for name in ("one", "two")}
    )
    cube = build_cube(given_["target"], given_["prediction"], both, persons=given_["persons"])
    for names in (["one"], ["two"], []):
        alone = both[names] if names else pd.DataFrame({"all": np.full(300, "everyone")})
        direct = build_cube(
            given_["target"], given_["prediction"], alone, persons=given_["persons"]
        )
        merged = cube.marginal(names)
        assert merged.persons is not None
        assert direct.persons is not None
        assert np.array_equal(merged.persons.person, direct.persons.person)
        assert np.array_equal(merged.persons.cells, direct.persons.cells)
    chosen = cube.chosen(np.array([2, 0]))
    assert chosen.persons is not None
    assert chosen.persons.cells.sum() == cube.count[[2, 0]].sum()


def test_what_persons_share_between_groups_is_taken_off_a_gap() -> None:
    given_, sensitive = world(300, 8, crossing=True)
    crossing = assessed(given_, sensitive).disparity("demographic_parity_difference").figure
    apart = given_["persons"] * 2 + (sensitive["group"] == "b")
    as_others = assessed({**given_, "persons": apart.to_numpy()}, sensitive)
    separate = as_others.disparity("demographic_parity_difference").figure
    assert width(crossing) < 0.9 * width(separate)
    cube = build_cube(given_["target"], given_["prediction"], sensitive, persons=given_["persons"])
    metric = METRICS["selection_rate"]
    common = metric.correlation(cube)  # type: ignore[union-attr]
    # The correlation of the two rates, by drawing persons with replacement.
    rng = np.random.default_rng(0)
    rates = []
    rows = given_["prediction"].reshape(300, 8)
    of_b = (sensitive["group"] == "b").to_numpy().reshape(300, 8)
    for _ in range(1500):
        drawn = rng.integers(0, 300, 300)
        rates.append([rows[drawn][~of_b[drawn]].mean(), rows[drawn][of_b[drawn]].mean()])
    assert common[0, 1] == pytest.approx(np.corrcoef(np.array(rates).T)[0, 1], abs=0.08)


def test_draws_spread_as_resampled_persons_do() -> None:
    given_, sensitive = world(200, 6)
    cube = build_cube(given_["target"], given_["prediction"], sensitive, persons=given_["persons"])
    metric = METRICS["f1"]
    drawn = metric.value(draw_cells(cube, 4000, np.random.default_rng(0)))  # type: ignore[union-attr]
    rng = np.random.default_rng(1)
    inside = [np.flatnonzero((sensitive["group"] == g).to_numpy()) for g in "ab"]
    for g, rows in enumerate(inside):
        people = np.unique(given_["persons"][rows])
        found = []
        for _ in range(600):
            chosen = np.concatenate(
                [np.arange(p * 6, p * 6 + 6) for p in rng.choice(people, len(people))]
            )
            y, d = given_["target"][chosen], given_["prediction"][chosen]
            found.append(2 * (y & d).sum() / (y.sum() + d.sum()))
        assert drawn[:, g].std() == pytest.approx(np.std(found), rel=0.12)


def test_too_small_counts_persons_on_both_sides_of_the_edge() -> None:
    for persons, small in ((29, True), (30, False)):
        given_, sensitive = world(persons, 8, seed=2)
        sensitive["group"] = "a"
        found = assessed(given_, sensitive).groups[0]
        assert (found.persons, found.count) == (persons, 8 * persons)
        assert (found.too_small is not None and "persons" in found.too_small) == small
    given_, sensitive = world(60, 8)
    sensitive["group"] = "a"
    for positives, small in ((9, True), (10, False)):
        given_["target"] = given_["persons"] < positives
        found = assessed(given_, sensitive).groups[0]
        assert (found.too_small is not None and "with a positive label" in found.too_small) == small


def test_tests_ratios_references_strata_and_subgroups_count_persons() -> None:
    given_, sensitive = world(80, 10, seed=4)
    fields = {k: given_[k] for k in ("target", "prediction")}
    by_rows = build_cube(**fields, sensitive=sensitive)
    by_persons = build_cube(**fields, sensitive=sensitive, persons=given_["persons"])
    for name in ("selection_rate", "f1", "balanced_accuracy"):
        for row, person in zip(
            against_rest(by_rows, name), against_rest(by_persons, name), strict=True
        ):
            assert row.p_value is not None
            assert person.p_value is not None
            assert person.p_value > row.p_value
            assert person.size < row.size
    edges = count_scores(group_rows(sensitive), given_["target"], given_["scores"])
    scores = count_scores(
        group_rows(sensitive), given_["target"], given_["scores"], persons=given_["persons"]
    )
    for name in ("roc_auc", "brier", "expected_calibration_error"):
        row = against_rest(by_rows, name, scores=edges)[0]
        person = against_rest(by_persons, name, scores=scores)[0]
        assert row.detectable is not None
        assert person.detectable is not None
        assert person.detectable > 1.15 * row.detectable
    ratios = [impact_ratios(cube).groups[1].ratio for cube in (by_rows, by_persons)]
    ratios += [impact_ratios(cube).groups[0].ratio for cube in (by_rows, by_persons)]
    wide = [width(r) for r in ratios if r.low is not None]
    assert wide[1] > 1.5 * wide[0]
    gaps = [compare_with(cube, "accuracy", "rest")[0] for cube in (by_rows, by_persons)]
    assert width(gaps[1].difference) > 1.1 * width(gaps[0].difference)
    control = pd.DataFrame({"c": np.where(np.arange(800) % 3 == 0, "x", "y")})
    strata = [
        conditional_parity(
            **fields, sensitive=sensitive, control=control, persons=who, sampling=Sampling(500)
        )
        for who in (None, given_["persons"])
    ]
    assert width(strata[1].gap) > 1.5 * width(strata[0].gap)
    assert width(strata[1].change) > 0
    found = [
        [s for _, s in search_subgroups(
            **fields, columns=pd.concat([sensitive, control], axis=1), metric="selection_rate",
            persons=who,
        )][-1]
        for who in (None, given_["persons"])
    ]  # fmt: skip
    widths = [{s.name: s.high - s.low for s in one.subgroups} for one in found]
    assert widths[0].keys() == widths[1].keys()
    assert all(widths[1][name] > 1.3 * widths[0][name] for name in widths[0] if "group" in name)


def test_the_score_cube_counts_persons_as_rows_do() -> None:
    given_, sensitive = world(60, 6, seed=7)
    scores = np.round(given_["scores"], 2)
    cube = count_scores(group_rows(sensitive), given_["target"], scores, persons=given_["persons"])
    at = assess_at(cube, 0.5)
    direct = assess(
        given_["target"], scores >= 0.5, sensitive, scores=scores, persons=given_["persons"]
    )
    for one, two in zip(at.groups, direct.groups, strict=True):
        assert one.persons == two.persons
        for name in [metric.name for metric in METRICS]:
            assert one.figures[name].low == pytest.approx(two.figures[name].low, abs=1e-6), name
            assert one.figures[name].high == pytest.approx(two.figures[name].high, abs=1e-6), name


def test_json_says_what_intervals_count_and_bad_persons_are_refused() -> None:
    given_, sensitive = world(40, 3)
    record = fairness_json(
        given_["target"], given_["prediction"], sensitive, persons=given_["persons"], draws=100
    )
    assert record["intervals_count"] == "persons"
    assert sum(group["persons"] for group in record["by_group"]) == 40
    plain = fairness_json(given_["target"], given_["prediction"], sensitive, draws=100)
    assert plain["intervals_count"] == "rows"
    assert "persons" not in plain["by_group"][0]
    for wrong in (given_["persons"] - 1, given_["persons"] / 2, given_["persons"][:-1]):
        with pytest.raises(InputError, match="persons"):
            assessed({**given_, "persons": wrong}, sensitive)


def test_weights_of_one_person_are_summed() -> None:
    cells = count_by_person(
        np.array([4, 4, 9]), np.array([0, 0, 1]), 2, np.array([3, 3, 0]), (2, 2),
        np.array([0.5, 2.0, 1.0]),
    )  # fmt: skip
    assert cells.cells[0].tolist() == [[0, 0], [0, 2.5]]
    assert cells.number().tolist() == [1, 1]
    assert not cells.crossing


def test_classes_count_persons() -> None:
    given_, sensitive = world(150, 6, seed=8)
    kinds = np.array(["x", "y", "z"], dtype=object)
    truth = kinds[given_["target"].astype(int) + (given_["scores"] > 0.9)]
    said = kinds[given_["prediction"].astype(int) + (given_["scores"] > 0.9)]
    rows, persons = (
        assess_classes(truth, said, sensitive, persons=who, draws=500)
        for who in (None, given_["persons"])
    )
    assert [g.persons for g in rows.groups] == [None, None]
    assert sum(g.persons or 0 for g in persons.groups) == 150
    for one, two in zip(rows.groups, persons.groups, strict=True):
        for name, figure in one.figures.items():
            assert two.figures[name].estimate == figure.estimate
            if name.endswith(("recall", "accuracy")):
                assert width(two.figures[name]) > 1.1 * width(figure), name
    # Of two classes, each against the rest is the assessment of decisions.
    two = assess_classes(
        np.where(given_["target"], "yes", "no"),
        np.where(given_["prediction"], "yes", "no"),
        sensitive,
        persons=given_["persons"],
        draws=200,
    )
    direct = assessed({**given_, "scores": None}, sensitive)
    assert two.by_class["yes"].groups == direct.groups
    alone = assess_classes(truth, said, sensitive, persons=np.arange(900), draws=500)
    assert alone.groups == rows.groups


def test_amounts_count_persons() -> None:
    rng = np.random.default_rng(9)
    who = np.repeat(np.arange(100), 6)
    sensitive = pd.DataFrame(
        {"g": rng.choice(["a", "b"], 100)[who], "h": rng.choice(["c", "d"], 600)}
    )
    error = rng.normal(size=100)[who] + 0.2 * rng.normal(size=600)
    y = rng.normal(10, 2, 600)
    rows, persons, alone = (
        assess_regression(y, y + error, sensitive[["g"]], persons=ids)
        for ids in (None, who, np.arange(600))
    )
    assert alone.groups == rows.groups
    for one, two in zip(rows.groups, persons.groups, strict=True):
        assert two.persons is not None
        for name, figure in one.figures.items():
            assert two.figures[name].estimate == figure.estimate
            if name in ("mean_error", "mean_absolute_error", "root_mean_squared_error"):
                # Rows of a person are nearly alike: as if there were one of each.
                ratio = width(two.figures[name]) / width(figure)
                assert 1.7 < ratio < 2.9, (name, ratio)
    # Merged groups are those that are counted at once, persons in both included.
    cube = count_errors(group_rows(sensitive), y, y + error, persons=who).marginal(["h"])
    direct = count_errors(group_rows(sensitive[["h"]]), y, y + error, persons=who)
    for metric in REGRESSION_METRICS:
        for a, b in zip(metric.measure(cube, 0.95), metric.measure(direct, 0.95), strict=True):
            assert (a.low, a.high) == pytest.approx((b.low, b.high)), metric.name
    few = assess_regression(
        y[:174], y[:174] + error[:174], sensitive[["g"]][:174], persons=who[:174]
    )
    assert few.overall.too_small is not None
    assert "one for each person" in few.overall.too_small


def test_changes_and_flips_count_persons() -> None:
    given_, sensitive = world(120, 8, seed=11)
    better = np.where(given_["persons"] % 3 == 0, given_["target"], given_["prediction"])
    rows, persons = (
        effect(
            given_["target"], sensitive["group"].to_numpy(dtype=object), given_["prediction"],
            better, persons=who, draws=200,
        )
        for who in (None, given_["persons"])
    )  # fmt: skip
    assert rows.everyone.accuracy_change.estimate == persons.everyone.accuracy_change.estimate
    assert width(persons.everyone.accuracy_change) > 1.1 * width(rows.everyone.accuracy_change)
    by_person = given_["persons"] % 2 == 0
    wide = share_size(by_person, given_["persons"], 0.95)
    assert 100 < wide <= 120
    assert share_size(by_person, None, 0.95) == 960
    features = pd.DataFrame({"x": given_["scores"]})
    one, two = (
        consistency(features, given_["prediction"], persons=who).figure
        for who in (None, given_["persons"])
    )
    assert one.estimate == two.estimate
    assert width(two) > width(one) * 0.9
