from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from fairlearn.postprocessing import ThresholdOptimizer
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin

from core.errors import InputError
from core.mitigation import TrainingData
from core.mitigation.postprocessing.calibrated_odds import withholdings
from core.mitigation.postprocessing.rate_thresholds import (
    BANDS,
    levelling_thresholds,
    reject_option_thresholds,
)
from core.mitigation.postprocessing.relaxed_odds import relaxed_odds
from tests.core.mitigation import planted

SCORES = [0.1, 0.3, 0.4, 0.5, 0.6, 0.9]


@st.composite
def scored(draw: st.DrawFn, groups: str = "ab") -> tuple[np.ndarray, TrainingData]:
    """Scores with many ties; every group has both outcomes."""
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from(SCORES), st.booleans(), st.sampled_from(groups)), max_size=40
        )
    )
    for group in groups:
        rows += [(draw(st.sampled_from(SCORES)), label, group) for label in (True, False)]
    scores, positive, names = map(np.array, zip(*rows, strict=True))
    empty = planted.part(len(rows), 0).X
    return scores.astype(float), TrainingData(empty, positive.astype(bool), names.astype(object))


def expected_rates(
    scores: np.ndarray, part: TrainingData, mixtures: dict[str, tuple[np.ndarray, np.ndarray]]
) -> dict[str, tuple[float, float, float]]:
    """True and false positive rate, and right decisions expected, of each group."""
    out = {}
    for group, (thresholds, shares) in mixtures.items():
        rows = part.groups == group
        chance = np.array([shares[s >= thresholds].sum() for s in scores[rows]])
        label = part.positive[rows]
        right = chance[label].sum() + (1 - chance[~label]).sum()
        out[group] = (chance[label].mean(), chance[~label].mean(), right)
    return out


@given(scored("abc"), st.sampled_from([0.0, 0.05, 0.3, 1.0]))
@settings(max_examples=60, deadline=None)
def test_relaxed_odds_keep_the_tolerance(
    given: tuple[np.ndarray, TrainingData], tolerance: float
) -> None:
    scores, part = given
    found = expected_rates(scores, part, relaxed_odds(scores, part, tolerance))
    for k in (0, 1):
        rates = [values[k] for values in found.values()]
        assert max(rates) - min(rates) <= tolerance + 1e-7
    right = sum(values[2] for values in found.values())
    if tolerance == 1.0:
        best = sum(
            max(((scores[rows] >= t) == part.positive[rows]).sum() for t in [*SCORES, np.inf])
            for rows in (part.groups == g for g in "abc")
        )
        assert right == pytest.approx(best)


