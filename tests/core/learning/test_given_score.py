"""Existing scores as a model that is never trained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import equalized_odds_difference
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, roc_auc_score

from core.audit.pipeline import assess_fairness
from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.roles.roles import Roles
from core.errors import InputError
from core.learning.given_score import scale_of, with_given_score
from core.learning.learners import GIVEN_SCORE, LEARNERS
from core.mitigation import MITIGATIONS
from core.registry import Registry
from core.training.compatibility import fits_label, fits_learner
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.worlds import dataset, table

ROLES = Roles("paid", "yes", ("sex",), score="score", threshold=5.0)
PLAIN = TrainingSpec("given_score")


def scored(n: int = 900, seed: int = 0, roles: Roles = ROLES) -> Dataset:
    """Scores from 1 to 10 that say something, and women's are a point lower."""
    rng = np.random.default_rng(seed)
    sex = rng.choice(["f", "m"], n)
    paid = rng.random(n) < 0.5
    score = np.clip(np.round(4.5 + 2 * paid - (sex == "f") + rng.normal(0, 2, n)), 1, 10)
    frame = pd.DataFrame(
        {
            "score": score,
            "decision": np.where(score >= 5, "yes", "no"),
            "sex": sex,
            "paid": np.where(paid, "yes", "no"),
        }
    )
    return assign(table(frame), roles)


finite = st.one_of(
    st.floats(-1e6, 1e6).map(lambda x: round(x, 3)),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(0, 1),
)


@settings(max_examples=300, deadline=None)
@example([1.0, 0.9999999999999999], 1.0)
@example([1e308, -1e308], 1e308)
@example([1.7e308, -1.7e308, 3.0], 2.0)
@given(
    st.lists(finite, min_size=1, max_size=40),
    st.one_of(finite, st.integers(0, 39)),
)
def test_every_decision_and_the_order_stay_as_they_are(values: list[float], cut: float) -> None:
    scores = np.array(values)
    # A threshold that is one of the scores is the awkward one.
    threshold = float(scores[cut % len(scores)] if isinstance(cut, int) else cut)
    base = scored(40)
    rows = np.resize(scores, len(base))
    data = replace(
        base,
        scores=rows,
        predictions=rows >= threshold,
        roles=replace(base.roles, threshold=threshold),
    )
    scale = scale_of(data)
    unit = scale.unit(rows)
    assert unit.min() >= 0
    assert unit.max() <= 1
    assert np.array_equal(unit >= 0.5, rows >= threshold)
    order = np.argsort(rows, kind="stable")
    assert (np.diff(unit[order]) >= 0).all()
    assert np.array_equal(scale.given(unit), rows)
    assert len(np.unique(unit)) == len(np.unique(rows)), "no two scores fall together"
    moved = scale.given(np.linspace(0, 1, 11))
    assert (np.diff(moved) >= 0).all()
    assert moved.min() >= rows.min()
    assert moved.max() <= rows.max()
    assert np.array_equal(with_given_score(data).features["score"].to_numpy(), unit)


def test_without_a_mitigation_test_rows_are_decided_as_before_and_measured_as_by_others() -> None:
    data = scored()
    trained = train(with_given_score(data), PLAIN)
    rows = trained.split.test
    assert np.array_equal(trained.decisions, data.predictions[rows])
    assert np.allclose(trained.scores, data.scores[rows], atol=1e-12)
    figures = trained.performance.figures
    assert figures["accuracy"].estimate == pytest.approx(
        accuracy_score(data.target[rows], data.predictions[rows]), abs=1e-12
    )
    assert figures["roc_auc"].estimate == pytest.approx(
        roc_auc_score(data.target[rows], data.scores[rows]), abs=1e-12
    )
    assert "brier" not in figures, "scores from 1 to 10 are no probabilities"
    found = assess_fairness(with_given_score(data), trained, [("sex",)])[("sex",)]
    gap = next(d for d in found.disparities if d.name == "equalized_odds_difference")
    assert gap.figure.estimate == pytest.approx(
        equalized_odds_difference(
            data.target[rows],
            data.predictions[rows],
            sensitive_features=data.sensitive["sex"].iloc[rows],
        ),
        abs=1e-12,
    )


def test_what_is_fitted_and_what_is_measured_are_other_rows() -> None:
    data = scored()
    split = train(with_given_score(data), PLAIN).split
    assert np.array_equal(split.train, split.validation)
    together = np.sort(np.r_[split.train, split.test])
    assert np.array_equal(together, np.arange(len(data)))


def test_levelling_up_finds_the_thresholds_that_a_count_by_hand_finds() -> None:
    data = scored(3000)
    spec = replace(PLAIN, mitigation="levelling_up", mitigate_for="sex")
    trained = train(with_given_score(data), spec)
    fitted, test = trained.split.validation, trained.split.test
    sex = data.sensitive["sex"].to_numpy()

    def rate(group: str, threshold: float) -> float:
        of = fitted[(sex[fitted] == group) & data.target[fitted]]
        return float((data.scores[of] >= threshold).mean())

    best = max(rate(group, 5) for group in ("f", "m"))
    expected = np.zeros(len(test), dtype=bool)
    thresholds = {}
    for group in ("f", "m"):
        thresholds[group] = max(t for t in range(1, 6) if rate(group, t) >= best - 1e-12)
        mine = sex[test] == group
        expected[mine] = data.scores[test][mine] >= thresholds[group]
    assert thresholds["f"] < thresholds["m"] == 5
    assert np.array_equal(trained.decisions, expected)


