"""What a strength between 0 and 1 means, by hand, by brute force and by other libraries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import equalized_odds_difference
from fairlearn.preprocessing import CorrelationRemover
from fairlearn.reductions import (
    DemographicParity,
    EqualizedOdds,
    ErrorRateParity,
    FalsePositiveRateParity,
    TruePositiveRateParity,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from core.learning.encoding import OneHot
from core.mitigation import MITIGATIONS, NoisyCounting, TrainingData
from core.mitigation.inprocessing import reductions
from core.mitigation.inprocessing.adversarial import AdversarySpec, train_adversarially
from core.mitigation.postprocessing import threshold_optimizer
from core.mitigation.postprocessing.calibrated_odds import withholdings
from core.mitigation.postprocessing.private_thresholds import GroupThresholds
from core.mitigation.postprocessing.rate_thresholds import (
    levelling_thresholds,
    reject_option_thresholds,
)
from core.mitigation.postprocessing.relaxed_odds import (
    TOLERANCE,
    allowed_gap,
    own_gap,
    relaxed_odds,
)
from core.mitigation.preprocessing.decorrelation import group_shifts, without_shifts
from core.mitigation.preprocessing.disparate_impact import DistributionRepair
from core.mitigation.preprocessing.massaging import massaged
from core.mitigation.preprocessing.private_weights import private_weights
from core.mitigation.preprocessing.resampling import cell_sizes, resampled, with_synthetic_rows
from core.mitigation.preprocessing.reweighing import reweighing_weights
from core.privacy.mechanisms.noise import Seeded
from tests.core.mitigation import planted
from tests.core.mitigation.test_after import expected_rates, scored
from tests.core.mitigation.test_before import labelled

LEAST = 1e-9
strengths = st.one_of(st.floats(1e-6, 1.0), st.sampled_from([LEAST, 0.5, 1.0]))


@given(labelled(), strengths)
def test_weights_are_a_mixture_of_what_was_counted_and_independence(
    world: tuple[np.ndarray, np.ndarray], s: float
) -> None:
    positive, groups = world
    full, part = reweighing_weights(positive, groups), None
    part = reweighing_weights(positive, groups, strength=s)
    assert part == pytest.approx(1 + s * (full - 1))
    n = len(positive)
    for group in "abc":
        for label in (False, True):
            cell = (groups == group) & (positive == label)
            independent = (groups == group).mean() * (positive == label).mean()
            assert part[cell].sum() / n == pytest.approx((1 - s) * cell.mean() + s * independent)
    assert np.array_equal(reweighing_weights(positive, groups, strength=1.0), full)


@given(labelled(), st.booleans(), strengths, st.integers(0, 3))
def test_sampling_makes_its_part_of_the_change(
    world: tuple[np.ndarray, np.ndarray], grow: bool, s: float, seed: int
) -> None:
    positive, groups = world
    full = cell_sizes(positive, groups, grow=grow)
    found = cell_sizes(positive, groups, grow=grow, strength=s)
    for (group, label), size in found.items():
        own = int(((groups == group) & (positive == label)).sum())
        assert abs(size - (own + s * (full[group, label] - own))) <= 1
    rows = resampled(positive, groups, grow=grow, seed=seed, strength=LEAST)
    assert np.array_equal(rows, np.arange(len(positive)))


def test_synthetic_rows_are_made_for_their_part_and_none_at_the_least() -> None:
    part = planted.part(400, 1)
    made = [
        len(with_synthetic_rows(part, 0, s).positive) - len(part.positive) for s in (LEAST, 0.5, 1)
    ]
    assert made[0] == 0
    assert made[2] > 10
    assert abs(made[1] - made[2] / 2) <= 2


@pytest.mark.parametrize("s", [LEAST, 0.3, 1.0])
def test_a_part_of_the_shifts_is_fairlearns_alpha(s: float) -> None:
    rng = np.random.default_rng(0)
    groups = rng.choice(["a", "b", "c"], 200).astype(object)
    encoded = rng.normal(size=(200, 3)) + (groups == "b")[:, None]
    shifts = {g: s * shift for g, shift in group_shifts(encoded, groups, None).items()}
    indicators = pd.get_dummies(groups).to_numpy(dtype=float)[:, :2]
    peer = CorrelationRemover(sensitive_feature_ids=[0, 1], alpha=s)
    theirs = peer.fit_transform(np.column_stack([indicators, encoded]))
    assert without_shifts(encoded, groups, shifts) == pytest.approx(theirs, abs=1e-9)


def test_the_task_hands_its_strength_to_the_shifts() -> None:
    work = planted.task(300)
    full, half = (
        MITIGATIONS["correlation_remover"].fit(replace(work, strength=s)) for s in (1.0, 0.5)
    )
    for group, shift in full.shifts.items():  # type: ignore[attr-defined]
        assert np.array_equal(half.shifts[group], 0.5 * shift)  # type: ignore[attr-defined]


@given(
    st.lists(
        st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000)), min_size=2, max_size=20,
        unique_by=(lambda t: t[0], lambda t: t[1]),
    ),
    strengths,
)  # fmt: skip
def test_repair_brings_distributions_its_part_of_the_way_together(
    pairs: list[tuple[int, int]], s: float
) -> None:
    # Of two groups of one size without ties; the distance is that of earth movers.
    a, b = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    X = pd.DataFrame({"x": np.concatenate([a, b])})
    groups = np.array(["a"] * len(a) + ["b"] * len(b), dtype=object)
    out = DistributionRepair.learn(X, groups, level=s).apply(X, groups)["x"].to_numpy()
    before, after = wasserstein_distance(a, b), wasserstein_distance(out[: len(a)], out[len(a) :])
    assert after == pytest.approx((1 - s) * before, abs=1e-9)
    full = DistributionRepair.learn(X, groups).apply(X, groups)["x"].to_numpy()
    assert out == pytest.approx(X["x"].to_numpy() + s * (full - X["x"].to_numpy()))


@given(labelled(), strengths, st.integers(0, 9))
def test_massaging_makes_its_share_of_the_flips_and_no_others(
    world: tuple[np.ndarray, np.ndarray], s: float, seed: int
) -> None:
    positive, groups = world
    scores = np.random.default_rng(seed).choice([0.2, 0.5, 0.7], len(positive))
    full = massaged(positive, groups, scores)
    part = massaged(positive, groups, scores, strength=s)
    assert not ((part != positive) & (full == positive)).any()
    for group in "abc":
        of = groups == group
        wanted = (1 - s) * positive[of].mean() + s * positive.mean()
        assert abs(part[of].mean() - wanted) * of.sum() <= 0.5 + 1e-6
    assert np.array_equal(massaged(positive, groups, scores, strength=LEAST), positive)


@given(scored(), strengths)
def test_withholding_raises_the_rate_its_part_of_the_way(
    given: tuple[np.ndarray, TrainingData], s: float
) -> None:
    scores, part = given
    full, found = withholdings(scores, part), withholdings(scores, part, s)

    def rate(name: str, record: dict) -> float:  # type: ignore[type-arg]
        own = (1 - scores[(part.groups == name) & part.positive]).mean()
        share, base = record[name].share, record[name].base_rate
        return float((1 - share) * own + share * (1 - base))

    for name in "ab":
        own = (1 - scores[(part.groups == name) & part.positive]).mean()
        assert rate(name, found) == pytest.approx((1 - s) * own + s * rate(name, full))
        assert found[name].base_rate == full[name].base_rate


@given(scored("abc"), strengths)
def test_levelling_asks_its_part_and_takes_the_highest_threshold_that_gives_it(
    given: tuple[np.ndarray, TrainingData], s: float
) -> None:
    scores, part = given

    def rate(name: str, threshold: float) -> float:
        return float((scores[(part.groups == name) & part.positive] >= threshold).mean())

    found, full = levelling_thresholds(scores, part, s), levelling_thresholds(scores, part)
    best = max(rate(name, 0.5) for name in "abc")
    for name in "abc":
        wanted = (1 - s) * rate(name, 0.5) + s * best
        if best > 0:
            tried = [0.5, *sorted(set(scores[scores < 0.5]), reverse=True)]
            by_hand = next(t for t in tried if rate(name, t) >= wanted - 1e-11)
            assert found[name] == by_hand
        assert full[name] <= found[name] <= 0.5


@given(scored("abc"), strengths)
def test_the_band_is_its_part_as_wide(given: tuple[np.ndarray, TrainingData], s: float) -> None:
    scores, part = given
    full, found = (reject_option_thresholds(scores, part, t) for t in (1.0, s))
    for name, threshold in full.items():
        assert found[name] == pytest.approx(0.5 + s * (threshold - 0.5))


def test_the_optimiser_takes_expected_rates_its_part_of_the_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work, test = planted.task(800), planted.part(200, 99)
    drawn = (np.arange(60) + 0.5) / 60

    def chance(s: float) -> np.ndarray:
        decider = MITIGATIONS["threshold_optimizer"].fit(replace(work, strength=s))
        total = np.zeros(len(test.X))
        for uniform in drawn:
            monkeypatch.setattr(
                threshold_optimizer,
                "hash_uniforms",
                lambda X, seed, uniform=uniform: np.full(len(X), uniform),
            )
            total += decider.predict(test.X, test.groups)
        return np.asarray(total / len(drawn))

    plain = planted.fitted("none", work).predict(test.X, test.groups)
    full = chance(1.0)
    assert ((full > 0.02) & (full < 0.98)).any()
    for s in (0.25, 0.5):
        assert chance(s) == pytest.approx((1 - s) * plain + s * full, abs=0.02)


@given(scored("abc"), strengths)
@settings(max_examples=60, deadline=None)
def test_relaxed_odds_keep_what_their_strength_allows(
    given: tuple[np.ndarray, TrainingData], s: float
) -> None:
    scores, part = given
    own = equalized_odds_difference(part.positive, scores >= 0.5, sensitive_features=part.groups)
    assert own_gap(scores >= 0.5, part).estimate == pytest.approx(own)
    allowed = allowed_gap(own, s)
    # At most the tolerance, at most its own gap, and in between the part of the way.
    assert allowed == pytest.approx(min(own, max(TOLERANCE, (1 - s) * own + s * TOLERANCE)))
    assert allowed_gap(own, 1.0) == min(own, TOLERANCE)
    found = expected_rates(scores, part, relaxed_odds(scores, part, allowed))
    for rate in (0, 1):
        rates = [expected[rate] for expected in found.values()]
        assert max(rates) - min(rates) <= allowed + 1e-6
    if s == LEAST and own >= TOLERANCE:
        # The decisions at 0.5 were allowed, so that the mixture is right at least as often.
        right = sum(expected[2] for expected in found.values())
        assert right >= ((scores >= 0.5) == part.positive).sum() - 1e-5


EVENTS = {
    DemographicParity: lambda d, y: [(d, np.ones(len(y), dtype=bool))],
    EqualizedOdds: lambda d, y: [(d, y), (d, ~y)],
    TruePositiveRateParity: lambda d, y: [(d, y)],
    FalsePositiveRateParity: lambda d, y: [(d, ~y)],
    ErrorRateParity: lambda d, y: [(np.where(y, 1 - d, d), np.ones(len(y), dtype=bool))],
}


def by_masks(moment: type, decided: np.ndarray, part: TrainingData) -> float:
    """Largest distance of a group's rate from that of all."""
    return max(
        abs(float(value[among & (part.groups == g)].mean() - value[among].mean()))
        for value, among in EVENTS[moment](decided.astype(float), part.positive)
        for g in np.unique(part.groups)
    )