def test_relaxed_odds_at_zero_are_as_accurate_as_fairlearns() -> None:
    work = planted.task(1500)
    model = work.build()
    model.fit(work.train.X, work.train.positive)
    part = work.validation
    scores = model.predict_score(part.X)
    ours = expected_rates(scores, part, relaxed_odds(scores, part, 0.0))
    peer = ThresholdOptimizer(
        estimator=_Identity(),
        constraints="equalized_odds",
        objective="accuracy_score",
        prefit=True,
        predict_method="predict",
        grid_size=20000,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer.fit(scores[:, None], part.positive.astype(int), sensitive_features=part.groups)
    chance = peer._pmf_predict(scores[:, None], sensitive_features=part.groups)[:, 1]
    theirs = chance[part.positive].sum() + (1 - chance[~part.positive]).sum()
    assert sum(v[2] for v in ours.values()) / len(scores) == pytest.approx(
        theirs / len(scores), abs=2e-4
    )


class _Identity(ClassifierMixin, BaseEstimator):
    def fit(self, X: np.ndarray, y: np.ndarray) -> _Identity:
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        return np.asarray(X)[:, 0]


@given(scored())
@settings(deadline=None)
def test_levelling_lifts_to_the_best_rate_with_the_highest_threshold(
    given: tuple[np.ndarray, TrainingData],
) -> None:
    scores, part = given
    thresholds = levelling_thresholds(scores, part)
    rates = {g: (scores[(part.groups == g) & part.positive] >= 0.5).mean() for g in "ab"}
    best = max(rates.values())
    for group, threshold in thresholds.items():
        own = scores[(part.groups == group) & part.positive]
        assert threshold <= 0.5
        if best > 0:
            allowed = [t for t in [*SCORES, 0.5] if t <= 0.5 and (own >= t).mean() >= best - 1e-9]
            assert (own >= threshold).sum() == (own >= max(allowed)).sum()


@given(scored("abc"))
@settings(deadline=None)
def test_the_reject_option_band_is_the_best_of_all(given: tuple[np.ndarray, TrainingData]) -> None:
    scores, part = given
    thresholds = reject_option_thresholds(scores, part)

    def gap(chosen: dict[str, float]) -> float:
        rates = [(scores[part.groups == g] >= t).mean() for g, t in chosen.items()]
        return max(rates) - min(rates)

    overall = (scores >= 0.5).mean()
    low = {g for g in "abc" if (scores[part.groups == g] >= 0.5).mean() < overall}
    every = [{g: 0.5 - b if g in low else 0.5 + b for g in "abc"} for b in BANDS]
    assert thresholds in every
    assert gap(thresholds) == pytest.approx(min(map(gap, every)))
    assert gap(thresholds) <= gap(dict.fromkeys("abc", 0.5))


@given(scored())
@settings(deadline=None)
def test_withholding_equalises_the_generalised_rate_where_it_can(
    given: tuple[np.ndarray, TrainingData],
) -> None:
    scores, part = given
    found = withholdings(scores, part)
    before, after = {}, {}
    for group, withheld in found.items():
        rows = part.groups == group
        own = scores[rows & part.positive]
        assert withheld.base_rate == pytest.approx(part.positive[rows].mean())
        before[group] = (1 - own).mean()
        after[group] = (
            withheld.share * (1 - withheld.base_rate) + (1 - withheld.share) * (1 - own).mean()
        )
    for group, withheld in found.items():
        if 0 < withheld.share < 1:
            assert after[group] == pytest.approx(max(before.values()))
        assert after[group] >= before[group] - 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_levelling_up_makes_no_group_worse_on_rows_it_never_saw(seed: int) -> None:
    work, test = planted.task(1000, seed), planted.part(3000, 90 + seed)
    plain, levelled = planted.fitted("none", work), planted.fitted("levelling_up", work)
    before, after = plain.predict(test.X, test.groups), levelled.predict(test.X, test.groups)
    assert not (before & ~after).any()
    assert (after & ~before).any()
    for group in "ab":
        merited = test.positive & (test.groups == group)
        assert after[merited].mean() >= before[merited].mean()


@pytest.mark.parametrize(
    "name", ["relaxed_equalized_odds", "levelling_up", "calibrated_equalized_odds"]
)
def test_a_group_of_one_outcome_is_named(name: str) -> None:
    work = planted.task(500)
    groups = work.validation.groups.copy()
    groups[np.flatnonzero(work.validation.positive)[:20]] = "always yes"
    with pytest.raises(InputError, match=r"group 'always yes'.*20 validation rows.*same outcome"):
        planted.fitted(name, replace(work, validation=replace(work.validation, groups=groups)))


def test_calibrated_equalized_odds_narrow_the_generalised_gap_on_new_rows() -> None:
    work, test = planted.task(), planted.part(6000, 99)
    decider = planted.fitted("calibrated_equalized_odds", work)

    def gap(scores: np.ndarray) -> float:
        rates = [scores[test.positive & (test.groups == g)].mean() for g in "ab"]
        return abs(rates[0] - rates[1])

    plain = gap(decider.predict_score(test.X))
    assert plain > 0.1
    assert gap(decider.predict_score_in_group(test.X, test.groups)) < 0.6 * plain  # type: ignore[attr-defined]
