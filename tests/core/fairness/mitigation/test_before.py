from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fairlearn.preprocessing import CorrelationRemover
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.fairness.mitigation.before_features import group_shifts, without_shifts
from core.fairness.mitigation.before_labels import massaged
from core.fairness.mitigation.before_repair import Repair, places
from core.fairness.mitigation.before_sampling import cell_sizes, resampled, with_synthetic_rows
from tests.core.fairness.mitigation import planted


@st.composite
def labelled(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Labels and groups; every group has both outcomes."""
    told = draw(st.lists(st.tuples(st.booleans(), st.sampled_from("abc")), max_size=60))
    told += [(label, group) for group in "abc" for label in (True, False)]
    positive, groups = zip(*told, strict=True)
    return np.array(positive), np.array(groups, dtype=object)


@given(labelled(), st.booleans(), st.integers(0, 5))
def test_resampling_gives_every_group_the_base_rate_of_all(
    world: tuple[np.ndarray, np.ndarray], grow: bool, seed: int
) -> None:
    positive, groups = world
    rows = resampled(positive, groups, grow=grow, seed=seed)
    assert np.array_equal(rows, resampled(positive, groups, grow=grow, seed=seed))
    counts = np.bincount(rows, minlength=len(positive))
    assert counts.min() >= 1 if grow else counts.max() <= 1
    odds = positive.sum() / (~positive).sum()
    for group in "abc":
        of_group = groups == group
        yes, no = counts[of_group & positive], counts[of_group & ~positive]
        assert yes.max() - yes.min() <= 1
        assert no.max() - no.min() <= 1
        # One of the two is the rounding of what the other asks for, and at least one row.
        yes, no = int(yes.sum()), int(no.sum())
        assert (
            abs(yes - odds * no) <= 0.5 + 1e-9
            or abs(no - yes / odds) <= 0.5 + 1e-9
            or min(yes, no) == 1
        )


@pytest.mark.parametrize("kinds", ["mixed", "numbers", "categories"])
def test_synthetic_rows_lie_between_rows_of_their_cell(kinds: str) -> None:
    part = planted.part(300, 3)
    columns = {"mixed": list(part.X), "numbers": ["income", "noise"], "categories": ["district"]}
    X = part.X[columns[kinds]]
    if kinds == "categories":
        X = X.assign(other=part.X["noise"].gt(0).map({True: "up", False: "down"}).astype(object))
    part = replace(part, X=X)
    grown = with_synthetic_rows(part, 0)
    pd.testing.assert_frame_equal(grown.X.iloc[:300], part.X)
    sizes = cell_sizes(part.positive, part.groups, grow=True)
    for (group, label), size in sizes.items():
        cell = (grown.groups == group) & (grown.positive == label)
        assert cell.sum() == size
        made, given = (
            grown.X[cell].iloc[(cell[:300]).sum() :],
            grown.X[cell].iloc[: cell[:300].sum()],
        )
        for name in part.X:
            if part.X[name].dtype.kind == "f":
                assert made[name].notna().all()
                assert made[name].between(given[name].min(), given[name].max()).all()
            else:
                assert set(made[name]) <= set(given[name])
    assert len(grown.X) > 300
    again = with_synthetic_rows(part, 0)
    pd.testing.assert_frame_equal(grown.X, again.X)


def test_cells_too_small_to_resample_are_named() -> None:
    part = planted.part(200, 3)
    groups = part.groups.copy()
    groups[np.flatnonzero(part.positive)[:9]] = "odd"
    with pytest.raises(InputError, match=r"group 'odd'.*9 training rows.*same outcome"):
        with_synthetic_rows(replace(part, groups=groups), 0)
    groups[np.flatnonzero(~part.positive)[:1]] = "odd"
    with pytest.raises(InputError, match=r"group 'odd'.*single training row.*negative"):
        with_synthetic_rows(replace(part, groups=groups), 0)


def test_shifts_equal_fairlearns_correlation_remover() -> None:
    rng = np.random.default_rng(0)
    groups = rng.choice(["a", "b", "c"], 200).astype(object)
    encoded = rng.normal(size=(200, 3)) + (groups == "b")[:, None]
    ours = without_shifts(encoded, groups, group_shifts(encoded, groups, None))
    indicators = pd.get_dummies(groups).to_numpy(dtype=float)[:, :2]
    peer = CorrelationRemover(sensitive_feature_ids=[0, 1])
    theirs = peer.fit_transform(np.column_stack([indicators, encoded]))
    assert ours == pytest.approx(theirs, abs=1e-9)


def test_weighted_shifts_equal_those_of_repeated_rows() -> None:
    rng = np.random.default_rng(1)
    groups = rng.choice(["a", "b"], 50).astype(object)
    encoded, times = rng.normal(size=(50, 2)), rng.integers(0, 4, 50)
    weighted = group_shifts(encoded, groups, times.astype(float))
    repeated = group_shifts(np.repeat(encoded, times, axis=0), np.repeat(groups, times), None)
    for group in "ab":
        assert weighted[group] == pytest.approx(repeated[group])


numbers = st.lists(st.sampled_from([-2.0, 0.0, 0.5, 1.0, 7.0, np.nan]), min_size=2, max_size=30)


@given(numbers, numbers)
def test_repair_keeps_order_and_missing_values_and_lies_between_the_groups(
    a: list[float], b: list[float]
) -> None:
    X = pd.DataFrame({"x": np.array(a + b)})
    groups = np.array(["a"] * len(a) + ["b"] * len(b), dtype=object)
    out = Repair.learn(X, groups).apply(X, groups)["x"]
    assert np.array_equal(out.isna(), X["x"].isna())
    for group in "ab":
        rows = (groups == group) & X["x"].notna().to_numpy()
        before, after = X["x"][rows].to_numpy(), out[rows].to_numpy()
        assert (np.diff(after[np.argsort(before, kind="stable")]) >= -1e-9).all()
    if X["x"].notna().any():
        assert out.dropna().between(X["x"].min() - 1e-9, X["x"].max() + 1e-9).all()


def test_repair_by_hand_and_its_distributions_are_alike() -> None:
    # Ranks 1, 2, 3 of a and of b: the median of two groups' quantiles is their mean.
    X = pd.DataFrame({"x": [0.0, 2.0, 4.0, 10.0, 20.0, 30.0]})
    groups = np.array(list("aaabbb"), dtype=object)
    assert Repair.learn(X, groups).apply(X, groups)["x"].tolist() == pytest.approx(
        [5, 11, 17, 5, 11, 17]
    )
    part = planted.part(2000, 5)
    out = Repair.learn(part.X, part.groups).apply(part.X, part.groups)["income"]
    a, b = (out[part.groups == g].dropna() for g in "ab")
    shares = np.linspace(0.05, 0.95, 19)
    assert np.abs(a.quantile(shares) - b.quantile(shares)).max() < 0.05


@given(st.lists(st.tuples(st.sampled_from([1.0, 2.0, 5.0]), st.integers(0, 3)), min_size=1))
def test_places_weigh_rows_as_often_as_they_are_repeated(told: list[tuple[float, int]]) -> None:
    values, times = (np.array(column) for column in zip(*told, strict=True))
    if times.any():
        weighted = places(values, times.astype(float))
        repeated = places(np.repeat(values, times), np.ones(times.sum()))
        for one, other in zip(weighted, repeated, strict=True):
            assert one == pytest.approx(other)


@given(labelled(), st.integers(0, 9))
def test_massaging_flips_the_most_doubtful_to_one_base_rate(
    world: tuple[np.ndarray, np.ndarray], seed: int
) -> None:
    positive, groups = world
    scores = np.random.default_rng(seed).random(len(positive))
    labels = massaged(positive, groups, scores)
    rate = positive.mean()
    for group in "abc":
        of_group = groups == group
        assert abs(labels[of_group].sum() - rate * of_group.sum()) <= 0.5 + 1e-9
        up, down = of_group & labels & ~positive, of_group & ~labels & positive
        assert not (up.any() and down.any())
        if up.any():
            kept = scores[of_group & ~labels]
            assert not len(kept) or scores[up].min() >= kept.max()
        if down.any():
            kept = scores[of_group & labels]
            assert not len(kept) or scores[down].max() <= kept.min()