@pytest.mark.parametrize("moment", EVENTS)
def test_a_reduction_is_bounded_by_its_part_of_the_own_violation(moment: type) -> None:
    work = planted.task(1000)
    if moment is ErrorRateParity:
        # Labels of group b are noisier.
        flip = (work.train.groups == "b") & (np.random.default_rng(0).random(1000) < 0.3)
        work = replace(work, train=replace(work.train, positive=work.train.positive ^ flip))
    part = work.train
    plain = planted.fitted("none", work).predict(part.X, part.groups)
    own = by_masks(moment, plain, part)
    assert own > 0.05
    assert reductions.violation(moment(difference_bound=0.1), plain, work) == pytest.approx(own)
    name = next(
        f"exponentiated_gradient{aim.suffix}"
        for aim in reductions._AIMS
        if getattr(aim.constraint, "keywords", {}).get("moment") is moment
    )
    for s in (LEAST, 0.5, 1.0):
        bound = reductions._parity(replace(work, strength=s), moment).eps
        assert bound == pytest.approx((1 - s) * own + s * reductions.BOUND)
        if s == 0.5:
            mixture = MITIGATIONS[name].fit(replace(work, strength=s))
            # Expected over lots; the reduction itself stops within a few hundredths.
            left = by_masks(moment, mixture.predict_score(part.X), part)
            assert left < bound + 0.02
            assert left > reductions.BOUND


