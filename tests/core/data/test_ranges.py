"""Levels that are ranges stand in their order, and others stay as they are."""

from __future__ import annotations

import itertools

import pytest

from core.data.ranges import by_range
from core.data.samples import load_sample

ORDERS = [
    ["... < 0 DM", "0 <= ... < 200 DM", "... >= 200 DM / salary assignments", "no checking"],
    ["<0", "0<=X<200", ">=200", "no checking"],
    [".. < 1 year", "1 <= ... < 4 years", "4 <= ... < 7 years", ".. >= 7 years"],
    ["Less than 25", "25 - 45", "Greater than 45"],
    ["-5 to -1", "-1 to 3", "3 or more", "not known"],
    ["0", "1", "2", "10", "11+"],
    ["1.5 to below 2.5", "2.5 to 10", "over 10"],
    ["≤ 9", "9–100", "≥ 100"],
]


@pytest.mark.parametrize("order", ORDERS)
def test_ranges_stand_in_their_order(order: list[str]) -> None:
    named = [level for level in order if any(c.isdigit() for c in level)]
    others = [level for level in order if level not in named]
    for mixed in itertools.islice(itertools.permutations(named), 24):
        assert by_range([*others, *mixed]) == order


@pytest.mark.parametrize(
    "levels",
    [
        ["rent", "own", "for free"],
        ["< 10", "other"],
        ["0 to 20", "10 to 30"],
        ["< 10", "5 to 20"],
        ["20 to 10", "30 to 40"],
        ["< 10", "< 20"],
        ["GT3", "LE3"],
        ["1st class", "2nd class"],
        ["2nd", "> two"],
        [],
    ],
)
def test_what_is_no_order_of_ranges_has_none(levels: list[str]) -> None:
    assert by_range(levels) is None


@pytest.mark.parametrize(
    ("sample", "column", "last"),
    [
        ("german_credit", "checking_status", "no checking account"),
        ("german_credit", "savings", "unknown/ no savings account"),
        ("german_credit", "employment_since", "unemployed"),
        ("compas", "age_cat", "Greater than 45"),
    ],
)
def test_columns_of_the_samples_are_in_order(sample: str, column: str, last: str) -> None:
    levels = [str(v) for v in load_sample(sample).frame[column].unique()]
    found = by_range(levels)
    assert found is not None
    assert sorted(found) == sorted(levels)
    assert found[-1] == last
    assert found[0].startswith(("... <", "Less than"))
