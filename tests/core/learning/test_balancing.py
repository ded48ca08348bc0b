"""Balancing gives both labels the same say in training, and touches nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_sample_weight

from core.errors import InputError
from core.learning.balancing import BALANCINGS, balanced
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.worlds import DOMAINS, dataset

SAMPLING = ("oversampling", "undersampling")
labels = st.lists(st.booleans(), min_size=2, max_size=80).filter(lambda x: any(x) and not all(x))


@given(labels)
def test_class_weights_are_those_of_scikit_learn(given_labels: list[bool]) -> None:
    positive = np.array(given_labels)
    found = balanced("class_weights", positive, None, 0)
    assert found.weights == pytest.approx(compute_sample_weight("balanced", positive))
    assert (found.rows == np.arange(len(positive))).all()


@given(labels, st.integers(0, 99), st.sampled_from(SAMPLING))
def test_sampling_makes_the_labels_equally_frequent(
    given_labels: list[bool], seed: int, name: str
) -> None:
    positive = np.array(given_labels)
    found = balanced(name, positive, None, seed)
    sizes = [int((positive[found.rows] == label).sum()) for label in (True, False)]
    before = [int((positive == label).sum()) for label in (True, False)]
    assert sizes[0] == sizes[1] == (max if name == "oversampling" else min)(before)
    times = np.bincount(found.rows, minlength=len(positive))
    if name == "undersampling":
        assert times.max() == 1
    else:
        # Every row stays, and no two rows of a label are repeated more than once apart.
        for label in (True, False):
            own = times[positive == label]
            assert own.min() >= 1
            assert own.max() - own.min() <= 1
    assert (np.diff(found.rows) >= 0).all()
    assert (balanced(name, positive, None, seed).rows == found.rows).all()


@given(labels, st.data())
def test_weights_of_rows_are_balanced_by_their_sums(given_labels: list[bool], data) -> None:
    positive = np.array(given_labels)
    weights = np.array(
        data.draw(st.lists(st.floats(0.5, 2), min_size=len(positive), max_size=len(positive)))
    )
    found = balanced("class_weights", positive, weights, 0)
    assert found.weights is not None
    sums = [found.weights[positive == label].sum() for label in (True, False)]
    assert sums[0] == pytest.approx(sums[1])
    assert sum(sums) == pytest.approx(weights.sum())
    for name in SAMPLING:
        kept = balanced(name, positive, weights, 0)
        assert kept.weights is not None
        assert (kept.weights == weights[kept.rows]).all()


def test_none_leaves_everything() -> None:
    positive = np.array([True, False, False])
    found = balanced("none", positive, None, 0)
    assert (found.rows == [0, 1, 2]).all()
    assert found.weights is None


@pytest.mark.parametrize("name", [b.name for b in BALANCINGS if b.name != "none"])
def test_a_label_without_rows_or_weight_is_named(name: str) -> None:
    with pytest.raises(InputError, match="nothing to balance"):
        balanced(name, np.array([True, True]), None, 0)
    with pytest.raises(InputError, match="nothing to balance"):
        balanced(name, np.array([True, False]), np.array([1.0, 0.0]), 0)


@pytest.mark.parametrize("name", [b.name for b in BALANCINGS if b.name != "none"])
def test_the_rarer_label_is_chosen_more_often_and_test_rows_stay(name: str) -> None:
    data = dataset(1500)
    # Few positives, so that the plain learner hardly ever decides for them.
    keep = np.flatnonzero(~data.target | (np.arange(len(data)) % 6 == 0))
    rare = replace(
        data,
        rows=data.rows[keep],
        features=data.features.iloc[keep].reset_index(drop=True),
        outcome=data.target[keep],
        sensitive=data.sensitive.iloc[keep].reset_index(drop=True),
        content=data.content[keep],
    )
    plain = train(rare, TrainingSpec("logistic_regression"))
    balanced_model = train(rare, TrainingSpec("logistic_regression", balancing=name))
    assert (plain.split.test == balanced_model.split.test).all()
    assert balanced_model.decisions.mean() > plain.decisions.mean() + 0.1


def test_private_learners_refuse_it() -> None:
    spec = TrainingSpec(
        "dp_binned_regression", epsilon=1.0, delta=1e-6, domains=DOMAINS, balancing="oversampling"
    )
    with pytest.raises(
        InputError, match="guarantee of 'dp_binned_regression' would no longer hold"
    ):
        train(dataset(300), replace(spec, noise="seeded"))


def test_noise_has_a_seed_of_its_own() -> None:
    data = dataset(600)
    spec = TrainingSpec(
        "dp_binned_regression", epsilon=1.0, delta=1e-6, domains=DOMAINS, noise="seeded"
    )
    first, same = train(data, spec), train(data, replace(spec, noise_seed=0))
    other = train(data, replace(spec, noise_seed=1))
    assert (first.scores == same.scores).all()
    assert (first.split.test == other.split.test).all()
    assert (first.scores != other.scores).any()
