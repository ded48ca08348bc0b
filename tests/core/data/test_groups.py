"""Groups: values, bins and their edges."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.data.roles.groups import FEW, bin_names, default_edges, group
from core.data.table import MISSING
from core.errors import InputError


def test_given_edges_hold_their_left_edge():
    series = pd.Series([24.9, 25, 59, 60, np.nan], index=[5, 6, 7, 8, 9], name="age")
    groups = group(series, (25, 60))
    assert groups.tolist() == ["< 25", "25 – 60", "25 – 60", "≥ 60", MISSING]
    assert groups.index.tolist() == [5, 6, 7, 8, 9]
    assert groups.dtype == object
    assert bin_names((0.5,)) == ("< 0.5", "≥ 0.5")


def test_values_are_groups_where_they_are_few_or_text():
    assert group(pd.Series([1.0, 2.0, np.nan])).tolist() == ["1", "2", MISSING]
    assert group(pd.Series([True, False])).tolist() == ["true", "false"]
    assert group(pd.Series(["f", None, " f "], dtype=object)).tolist() == ["f", MISSING, "f"]
    assert group(pd.Series(["f", None], dtype="category")).tolist() == ["f", MISSING]
    assert group(pd.Series([np.nan, np.nan])).tolist() == [MISSING, MISSING]


@pytest.mark.parametrize(
    ("edges", "says"),
    [
        ((60, 25), "must ascend"),
        ((25, 25), "must ascend"),
        ((), "finite"),
        ((np.nan,), "finite"),
        ((25, np.inf), "finite"),
        ((10,), "no row falls into the bin '< 10'; values lie from 20 to 70"),
        ((71,), "no row falls into the bin '≥ 71'"),
        ((25, 26), "no row falls into the bin '25 – 26'"),
    ],
)
def test_edges_that_do_not_fit(edges, says):
    with pytest.raises(InputError, match="column 'age'") as caught:
        group(pd.Series([20, 30, 70], name="age"), edges)
    assert says in str(caught.value)


def test_edges_need_numbers():
    with pytest.raises(InputError, match="only a numeric column"):
        group(pd.Series(["a"], name="sex"), (1,))
    with pytest.raises(InputError, match="no value is there"):
        group(pd.Series([np.nan], name="age"), (1,))


def test_default_edges_are_readable():
    ages = pd.Series(np.repeat(np.arange(18, 78), 5))
    assert default_edges(ages) == (30.0, 50.0, 60.0)
    assert default_edges(pd.Series(np.linspace(0, 1, 101))) == (0.2, 0.4, 0.8)


@given(
    st.lists(
        st.one_of(
            st.integers(-(10**6), 10**6),
            st.floats(allow_nan=True, allow_infinity=False),
            st.sampled_from([0.0, 5e-324, 1.7e308, -1.7e308, 1.0]),
        ),
        min_size=2,
        max_size=60,
    )
)
@example([0.0] * 40 + [float(i) for i in range(12)])
@example([1.7e308, -1.7e308, *map(float, range(12))])
def test_every_default_bin_has_a_row_and_no_row_is_lost(values):
    series = pd.Series(values, dtype=float, name="x")
    groups = group(series)
    assert len(groups) == len(series)
    assert ((groups == MISSING) == series.isna()).all()
    if series.nunique() <= FEW:
        assert groups[series.notna()].nunique() == series.nunique()
        return
    edges = default_edges(series)
    assert list(edges) == sorted(set(edges))
    assert set(groups) - {MISSING} == set(bin_names(edges))
    # By hand: the bin is the number of edges at or below the value.
    for value, name in zip(series, groups, strict=True):
        if value == value:
            assert name == bin_names(edges)[sum(edge <= value for edge in edges)]
