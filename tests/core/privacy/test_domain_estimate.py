from __future__ import annotations

import math
from fractions import Fraction
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from core.data.domains import CategoryDomain, NumberDomain, declared_domain
from core.errors import InputError
from core.privacy.mechanisms.domain_estimate import estimate_domains
from core.privacy.mechanisms.noise import FRESH, Seeded


def test_bounds_hold_the_data_where_there_is_plenty() -> None:
    rng = np.random.default_rng(1)
    X = pd.DataFrame(
        {
            "x": rng.uniform(10, 100, 20_000),
            "c": pd.Series(rng.choice(["a", "b"], 20_000), dtype=object),
        }
    )
    found = estimate_domains(
        X, epsilon=0.5, delta=1e-6, neighbouring="add-or-remove", source=Seeded(0)
    )
    x, c = found.items
    assert found.origin == "paid"
    assert isinstance(x, NumberDomain)
    assert x.low <= 10.5
    assert 99 <= x.high <= 128
    assert c == CategoryDomain("c", ("a", "b"))


def test_a_single_row_stays_hidden() -> None:
    X = pd.DataFrame({"x": [1e9] + [1.0] * 999, "c": pd.Series(["odd"] + ["usual"] * 999)})
    X["c"] = X["c"].astype(object)
    for seed in range(200):
        found = estimate_domains(
            X,
            epsilon=0.5,
            delta=1e-6,
            neighbouring="replace-one",
            source=Seeded(seed),
        )
        x, c = found.items
        assert isinstance(x, NumberDomain)
        assert x.high < 1e6
        assert isinstance(c, CategoryDomain)
        assert "odd" not in c.categories


@pytest.mark.parametrize(
    "item", [[1, 1], [2, 1], [float("nan"), 1], [], ["a", 1], "a", {"low": 0}, [True, False]]
)
def test_unusable_declarations_are_named(item: object) -> None:
    with pytest.raises(InputError, match="column 'x'"):
        declared_domain("x", item)


def test_usable_declarations() -> None:
    assert declared_domain("x", [0, 2]) == NumberDomain("x", 0.0, 2.0)
    assert declared_domain("c", ["a", "b", "a"]) == CategoryDomain("c", ("a", "b"))


def test_a_share_that_was_learned_is_told_from_one_that_was_not() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "share": np.where(rng.random(20_000) < 0.2, 0.0, rng.random(20_000)),
            "rare": np.where(np.arange(20_000) < 3, 5.0, np.nan),
        }
    )
    found = estimate_domains(
        X, epsilon=1.0, delta=1e-6, neighbouring="add-or-remove", source=Seeded(0)
    )
    assert found.items[0] == NumberDomain("share", 0.0, 1.0)
    assert found.unlearned == ("rare",)


class Recorded:
    """Draws what it is told to, and keeps the rate and number of all that was asked."""

    noise: Literal["fresh", "seeded"] = "seeded"

    def __init__(self, drawn: int = 0):
        self.drawn, self.asked = drawn, []

    def draw(self, rate: Fraction, size: int) -> list[int]:
        self.asked.append((rate, size))
        return [self.drawn] * size


def columns(numbers: int, categories: int, rows: int = 50) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {f"n{k}": rng.normal(size=rows) for k in range(numbers)}
        | {f"c{k}": pd.Series(["a", "b"] * (rows // 2), dtype=object) for k in range(categories)}
    )


@pytest.mark.parametrize(("numbers", "categories"), [(1, 0), (0, 1), (3, 2), (7, 4)])
@pytest.mark.parametrize(("neighbouring", "counts"), [("add-or-remove", 1), ("replace-one", 2)])
def test_what_a_row_changes_over_the_noise_adds_up_to_epsilon_and_no_more(
    numbers: int, categories: int, neighbouring: str, counts: int
) -> None:
    source = Recorded()
    estimate_domains(
        columns(numbers, categories),
        epsilon=0.7,
        delta=1e-6,
        neighbouring=neighbouring,  # type: ignore[arg-type]
        source=source,
    )
    assert len(source.asked) == numbers + categories
    # A row touches so many counts of each column by 1, each at the rate of its noise; one more
    # noisy figure of a column, or one rate twice as large, would be found here.
    assert sum(counts * rate for rate, _ in source.asked) == Fraction("0.7")


@pytest.mark.parametrize(("neighbouring", "counts"), [("add-or-remove", 1), ("replace-one", 2)])
def test_a_category_is_released_above_its_threshold_only(neighbouring: str, counts: int) -> None:
    X, epsilon, delta = columns(2, 3, rows=20), 0.9, 1e-4
    # Five columns share epsilon, three of them delta; each category is in 10 rows.
    scale = counts * 5 / epsilon
    threshold = 1 + scale * math.log(1 / (delta / 3 / counts))
    for drawn, seen in ((math.floor(threshold) - 10, ()), (math.floor(threshold) - 9, ("a", "b"))):
        found = estimate_domains(
            X,
            epsilon=epsilon,
            delta=delta,
            neighbouring=neighbouring,  # type: ignore[arg-type]
            source=Recorded(drawn),
        )
        assert [d.categories for d in found.items if isinstance(d, CategoryDomain)] == [seen] * 3


def test_a_category_of_one_row_is_released_with_the_chance_that_delta_allows() -> None:
    delta, names, seen = 0.04, 400, 0
    X = pd.DataFrame({"c": pd.Series([f"c{k}" for k in range(names)], dtype=object)})
    for seed in range(50):
        found = estimate_domains(
            X, epsilon=1.0, delta=delta, neighbouring="add-or-remove", source=Seeded(seed)
        )
        assert isinstance(found.items[0], CategoryDomain)
        seen += len(found.items[0].categories)
    # Of 20,000 chances; half the threshold would release a fifth of them.
    assert 0.2 * delta < seen / (50 * names) <= delta


def test_a_bound_is_taken_above_its_threshold_only() -> None:
    X, epsilon = pd.DataFrame({"n": [3.0] * 40, "m": [0.0] * 40}), 2.0
    # 102 public cells, of which all empty ones together pass with a chance of 0.001.
    threshold = 2 / epsilon * math.log(102 / 0.001)
    for drawn, unlearned in (
        (math.floor(threshold) - 40, ("n", "m")),
        (math.floor(threshold) - 39, ()),
    ):
        found = estimate_domains(
            X, epsilon=epsilon, delta=1e-9, neighbouring="add-or-remove", source=Recorded(drawn)
        )
        assert found.unlearned == unlearned
    assert found.items[0] == NumberDomain("n", 2.0, 4.0)


def test_noise_that_is_drawn_afresh_is_the_exact_one(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    monkeypatch.setattr(
        "core.privacy.mechanisms.noise.discrete_laplace",
        lambda s, t, _: drawn.append(Fraction(s, t)) or 0,
    )
    estimate_domains(
        columns(1, 1), epsilon=1.0, delta=1e-6, neighbouring="replace-one", source=FRESH
    )
    assert set(drawn) == {Fraction(1, 4)}
    assert len(drawn) > 100
