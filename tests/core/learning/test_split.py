from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.content import row_hashes
from core.data.persons import persons_of
from core.data.row_hashing import hash_uniforms
from core.errors import InputError
from core.learning.split import SplitSpec, split_rows


def rows(n: int) -> np.ndarray:
    return row_hashes(pd.DataFrame({"x": np.arange(n, dtype=float)}))


@given(st.integers(200, 600), st.integers(0, 2**31), st.booleans())
def test_parts_are_disjoint_and_together_all(n: int, seed: int, stratified: bool) -> None:
    target = np.arange(n) % 2 == 0
    split = split_rows(target, SplitSpec(seed=seed, stratified=stratified), rows(n))
    every = np.concatenate([split.train, split.validation, split.test])
    assert np.array_equal(np.sort(every), np.arange(n))


def test_a_stratified_split_keeps_the_base_rate() -> None:
    target = np.arange(1000) < 100
    split = split_rows(target, SplitSpec(), rows(1000))
    assert [int(target[p].sum()) for p in (split.train, split.validation, split.test)] == [
        60,
        20,
        20,
    ]
    assert len(split.train) == 600


@given(st.integers(0, 299), st.integers(0, 2**32 - 1))
def test_one_row_less_anywhere_moves_no_other_row_of_a_private_split(gone: int, seed: int) -> None:
    target = np.arange(300) % 3 == 0
    X = rows(300)
    spec = SplitSpec(stratified=False, seed=seed)
    whole = split_rows(target, spec, X)
    kept = np.delete(np.arange(300), gone)
    less = split_rows(target[kept], spec, X[kept])
    for part in ("train", "validation", "test"):
        before, after = set(getattr(whole, part)), {int(kept[i]) for i in getattr(less, part)}
        assert before - after <= {gone}
        assert after <= before


@given(st.integers(0, 299))
def test_another_value_in_one_row_moves_no_other_row_of_a_private_split(changed: int) -> None:
    target = np.arange(300) % 3 == 0
    X, other = rows(300), rows(300).copy()
    other[changed] = row_hashes(pd.DataFrame({"x": [-1.0]}))[0]
    spec = SplitSpec(stratified=False, seed=5)
    whole, after = split_rows(target, spec, X), split_rows(target, spec, other)
    for part in ("train", "validation", "test"):
        assert set(getattr(whole, part)) ^ set(getattr(after, part)) <= {changed}


def test_lots_share_rows_out_as_asked() -> None:
    split = split_rows(np.arange(20_000) % 2 == 0, SplitSpec(stratified=False), rows(20_000))
    assert len(split.train) == pytest.approx(12_000, abs=300)
    assert len(split.test) == pytest.approx(4_000, abs=250)


def test_lots_are_uniform_and_belong_to_the_row() -> None:
    X = pd.DataFrame({"x": np.arange(5000.0), "c": pd.Series(["a"] * 5000, dtype=object)})
    drawn = hash_uniforms(X, 0)
    assert 0 <= drawn.min() <= drawn.max() < 1
    counts = np.histogram(drawn, bins=10, range=(0, 1))[0]
    assert ((counts - 500) ** 2 / 500).sum() < 28  # χ²(9) beyond 0.999
    assert np.array_equal(hash_uniforms(X.iloc[[17, 3]], 0), drawn[[17, 3]])
    assert not np.array_equal(hash_uniforms(X, 1), drawn)


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seeds_out_of_range_are_refused(seed: int) -> None:
    with pytest.raises(InputError, match="from 0 to 4294967295"):
        split_rows(np.arange(100) % 2 == 0, SplitSpec(seed=seed), rows(100))


def test_a_part_without_a_class_is_named() -> None:
    target = np.zeros(100, dtype=bool)
    target[0] = True
    with pytest.raises(InputError, match=r"the .* part: of .* rows 0 are positive"):
        split_rows(target, SplitSpec(), rows(100))
    with pytest.raises(InputError, match=r"the .* part: one of the two outcomes") as private:
        split_rows(target, SplitSpec(stratified=False), rows(100))
    # What is refused of a private plan counts none of the rows that it protects.
    assert not any(letter.isdigit() for letter in str(private.value))


@pytest.mark.parametrize("spec", [SplitSpec(0.5, 0.2, 0.2), SplitSpec(1.0, 0.0, 0.0)])
def test_shares_that_do_not_add_up_are_refused(spec: SplitSpec) -> None:
    with pytest.raises(InputError, match="add up to 1"):
        split_rows(np.arange(100) % 2 == 0, spec, rows(100))


