from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.learning.split import SplitSpec, content_of, lots, split_rows


def rows(n: int) -> np.ndarray:
    return content_of(pd.DataFrame({"x": np.arange(n, dtype=float)}))


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
    other[changed] = content_of(pd.DataFrame({"x": [-1.0]}))[0]
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
    drawn = lots(X, 0)
    assert 0 <= drawn.min() <= drawn.max() < 1
    counts = np.histogram(drawn, bins=10, range=(0, 1))[0]
    assert ((counts - 500) ** 2 / 500).sum() < 28  # χ²(9) beyond 0.999
    assert np.array_equal(lots(X.iloc[[17, 3]], 0), drawn[[17, 3]])
    assert not np.array_equal(lots(X, 1), drawn)


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seeds_out_of_range_are_refused(seed: int) -> None:
    with pytest.raises(InputError, match="from 0 to 4294967295"):
        split_rows(np.arange(100) % 2 == 0, SplitSpec(seed=seed), rows(100))


def test_a_part_without_a_class_is_named() -> None:
    target = np.zeros(100, dtype=bool)
    target[0] = True
    with pytest.raises(InputError, match=r"the .* part: of .* rows 0 are positive"):
        split_rows(target, SplitSpec(), rows(100))


@pytest.mark.parametrize("spec", [SplitSpec(0.5, 0.2, 0.2), SplitSpec(1.0, 0.0, 0.0)])
def test_shares_that_do_not_add_up_are_refused(spec: SplitSpec) -> None:
    with pytest.raises(InputError, match="add up to 1"):
        split_rows(np.arange(100) % 2 == 0, spec, rows(100))
