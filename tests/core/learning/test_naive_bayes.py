"""Private naive Bayes: its noise against what one row changes, its limit, and what it ignores."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from diffprivlib.models import GaussianNB as LibraryGaussianNB
from hypothesis import given
from hypothesis import strategies as st
from sklearn.naive_bayes import GaussianNB

from core.learning.learners import LEARNERS, LearnerConfiguration
from core.learning.naive_bayes import NoisyNaiveBayes
from tests.core.mechanism_audit import epsilon_lower_bound
from tests.core.worlds import DOMAINS, dataset

BOUNDS = (np.array([-1.1, -0.5]), np.array([1.0, 3.5]))


def rows(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.uniform(-1, 1, n), rng.integers(0, 4, n)])
    return X, (rng.random(n) < 0.5).astype(int)


class _Watched:
    """Records the exact input, noise scale and cut of every mechanism of a fit."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        from diffprivlib.mechanisms import LaplaceBoundedDomain, LaplaceTruncated

        self.calls: list[tuple[str, float, float]] = []
        for kind in (LaplaceTruncated, LaplaceBoundedDomain):
            self._watch(monkeypatch, kind, kind.randomise)
        import core.learning.naive_bayes as own

        self._watch(monkeypatch, own.GeometricTruncated, own.GeometricTruncated.randomise)

    def _watch(self, monkeypatch: pytest.MonkeyPatch, kind: type, original: Any) -> None:
        def randomise(mechanism: Any, value: float) -> float:
            self.calls.append(
                (kind.__name__, float(value), mechanism.sensitivity / mechanism.epsilon)
            )
            if kind.__name__ == "LaplaceTruncated":
                return float(np.clip(value, mechanism.lower, mechanism.upper))
            return value if kind.__name__ == "LaplaceBoundedDomain" else int(value)

        monkeypatch.setattr(kind, "randomise", randomise)


def test_what_a_row_changes_over_the_noise_adds_up_to_no_more_than_epsilon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    X, y = rows()
    epsilon = 1.5
    worst = 0.0
    for extra in ([-1.1, -0.5], [1.0, 3.5], [-1.1, 3.5], [9.0, -9.0]):
        for label in (0, 1):
            # Given the same released count and means, which the draws after them are adapted to.
            watched = _Watched(monkeypatch)
            model = NoisyNaiveBayes(epsilon=epsilon, bounds=BOUNDS)
            model.fit(X, y)
            added = np.clip(np.array(extra), *BOUNDS)
            means = model.theta_[label]
            scales = [s for kind, _, s in watched.calls if kind == "LaplaceTruncated"]
            squares = [s for kind, _, s in watched.calls if kind == "LaplaceBoundedDomain"]
            counts = [s for kind, _, s in watched.calls if kind == "GeometricTruncated"]
            assert (len(counts), len(scales), len(squares)) == (2, 4, 4)
            at = slice(2 * label, 2 * label + 2)
            loss = 1 / counts[label]
            loss += (np.abs(added) / np.array(scales[at])).sum()
            loss += ((added - means) ** 2 / np.array(squares[at])).sum()
            worst = max(worst, float(loss))
            monkeypatch.undo()
    assert 0.7 * epsilon < worst <= epsilon * (1 + 1e-9)


def test_a_row_beyond_the_bounds_adds_no_more_than_one_at_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    X, y = rows()
    X[::3] *= 50
    watched = _Watched(monkeypatch)
    NoisyNaiveBayes(epsilon=1.0, bounds=BOUNDS).fit(X, y)
    sums = [value for kind, value, _ in watched.calls if kind == "LaplaceTruncated"]
    clipped = np.clip(X, *BOUNDS)
    expected = [total for label in (0, 1) for total in clipped[y == label].sum(axis=0)]
    assert sums == pytest.approx(expected)
    assert not np.allclose(clipped, X)


