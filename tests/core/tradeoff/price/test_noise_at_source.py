"""Noise at the source beside noise in training, at equal ε."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from core.errors import InputError
from core.privacy.local_dp.records import even_plan
from core.tradeoff.price.noise_at_source import (
    LocalPoint,
    LocalSpec,
    SimulationTask,
    compare,
    mean_difference,
    mean_over_seeds,
    noisy_records,
    tasks,
    train_point,
)
from tests.core.worlds import DOMAINS, dataset

COLUMNS = ("income", "age", "city")


def spec(epsilon: float, seeds: tuple[int, ...] = (0, 1)) -> LocalSpec:
    plan = even_plan(DOMAINS, COLUMNS, epsilon)
    return LocalSpec(plan, "logistic_regression", "dp_logistic_regression", 1e-6, DOMAINS, seeds)


def test_every_treatment_is_trained_once_a_seed_and_finished_ones_are_not_again() -> None:
    data, asked = dataset(600), spec(4.0)
    found = list(compare(data, asked))
    assert [share for share, _, _ in found] == pytest.approx(np.arange(1, 7) / 6)
    points = {task: point for _, task, point in found}
    assert set(points) == set(tasks(asked))
    assert all(p.reason is None and p.roc_auc and p.accuracy for p in points.values())
    again = list(compare(data, asked, known=points.get))
    assert [point for _, _, point in again] == [point for _, _, point in found]
    assert all(new is points[task] for _, task, new in again)


def test_all_treatments_of_a_seed_are_judged_on_the_same_rows() -> None:
    found = [point for _, _, point in compare(dataset(600), spec(4.0))]
    for seed in (0, 1):
        assert len({p.majority for p in found if p.seed == seed}) == 1


def test_without_noise_the_local_model_is_nearly_the_plain_one() -> None:
    data, asked = dataset(2000), spec(400.0)
    plain, local = (train_point(data, asked, SimulationTask(t, 0)) for t in ("plain", "local"))
    assert plain.roc_auc is not None
    assert local.roc_auc is not None
    # Ages that are missing are sent as the middle of the bounds, the rest as it is.
    assert abs(plain.roc_auc - local.roc_auc) < 0.01


def test_noise_at_the_source_costs_more_than_noise_in_training() -> None:
    data, asked = dataset(4000), spec(2.0, (0, 1, 2))
    points = [point for _, _, point in compare(data, asked)]
    gap = mean_difference(points, "central", "local", "roc_auc")
    assert gap.estimate is not None
    assert gap.estimate > 0


def test_flipped_labels_leave_the_side_of_one_half() -> None:
    data, asked = dataset(4000), spec(3.0)
    only_label = replace(asked, plan=even_plan(DOMAINS, COLUMNS, 300.0, [100, 100, 100, 1]))
    assert only_label.plan.label_epsilon == pytest.approx(1.0, rel=0.01)
    records = noisy_records(data, only_label, 0)
    assert 0.2 < (records.positive != data.target[_train_rows(data)]).mean() < 0.35
    local = train_point(data, only_label, SimulationTask("local", 0))
    plain = train_point(data, only_label, SimulationTask("plain", 0))
    assert local.accuracy is not None
    assert plain.accuracy is not None
    assert abs(local.accuracy - plain.accuracy) < 0.05


def _train_rows(data):  # type: ignore[no-untyped-def]
    from core.learning.split import SplitSpec, split_rows

    return split_rows(data.target, SplitSpec(stratified=False), data.content).train


def test_means_over_seeds_have_students_interval() -> None:
    points = [LocalPoint("local", k, accuracy=v) for k, v in enumerate((0.5, 0.6, 0.8))]
    points += [LocalPoint("plain", k, accuracy=v) for k, v in enumerate((0.7, 0.9, 0.9))]
    found = mean_over_seeds(points, "local", "accuracy")
    ends = stats.t.interval(0.95, 2, np.mean([0.5, 0.6, 0.8]), stats.sem([0.5, 0.6, 0.8]))
    assert (found.low, found.high) == pytest.approx(np.clip(ends, 0, 1))
    gap = mean_difference(points, "plain", "local", "accuracy")
    result = stats.ttest_rel((0.7, 0.9, 0.9), (0.5, 0.6, 0.8)).confidence_interval(0.95)
    assert (gap.low, gap.high) == pytest.approx(np.clip(result, -1, 1))


def test_one_seed_has_no_interval_and_none_no_mean() -> None:
    one = mean_over_seeds([LocalPoint("local", 0, roc_auc=0.7)], "local", "roc_auc")
    assert (one.estimate, one.low, one.reason) == (0.7, None, "one seed shows no spread")
    assert mean_over_seeds([], "local", "roc_auc").estimate is None
    lost = [LocalPoint("local", 0, reason="why"), LocalPoint("plain", 0, roc_auc=0.9)]
    assert mean_difference(lost, "plain", "local", "roc_auc").estimate is None


def test_awkward_comparisons_are_refused_before_anything_runs() -> None:
    with pytest.raises(InputError, match="at least one seed"):
        tasks(spec(1.0, ()))
    with pytest.raises(InputError, match="ordinary model"):
        tasks(replace(spec(1.0), central="logistic_regression"))


def test_a_model_that_cannot_be_trained_is_a_point_with_its_reason() -> None:
    # Without a delta the central learner has no promise to make.
    asked = replace(spec(1.0), central="dp_binned_regression", delta=0.0)
    point = train_point(dataset(300), asked, SimulationTask("central", 0))
    assert point.accuracy is None
    assert point.reason is not None
    assert "delta" in point.reason
    assert not math.isnan(
        train_point(dataset(300), asked, SimulationTask("local", 0)).accuracy or 0.0
    )