@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_same_rows_in_another_order_fall_into_the_same_parts(
    seed: int, stratified: bool, linked: bool
) -> None:
    rng = np.random.default_rng(seed)
    n = 240
    target, order = rng.random(n) < 0.4, rng.permutation(n)
    persons = persons_of(pd.DataFrame({"id": rng.integers(0, 80, n).astype(str)}))
    again = persons_of(pd.DataFrame({"id": persons[order].astype(str)}))  # type: ignore[index]
    spec = SplitSpec(seed=seed, stratified=stratified)
    one = split_rows(target, spec, rows(n), persons if linked else None)
    other = split_rows(target[order], spec, rows(n)[order], again if linked else None)
    for part in ("train", "validation", "test"):
        assert np.array_equal(getattr(one, part), np.sort(order[getattr(other, part)]))


def test_rows_that_differ_in_nothing_are_exchangeable() -> None:
    """Ten copies of each row: as many of each kind and label in each part, however sorted."""
    values, target = np.arange(300) // 10, np.arange(300) % 2 == 0
    content = row_hashes(pd.DataFrame({"x": values}))
    order = np.random.default_rng(0).permutation(300)
    one, other = split_rows(target, SplitSpec(), content), split_rows(
        target[order], SplitSpec(), content[order])  # fmt: skip
    for part in ("train", "validation", "test"):
        kinds = [sorted(zip(values[rows], target[rows], strict=True)) for rows in
                 (getattr(one, part), order[getattr(other, part)])]  # fmt: skip
        assert kinds[0] == kinds[1]
    # And no block: of five copies with one label three or so train, not all or none.
    counts = np.bincount(values[one.train][target[one.train]], minlength=30)
    assert set(counts.tolist()) <= {1, 2, 3, 4, 5} | {0}
    assert (counts == 0).sum() + (counts == 5).sum() < 12
    assert counts.sum() == 90


sizes = st.lists(st.integers(1, 12), min_size=40, max_size=120)


@given(sizes, st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_no_person_is_parted_and_parts_have_their_shares(rows_of: list[int], seed: int) -> None:
    persons = np.repeat(np.arange(len(rows_of)), rows_of)
    n = len(persons)
    target = np.random.default_rng(seed).random(n) < 0.4
    split = split_rows(target, SplitSpec(seed=seed), rows(n), persons)
    parts = (split.train, split.validation, split.test)
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(n))
    for part, share in zip(parts, (0.6, 0.2, 0.2), strict=True):
        others = np.setdiff1d(np.arange(n), part)
        assert not set(persons[part]) & set(persons[others])
        assert abs(len(part) - share * n) <= 12
        assert abs(target[part].sum() - share * target.sum()) <= 12


def test_persons_of_many_rows_are_in_every_part() -> None:
    """Dealt out by what is missing in rows alone, the first persons would all train."""
    persons = np.concatenate([np.repeat(np.arange(40), 9), np.arange(40, 400)])
    target = np.random.default_rng(1).random(len(persons)) < 0.5
    split = split_rows(target, SplitSpec(), rows(len(persons)), persons)
    many = [len(set(persons[part]) & set(range(40))) for part in
            (split.train, split.validation, split.test)]  # fmt: skip
    assert many == pytest.approx([24, 8, 8], abs=2)


def test_persons_of_one_row_are_split_as_rows_are() -> None:
    target = np.arange(200) % 3 == 0
    one = split_rows(target, SplitSpec(), rows(200))
    other = split_rows(target, SplitSpec(), rows(200), np.arange(200))
    assert np.array_equal(one.test, other.test)


def test_where_a_person_falls_is_drawn_by_the_seed() -> None:
    persons = np.repeat(np.arange(100), 2)
    target = np.random.default_rng(0).random(200) < 0.5
    tests = [
        set(persons[split_rows(target, SplitSpec(seed=s), rows(200), persons).test])
        for s in range(40)
    ]
    often = np.bincount(np.concatenate([list(t) for t in tests]), minlength=100)
    # Binomial(40, 0.2) of 100 persons: about 8 each, none never and none in more than 22.
    assert often.min() >= 1
    assert often.max() <= 22
    assert often.mean() == pytest.approx(8, abs=0.5)