@pytest.mark.parametrize("times", [1, 4])
def test_noise_for_a_larger_epsilon_is_found_out_from_outside(times: int) -> None:
    # One more row at the end of the bounds, against none: an audit of the whole fit.
    epsilon = 1.0
    random = np.random.RandomState(7)
    X, y = np.zeros((4, 1)), np.array([0, 0, 1, 1])

    def run(more: bool):
        A, b = (np.vstack([X, [[1.0]]]), np.append(y, 1)) if more else (X, y)

        def many(runs: int) -> np.ndarray:
            out = np.empty((runs, 3))
            for k in range(runs):
                model = NoisyNaiveBayes(
                    epsilon=times * epsilon, bounds=(-np.ones(1), np.ones(1)), random_state=random
                ).fit(A, b)
                out[k] = model.class_count_[1], model.theta_[1, 0], model.var_[1, 0]
            return out

        return many

    def likely(outputs: np.ndarray) -> np.ndarray:
        # Grows with the likelihood of the one more row, by count and sum.
        return outputs[:, 0] + 0.5 * np.clip(outputs[:, 1] * outputs[:, 0], 0, 1)

    found = epsilon_lower_bound(run(False), run(True), choose=300, fresh=1000, statistics=(likely,))
    assert (found.epsilon > epsilon) is (times > 1)


def test_the_library_takes_too_little_noise_for_bounds_without_0() -> None:
    # Why our bounds must hold 0: between 9 and 10 a row adds up to 10, the noise hides 1.
    with pytest.raises(ValueError, match="hold 0"):
        NoisyNaiveBayes(epsilon=1.0, bounds=(np.array([9.0]), np.array([10.0]))).fit(*rows())
    with pytest.raises(ValueError, match="must be declared"):
        NoisyNaiveBayes(epsilon=1.0).fit(*rows())


def test_neither_the_number_of_rows_nor_which_labels_occur_is_told() -> None:
    X, y = rows(50)
    theirs = LibraryGaussianNB(epsilon=1.0, bounds=BOUNDS).fit(X, y)
    assert theirs.class_count_.sum() == 50
    fits = [NoisyNaiveBayes(epsilon=1.0, bounds=BOUNDS).fit(X, y) for _ in range(8)]
    assert len({fit.class_count_.sum() for fit in fits}) > 1
    alone = NoisyNaiveBayes(epsilon=1.0, bounds=BOUNDS).fit(X, np.zeros(50, dtype=int))
    assert alone.predict_proba(X).shape == (50, 2)
    assert np.isfinite(alone.predict_proba(X)).all()


def test_at_a_huge_epsilon_it_is_the_ordinary_one() -> None:
    data = dataset(800)
    model = LEARNERS["dp_naive_bayes"].build(
        LearnerConfiguration(epsilon=1e9, domains=DOMAINS, noise_seed=0)
    )
    model.fit(data.features, data.target)
    X = model.encoder.transform(data.features)
    plain = GaussianNB().fit(X, data.target)
    assert model.predict_score(data.features) == pytest.approx(
        plain.predict_proba(X)[:, 1], abs=1e-4
    )


@pytest.mark.parametrize("name", ["naive_bayes", "dp_naive_bayes"])
def test_terms_add_up_to_the_log_odds(name: str) -> None:
    data = dataset(300)
    model = LEARNERS[name].build(LearnerConfiguration(epsilon=5.0, domains=DOMAINS, noise_seed=1))
    model.fit(data.features, data.target)
    X = model.encoder.transform(data.features)
    total = model.estimator.intercept_[0] + model.estimator.eval_terms(X).sum(axis=1)
    log = model.estimator.predict_log_proba(X)
    assert total == pytest.approx(log[:, 1] - log[:, 0], abs=1e-9)


@given(st.floats(1e-3, 50), st.integers(0, 12), st.integers(0, 9))
def test_scores_are_probabilities_whatever_the_rows(epsilon: float, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.choice([-1e9, -1.0, 0.0, 0.3, 1e9], (n, 2))
    y = rng.integers(0, 2, n)
    model = NoisyNaiveBayes(epsilon=epsilon, bounds=BOUNDS, random_state=seed).fit(X, y)
    score = model.predict_proba(np.array([[0.0, 1.0], [-1.1, 3.5], [1e6, -1e6]]))
    assert np.isfinite(score).all()
    assert score.sum(axis=1) == pytest.approx(1.0)
    assert math.isclose(model.class_prior_.sum(), 1.0)
