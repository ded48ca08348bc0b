"""Recourse by group on worlds whose answer is known, and what is kept on disk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from core.audit_state import state as steps
from core.audit_state.results.model_results import (
    load_or_find_counterfactuals,
    load_or_find_recourse,
)
from core.errors import InputError
from core.explanation.counterfactual.actionability import CounterfactualSpec, FeatureRule
from core.explanation.counterfactual.counterfactual import (
    CounterfactualFinder,
    find_counterfactuals,
)
from core.explanation.counterfactual.recourse import RecourseSpec, drawn_people, recourse_steps
from core.explanation.counterfactual.recourse_of_group import PersonRecourse, group_recourse
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core import worlds

INCOME = CounterfactualSpec((FeatureRule("income"),), most_values=100, plausible=1.0)


@pytest.fixture(scope="module")
def world():
    dataset = worlds.dataset()
    return dataset, train(dataset, TrainingSpec("logistic_regression"))


def last(trained, dataset, spec, **known):
    *_, (share, found, _) = recourse_steps(trained, dataset, spec, **known)
    assert share == 1
    return found


def test_each_person_s_cost_is_that_of_their_counterfactual(world):
    dataset, trained = world
    spec = RecourseSpec("sex", INCOME, people=11, seed=3)
    found = last(trained, dataset, spec)
    sex = dataset.sensitive["sex"].to_numpy(dtype=object)[trained.split.test]
    drawn = drawn_people(trained, dataset, spec)
    finder = CounterfactualFinder(trained, dataset, replace(INCOME, how_many=1), 3)
    for group in found.groups:
        against, positions = drawn[group.group]
        assert group.unfavourable == against == (~trained.decisions & (sex == group.group)).sum()
        assert group.searched == len(positions) == min(11, against)
        assert not trained.decisions[positions].any()
        assert set(sex[positions]) == {group.group}
        costs = []
        for position in positions:
            one = finder.find(dataset.features.iloc[[trained.split.test[position]]])
            costs += [c.distance for c in one.found]
        assert group.cost.estimate == pytest.approx(np.median(costs))
        assert group.cost.low <= group.cost.estimate <= group.cost.high
        assert group.found.estimate == len(costs) / len(positions)
        assert group.features == (("income", 1.0),)
    # Men earn one more on average, so women must move further.
    by_name = {group.group: group.cost.estimate for group in found.groups}
    assert by_name["f"] > by_name["m"]


def test_the_unfavourable_decision_is_the_positive_one_where_roles_say_so(world):
    dataset, trained = world
    turned = replace(dataset, roles=replace(dataset.roles, positive_is_favourable=False))
    for _, positions in drawn_people(trained, turned, RecourseSpec("sex", INCOME)).values():
        assert len(positions)
        assert trained.decisions[positions].all()
    row = dataset.features.iloc[[trained.split.test[int(np.argmax(trained.scores))]]]
    found = find_counterfactuals(trained, turned, row, INCOME)
    assert (found.decision, found.favourable) == (True, False)


def test_shares_medians_and_sampling_error():
    people = [PersonRecourse(i, float(i), ("x", "y")[: 1 + i % 2], True) for i in range(12)]
    people += [PersonRecourse(20 + i, None, (), i > 0) for i in range(8)]
    group = group_recourse("g", 20, people)
    interval = binomtest(12, 20).proportion_ci(method="wilson")
    assert group.found.estimate == 0.6
    assert (group.found.low, group.found.high) == pytest.approx((interval.low, interval.high))
    assert group.cost.estimate == 5.5
    assert 2 <= group.cost.low < 5.5 < group.cost.high <= 9
    assert group.features == (("x", 1.0), ("y", 0.5))
    assert group.unproven == 1
    assert group.sampling_error == 0
    assert 0.1 < group_recourse("g", 100, people).sampling_error < 0.25
    # All found is no proof that all others have one.
    assert group_recourse("g", 100, people[:12]).sampling_error > 0.1


def test_what_is_not_there_is_not_zero():
    none = group_recourse("g", 0, [])
    assert none.found.estimate is None
    assert "nobody was decided unfavourably" in none.found.reason
    assert "nobody was searched for yet" in group_recourse("g", 4, []).found.reason
    without = group_recourse("g", 2, [PersonRecourse(0, None, (), True)] * 2)
    assert without.found.estimate == 0
    assert (without.cost.estimate, without.cost.reason) == (None, "no recourse was found")
    few = group_recourse("g", 1, [PersonRecourse(0, 2.0, ("x",), True)]).cost
    assert (few.estimate, few.low) == (2.0, None)
    assert "fewer than 10" in few.reason


def test_nobody_unfavourably_decided(world):
    dataset, trained = world
    spec = RecourseSpec("sex", INCOME)
    # Whoever the model decides about is decided favourably at threshold 0.
    trained = train(dataset, TrainingSpec("logistic_regression"))
    trained.decider.threshold = 0.0
    ((share, found, person),) = recourse_steps(trained, dataset, spec)
    assert (share, person) == (1.0, None)
    assert [group.unfavourable for group in found.groups] == [0, 0]


def test_bad_specs(world):
    dataset, trained = world
    with pytest.raises(InputError, match="'city': it is not a sensitive column"):
        next(recourse_steps(trained, dataset, RecourseSpec("city", INCOME)))
    with pytest.raises(InputError, match="at least 1 person"):
        next(recourse_steps(trained, dataset, RecourseSpec("sex", INCOME, people=0)))


def test_what_was_found_is_kept(world, tmp_path, monkeypatch):
    dataset, trained = world
    workspace = Workspace(tmp_path)
    state = steps.begin_sample(workspace, "german_credit")
    spec = RecourseSpec("sex", INCOME, people=4)
    work = load_or_find_recourse(workspace, state, dataset, trained, spec)
    for _ in range(3):
        next(work)
    work.close()
    calls = []
    finder = "core.explanation.counterfactual.recourse.CounterfactualFinder.find"
    real = __import__(
        "core.explanation.counterfactual.counterfactual", fromlist=["x"]
    ).CounterfactualFinder.find
    monkeypatch.setattr(finder, lambda *told: calls.append(1) or real(*told))
    *_, (_, whole) = load_or_find_recourse(workspace, state, dataset, trained, spec)
    assert len(calls) == 5
    *_, (_, again) = load_or_find_recourse(workspace, state, dataset, trained, spec)
    assert len(calls) == 5
    assert again == whole == last(trained, dataset, spec)
    one = load_or_find_counterfactuals(workspace, state, dataset, trained, 0, INCOME)
    monkeypatch.setattr("core.audit_state.results.model_results.find_counterfactuals", None)
    assert load_or_find_counterfactuals(workspace, state, dataset, trained, 0, INCOME) == one
