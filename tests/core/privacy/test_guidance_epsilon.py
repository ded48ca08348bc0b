"""The smallest ε for a question, against analytic variances and limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.domains import CategoryDomain, NumberDomain
from core.errors import InputError
from core.fairness.intervals.intervals import normal_quantile
from core.privacy.accounting.composition import zcdp_epsilon
from core.privacy.guidance.deployed import DEPLOYED
from core.privacy.guidance.guidance_epsilon import EPSILONS, smallest_epsilon
from core.privacy.guidance.guidance_questions import GapQuestion, MeanQuestion, ShareQuestion
from core.privacy.mechanisms.noise import noise_variance
from core.privacy.release.synthetic_histogram import make_synthetic_histogram

Z = normal_quantile(0.95)


@pytest.mark.parametrize("epsilon", [0.05, 0.3, 5.0])
@pytest.mark.parametrize("share", [0.5, 0.2])
def test_errors_of_a_share_have_the_analytic_variance(epsilon: float, share: float) -> None:
    rows = 5000
    errors = ShareQuestion(rows, 0.01, share).errors(epsilon, np.random.default_rng(4))
    sampling = share * (1 - share) / rows
    noise = noise_variance(epsilon, 1) * ((1 - share) ** 2 + share**2) / rows**2
    assert errors.var() == pytest.approx(sampling + noise, rel=0.1)


def test_the_smallest_epsilon_of_a_share_is_the_analytic_one() -> None:
    # The noise of two counts decides, of deviation √2 / ε each.
    rows, within = 2000, 0.05
    sampling = 0.25 / rows
    noise = (within / Z) ** 2 - sampling
    analytic = math.sqrt(2 * 0.5 / noise) / rows
    found = smallest_epsilon(ShareQuestion(rows, within)).epsilon
    assert found is not None
    # One step of the grid is a factor of 1.26; Laplace tails are a little heavier than normal.
    assert analytic / 1.3 < found < analytic * 1.6


def test_the_error_of_a_mean_without_noise_is_the_analytic_one() -> None:
    found = smallest_epsilon(MeanQuestion(10_000, 0, 120, 5))
    assert found.without_noise == pytest.approx(Z * 120 / math.sqrt(12 * 10_000), rel=0.05)
    noisy_error = dict(zip(found.tried, found.reached, strict=True))[0.01]
    # Half the difference of two Laplace sums of scale 1/ε has the deviation 1/ε.
    deviation = 120 * math.hypot(1 / 0.01 / 10_000, 1 / math.sqrt(12 * 10_000))
    assert noisy_error == pytest.approx(Z * deviation, rel=0.08)


def test_the_power_for_a_gap_without_noise_is_that_of_two_binomials() -> None:
    gap, first, second = 0.1, 400, 400
    found = smallest_epsilon(GapQuestion(gap, first, second))
    deviation = math.sqrt(2 * 0.25 / 400)
    expected = 1 - 0.5 * math.erfc((gap / deviation - Z) / math.sqrt(2))
    assert found.without_noise == pytest.approx(expected, abs=0.04)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 10**7), st.floats(0.001, 0.5))
def test_more_epsilon_never_hurts_and_nothing_beats_no_noise(rows: int, within: float) -> None:
    found = smallest_epsilon(ShareQuestion(rows, within))
    assert all(0 <= value <= 1 for value in found.reached)
    assert found.reached[-1] >= found.without_noise - 0.05
    assert (found.epsilon is None) == (found.reason is not None)
    if found.epsilon is not None:
        position = found.tried.index(found.epsilon)
        assert all(value <= within for value in found.reached[position:])
        assert position == 0 or found.reached[position - 1] > within


def test_a_question_without_an_answer_says_why() -> None:
    few = smallest_epsilon(ShareQuestion(100, 0.01))
    assert few.epsilon is None
    assert few.reason == "these rows are too few even without noise"
    assert smallest_epsilon(GapQuestion(0.02, 50, 50)).epsilon is None


def test_the_same_seed_gives_the_same_answer() -> None:
    question = GapQuestion(0.15, 900, 300)
    assert smallest_epsilon(question) == smallest_epsilon(question)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ShareQuestion(0, 0.1),
        lambda: ShareQuestion(10, 0.0),
        lambda: ShareQuestion(10, 0.1, 1.2),
        lambda: MeanQuestion(10, 5, 5, 1),
        lambda: MeanQuestion(10, 0, 5, float("inf")),
        lambda: GapQuestion(0.2, 10, 10, 0.05),
        lambda: GapQuestion(0.2, 0, 10),
        lambda: make_synthetic_histogram(CategoryDomain("c", ()), 10, 1.0),
        lambda: make_synthetic_histogram(NumberDomain("x", 0, 1), 0, 1.0),
    ],
)
def test_awkward_questions_are_refused(make) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError):
        make()


@pytest.mark.parametrize(
    "domain", [NumberDomain("x", 0, 1), CategoryDomain("c", tuple("abcdefghijklmnopqrstuvwxyz"))]
)
def test_a_stand_in_is_synthetic_from_public_facts_and_a_seed(domain) -> None:  # type: ignore[no-untyped-def]
    found = make_synthetic_histogram(domain, 1000, 0.5)
    assert len(found.labels) == len(found.before) == len(found.after) <= 20
    assert abs(sum(found.before) - 1000) <= len(found.labels)
    assert found == make_synthetic_histogram(domain, 1000, 0.5)
    assert found.before == make_synthetic_histogram(domain, 1000, 5.0).before
    inside = np.mean(
        [
            abs(a - b) <= found.reach
            for seed in range(200)
            for a, b in zip(
                found.before, make_synthetic_histogram(domain, 1000, 0.5, seed).after, strict=True
            )
        ]
    )
    assert 0.94 < inside < 0.985


def test_deployed_values_are_in_order_and_the_census_one_follows_from_its_rho() -> None:
    values = [item.epsilon for item in DEPLOYED]
    assert values == sorted(values)
    assert all(item.source and item.hides and item.relation for item in DEPLOYED)
    census = next(item for item in DEPLOYED if "Census" in item.who)
    assert zcdp_epsilon(2.56, census.delta) == pytest.approx(census.epsilon, abs=0.05)


def test_the_grid_of_epsilons_ascends() -> None:
    assert list(EPSILONS) == sorted(set(EPSILONS))
    assert (EPSILONS[0], EPSILONS[-1]) == (0.01, 100.0)
