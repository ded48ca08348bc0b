from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.comparison.cross_validation.folds import FoldSpec, make_folds
from core.data.content import row_hashes
from core.errors import InputError


@given(
    st.integers(30, 200),
    st.floats(0.2, 0.8),
    st.integers(2, 6),
    st.integers(1, 3),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_folds_are_disjoint_stratified_and_cover_every_row(
    n: int, share: float, folds: int, repeats: int, seed: int
) -> None:
    target = np.random.default_rng(seed).permutation(np.arange(n) < share * n)
    made = make_folds(target, FoldSpec(folds, repeats, 0.25, seed), content(n))
    assert [(f.repeat, f.fold) for f in made] == [
        (r, k) for r in range(repeats) for k in range(folds)
    ]
    for repeat in range(repeats):
        tests = [f.split.test for f in made if f.repeat == repeat]
        assert np.array_equal(np.sort(np.concatenate(tests)), np.arange(n))
        sizes, positives = [len(t) for t in tests], [int(target[t].sum()) for t in tests]
        assert max(sizes) - min(sizes) <= 1
        assert max(positives) - min(positives) <= 1
    for fold in made:
        parts = (fold.split.train, fold.split.validation, fold.split.test)
        assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(n))
        rest = n - len(fold.split.test)
        assert abs(len(fold.split.validation) - 0.25 * rest) <= 2
        held = target[fold.split.validation].sum()
        assert abs(held - 0.25 * (target.sum() - target[fold.split.test].sum())) <= 1


def content(n: int) -> np.ndarray:
    return row_hashes(pd.DataFrame({"row": np.arange(n)}))


def test_repeats_and_seeds_differ_and_the_same_seed_does_not() -> None:
    target = np.arange(60) % 3 == 0
    made = make_folds(target, FoldSpec(3, 2, seed=1), content(60))
    again = make_folds(target, FoldSpec(3, 2, seed=1), content(60))
    other = make_folds(target, FoldSpec(3, 2, seed=2), content(60))
    assert all(
        np.array_equal(a.split.train, b.split.train) for a, b in zip(made, again, strict=True)
    )
    assert not np.array_equal(made[0].split.test, made[3].split.test)
    assert not np.array_equal(made[0].split.test, other[0].split.test)


@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
@settings(max_examples=20, deadline=None)
def test_nobody_is_parted(seed: int, folds: int) -> None:
    rng = np.random.default_rng(seed)
    persons, target = rng.integers(0, 100, 600), rng.random(600) < 0.4
    spec = FoldSpec(folds, 2, seed=seed, person="id")
    for fold in make_folds(target, spec, content(600), persons):
        parts = [set(persons[rows]) for rows in
                 (fold.split.train, fold.split.validation, fold.split.test)]  # fmt: skip
        assert not parts[0] & parts[1]
        assert not parts[0] & parts[2]
        assert not parts[1] & parts[2]
        assert set.union(*parts) == set(persons)
        assert 0.05 < target[fold.split.test].mean() < 0.8


@pytest.mark.parametrize(
    "spec",
    [
        FoldSpec(folds=1),
        FoldSpec(folds=51),
        FoldSpec(repeats=0),
        FoldSpec(validation=0.0),
        FoldSpec(validation=0.6),
        FoldSpec(seed=-1),
    ],
)
def test_options_out_of_range_are_refused(spec: FoldSpec) -> None:
    with pytest.raises(InputError):
        make_folds(np.arange(100) % 2 == 0, spec, content(100))


@pytest.mark.parametrize("target", [np.zeros(50, bool), np.ones(50, bool), np.arange(50) < 4])
def test_too_few_of_a_label_are_refused(target: np.ndarray) -> None:
    with pytest.raises(InputError, match="too few for 5 folds"):
        make_folds(target, FoldSpec(), content(50))


def test_too_few_persons_are_refused_without_a_warning() -> None:
    target = np.arange(50) % 2 == 0
    with pytest.raises(InputError, match="only 3 persons"):
        make_folds(target, FoldSpec(person="id"), content(50), np.arange(50) % 3)
    # All positives are one person's: wherever that person is, another part has none.
    persons = np.maximum(np.arange(50), 9) - 9
    with pytest.raises(InputError):
        make_folds(np.arange(50) < 10, FoldSpec(person="id"), content(50), persons)


@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=20, deadline=None)
def test_the_same_rows_in_another_order_make_the_same_folds(seed: int, linked: bool) -> None:
    rng = np.random.default_rng(seed)
    target, shuffled = rng.random(300) < 0.4, rng.permutation(300)
    persons = rng.integers(0, 90, 300) if linked else None
    spec = FoldSpec(3, 2, seed=seed)
    there = make_folds(target, spec, content(300), persons)
    again = None if persons is None else pd.factorize(persons[shuffled])[0]
    for one, other in zip(
        there, make_folds(target[shuffled], spec, content(300)[shuffled], again), strict=True
    ):
        for part in ("train", "validation", "test"):
            moved = np.sort(shuffled[getattr(other.split, part)])
            assert np.array_equal(getattr(one.split, part), moved)


@pytest.mark.parametrize(("rows", "refused"), [(60, False), (62, True)])
def test_a_person_of_too_many_rows_is_refused(rows: int, refused: bool) -> None:
    """Four of five folds share the other rows of 100: 10 of 40 each, half a fifth, or fewer."""
    persons = np.concatenate([np.zeros(rows, int), 1 + np.arange(100 - rows)])
    target = np.arange(100) % 2 == 0
    if refused:
        with pytest.raises(InputError, match="62 of 100 rows are of one person"):
            make_folds(target, FoldSpec(5, 1), content(100), persons)
    else:
        folds = make_folds(target, FoldSpec(5, 1), content(100), persons)
        assert sorted(len(fold.split.test) for fold in folds) == [10, 10, 10, 10, 60]
