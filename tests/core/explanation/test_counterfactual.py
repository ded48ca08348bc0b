"""Counterfactuals against brute force, and within their limits whatever these are."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import median_abs_deviation
from threadpoolctl import threadpool_limits

from core.errors import InputError
from core.explanation.counterfactual.actionability import (
    CounterfactualSpec,
    FeatureRule,
    default_spec,
)
from core.explanation.counterfactual.counterfactual import (
    CounterfactualFinder,
    find_counterfactuals,
)
from core.explanation.counterfactual.counterfactual_space import Space, Support, unit_of
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core import worlds

FREE = tuple(FeatureRule(name) for name in ("income", "age", "city"))


@pytest.fixture(scope="module")
def world():
    dataset = worlds.dataset()
    with threadpool_limits(limits=1):
        return dataset, train(dataset, TrainingSpec("gradient_boosting"))


def row_of(dataset, trained, position):
    return dataset.features.iloc[[trained.split.test[position]]].reset_index(drop=True)


def apart(one, other, units):
    """Distance of two people as the definition says it, one feature after the other."""
    total = 0.0
    for name, a, b in ((name, one[name], other[name]) for name in one):
        if name not in units:
            total += a != b
        elif np.isnan(a) != np.isnan(b):
            fill = units[name][1]
            total += (
                1 + abs(np.nan_to_num(a, nan=fill) - np.nan_to_num(b, nan=fill)) / (units[name][0])
            )
        elif not np.isnan(a):
            total += abs(a - b) / units[name][0]
    return total


def brute_force(dataset, trained, row, spec, limits):
    """Smallest plausible flip, by trying every combination of every value."""
    seen = dataset.features.iloc[trained.split.train]
    units = {n: (median_abs_deviation(seen[n].dropna()), seen[n].median()) for n in dataset.numbers}
    decision = trained.decider.predict_score(row)[0] >= 0.5
    values = {}
    for rule in spec.rules:
        known = seen[rule.feature]
        if rule.feature in units:
            grid = np.quantile(
                known.dropna(), np.linspace(0, 1, spec.most_values), method="closest_observation"
            )
            values[rule.feature] = [row.loc[0, rule.feature], *np.unique(grid)]
        else:
            values[rule.feature] = [row.loc[0, rule.feature], *known.unique()]
    if np.isnan(row.loc[0, "age"]):
        values["age"] = [np.nan]
    every = pd.DataFrame(list(product(*values.values())), columns=list(values))
    decided = trained.decider.predict_score(every[row.columns]) >= 0.5
    people = seen[(trained.decider.predict_score(seen) >= 0.5) != decision].to_dict("records")
    if decision not in limits:
        between = np.array([[apart(a, b, units) for b in people] for a in people])
        np.fill_diagonal(between, np.inf)
        lonely = np.sort(between, axis=1)[:, : spec.neighbours].mean(axis=1)
        limits[decision] = np.quantile(lonely, spec.plausible, method="higher")
    own, costs = row.loc[0].to_dict(), []
    for candidate in every[decided != decision].to_dict("records"):
        changed = [n for n in own if candidate[n] != own[n] and not pd.isna(candidate[n])]
        away = sum(apart({n: own[n]}, {n: candidate[n]}, units) for n in changed)
        costs.append((spec.per_feature * len(changed) + away, len(costs), candidate))
    for cost, _, candidate in sorted(costs):
        near = sorted(apart(candidate, person, units) for person in people)
        if np.mean(near[: spec.neighbours]) <= limits[decision] + 1e-9:
            return cost
    return np.inf


def test_the_smallest_is_that_of_brute_force(world):
    dataset, trained = world
    spec = CounterfactualSpec(FREE, most_values=8, plausible=0.8)
    finder = CounterfactualFinder(trained, dataset, spec)
    defined, limits = 0, {}
    for position in range(8):
        row = row_of(dataset, trained, position)
        found = finder.find(row)
        best = brute_force(dataset, trained, row, spec, limits)
        assert found.proven
        if not found.found:
            assert best == np.inf
            continue
        one = found.found[0]
        assert one.distance + spec.per_feature * len(one.changes) == pytest.approx(best)
        defined += 1
    assert defined >= 4


@pytest.mark.parametrize("most", [1, 300, 5000])
def test_no_change_can_be_undone_alone(world, most):
    dataset, trained = world
    # Plausible is everything that no lonelier real person than the loneliest is beyond.
    spec = CounterfactualSpec(FREE, most_tried=most, plausible=1.0, most_values=15)
    finder = CounterfactualFinder(trained, dataset, spec)
    for position in range(12):
        row = row_of(dataset, trained, position)
        found = finder.find(row)
        assert found.found or found.reason
        for one in found.found:
            target = row.copy()
            for feature, before, after in one.changes:
                assert row.loc[0, feature] == before
                target.loc[0, feature] = after
            assert (
                (trained.decider.predict_score(target)[0] >= 0.5) == one.decision != found.decision
            )
            assert trained.decider.predict_score(target)[0] == pytest.approx(one.score)
            support = finder._support[one.decision]
            for feature, before, _ in one.changes:
                less = target.assign(**{feature: [before]})
                flips = (trained.decider.predict_score(less)[0] >= 0.5) == one.decision
                assert not (flips and support.judge(less)[1][0])


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    directions=st.tuples(*[st.sampled_from(["frozen", "free", "up", "down"])] * 2),
    city=st.sampled_from(["frozen", "free"]),
    ends=st.tuples(st.floats(0, 10), st.floats(0, 10)),
    most=st.integers(1, 3),
    unit=st.sampled_from(["mad", "range"]),
    position=st.integers(0, 60),
    how_many=st.integers(1, 5),
)
def test_rules_are_kept(world, directions, city, ends, most, unit, position, how_many):
    dataset, trained = world
    low, high = sorted(ends)
    rules = (
        FeatureRule("income", directions[0], low, high),
        FeatureRule("age", directions[1], cost=2.0),
        FeatureRule("city", city),
    )
    spec = CounterfactualSpec(
        rules, most_changes=most, unit=unit, how_many=how_many, most_values=8, most_tried=300
    )
    row = row_of(dataset, trained, position)
    found = find_counterfactuals(trained, dataset, row, spec)
    assert (found.reason is None) == bool(found.found)
    assert len(found.found) <= how_many
    assert found.favourable == found.decision
    assert len({frozenset(f for f, _, _ in one.changes) for one in found.found}) == len(found.found)
    seen = dataset.features.iloc[trained.split.train]
    for one in found.found:
        assert 1 <= len(one.changes) <= most
        assert one.decision != found.decision
        assert 0.05 - 1e-9 <= one.plausibility <= 1
        total = 0.0
        for feature, before, after in one.changes:
            change = spec.rule_of(feature).change
            assert after != before
            assert after in set(seen[feature])
            assert change != "frozen"
            assert not (change == "up" and after < before)
            assert not (change == "down" and after > before)
            if feature == "income":
                assert low <= after <= high
            away = 1.0 if feature == "city" else abs(after - before) / unit_of(seen[feature], unit)
            total += spec.rule_of(feature).cost * away
        assert one.distance == pytest.approx(total)


def test_repeated_is_equal_and_several_differ(world):
    dataset, trained = world
    spec = default_spec(dataset)
    row = row_of(dataset, trained, 3)
    once = find_counterfactuals(trained, dataset, row, spec, 1)
    assert once == find_counterfactuals(trained, dataset, row, spec, 1)
    alone = find_counterfactuals(trained, dataset, row, replace(spec, how_many=1), 1)
    assert alone.found == once.found[:1]
    features = [{f for f, _, _ in one.changes} for one in once.found]
    assert all(a != b for a, b in combinations(features, 2))


def test_what_is_missing_is_left_alone_and_the_reason_says_where_was_looked(world):
    dataset, trained = world
    holes = np.flatnonzero(dataset.features["age"].isna())[:1]
    row = dataset.features.iloc[holes]
    found = find_counterfactuals(trained, dataset, row, CounterfactualSpec((FeatureRule("age"),)))
    assert found.left_alone == ("age",)
    assert (found.found, found.proven, found.tried) == ((), True, 0)
    assert "missing for this person" in found.reason
    sure = dataset.features.iloc[[int(dataset.features["income"].argmin())]]
    found = find_counterfactuals(trained, dataset, sure, CounterfactualSpec((FeatureRule("city"),)))
    assert "No change that is allowed flips the decision" in found.reason
    assert "2 combinations" in found.reason
    assert found.proven


def test_far_from_everyone_is_said_to_be_so(world):
    dataset, trained = world
    sure = dataset.features.iloc[[int(dataset.features["income"].argmin())]].assign(age=5000.0)
    spec = CounterfactualSpec((FeatureRule("income"),))
    found = find_counterfactuals(trained, dataset, sure, spec)
    assert not found.found
    assert "would flip the decision, but each makes a person further from" in found.reason


def test_defaults_are_stated():
    dataset = worlds.dataset()
    rules = {rule.feature: rule for rule in default_spec(dataset).rules}
    assert rules["age"].change == "up"
    assert "age" in rules["age"].why
    assert (rules["income"].change, rules["income"].why) == ("free", "")
    roles = replace(dataset.roles, sensitive=("city",))
    rules = {r.feature: r for r in default_spec(replace(dataset, roles=roles)).rules}
    assert rules["city"].change == "frozen"
    assert "sensitive" in rules["city"].why


@pytest.mark.parametrize(
    ("rules", "options", "message"),
    [
        ((FeatureRule("shoes"),), {}, "'shoes': the model sees no such feature"),
        ((FeatureRule("city", "up"),), {}, "categories, which have no order"),
        ((FeatureRule("age", low=9.0, high=2.0),), {}, "9 to 2 is empty"),
        ((FeatureRule("age", cost=0.0),), {}, "cost 0.0 is not above 0"),
        ((FeatureRule("age", low=float("nan")),), {}, "not of finite numbers"),
        ((FeatureRule("age"), FeatureRule("age")), {}, "two rules"),
        ((FeatureRule("age", "sideways"),), {}, "'sideways' is not one of"),
        (FREE, {"how_many": 0}, "how many 0: it must be 1 to 10"),
        (FREE, {"plausible": 0.0}, "plausible 0.0"),
        (FREE, {"per_feature": -1.0}, "per feature -1.0"),
        (FREE, {"unit": "feet"}, "'feet'"),
    ],
)
def test_specs_that_do_not_fit_are_named(world, rules, options, message):
    dataset, trained = world
    with pytest.raises(InputError, match=message):
        find_counterfactuals(
            trained, dataset, row_of(dataset, trained, 0), CounterfactualSpec(rules, **options)
        )


def test_rows_that_do_not_fit_are_named(world):
    dataset, trained = world
    finder = CounterfactualFinder(trained, dataset, CounterfactualSpec(FREE))
    with pytest.raises(InputError, match="2 rows where 1 is needed"):
        finder.find(dataset.features.iloc[:2])
    with pytest.raises(InputError, match="'city': the row has no value"):
        finder.find(dataset.features.iloc[:1].drop(columns="city"))


def test_units():
    values = pd.Series([1.0, 2.0, 4.0, 9.0, np.nan])
    assert unit_of(values, "mad") == median_abs_deviation([1, 2, 4, 9])
    assert unit_of(values, "range") == 8
    assert unit_of(pd.Series([np.nan, 3.0, 3.0]), "mad") == 1
    # Mostly zero: the mean deviation, scaled so that both agree on normal data.
    assert unit_of(pd.Series([0.0] * 9 + [10.0]), "mad") == pytest.approx(1.253314 / 1.4826)
    drawn = pd.Series(np.random.default_rng(0).normal(size=200_000))
    by_mean = (drawn - drawn.median()).abs().mean() * 1.253314 / 1.4826
    assert by_mean == pytest.approx(unit_of(drawn, "mad"), rel=0.01)


def test_support_of_few_people():
    seen = pd.DataFrame({"x": [0.0, 1.0, 5.0], "c": ["a", "a", "b"]}).astype({"c": object})
    space = Space(seen, CounterfactualSpec((), neighbours=1, plausible=1.0))
    # Units of x: deviations from 1 are 1, 0, 4, so 1. Nearest others: 1, 1, and 4 + 1 for c.
    support = Support(space, seen)
    assert support.limit == 5
    usual, fine = support.judge(
        pd.DataFrame({"x": [0.5, 10.0, 10.5], "c": ["a", "b", "z"]}).astype({"c": object})
    )
    assert usual.tolist() == [1.0, pytest.approx(1 / 3), 0.0]
    assert fine.tolist() == [True, True, False]
    for few in (seen[:0], seen[:1]):
        assert Support(space, few).judge(seen)[1].all()
