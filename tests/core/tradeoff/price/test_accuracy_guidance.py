"""The smallest ε for an accuracy, on shipped samples only."""

from __future__ import annotations

import pytest

from core.errors import InputError
from core.tradeoff.sweep.accuracy_guidance import (
    EPSILONS,
    AccuracyQuestion,
    lost_accuracy,
    public_sample_rows,
    simulate,
    smallest_epsilon_for,
)
from core.tradeoff.sweep.grid import RunSpec, Setting
from core.tradeoff.sweep.point import Estimate, SweepPoint

ASKED = AccuracyQuestion("german_credit", "dp_logistic_regression", 400, 0.01, (0, 1))


def point(learner: str, epsilon: float | None, seed: int, accuracy: float) -> SweepPoint:
    return SweepPoint(RunSpec(Setting(learner, epsilon), seed), {"accuracy": Estimate(accuracy)})


def points(losses: dict[float, tuple[float, float]]) -> list[SweepPoint]:
    plain = [point("logistic_regression", None, seed, 0.8) for seed in (0, 1)]
    return plain + [
        point("dp_logistic_regression", epsilon, seed, 0.8 - lost[seed])
        for epsilon, lost in losses.items()
        for seed in (0, 1)
    ]


def test_the_answer_is_where_the_mean_loss_stays_small_for_all_larger_epsilon() -> None:
    lost = dict.fromkeys(EPSILONS, (0.0, 0.0)) | {0.1: (0.3, 0.2), 0.5: (0.03, 0.01)}
    found = lost_accuracy(ASKED, points(lost))
    assert [item.epsilon for item in found] == list(EPSILONS)
    assert (found[2].mean, found[2].low, found[2].high) == pytest.approx((0.02, 0.01, 0.03))
    assert smallest_epsilon_for(ASKED, found) == 1.0
    assert smallest_epsilon_for(ASKED, lost_accuracy(ASKED, points({8.0: (0.1, 0.1)}))) is None


def test_an_epsilon_that_lacks_a_seed_is_left_out() -> None:
    assert lost_accuracy(ASKED, points({8.0: (0.0, 0.0)})[:-1]) == ()


def test_it_runs_on_a_cut_sample_and_reports_all_points() -> None:
    *_, (share, found) = simulate(ASKED)
    assert share == 1
    assert len(found) == 2 * (1 + len(EPSILONS))
    assert len(lost_accuracy(ASKED, found)) == len(EPSILONS)


def test_a_sample_is_cut_in_all_its_parts() -> None:
    whole, part = (
        public_sample_rows("german_credit", 10**6),
        public_sample_rows("german_credit", 300),
    )
    assert len(whole) == 1000
    sizes = {len(part), len(part.features), len(part.sensitive), len(part.content), len(part.rows)}
    assert sizes == {300}
    assert part.fingerprint != whole.fingerprint
    assert (part.target == whole.target[part.rows]).all()


def test_awkward_questions_are_refused() -> None:
    with pytest.raises(InputError, match="private"):
        AccuracyQuestion("german_credit", "logistic_regression", 400, 0.01)
    with pytest.raises(InputError):
        AccuracyQuestion("german_credit", "dp_logistic_regression", 0, 0.01)
    with pytest.raises(InputError, match="predictions"):
        public_sample_rows("compas", 100)
