"""Rows of one person are found whatever column names them."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from core.data.persons import persons_of


def brute_force(identifiers: pd.DataFrame) -> list[int]:
    """Merge rows that share a value until nothing changes any more."""
    person = list(range(len(identifiers)))
    changed = True
    while changed:
        changed = False
        for column in identifiers:
            values = identifiers[column].tolist()
            for i in range(len(values)):
                for j in range(i):
                    same = values[i] is not None and values[i] == values[j]
                    if same and person[i] != person[j]:
                        person[i] = person[j] = min(person[i], person[j])
                        changed = True
    return pd.factorize(np.array(person))[0].tolist()


cells = st.sampled_from(["a", "b", "c", "d", None])


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=9))
def test_rows_that_share_any_identifier_are_one_person(rows):
    identifiers = pd.DataFrame(rows, columns=["x", "y"], dtype=object)
    found = persons_of(identifiers)
    expected = brute_force(identifiers)
    if len(set(expected)) == len(rows):
        assert found is None
    else:
        assert found.tolist() == expected


def test_equal_texts_in_two_columns_are_no_link():
    assert persons_of(pd.DataFrame({"x": ["a", "b"], "y": ["b", "c"]})) is None


def test_without_identifiers_rows_are_persons():
    assert persons_of(None) is None
    assert persons_of(pd.DataFrame({"x": []}, dtype=object)) is None
