from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.learning.split import SplitSpec, split_rows


@given(st.integers(60, 400), st.integers(0, 2**31), st.booleans())
def test_parts_are_disjoint_and_together_all(n: int, seed: int, stratified: bool) -> None:
    target = np.arange(n) % 2 == 0
    split = split_rows(target, SplitSpec(seed=seed, stratified=stratified))
    rows = np.concatenate([split.train, split.validation, split.test])
    assert np.array_equal(np.sort(rows), np.arange(n))


def test_a_stratified_split_keeps_the_base_rate() -> None:
    target = np.arange(1000) < 100
    split = split_rows(target, SplitSpec())
    assert [int(target[p].sum()) for p in (split.train, split.validation, split.test)] == [
        60,
        20,
        20,
    ]
    assert len(split.train) == 600


def test_one_row_more_moves_no_other_row_of_a_private_split() -> None:
    target = np.arange(1001) % 3 == 0
    spec = SplitSpec(stratified=False, seed=5)
    short, long = split_rows(target[:1000], spec), split_rows(target, spec)
    for part in ("train", "validation", "test"):
        before, after = set(getattr(short, part)), set(getattr(long, part))
        assert after - before <= {1000}
        assert before <= after


def test_a_part_without_a_class_is_named() -> None:
    target = np.zeros(100, dtype=bool)
    target[0] = True
    with pytest.raises(InputError, match=r"the .* part: of .* rows 0 are positive"):
        split_rows(target, SplitSpec())


@pytest.mark.parametrize("spec", [SplitSpec(0.5, 0.2, 0.2), SplitSpec(1.0, 0.0, 0.0)])
def test_shares_that_do_not_add_up_are_refused(spec: SplitSpec) -> None:
    with pytest.raises(InputError, match="add up to 1"):
        split_rows(np.arange(100) % 2 == 0, spec)