def test_a_group_loss_is_bounded_between_the_worst_group_and_all() -> None:
    work = planted.task(1000)
    flip = (work.train.groups == "b") & (np.random.default_rng(0).random(1000) < 0.3)
    work = replace(work, train=replace(work.train, positive=work.train.positive ^ flip))
    wrong = planted.fitted("none", work).predict(work.train.X, work.train.groups)
    wrong = wrong != work.train.positive
    worst = wrong[work.train.groups == "b"].mean()
    assert worst > wrong.mean() + 0.05
    for s in (LEAST, 0.5, 1.0):
        bound = reductions._bounded_loss(replace(work, strength=s)).upper_bound
        assert bound == pytest.approx((1 - s) * worst + s * wrong.mean())


def test_grid_search_trades_error_for_violation_as_the_strength_grows() -> None:
    work = planted.task(1000)
    part = work.train
    errors, gaps = [], []
    for s in (LEAST, 0.2, 0.5, 1.0):
        kept = MITIGATIONS["grid_search"].fit(replace(work, strength=s))
        decided = kept.predict(part.X, part.groups)
        errors.append((decided != part.positive).mean())
        gaps.append(by_masks(DemographicParity, decided, part))
    assert (np.diff(errors) >= 0).all()
    assert (np.diff(gaps) <= 0).all()
    assert gaps[0] > gaps[-1]


