"""Incoming outcomes and decisions taken from a table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.comparison.monitoring.sequential import watch_arms, watch_paired
from core.comparison.monitoring.simulated_stream import PEOPLE, RIGHT, WAITING, synthetic_stream
from core.data.roles.stream_rows import StreamColumns, labels_of, stream_rows
from core.errors import InputError

PAIRED = StreamColumns("outcome", "1", "a", "1", second="b")


def table(**changes):
    fields = {
        "outcome": [1, 0, None, 1],
        "a": ["1", "0", "1", None],
        "b": [1.0, 1.0, 0.0, 0.0],
        "arm": ["x", None, "y", "y"],
        "sex": ["f", "m", None, "f"],
    }
    return pd.DataFrame(fields | changes)


def test_rows_keep_their_order_and_those_without_a_decision_are_counted():
    found = stream_rows(table(), replace(PAIRED, group="sex"))
    assert found.outcomes.tolist() == [True, False, None]
    assert found.decisions.tolist() == [True, False, True]
    assert found.second.tolist() == [True, True, False]
    assert found.groups.tolist() == ["f", "m", None]
    assert [(r.count, r.column) for r in found.repairs] == [(1, "a")]


def test_arms():
    found = stream_rows(table(), StreamColumns("outcome", "1", "b", "1", arm="arm"))
    assert found.second is None
    assert found.arms.tolist() == ["x", "y", "y"]
    assert found.decisions.tolist() == [True, False, False]
    assert [(r.count, r.column) for r in found.repairs] == [(1, "arm")]


def test_decisions_may_have_labels_of_their_own_and_outcomes_may_all_be_alike_so_far():
    frame = table(outcome=["late"] * 4, a=["grant", "deny", "deny", "grant"], b=["deny"] * 4)
    asked = StreamColumns("outcome", "paid", "a", "grant", second="b")
    found = stream_rows(frame, asked)
    assert not any(found.outcomes)
    assert found.decisions.tolist() == [True, False, False, True]
    assert not found.second.any()
    assert set(labels_of(frame, "a", "b")) == {"grant", "deny"}
    assert labels_of(frame, "a", "b")[-1] == "deny"


@pytest.mark.parametrize(
    ("changes", "asked", "expected"),
    [
        ({}, replace(PAIRED, outcome="outcom"), "there is no column of that name"),
        ({}, replace(PAIRED, second="a"), "two meanings"),
        ({}, replace(PAIRED, arm="arm"), "give either"),
        ({}, replace(PAIRED, second=None), "give either"),
        ({"outcome": [0, 1, 2, None]}, PAIRED, "column 'outcome': it holds 3 different values"),
        ({"a": [0.1, 0.2, 0.3, 0.4]}, PAIRED, "columns? 'a' and column 'b': it holds"),
        ({}, replace(PAIRED, positive="yes"), "there is no label 'yes'"),
        ({"a": [None] * 4}, PAIRED, "no row has what is needed"),
    ],
)
def test_what_does_not_fit_is_said(changes, asked, expected):
    with pytest.raises(InputError, match=expected):
        stream_rows(table(**changes), asked)


def test_an_empty_table_is_said_to_be_one():
    with pytest.raises(InputError, match="the table has no rows"):
        stream_rows(table().iloc[:0], PAIRED)


def test_the_synthetic_example_is_what_it_says():
    frame = synthetic_stream()
    pd.testing.assert_frame_equal(frame, synthetic_stream())
    assert not frame.equals(synthetic_stream(1))
    assert len(frame) == PEOPLE
    assert frame["outcome"].isna().sum() == WAITING
    asked = StreamColumns("outcome", "yes", "model_in_use", "yes", second="challenger")
    rows = stream_rows(frame, asked)
    found = watch_paired(rows.outcomes, rows.decisions, rows.second)
    assert found.skipped == WAITING
    assert found.decided is not None
    assert abs(found.now.estimate - (RIGHT[1] - RIGHT[0])) < 0.04
    drawn = stream_rows(frame, StreamColumns("outcome", "yes", "decision", "yes", arm="arm"))
    arms = watch_arms(drawn.outcomes, drawn.decisions, drawn.arms)
    assert sum(arms.count) == PEOPLE - WAITING
    of_b = (frame["arm"] == "B").to_numpy()
    assert np.array_equal(drawn.decisions[of_b], rows.second[of_b])
    assert np.array_equal(drawn.decisions[~of_b], rows.decisions[~of_b])
