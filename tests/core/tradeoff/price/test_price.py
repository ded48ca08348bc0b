"""The price of privacy by group: figures by hand, pairing, seeds, stopping, and its sentences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.data.domains import Domains
from core.errors import InputError
from core.fairness.assessment.assess import assess
from core.learning.learners import LEARNERS, LearnerConfiguration
from core.learning.split import SplitSpec, split_rows
from core.tradeoff.price.price import (
    NO_NOISE,
    PricedGroup,
    PricePoint,
    PriceSpec,
    check_price,
    groups,
    models,
    price_points,
)
from core.tradeoff.price.price_by_group import prices, sentence
from tests.core.worlds import DOMAINS, dataset

SPEC = PriceSpec("dp_logistic_regression", (0.5, 4.0), 5, 1e-6, ("sex",), DOMAINS)


@pytest.fixture(scope="module")
def points() -> list[PricePoint]:
    return [point for _, point in price_points(dataset(800), SPEC)]


def test_the_baseline_has_the_figures_of_an_assessment_of_the_same_rows(
    points: list[PricePoint],
) -> None:
    data = dataset(800)
    split = split_rows(data.target, SplitSpec(seed=0, stratified=False), data.content)
    model = LEARNERS["logistic_regression"].build(LearnerConfiguration())
    model.fit(data.features.iloc[split.train].reset_index(drop=True), data.target[split.train])
    score = model.predict_score(data.features.iloc[split.test].reset_index(drop=True))
    sensitive = data.sensitive.iloc[split.test][["sex"]].reset_index(drop=True)
    expected = assess(data.target[split.test], score >= 0.5, sensitive, scores=score)
    found = groups(data, SPEC)
    for group in expected.groups:
        at = [g.name for g in found].index(group.name)
        assert found[at].count == group.count
        assert found[at].too_small == group.too_small
        for own, name in (
            ("accuracy", "accuracy"),
            ("true_positive_rate", "true_positive_rate"),
            ("calibration", "expected_calibration_error"),
        ):
            assert getattr(points[0], own)[at] == pytest.approx(group.figures[name].estimate)


def test_every_model_is_drawn_once_with_noise_of_its_own(points: list[PricePoint]) -> None:
    assert [(p.epsilon, p.draw) for p in points] == models(SPEC)
    assert len(points) == 16
    noised = [p.calibration for p in points if p.epsilon != NO_NOISE]
    assert len(set(noised)) == len(noised) == 11
    again = [point for _, point in price_points(dataset(800), SPEC)]
    assert again == points


def test_prices_are_paired_means_with_students_interval(points: list[PricePoint]) -> None:
    found = groups(dataset(800), SPEC)
    for measure, sign in (("accuracy", -1), ("true_positive_rate", -1), ("calibration", 1)):
        for price in prices(points, found, measure):
            at = found.index(price.group)
            before = getattr(points[0], measure)[at]
            after = [getattr(p, measure)[at] for p in points if p.epsilon == price.epsilon]
            lost = sign * (np.array(after) - before)
            assert price.loss == pytest.approx(lost.mean())
            if np.ptp(lost):
                low, high = stats.t.interval(0.95, 4, lost.mean(), stats.sem(lost))
                assert (price.low, price.high) == pytest.approx((low, high))
            else:
                assert price.low == price.high == price.loss


def test_with_almost_no_noise_little_is_lost() -> None:
    data = dataset(800)
    (_, base), (_, first), *_ = price_points(data, SPEC)
    assert first.epsilon == NO_NOISE
    assert np.abs(np.array(first.accuracy) - np.array(base.accuracy)).max() < 0.05


def test_known_points_are_not_trained_and_stopping_ends_it(
    points: list[PricePoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {(p.epsilon, p.draw): p for p in points}
    fits = []
    fit = "core.learning.models.EncodedModel.fit"
    monkeypatch.setattr(fit, lambda *a, **k: fits.append(a))
    work = price_points(dataset(800), SPEC, known=lambda e, d: known.get((e, d)))
    assert [point for _, point in work] == points
    assert fits == []


def test_nothing_comes_of_models_without_a_baseline_or_of_failed_ones() -> None:
    found = (PricedGroup("a", 50, None, "a"),)
    private = PricePoint(1.0, 0, (0.5,), (None,), (0.1,))
    assert prices([private], found, "accuracy") == ()
    base = PricePoint(None, 0, (0.75,), (None,), (0.2,))
    (price,) = prices([base, private], found, "accuracy")
    assert (price.loss, price.low, price.draws) == (0.25, None, 1)
    (price,) = prices([base, private], found, "true_positive_rate")
    assert price.loss is None
    assert "no test rows with the positive label" in str(price.reason)
    (price,) = prices([base, private], found, "calibration")
    assert price.loss == pytest.approx(-0.1)
    (price,) = prices([base, PricePoint(1.0, 0, reason="why")], found, "accuracy")
    assert price.reason == "no model could be trained"


def test_the_sentence_names_who_loses_most_and_least_and_no_small_group() -> None:
    found = (
        PricedGroup("A", 500, None, "A"),
        PricedGroup("B-1", 300, None, "B-1"),
        PricedGroup("C", 5, "Only 5 rows", "C"),
        PricedGroup("D", 200, None, "D"),
    )
    base = PricePoint(None, 0, (0.9, 0.9, 0.9, 0.9))
    drawn = [
        PricePoint(1.0, k, (0.879 + d, 0.907 + d, 0.1, 0.895))
        for k, d in enumerate((-0.01, 0, 0.01))
    ]
    text = sentence(prices([base, *drawn], found, "accuracy"), "accuracy", 1.0)
    assert text == (
        "At ε = 1, A loses 2.1 points of accuracy (−0.4 to 4.6), and B-1 gains 0.7 (−1.8 to 3.2)"
    )
    small = prices([base, *drawn], found, "accuracy")[2:3]
    assert "no group is large enough" in sentence(small, "accuracy", 1.0)


@given(
    st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=2, max_size=8),
    st.one_of(st.none(), st.floats(0, 1)),
)
def test_a_price_is_undefined_with_its_reason_or_inside_its_interval(
    values: list[float | None], before: float | None
) -> None:
    group = PricedGroup("a", 50, None, "a")
    points = [PricePoint(None, 0, (before,))]
    points += [PricePoint(1.0, k, (value,)) for k, value in enumerate(values)]
    (price,) = prices(points, (group,), "accuracy")
    if price.loss is None:
        assert price.reason
        assert before is None or None in values
    else:
        assert price.low is not None
        assert price.high is not None
        assert price.low <= price.loss + 1e-12
        assert price.loss <= price.high + 1e-12
        assert -1 <= price.loss <= 1


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"learner": "logistic_regression"}, "only a private model"),
        ({"epsilons": ()}, "at least one epsilon"),
        ({"epsilons": (-1.0,)}, "epsilon"),
        ({"epsilons": (500.0,)}, "next to no noise"),
        ({"draws": 4}, "at least 5 draws"),
        ({"attributes": ()}, "no sensitive column"),
        ({"attributes": ("age",)}, "no sensitive column"),
        ({"learner": "dp_binned_regression", "delta": 0.0}, "delta above 0"),
    ],
)
def test_a_wrong_spec_is_refused_before_anything_runs(changes: dict, text: str) -> None:
    with pytest.raises(InputError, match=text):
        check_price(dataset(100), replace(SPEC, **changes))


def test_a_model_that_cannot_be_trained_is_a_point_with_its_reason() -> None:
    short = replace(SPEC, domains=Domains(DOMAINS.items[:1]))
    found = [point for _, point in price_points(dataset(200), short)]
    assert found[0].reason is None
    assert all("declared bounds" in str(point.reason) for point in found[1:])
