from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.errors import InputError
from core.privacy.accounting.budget import Budget
from core.privacy.accounting.contribution import (
    check_rows_per_person,
    describe_unit,
    kept_rows,
    person_budget,
    person_hashes,
    row_budget,
)
from core.privacy.accounting.ledger import Ledger
from core.training.privacy_guarantee import guarantee_of
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from core.training.training import train
from tests.core.worlds import DOMAINS, frame, table

tables = st.lists(
    st.tuples(st.sampled_from(["ann", "bo", "cy", None]), st.integers(0, 5), st.booleans()),
    max_size=40,
)


def arrays_of(rows: list) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        np.array([person for person, _, _ in rows], dtype=object),
        np.array([value for _, value, _ in rows], dtype=np.uint64),
        np.array([label for _, _, label in rows], dtype=bool),
    )


def kept(rows: list, bound: int, seed: int = 0) -> list:
    return sorted(
        (
            row
            for row, stays in zip(rows, kept_rows(*arrays_of(rows), bound, seed), strict=True)
            if stays
        ),
        key=repr,
    )


@given(tables, st.integers(1, 4), st.integers(0, 3))
def test_at_most_so_many_rows_of_each_person_and_none_needlessly_lost(rows, bound, seed):
    left = kept(rows, bound, seed)
    for person in ("ann", "bo", "cy"):
        has = sum(name == person for name, _, _ in rows)
        assert sum(name == person for name, _, _ in left) == min(has, bound)
    assert all(name is not None for name, _, _ in left)