def test_without_its_share_the_adversary_changes_nothing_and_halves_lie_between() -> None:
    train = planted.part(2000, 1)
    encoder = OneHot()
    encoder.fit(train.X)
    encoded = encoder.transform(train.X)

    def found(spec: AdversarySpec) -> np.ndarray:
        return train_adversarially(encoded, train.positive, train.groups, seed=0, spec=spec)[0]

    assert np.array_equal(found(AdversarySpec(share=0.0)), found(AdversarySpec(warm_up=99999)))
    gaps = [
        own_gap(encoded @ c[:-1] + c[-1] >= 0, train).estimate
        for c in (found(AdversarySpec(share=s)) for s in (0.0, 0.5, 1.0))
    ]
    assert gaps[0] > gaps[1] + 0.05 > gaps[2] + 0.1


@given(
    st.dictionaries(st.sampled_from("abc"), st.floats(0, 1)), st.floats(0, 1), strengths
)  # fmt: skip
def test_private_thresholds_move_from_everybodys(
    own: dict[str, float], others: float, s: float
) -> None:
    found = GroupThresholds(own, others, ("d",))
    moved = found.at(s)
    assert moved.others == others
    assert moved.too_few == ("d",)
    for name, threshold in own.items():
        assert moved.of_group[name] == pytest.approx(others + s * (threshold - others))
    assert found.at(1.0) == found


@given(labelled(), strengths, st.integers(0, 5), st.sampled_from([0.1, 1.0, 50.0]))
def test_private_weights_are_interpolated_before_they_are_divided_and_stay_within_one(
    world: tuple[np.ndarray, np.ndarray], s: float, seed: int, epsilon: float
) -> None:
    positive, groups = world
    part = TrainingData(pd.DataFrame(index=range(len(positive))), positive, groups)

    def found(strength: float) -> np.ndarray:
        return private_weights(part, NoisyCounting(epsilon, Seeded(seed), ("a", "b")), strength)

    weights, full = found(s), found(1.0)
    assert ((weights > 0) & (weights <= 1)).all()
    # Up to a factor common to all they are 1 - s + s w: differences are in one proportion.
    order = np.argsort(full, kind="stable")
    assert (np.diff(weights[order]) >= -1e-12).all()
    assert np.ptp(weights) <= np.ptp(full) + 1e-12
    assert found(LEAST) == pytest.approx(np.ones(len(positive)), abs=1e-7)
    i, j, k = order[0], order[len(order) // 2], order[-1]
    assert (weights[j] - weights[i]) * (full[k] - full[i]) == pytest.approx(
        (full[j] - full[i]) * (weights[k] - weights[i]), abs=1e-9
    )
