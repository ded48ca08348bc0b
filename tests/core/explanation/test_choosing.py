"""Choosing a person, against brute force over all pairs."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.explanation.person.choosing import (
    Condition,
    favourable,
    matching,
    most_typical,
    of_identifier,
    of_row,
    treated_differently,
)
from core.explanation.person.similarity import Similarity
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.worlds import dataset

DATA = dataset(400)
TRAINED = train(DATA, TrainingSpec("logistic_regression"))


def by_hand(rows: pd.DataFrame, ranges_of: pd.DataFrame) -> np.ndarray:
    """Gower's distance, pair by pair and feature by feature."""
    out = np.zeros((len(rows), len(rows)))
    for name in rows:
        values, number = rows[name].tolist(), rows[name].dtype.kind == "f"
        reach = ranges_of[name].max() - ranges_of[name].min() if number else 0.0
        for i, a in enumerate(values):
            for j, b in enumerate(values):
                if not number:
                    out[i, j] += a != b
                elif isnan(a) or isnan(b):
                    out[i, j] += not (isnan(a) and isnan(b))
                elif reach > 0:
                    out[i, j] += abs(a - b) / reach
    return out / rows.shape[1]


cells = st.one_of(st.floats(-1e6, 1e6), st.just(np.nan), st.sampled_from([0.0, 1.0]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cells, cells, st.sampled_from(["a", "b", "c"])), min_size=1, max_size=9))
def test_distances_and_their_sums_are_those_by_hand(rows):
    frame = pd.DataFrame(rows, columns=["x", "y", "c"]).astype(
        {"x": float, "y": float, "c": object}
    )
    near = Similarity.of(frame, frame)
    everyone = np.arange(len(frame))
    found, expected = near.distances(everyone, everyone), by_hand(frame, frame)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    np.testing.assert_allclose(near.total_distances(), expected.sum(axis=1), atol=1e-7)
    for i in everyone:
        assert (not near.differing(0, i)) == np.all(
            [a == b or (a != a and b != b) for a, b in zip(rows[0], rows[i], strict=True)]
        )


def test_the_most_typical_has_the_least_total_distance():
    among = matching(DATA, TRAINED, [Condition("sex", values=("f",))], got_favourable=False)
    found = most_typical(DATA, TRAINED, among)
    rows = DATA.features.iloc[TRAINED.split.test[among]]
    totals = by_hand(rows, DATA.features).sum(axis=1)
    assert totals[list(among).index(found)] == pytest.approx(totals.min())
    with pytest.raises(InputError, match="nobody fulfils"):
        most_typical(DATA, TRAINED, among[:0])


def test_conditions_hold_for_those_found_and_for_no_one_else():
    asked = [Condition("income", 3.0, 5.0), Condition("city", values=("north", "east"))]
    found = matching(DATA, TRAINED, asked, got_favourable=True)
    test = DATA.features.iloc[TRAINED.split.test].reset_index(drop=True)
    expected = (
        test["income"].between(3.0, 5.0)
        & test["city"].isin(["north", "east"])
        & favourable(DATA, TRAINED)
    )
    assert 0 < len(found) < len(test)
    assert found.tolist() == np.flatnonzero(expected).tolist()
    everyone = matching(DATA, TRAINED, [Condition("city")])
    assert len(everyone) == len(test)
    for wrong in (Condition("nothing"), Condition("city", 1.0)):
        with pytest.raises(InputError, match=wrong.column):
            matching(DATA, TRAINED, [wrong])


def test_nearest_opposites_are_those_of_all_pairs():
    *_, (share, found) = treated_differently(DATA, TRAINED, "sex", most_pairs=5)
    assert share == 1.0
    assert found.looked_up == found.in_all == int((~favourable(DATA, TRAINED)).sum())
    test = TRAINED.split.test
    distance = by_hand(DATA.features.iloc[test], DATA.features)
    good, sex = favourable(DATA, TRAINED), DATA.sensitive["sex"].to_numpy()[test]
    allowed = (~good)[:, None] & good[None] & (sex[:, None] != sex[None])
    assert found.pairs[0].distance == pytest.approx(distance[allowed].min())
    assert [p.distance for p in found.pairs] == sorted(p.distance for p in found.pairs)
    people = [person for p in found.pairs for person in (p.unfavourable, p.favourable)]
    assert len(set(people)) == 2 * len(found.pairs) == 10
    for pair in found.pairs:
        assert allowed[pair.unfavourable, pair.favourable]
        assert pair.distance == pytest.approx(distance[pair.unfavourable, pair.favourable])
        assert pair.groups == (sex[pair.unfavourable], sex[pair.favourable])
    with pytest.raises(InputError, match="sensitive"):
        next(treated_differently(DATA, TRAINED, "city"))


def test_no_pairs_where_all_are_decided_alike():
    alike = replace(TRAINED, decisions=np.ones_like(TRAINED.decisions))
    *_, (_, found) = treated_differently(DATA, alike, "sex")
    assert (found.pairs, found.in_all) == ((), 0)


def test_rows_and_identifiers_find_their_person():
    rows = DATA.rows[TRAINED.split.test]
    assert of_row(DATA, TRAINED, int(rows[7])) == 7
    learned = int(DATA.rows[TRAINED.split.train[0]])
    with pytest.raises(InputError, match=f"row {learned}: it isn't a test row"):
        of_row(DATA, TRAINED, learned)
    names = pd.DataFrame({"name": [f"p{i // 2}" for i in range(len(DATA))]})
    named = replace(DATA, identifiers=names)
    person = int(TRAINED.split.test[3])
    found = of_identifier(named, TRAINED, "name", f" p{person // 2} ")
    assert 3 in found
    assert all(TRAINED.split.test[k] // 2 == person // 2 for k in found)
    with pytest.raises(InputError, match="no row names this person"):
        of_identifier(named, TRAINED, "name", "nobody")
    with pytest.raises(InputError, match="isn't a column that names people"):
        of_identifier(DATA, TRAINED, "name", "p1")