@given(tables, st.integers(1, 4), st.randoms())
def test_a_person_leaving_moves_nobody_elses_rows_nor_does_the_order(rows, bound, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    without = [row for row in shuffled if row[0] != "ann"]
    expected = [row for row in kept(rows, bound) if row[0] != "ann"]
    assert kept(without, bound) == expected
    assert [row for row in kept(shuffled, bound) if row[0] != "ann"] == expected


def test_which_rows_are_kept_differs_by_seed():
    rows = [("ann", value, False) for value in range(50)]
    assert kept(rows, 5, 0) != kept(rows, 5, 1)


def geometric_loss(epsilon: float, distance: int) -> float:
    """Largest log-ratio of discrete Laplace noise of rate ε, its centre moved, by brute force."""
    values = range(-60, 61)
    return max(epsilon * (abs(v - distance) - abs(v)) for v in values)


@given(st.floats(0.01, 8), st.integers(1, 12))
def test_pure_budgets_match_a_brute_force(epsilon, rows):
    each, _ = row_budget(epsilon, 0.0, rows)
    assert geometric_loss(each, rows) == pytest.approx(epsilon)


@given(st.floats(0.01, 5), st.floats(1e-9, 1e-3), st.integers(1, 8))
def test_the_delta_of_a_chain_of_neighbours_is_that_promised(epsilon, delta, rows):
    # P0 ≤ e^ε₁ P1 + δ₁, P1 ≤ e^ε₁ P2 + δ₁, ...: put in one another, step by step.
    each, each_delta = row_budget(epsilon, delta, rows)
    factor, rest = 1.0, 0.0
    for _ in range(rows):
        factor, rest = factor * math.exp(each), rest + factor * each_delta
    assert (math.log(factor), rest) == (pytest.approx(epsilon), pytest.approx(delta))
    # No less than the usual bound allows, and the way back is the same.
    assert each_delta >= delta / (rows * math.exp((rows - 1) * each)) * (1 - 1e-9)
    assert person_budget(each, each_delta, rows) == (pytest.approx(epsilon), pytest.approx(delta))


@pytest.mark.parametrize("rows", [1, 2, 3, 6])
def test_a_mechanism_that_uses_all_of_each_step_keeps_the_guarantee_and_no_smaller_one(rows):
    # Each table of the chain gives an outcome as much more often than the one before as a promise
    # to a row allows, from never on.
    epsilon, delta = 1.2, 0.05
    each, d = row_budget(epsilon, delta, rows)
    chances = [0.0]
    for _ in range(rows):
        chances.append(math.exp(each) * chances[-1] + d)
    chain = [np.array([chance, 1 - chance, 0.0, 0.0]) for chance in chances]
    for one, other in itertools.pairwise(chain):
        assert private(one, other, each, d * (1 + 1e-9))
    assert private(chain[0], chain[-1], epsilon, delta * (1 + 1e-9))
    assert not private(chain[0], chain[-1], epsilon, delta * 0.999)


def private(p: np.ndarray, q: np.ndarray, epsilon: float, delta: float) -> bool:
    """Whether two distributions over four outcomes are (ε, δ)-close, over all sets of outcomes."""
    for size in range(5):
        for some in itertools.combinations(range(4), size):
            a, b = p[list(some)].sum(), q[list(some)].sum()
            if a > math.exp(epsilon) * b + delta or b > math.exp(epsilon) * a + delta:
                return False
    return True


@pytest.mark.parametrize("wrong", [0, -1, True, 2.0, 10**7])
def test_a_bound_that_is_none_is_refused(wrong):
    with pytest.raises(InputError, match="whole number"):
        check_rows_per_person(wrong)


def test_a_huge_epsilon_leaves_no_delta_rather_than_overflowing():
    assert row_budget(5000.0, 1e-6, 5) == (1000.0, 0.0)
    assert person_budget(1000.0, 0.0, 5) == (5000.0, 0.0)


def visits(n: int = 900, persons: int = 200) -> Dataset:
    data = frame(n)
    data["patient"] = [f"p{int(k)}" for k in np.random.default_rng(3).integers(0, persons, n)]
    data.loc[:4, "patient"] = None
    read = table(data)
    return assign(read, default_roles(read, "paid", "yes", ("sex",), identifiers=("patient",))[0])


SPEC = TrainingSpec(
    "dp_binned_regression",
    "private_threshold",
    epsilon=4.0,
    delta=1e-5,
    domains=DOMAINS,
    person="patient",
    rows_per_person=2,
)


@pytest.fixture(scope="module")
def trained() -> tuple[Trained, Ledger]:
    ledger = Ledger(Budget(4.0, 1e-5))
    return train(visits(), SPEC, ledger), ledger


def test_a_persons_rows_share_a_part_and_are_bounded(trained):
    found, _ = trained
    person = visits().identifiers["patient"].to_numpy(dtype=object)
    seen = [person[rows] for rows in (found.split.train, found.split.validation, found.split.test)]
    for part in seen:
        assert pd.Series(part).value_counts().max() == 2
    for one, other in itertools.combinations(seen, 2):
        assert not set(one) & set(other)


def test_rows_left_out_are_counted(trained):
    found, _ = trained
    bounded, nameless = found.repairs
    used = sum(map(len, (found.split.train, found.split.validation, found.split.test)))
    assert nameless.count == 5
    assert bounded.count == 900 - 5 - used > 0


def test_the_charge_and_the_guarantee_name_the_person(trained):
    found, ledger = trained
    (charge,) = ledger.charges
    promise = guarantee_of(found)
    assert charge.unit == promise.unit == "person (column 'patient', at most 2 rows)"
    assert (charge.epsilon, charge.delta) == (promise.epsilon, promise.delta)
    assert charge.epsilon == pytest.approx(4.0)
    assert charge.delta == pytest.approx(1e-5)
    assert "all rows of one person" in promise.statement
    # The mechanisms themselves ran at what is left for a row.
    estimator = found.decider.model.estimator
    assert (estimator.epsilon, estimator.delta) == row_budget(4.0, 1e-5, 2)


def test_removing_a_person_changes_one_part_by_the_rows_kept_of_that_person(trained):
    data = visits()
    gone = "p7"
    stays = (data.identifiers["patient"] != gone).to_numpy()
    smaller = replace(
        data,
        features=data.features[stays].reset_index(drop=True),
        outcome=data.target[stays],
        sensitive=data.sensitive[stays].reset_index(drop=True),
        content=data.content[stays],
        identifiers=data.identifiers[stays].reset_index(drop=True),
    )
    after = train(smaller, replace(SPEC, noise="seeded"), with_baseline=False).split
    numbers = np.flatnonzero(stays)
    changed = []
    for part in ("train", "validation", "test"):
        before = set(getattr(trained[0].split, part))
        then = {int(numbers[row]) for row in getattr(after, part)}
        assert then <= before
        changed.append(len(before - then))
        assert all(data.identifiers["patient"][row] == gone for row in before - then)
    assert sorted(changed)[:2] == [0, 0]
    assert 0 < max(changed) <= 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"person": "sex"}, "not the role of an identifier"),
        ({"rows_per_person": 0}, "whole number"),
        ({"learner": "dp_logistic_regression", "mitigation": "none"}, "a row that is replaced"),
        (
            {"learner": "random_forest", "mitigation": "none", "epsilon": None, "delta": None},
            "would ignore a person column",
        ),
    ],
)
def test_what_does_not_fit_a_person_is_refused_before_a_charge(change, message):
    ledger = Ledger(Budget(4.0, 1e-5))
    with pytest.raises(InputError, match=message):
        train(visits(), replace(SPEC, **change), ledger)
    assert ledger.charges == ()


@settings(max_examples=30)
@given(st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=20))
def test_rows_of_one_person_have_one_lot(persons):
    array = np.array([*persons, None], dtype=object)
    uniforms = person_hashes(array)
    for one, other in itertools.combinations(range(len(array)), 2):
        assert (uniforms[one] == uniforms[other]) or array[one] != array[other]


def test_units_are_told():
    assert describe_unit("id", 1) == "person (column 'id', at most 1 row)"
