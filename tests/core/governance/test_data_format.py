"""What is written as data comes back equal to the last bit, and nothing else is read."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import msgpack
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.table import Kind
from core.fairness.metrics.assessment import Figure
from core.learning.learners import LEARNERS
from core.learning.step_terms import StepTerms
from core.storage import signed_data
from core.storage.data_format import (
    NotDataError,
    UnreadableError,
    from_data,
    kept_fields,
    to_data,
)
from core.storage.kinds import ATTRIBUTE, KINDS, MODEL
from core.storage.names import RECORDED, class_of
from core.storage.signed_data import OtherVersionError, ResultKind
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.storage.shipped.work import DOMAINS as ALL
from tests.core.worlds import DOMAINS, dataset


def alike(a: Any, b: Any) -> bool:
    """Whether two values are of equal types throughout, and equal bit by bit."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        if (a.dtype, a.shape) != (b.dtype, b.shape):
            return False
        if a.dtype == object:
            return all(map(alike, a.ravel(), b.ravel()))
        # How it lies in memory too, but for a view into a larger one.
        laid = not a.flags.forc or a.flags.f_contiguous == b.flags.f_contiguous
        return laid and a.tobytes() == b.tobytes()
    if isinstance(a, float | np.generic):
        return np.asarray(a).tobytes() == np.asarray(b).tobytes()
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, dict):
        return alike(list(a.items()), list(b.items()))
    if isinstance(a, pd.DataFrame):
        return a.equals(b) and list(a.dtypes) == list(b.dtypes) and list(a) == list(b)
    if is_dataclass(a):
        return all(alike(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    if class_of(type(a).__name__) is type(a) and not isinstance(a, Enum):
        return all(alike(getattr(a, f), getattr(b, f)) for f in kept_fields(type(a)))
    return bool(a == b)


numbers = st.floats() | st.sampled_from([math.nan, -math.nan, math.inf, -math.inf, -0.0, 5e-324])
plain = st.none() | st.booleans() | st.integers() | numbers | st.binary(max_size=9)
texts = st.text(st.characters(), max_size=9)  # lone surrogates too
arrays = st.builds(
    lambda kind, values, order: np.array(values, order=order).astype(kind).reshape(-1, 2).T,
    st.sampled_from(["<f8", "<f4", "<i8", "|b1", ">f8", "<u2", "O"]),
    st.lists(st.integers(0, 99), min_size=2, max_size=2) | st.just([1, 0, 1, 1]),
    st.sampled_from("CF"),
)
scalars = st.builds(np.float64, numbers) | st.builds(np.int64, st.integers(-9, 9))
figures = st.builds(
    Figure, st.none() | numbers, st.none() | numbers, st.none() | numbers, reason=st.none() | texts
)
values = st.recursive(
    plain | texts | arrays | scalars | figures | st.sampled_from(Kind),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(texts | st.integers() | st.tuples(texts, texts), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(values)
def test_any_value_comes_back_as_it_was(value) -> None:
    assert alike(from_data(to_data(value)), value)


def test_tables_and_sets_come_back_as_they_were() -> None:
    frame = pd.DataFrame(
        {"x": [1.5, math.nan, -0.0], "c": ["a", None, "ü"], "o": np.array([1, "b", None], object)}
    )
    assert alike(from_data(to_data(frame)), frame)
    assert from_data(to_data({1, 2})) == {1, 2}
    assert from_data(to_data(frozenset("ab"))) == frozenset("ab")
    with pytest.raises(NotDataError):
        to_data(frame.set_index("c"))


@pytest.mark.parametrize(
    "value", [object(), lambda: 1, 1j, dataset, Exception("x"), np.dtype("f8")]
)
def test_what_is_no_data_is_not_written(value) -> None:
    with pytest.raises(NotDataError):
        to_data([value])


@pytest.mark.parametrize(
    "expected",
    [
        {"$": "object", "class": "os.system", "fields": {}},
        {"$": "object", "class": "Figure", "fields": {"estimate": 1.0, "later": 1}},
        {"$": "object", "class": "OneHot", "fields": {}},
        {"$": "call", "items": []},
        {"x": 1},
        {"$": "array", "dtype": "O", "shape": [1], "order": "C", "data": b"12345678"},
        {"$": "array", "dtype": "<f8", "shape": [2], "order": "C", "data": b"12345678"},
    ],
)
def test_nothing_unknown_is_read(expected) -> None:
    with pytest.raises(UnreadableError):
        from_data(msgpack.packb([expected]))


def test_a_field_that_came_later_takes_its_default() -> None:
    fields = {"$": "object", "class": "Figure", "fields": {"estimate": 1.0}}
    assert from_data(msgpack.packb(fields)) == Figure(1.0)


def test_every_kind_holds_a_recorded_class_that_can_be_written() -> None:
    assert len(KINDS) == len({kind.name for kind in KINDS.values()})
    for kind in KINDS.values():
        found = class_of(kind.holds)
        assert found is not None
        assert kept_fields(found)
    assert all(row.name for row in RECORDED)


PRIVATE = [
    TrainingSpec(item.name, epsilon=2.0, delta=1e-6, domains=DOMAINS, noise="seeded")
    for item in LEARNERS
    if item.private
] + [
    TrainingSpec(
        "dp_naive_bayes", "private_group_thresholds", "sex", 5.0, 0.0, ALL, noise="seeded"
    ),
]


@pytest.mark.parametrize("spec", PRIVATE, ids=lambda spec: f"{spec.learner} {spec.mitigation}")
def test_every_private_model_scores_alike_to_the_last_bit_when_it_is_read(spec) -> None:
    data = dataset(400)
    trained = train(data, spec, with_baseline=False)
    content = signed_data.sign_data(b"key", ("a",), MODEL, trained)
    found = signed_data.load_data(b"key", ("a",), content, (MODEL,), "it")
    assert alike(trained, found)
    others = dataset(900, seed=1).features
    others.loc[3, "income"], others.loc[4, "city"] = np.nan, "elsewhere"
    assert (
        found.decider.predict_score(others).tobytes()
        == trained.decider.predict_score(others).tobytes()
    )


@pytest.mark.filterwarnings("ignore:Privacy violation")
def test_steps_of_a_private_boosting_machine_are_those_of_the_library() -> None:
    from interpret.privacy import DPExplainableBoostingClassifier

    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (500, 2))
    machine = DPExplainableBoostingClassifier(
        epsilon=5.0, delta=1e-5, random_state=1, privacy_bounds=np.array([[-1, 1], [-1, 1.0]]),
        feature_types=["continuous"] * 2,
    ).fit(X, (X[:, 0] + rng.normal(0, 0.3, 500) > 0).astype(int))  # fmt: skip
    steps = StepTerms.of(machine)
    cuts = machine.bins_[0][0]
    near = np.r_[
        cuts, np.nextafter(cuts, -9), np.nextafter(cuts, 9), np.nan, -np.inf, np.inf, -5, 5
    ]
    X = np.column_stack([near, rng.permutation(near)])
    assert len(cuts) > 5
    assert alike(steps.eval_terms(X), machine.eval_terms(X))
    assert steps.decision_function(X).tobytes() == machine.decision_function(X).tobytes()
    assert alike(steps.predict_proba(X), machine.predict_proba(X))


@pytest.mark.parametrize(
    ("kinds", "why"),
    [
        ((ATTRIBUTE,), "of the kind 'later', which is not known here"),
        ((ResultKind("later", "Figure"),), "its form is 2, and 1 is the latest known"),
        ((ResultKind("later", "Split", version=2),), "what is in it is no later"),
    ],
)
def test_a_later_version_is_told_from_a_changed_file(kinds, why) -> None:
    later = ResultKind("later", "Figure", version=2)
    content = signed_data.sign_data(b"key", ("a",), later, Figure(1.0))
    assert signed_data.load_data(b"key", ("a",), content, (later,), "it") == Figure(1.0)
    with pytest.raises(OtherVersionError, match="a result that this version can't open") as result:
        signed_data.load_data(b"key", ("a",), content, kinds, "it")
    assert why in str(result.value)
    for changed, key, belongs_to in (
        (content[:-1] + bytes([content[-1] ^ 1]), b"key", ("a",)),
        (content, b"other", ("a",)),
        (content, b"key", ("b",)),
    ):
        with pytest.raises(signed_data.InputError, match="was changed") as error:
            signed_data.load_data(key, belongs_to, changed, (later,), "it")
        assert not isinstance(error.value, OtherVersionError)
