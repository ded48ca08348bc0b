"""Attribute inference and singling out, on tables with known answers."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.attacks.attribute import OTHER, _values, attribute_attack, columns_to_guess
from core.attacks.released import risk_steps
from core.attacks.singling_out import BLIND, halves, singling_out
from core.errors import InputError
from tests.core.attacks.models import forest, trained_on
from tests.core.worlds import dataset


def guessed(data, trained, column):
    *_, (share, found) = attribute_attack(data, trained, column)
    assert share == 1
    return found


def test_a_model_that_uses_a_column_helps_to_guess_it_and_imputation_is_told_apart():
    data = dataset(3000)
    found = guessed(data, trained_on(data), "city")
    assert found.in_model
    assert set(found.values) == {"north", "south", "east"}
    assert found.members.gain.low > 0.1
    assert found.members.people == 1800
    assert found.members.with_model - found.members.without_model == pytest.approx(
        found.members.gain.estimate
    )
    assert found.remembered.low < 0 < found.remembered.high
    assert {group.name for _, group in found.groups} == {"f", "m"}
    assert sum(group.people for _, group in found.groups) == 1800


def test_a_column_that_the_model_ignores_is_not_given_away():
    data = dataset(1500)
    found = guessed(data, trained_on(data, forest()), "sex")
    assert not found.in_model
    assert found.non_members.gain.low < 0 < found.non_members.gain.high


def test_what_cannot_be_guessed_is_refused():
    data = dataset(300)
    assert columns_to_guess(data) == ("sex", "income", "age", "city")
    with pytest.raises(InputError, match="no such column"):
        next(attribute_attack(data, trained_on(data), "paid"))


def test_numbers_become_fifths_and_rare_values_one():
    data = dataset(600)
    values = _values(data, "age", np.arange(600))
    shares = pd.Series(values).value_counts(normalize=True)
    assert len(shares) == 6
    assert shares["(missing)"] == data.features["age"].isna().mean()
    # Values that the attacker's rows don't hold are one.
    north = np.flatnonzero((data.features["city"] == "north").to_numpy())
    assert set(_values(data, "city", north)) == {"north", OTHER}


CELLS = st.sampled_from([None, "a", "b", "c"])
ROWS = st.lists(
    st.tuples(CELLS, st.sampled_from([1.0, 2.0, 5.0, float("nan")])), min_size=1, max_size=30
)


@given(ROWS, ROWS)
def test_shares_are_those_of_brute_force(rows, others):
    table = pd.DataFrame(rows, columns=["word", "number"]).astype({"word": object})
    control = pd.DataFrame(others, columns=["word", "number"]).astype({"word": object})
    one, several = singling_out(table, ["word", "number"], control=control, predicates=50)
    known = table["number"].dropna()
    words = table["word"].value_counts()
    tests = [(table["word"] == w).sum() for w in words.index[words == 1]]
    numbers = known.value_counts()
    tests += [(table["number"] == v).sum() for v in numbers.index[numbers == 1]]
    if len(known):
        tests += [(table["number"] <= known.min()).sum(), (table["number"] >= known.max()).sum()]
    tests += [table[name].isna().sum() for name in table if table[name].isna().any()]
    assert one.predicates == len(tests)
    if tests:
        assert one.isolated.estimate == pytest.approx(np.mean(np.array(tests) == 1))
    assert several.isolated.low <= several.isolated.estimate <= several.isolated.high
    if several.risk is not None and several.risk.estimate is not None:
        left = 1 - several.control.estimate
        assert several.risk.estimate == pytest.approx(
            (several.isolated.estimate - several.control.estimate) / left
        )


def test_unique_rows_are_singled_out_and_equal_rows_never():
    distinct = pd.DataFrame({"id": [f"p{i}" for i in range(200)]}, dtype=object)
    alike = pd.DataFrame({"id": ["x"] * 200, "other": ["y"] * 200}, dtype=object)
    outside = pd.DataFrame({"id": [f"q{i}" for i in range(200)]}, dtype=object)
    one, several = singling_out(distinct, ["id"], control=outside)
    assert one.isolated.estimate == 1
    assert one.control.estimate == 0
    assert one.risk.estimate == 1
    assert several.predicates == 0
    assert "no such predicate" in several.isolated.reason
    assert one.example.startswith("id = p")
    nobody = singling_out(alike, ["id", "other"])
    assert nobody[1].isolated.estimate == 0
    assert nobody[1].expected == BLIND == math.exp(-1)
    assert nobody[1].risk is None


def test_a_k_anonymous_table_singles_nobody_out_by_its_quasi_identifiers():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 90, 800).astype(float),
            "zip": rng.integers(0, 60, 800).astype(str),
        }
    )
    frame["zip"] = frame["zip"].astype(object)
    *_, (share, found) = risk_steps(frame, ("age", "zip"), 5)
    assert share == 1
    assert found.raw[1].isolated.low > 0.1
    assert all(not item.isolated.estimate for item in found.anonymised)
    first, second = halves(frame)
    assert len(first) == len(second) == 400
    with pytest.raises(InputError, match="two rows"):
        halves(frame.head(1))
