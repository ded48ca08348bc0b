from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.samples import SAMPLES, load_sample
from core.errors import InputError
from core.fairness.assess import assess
from core.fairness.mitigation import MITIGATIONS
from core.fairness.mitigation.before import reweighing_weights
from core.learning.training import TrainingSpec, train
from tests.core.worlds import dataset

rows = st.lists(
    st.tuples(st.booleans(), st.sampled_from("abc"), st.floats(0.1, 10)), min_size=1, max_size=60
)


@given(rows)
def test_reweighing_makes_group_and_label_independent(told: list) -> None:
    positive = np.array([y for y, _, _ in told])
    groups = np.array([a for _, a, _ in told], dtype=object)
    base = np.array([w for _, _, w in told])
    weights = reweighing_weights(positive, groups, base)
    assert (weights > 0).all()
    full = all({True, False} <= set(positive[groups == group]) for group in np.unique(groups))
    if full:
        share = weights[positive].sum() / weights.sum()
        for group in np.unique(groups):
            of = groups == group
            assert weights[of & positive].sum() / weights[of].sum() == pytest.approx(share)
        assert weights.sum() == pytest.approx(base.sum())


def test_reweighing_by_hand() -> None:
    # Two groups of four; a has 3 positives, b has 1: w(a, +) = (4 · 4) / (8 · 3) = 2/3.
    positive = np.array([1, 1, 1, 0, 1, 0, 0, 0], dtype=bool)
    groups = np.array(list("aaaabbbb"), dtype=object)
    assert reweighing_weights(positive, groups).tolist() == pytest.approx(
        [2 / 3, 2 / 3, 2 / 3, 2, 2, 2 / 3, 2 / 3, 2 / 3]
    )


@pytest.fixture(scope="module")
def adult() -> Dataset:
    """Every fourth row of Adult, compared by sex."""
    table = load_sample("adult")
    rows = table.frame.iloc[::4].reset_index(drop=True)
    roles = replace(SAMPLES["adult"].roles, sensitive=("sex",), edges=())
    return assign(replace(table, frame=rows), roles)


def _gap(data: Dataset, mitigation: str, name: str) -> float:
    """Gap over all rows: on the test rows alone chance moves it by a few hundredths."""
    decider = train(data, TrainingSpec("logistic_regression", mitigation)).decider
    decisions = decider.decide(data.features, data.sensitive["sex"].to_numpy(dtype=object))
    gap = assess(data.target, decisions, data.sensitive).disparity(name).figure.estimate
    assert gap is not None
    return gap


@pytest.mark.parametrize(
    ("mitigation", "name", "share"),
    [
        ("reweighing", "demographic_parity_difference", 0.75),
        ("exponentiated_gradient", "equalized_odds_difference", 0.6),
        ("threshold_optimizer", "equalized_odds_difference", 0.6),
    ],
)
def test_each_mitigation_narrows_the_gap_that_it_aims_at(
    adult: Dataset, mitigation: str, name: str, share: float
) -> None:
    plain = _gap(adult, "none", name)
    assert plain > 0.06
    assert _gap(adult, mitigation, name) < share * plain


@pytest.mark.parametrize("mitigation", MITIGATIONS.names())
def test_decisions_are_repeatable_and_do_not_depend_on_neighbours(mitigation: str) -> None:
    data = dataset(600, seed=2)
    trained = train(data, TrainingSpec("logistic_regression", mitigation))
    X = data.features.iloc[trained.split.test].reset_index(drop=True)
    groups = data.sensitive["sex"].to_numpy(dtype=object)[trained.split.test]
    alone = [
        bool(trained.decider.decide(X.iloc[[i]], groups[[i]])[0]) for i in range(0, len(X), 10)
    ]
    assert alone == trained.decisions[::10].tolist()


def test_a_group_that_validation_never_saw_keeps_the_plain_threshold() -> None:
    data = dataset(600, seed=2)
    decider = train(data, TrainingSpec("logistic_regression", "threshold_optimizer")).decider
    X = data.features.head(50)
    strangers = np.full(50, "stranger", dtype=object)
    assert np.array_equal(decider.decide(X, strangers), decider.score(X) >= 0.5)


def test_a_group_of_one_outcome_is_named() -> None:
    data = dataset(600, seed=2)
    sensitive = data.sensitive.copy()
    positives = np.flatnonzero(data.target)
    sensitive.iloc[positives[:40], 0] = "always yes"
    odd = replace(data, sensitive=sensitive)
    with pytest.raises(InputError, match=r"group 'always yes'.*same outcome"):
        train(odd, TrainingSpec("logistic_regression", "threshold_optimizer"))
