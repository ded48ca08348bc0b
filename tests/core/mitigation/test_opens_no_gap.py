"""No mitigation opens the gap that it is chosen against, be there one or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.comparison.paired.paired_bootstrap import compare_paired
from core.data.domains import CategoryDomain, Domains, NumberDomain
from core.fairness.assessment.assess import assess
from core.learning.learners import LEARNERS, LearnerConfiguration
from core.mitigation import MITIGATIONS, MitigationContext, NoisyCounting, TrainingData
from core.mitigation.postprocessing.relaxed_odds import TOLERANCE, own_gap
from core.privacy.mechanisms.noise import Seeded
from tests.core.mitigation import planted

AIMED = [item.name for item in MITIGATIONS if item.aim]
LEVEL = 0.999
"""Of each interval: some 50 are looked at, and one in a thousand would err."""


def even(n: int, seed: int) -> TrainingData:
    """Merit alone decides, alike in a large group and a small one."""
    rng = np.random.default_rng(seed)
    group = np.where(rng.random(n) < 0.8, "a", "b").astype(object)
    merit = rng.normal(size=n)
    X = pd.DataFrame({"merit": merit, "noise": rng.normal(size=n)})
    return TrainingData(X, rng.random(n) < 1 / (1 + np.exp(-1.5 * merit)), group)


World = Callable[[int, int], TrainingData]
WORLDS: dict[str, World] = {"even": even, "planted": planted.part}


BOUNDS = Domains(
    (
        NumberDomain("merit", -4.0, 4.0),
        NumberDomain("income", -4.0, 5.0),
        NumberDomain("noise", -4.0, 4.0),
        CategoryDomain("district", ("hill", "river")),
    )
)


def work(world: World, seed: int, name: str = "none", n: int = 1500) -> MitigationContext:
    train = world(n, 10 * seed + 1)
    domains = Domains(tuple(item for item in BOUNDS.items if item.name in train.X))
    build = LearnerConfiguration(seed, 2.0, 1e-6, domains, noise_seed=seed)
    learner = "dp_binned_regression" if MITIGATIONS[name].counts else "logistic_regression"
    return MitigationContext(
        train,
        world(n, 10 * seed + 2),
        lambda: LEARNERS[learner].build(build),
        seed,
        NoisyCounting(1.0, Seeded(seed), ("a", "b")),
    )


def room(task: MitigationContext, name: str) -> float:
    """By how much the rows that it is fitted on leave the learner's own gap unknown."""
    mitigation = MITIGATIONS[name]
    if name == "relaxed_equalized_odds":
        return 0.0
    later = mitigation.family == "after" or mitigation.counts == "validation"
    rows = task.validation if later else task.train
    decisions = planted.fitted("none", task).predict(rows.X, rows.groups)
    found = assess(rows.positive, decisions, pd.DataFrame({"group": rows.groups}))
    own = found.disparity(mitigation.aim).figure
    assert own.estimate is not None
    assert own.high is not None
    return own.high - own.estimate


def opened(task: MitigationContext, test: TrainingData, name: str) -> float:
    """By how much the gap that it aims at has surely grown on rows it never saw."""
    before, after = (
        planted.fitted(each, task).predict(test.X, test.groups) for each in ("none", name)
    )
    paired = compare_paired(
        test.positive, before, after, pd.DataFrame({"group": test.groups}), level=LEVEL, draws=1000
    )
    low = paired.disparities[MITIGATIONS[name].aim].difference.low
    assert low is not None
    return low


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("name", AIMED)
def test_none_opens_the_gap_that_it_aims_at(name: str, world: str) -> None:
    task = work(WORLDS[world], 0, name)
    assert opened(task, WORLDS[world](8000, 99), name) <= room(task, name)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("name", AIMED)
def test_none_opens_the_gap_at_other_seeds(name: str, world: str, seed: int) -> None:
    task = work(WORLDS[world], seed, name)
    assert opened(task, WORLDS[world](8000, 99 + seed), name) <= room(task, name)


@pytest.mark.parametrize("seed", range(5))
def test_relaxed_odds_leave_decisions_as_they_are_where_no_gap_is_there(seed: int) -> None:
    task, test = work(even, seed), even(20_000, 99)
    own = own_gap(
        planted.fitted("none", task).predict_score(task.validation.X) >= 0.5, task.validation
    )
    plain, found = (
        planted.fitted(name, task).predict(test.X, test.groups)
        for name in ("none", "relaxed_equalized_odds")
    )
    if own.low == 0:
        assert (found == plain).all()
    gap = own_gap(found, test).estimate
    assert gap is not None
    assert gap <= max(own_gap(plain, test).estimate or 0.0, TOLERANCE)


def test_relaxed_odds_act_as_soon_as_a_gap_is_significant() -> None:
    task = work(planted.part, 0)
    scores = planted.fitted("none", task).predict_score(task.validation.X)
    own = own_gap(scores >= 0.5, task.validation)
    assert own.low is not None
    assert own.low > 0
    test = planted.part(8000, 99)
    plain, found = (
        planted.fitted(name, task).predict(test.X, test.groups)
        for name in ("none", "relaxed_equalized_odds")
    )
    assert (found != plain).mean() > 0.05
    # The same people in one group have no gap, and nothing is done for them.
    alone = replace(task, validation=replace(task.validation, groups=np.full(1500, "a", object)))
    found = planted.fitted("relaxed_equalized_odds", alone).predict(test.X, test.groups)
    assert (found == plain).all()
