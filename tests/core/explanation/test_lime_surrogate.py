from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.explanation.attribution.codes import Codes
from core.explanation.attribution.lime_surrogate import _whole, local_surrogate


def world(n: int = 2000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "strong": rng.normal(size=n),
            "weak": rng.normal(size=n),
            "against": rng.normal(size=n),
            "city": pd.Series(rng.choice(["good", "bad"], n), dtype=object),
            "constant": np.ones(n),
        }
    )


def score(X: pd.DataFrame) -> np.ndarray:
    margin = 2 * X["strong"] + 0.4 * X["weak"] - 1.2 * X["against"]
    margin = margin + np.where(X["city"] == "good", 0.8, -0.8)
    return (1 / (1 + np.exp(-margin))).to_numpy()


def test_signs_and_order_of_a_known_model_are_recovered() -> None:
    X = world()
    person = pd.DataFrame(
        {"strong": [2.0], "weak": [2.0], "against": [2.0], "city": ["good"], "constant": [1.0]}
    ).astype({"city": object})
    found = local_surrogate(score, person, X)
    weight = dict(zip(found.features, found.weights, strict=True))
    assert weight["strong"] > weight["city"] > weight["weak"] > 0 > weight["against"]
    assert weight["strong"] > -weight["against"]
    assert weight["constant"] == 0
    assert 0.3 < found.fit <= 1
    assert (found.spread[:4] > 0).all()
    assert found.filled == ()


def test_the_same_seed_gives_the_same_answer() -> None:
    X = world(500)
    first, second = (local_surrogate(score, X.iloc[[0]], X, runs=2, samples=500) for _ in range(2))
    assert np.array_equal(first.weights, second.weights)


def test_missing_numbers_are_filled_and_named() -> None:
    X = world(500)
    person = X.iloc[[0]].copy()
    person["weak"] = np.nan
    found = local_surrogate(score, person, X, runs=1, samples=500)
    assert found.filled == ("weak",)
    assert np.isfinite(found.weights).all()


def test_only_categories() -> None:
    X = world(300)[["city"]]
    found = local_surrogate(
        lambda rows: np.where(rows["city"] == "good", 0.9, 0.1), X.iloc[[0]], X, runs=2
    )
    sign = 1 if X["city"].iloc[0] == "good" else -1
    assert sign * found.weights[0] > 0.5


values = st.lists(
    st.tuples(st.one_of(st.floats(allow_infinity=False), st.just(np.nan)), st.text(max_size=5)),
    min_size=1,
    max_size=15,
)


@given(values)
def test_encoding_is_undone_exactly(rows: list) -> None:
    X = pd.DataFrame({"x": [a for a, _ in rows]}, dtype=float)
    X["c"] = pd.Series([b for _, b in rows], dtype=object)
    codes = Codes(X)
    pd.testing.assert_frame_equal(codes.decode(codes.encode(X)), X)
    assert codes.categorical == [1]


def test_a_category_seen_only_in_the_person_is_known() -> None:
    X = world(50)
    person = X.iloc[[0]].copy()
    person["city"] = "elsewhere"
    found = local_surrogate(score, person, X, runs=1, samples=200)
    assert found.weights.shape == (5,)
    assert found.weights[0] == pytest.approx(found.weights[0])


def test_a_model_is_asked_for_half_of_nothing_that_is_whole_for_everybody() -> None:
    """A model may take whole numbers only, such as an integer of PMML or ONNX."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"age": rng.integers(18, 80, 400) * 1.0, "share": rng.random(400)})
    asked: list[pd.DataFrame] = []

    def score(frame: pd.DataFrame) -> np.ndarray:
        asked.append(frame)
        return (frame["age"] > 50).to_numpy(float)

    local_surrogate(score, rows.iloc[[3]], rows, runs=2, samples=300)
    drawn = pd.concat(asked)
    assert (drawn["age"] % 1 == 0).all()
    assert drawn["age"].between(18, 79).all()
    assert (drawn["share"] % 1 > 0).all()


def test_rounding_moves_nobody_past_a_quartile() -> None:
    edges = np.array([20.5, 31.0, 40.25])
    drawn = np.array([20.4, 20.6, 31.4, 30.6, 40.3, 40.2, 55.5])
    rounded = _whole(drawn, edges)
    assert rounded.tolist() == [20, 21, 32, 31, 41, 40, 56]
    assert (np.searchsorted(edges, rounded) == np.searchsorted(edges, drawn)).all()