def test_levelling_up_is_no_cure_where_the_positive_decision_is_unfavourable() -> None:
    data = scored(3000)
    spec = replace(PLAIN, mitigation="levelling_up", mitigate_for="sex")
    adverse = replace(data, roles=replace(data.roles, positive_is_favourable=False))
    with pytest.raises(InputError, match="which is the unfavourable one here"):
        train(with_given_score(adverse), spec)
    train(with_given_score(adverse), replace(spec, mitigation="reject_option"))
    assert [m.name for m in MITIGATIONS if not fits_label(m, positive_is_favourable=False)] == [
        "levelling_up"
    ]
    assert all(fits_label(m, positive_is_favourable=True) for m in MITIGATIONS)


def test_one_huge_score_moves_no_other() -> None:
    data = scored(3000)
    scores = data.scores.copy()
    scores[0] = 1e20
    data = replace(data, scores=scores, predictions=scores >= 5)
    trained = train(with_given_score(data), PLAIN)
    rows = trained.split.test
    assert np.array_equal(trained.scores, scores[rows])
    assert trained.performance.figures["roc_auc"].estimate == pytest.approx(
        roc_auc_score(data.target[rows], scores[rows]), abs=1e-12
    )


def test_people_of_one_score_are_in_both_parts() -> None:
    """Rows alike in all columns are many in such tables, and are no block."""
    from core.tradeoff.sweep.grid import Grid, RunSpec, Setting
    from core.tradeoff.sweep.runs import training_spec

    data = with_given_score(scored(2000))
    grid = Grid(("given_score",), (None,), (("sex",),))
    for seed in range(5):
        split = train(data, training_spec(grid, RunSpec(Setting("given_score"), seed))).split
        assert len(split.test) == pytest.approx(800, abs=2)
        assert set(data.scores[split.test]) == set(data.scores[split.train])


def test_scores_that_are_probabilities_are_measured_as_they_were_given() -> None:
    data = scored()
    probabilities = (data.scores - 1) / 12
    data = replace(
        data,
        scores=probabilities,
        predictions=probabilities >= 0.3,
        roles=replace(data.roles, threshold=0.3),
    )
    trained = train(with_given_score(data), PLAIN)
    rows = trained.split.test
    brier = trained.performance.figures["brier"].estimate
    assert brier == pytest.approx(np.mean((probabilities[rows] - data.target[rows]) ** 2), abs=1e-9)


def test_decisions_that_follow_from_the_score_need_no_threshold() -> None:
    roles = replace(ROLES, prediction="decision", threshold=None)
    assert scale_of(scored(roles=roles)).threshold == 5


def test_decisions_that_follow_from_no_threshold_are_counted() -> None:
    data = scored(roles=replace(ROLES, prediction="decision", threshold=None))
    flipped = np.random.default_rng(1).choice(len(data), 30, replace=False)
    other = data.predictions.copy()
    other[flipped] = ~other[flipped]
    fewest = min(int(((data.scores >= t) != other).sum()) for t in range(1, 12))
    assert 0 < fewest <= 30
    with pytest.raises(
        InputError, match=f"one, 5, {fewest} of 900 rows are decided other"
    ) as caught:
        scale_of(replace(data, predictions=other))
    assert caught.value.where == "column 'decision'"


@pytest.mark.parametrize("all_positive", [True, False])
def test_all_decided_alike(all_positive: bool) -> None:
    data = scored(roles=replace(ROLES, threshold=0.0 if all_positive else 11.0))
    trained = train(with_given_score(data), PLAIN)
    assert trained.decisions.all() == all_positive == trained.decisions.any()


def test_decisions_without_a_score_can_not_be_moved() -> None:
    data = scored(roles=Roles("paid", "yes", ("sex",), prediction="decision"))
    with pytest.raises(InputError, match="no score, so there is no threshold to move"):
        with_given_score(data)


def test_rows_that_train_a_model_stay_as_they_are() -> None:
    data = dataset(60)
    assert with_given_score(data) is data


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (TrainingSpec("logistic_regression"), "no model can be trained on them"),
        (replace(PLAIN, mitigation="reweighing"), "an existing score is not trained here"),
        (
            replace(PLAIN, mitigation="exponentiated_gradient"),
            "an existing score is not trained here",
        ),
        (replace(PLAIN, balancing="class_weights"), "an existing score is not trained here"),
        (replace(PLAIN, mitigation="private_threshold"), "is not private"),
        (replace(PLAIN, epsilon=1.0), "would ignore epsilon"),
    ],
)
def test_what_a_score_can_not_do_is_refused(spec: TrainingSpec, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        train(with_given_score(scored(100)), spec)


def test_rows_without_a_score_do_not_take_it() -> None:
    with pytest.raises(InputError, match="no existing score"):
        train(dataset(100), PLAIN)


def test_it_goes_with_what_comes_after_training_alone() -> None:
    data = with_given_score(scored(600))
    for mitigation in MITIGATIONS:
        spec = replace(PLAIN, mitigation=mitigation.name, mitigate_for="sex")
        if fits_learner(mitigation, GIVEN_SCORE):
            assert mitigation.family in ("none", "after")
            assert len(train(data, spec).decisions)
        else:
            with pytest.raises(InputError):
                train(data, spec)


def test_no_picker_offers_it() -> None:
    assert "given_score" not in LEARNERS.names()
    assert GIVEN_SCORE not in list(LEARNERS)
    assert LEARNERS["given_score"] is GIVEN_SCORE
    with pytest.raises(InputError) as caught:
        LEARNERS["nonsense"]
    assert "given_score" not in str(caught.value)


def test_an_unlisted_name_is_taken_all_the_same() -> None:
    registry: Registry = Registry("learner")
    registry.add(GIVEN_SCORE, listed=False)
    assert len(registry) == 0
    assert "given_score" in registry
    with pytest.raises(KeyError):
        registry.add(GIVEN_SCORE)
