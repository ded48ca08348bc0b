"""Whole records: what is spent, what is sent, what is counted, and who refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.domains import CategoryDomain, Domains, NumberDomain
from core.errors import InputError
from core.privacy.accounting.budget import Budget, BudgetExceededError
from core.privacy.accounting.ledger import Ledger
from core.privacy.local_dp.records import (
    ColumnPlan,
    RecordPlan,
    Records,
    coded,
    collect,
    even_plan,
    scaled,
    send_records,
)
from core.privacy.local_dp.uniforms import SeededUniforms
from tests.core.worlds import DOMAINS, dataset

COLUMNS = ("income", "age", "city")


def sent(plan: RecordPlan, seed: int = 0, rows: int = 300) -> Records:
    data = dataset(rows)
    *_, (share, records) = send_records(data.features, data.target, plan, SeededUniforms(seed))
    assert share == 1
    return records


def test_a_record_spends_the_sum_over_its_columns_and_its_label() -> None:
    plan = even_plan(DOMAINS, COLUMNS, 2.0)
    assert plan.epsilon == pytest.approx(2.0)
    assert {column.epsilon for column in plan.columns} == {0.5}
    weighted = even_plan(DOMAINS, COLUMNS, 2.0, [1, 1, 2, 4])
    assert [column.epsilon for column in weighted.columns] == [0.25, 0.25, 0.5]
    assert weighted.label_epsilon == 1.0


@settings(max_examples=8, deadline=None)
@given(st.floats(0.01, 50), st.lists(st.floats(0.001, 1000), min_size=4, max_size=4))
def test_shares_never_change_what_is_spent(epsilon: float, shares: list[float]) -> None:
    assert even_plan(DOMAINS, COLUMNS, epsilon, shares).epsilon == pytest.approx(epsilon)


def test_what_is_sent_keeps_the_kind_of_each_column() -> None:
    records = sent(even_plan(DOMAINS, COLUMNS, 4.0))
    assert list(records.features) == list(COLUMNS)
    assert [records.features[c].dtype.kind for c in COLUMNS] == ["f", "f", "O"]
    assert set(records.features["city"]) <= {"north", "south", "east", "(other)"}
    assert records.features.notna().all().all()
    assert records.positive.dtype == bool


def test_the_same_seed_sends_the_same_and_another_something_else() -> None:
    plan = even_plan(DOMAINS, COLUMNS, 1.0)
    pd.testing.assert_frame_equal(sent(plan, 3).features, sent(plan, 3).features)
    assert (sent(plan, 3).positive != sent(plan, 4).positive).any()


def test_without_noise_records_arrive_as_they_are() -> None:
    data = dataset(300)
    records = sent(even_plan(DOMAINS, COLUMNS, 4000.0))
    assert (records.positive == data.target).all()
    assert (records.features["city"] == data.features["city"]).all()
    known = data.features["age"].notna()
    gap = (records.features["age"] - data.features["age"])[known].abs().max()
    assert gap <= 1.25 * 100 / 128  # a step of the grid, and a cell of the report
    assert (records.features["age"][~known] - 50).abs().max() < 1


def test_columns_that_are_not_planned_never_leave() -> None:
    assert list(sent(even_plan(DOMAINS, ("city",), 1.0)).features) == ["city"]


def test_replaced_values_are_counted() -> None:
    values = pd.Series([np.nan, -5.0, 5.0, 50.0, np.inf])
    found, repairs = scaled(values, NumberDomain("x", 0.0, 10.0))
    assert found.tolist() == [0.5, 0.0, 0.5, 1.0, 1.0]
    assert [(r.count, r.column) for r in repairs] == [(3, "x"), (1, "x")]
    texts = pd.Series(["a", "z", "(missing)", "b"], dtype=object)
    codes, labels, repairs = coded(texts, CategoryDomain("c", ("a", "b")))
    assert labels == ("a", "b", "(other)")
    assert codes.tolist() == [0, 2, 2, 1]
    assert [r.count for r in repairs] == [1, 1]
    assert coded(texts, CategoryDomain("c", ("a", "(missing)")))[0].tolist() == [0, 2, 1, 2]


def test_awkward_plans_are_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"'income'.*not declared"):
        even_plan(Domains(()), ("income",), 1.0)
    with pytest.raises(InputError, match=r"'age'.*share"):
        even_plan(DOMAINS, COLUMNS, 1.0, [1, 0, 1, 1])
    with pytest.raises(InputError, match="the label"):
        even_plan(DOMAINS, COLUMNS, 1.0, [1, 1, 1, float("nan")])
    with pytest.raises(InputError, match="takes categories"):
        ColumnPlan(NumberDomain("x", 0, 1), "randomised_response", 1.0)
    with pytest.raises(InputError, match="no column"):
        RecordPlan((), 1.0)
    with pytest.raises(InputError):
        even_plan(DOMAINS, COLUMNS, 0.0)


def test_fresh_collection_is_charged_first_and_refused_over_the_cap() -> None:
    data = dataset(60)
    plan, ledger = even_plan(DOMAINS, COLUMNS, 1.0), Ledger(Budget(1.5))
    records = collect(data.features, data.target, plan, ledger)
    assert len(records.features) == 60
    (charge,) = ledger.charges
    assert (charge.epsilon, charge.delta, charge.neighbouring) == (
        pytest.approx(1.0),
        0.0,
        "replace-one",
    )
    with pytest.raises(BudgetExceededError):
        collect(data.features, data.target, plan, ledger)
    assert len(ledger.charges) == 1
