"""Columns of classes and of amounts: what is taken, counted and refused."""

from __future__ import annotations

import pytest

from core.data.reading.reading import read_bytes
from core.data.roles.outcome_rows import OutcomeColumns, amount_rows, class_rows
from core.data.table import MISSING
from core.errors import InputError

TEXT = b"""y,p,amount,guess,g,one,w,many
1,1.0,10,11,a,k,1,0
2,2.0,20,,b,k,1,1
3,1.0,30,33,,k,1,2
2,,40,41,b,k,1,3
"""
TABLE = read_bytes(
    TEXT + b"".join(b"3,3,%d,%d,a,k,1,%d\n" % (i, i, i + 4) for i in range(40)), "t.csv"
)


def test_classes_are_compared_by_their_text_and_losses_are_counted():
    rows = class_rows(TABLE, OutcomeColumns("y", "p", ("g",), "w"))
    assert rows.truth[:3].tolist() == ["1", "2", "3"]
    assert rows.prediction[:3].tolist() == ["1", "2", "1"]
    assert rows.sensitive["g"][:3].tolist() == ["a", "b", MISSING]
    assert rows.rows[:4].tolist() == [0, 1, 2, 4]
    assert len(rows.weights) == 43
    counts = {(repair.column, repair.count) for repair in rows.repairs}
    assert {("p", 1), ("g", 1)} <= counts


def test_amounts_are_numbers_and_numeric_groups_are_cut():
    rows = amount_rows(TABLE, OutcomeColumns("amount", "guess", ("many",)))
    assert rows.truth[:2].tolist() == [10.0, 30.0]
    assert rows.sensitive["many"].nunique() == 4
    assert any("cut at" in repair.what for repair in rows.repairs)
    edges = (("many", (20.0,)),)
    rows = amount_rows(TABLE, OutcomeColumns("amount", "guess", ("many",), edges=edges))
    assert set(rows.sensitive["many"]) == {"< 20", "≥ 20"}


@pytest.mark.parametrize(
    ("take", "columns", "says"),
    [
        (class_rows, OutcomeColumns("z", "p", ("g",)), "no column of that name"),
        (class_rows, OutcomeColumns("y", "y", ("g",)), "two meanings"),
        (class_rows, OutcomeColumns("y", "p", ()), "no sensitive column"),
        (class_rows, OutcomeColumns("y", "p", ("one",)), "only one group"),
        (class_rows, OutcomeColumns("y", "many", ("g",)), "too many to compare"),
        (class_rows, OutcomeColumns("y", "g", ("many",)), "no prediction is ever a true class"),
        (class_rows, OutcomeColumns("one", "one ", ("g",)), "no column"),
        (class_rows, OutcomeColumns("y", "p", ("g",), edges=(("w", (1.0,)),)), "bin edges"),
        (class_rows, OutcomeColumns("y", "p", ("many",), "g"), "weights must be numbers"),
        (amount_rows, OutcomeColumns("amount", "g", ("many",)), "not numbers"),
    ],
)
def test_what_does_not_fit_is_named(take, columns, says):
    with pytest.raises(InputError, match=says):
        take(TABLE, columns)
