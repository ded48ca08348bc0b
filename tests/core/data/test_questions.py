"""What is asked about columns where roles are given, on both sides of each edge."""

from __future__ import annotations

from typing import Any

import pytest

from core.data.reading.reading import read_bytes
from core.data.roles.questions import after_the_outcome, missing_codes, one_attribute
from core.data.roles.suggest import default_roles
from core.data.table import Table


def table(**columns: list[Any]) -> Table:
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    return read_bytes("\n".join(lines).encode(), "t.csv")


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([*range(20), 999, 999], {999: 2}),
        ([*range(20), 999, 50], {}),  # Once may be an amount.
        ([*range(20), 999, 999, 998, 998], {998: 2, 999: 2}),
        ([*range(20), 99, 99], {99: 2}),
        ([*range(40), 99, 99], {}),  # Not far from 39.
        ([*range(20), -9, -9], {-9: 2}),
        ([*range(-5, 20), -99, -99], {}),  # Others are negative too.
        ([*range(20), 900, 900], {}),
        ([1, 2, 999, 999, 999, 999], {}),  # Most rows.
    ],
)
def test_codes_for_missing_values_among_amounts(
    values: list[float], codes: dict[float, int]
) -> None:
    read = table(x=values, k=["k"] * len(values))
    assert missing_codes(read.column("x"), read) == codes


def test_a_time_beside_a_status_is_asked_about() -> None:
    read = table(futime=[1, 5, 9, 2], age=[4, 5, 6, 7], death=[0, 1, 0, 1], sex=[*"fmfm"])
    (asked,) = after_the_outcome(read, "death", {"futime", "age"})
    assert asked.column == "futime"
    assert "known only after “death”" in asked.what
    assert not after_the_outcome(read, "death", {"age"})
    assert not after_the_outcome(read, "sex", {"futime"})
    _, repairs = default_roles(read, "death", "1", ["sex"])
    assert asked in repairs


def test_columns_of_one_attribute_are_proposed_as_one() -> None:
    read = table(black=[1, 0, 0, 0], asian=[0, 1, 0, 0], female=[1, 1, 0, 0], y=[0, 1, 0, 1])
    (asked,) = one_attribute(read, ["black", "asian", "female"])
    assert "“black”, “asian” never hold 1 in the same row" in asked.what
    assert not one_attribute(read, ["black", "female"])
