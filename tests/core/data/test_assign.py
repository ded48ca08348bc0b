"""Assigning roles: what is recoded, what is counted, what is refused."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.assign import assign, default_roles, suggest_roles
from core.data.reading.reading import read_bytes
from core.data.roles.roles import Roles
from core.data.table import MISSING, Kind
from core.errors import InputError

CSV = """id,sex,age,city,joined,note,empty,same,w,p,s,approved
1,f,20,Rome,2024-01-01,aa,,k,1,yes,0.9,yes
2,m,30,,2024-01-02,bb,,k,2,no,0.2,no
3,f,40,Oslo,,cc,,k,0,no,0.5,yes
4,,50,Rome,2024-01-03,dd,,k,1,yes,0.7,
5,m,,Rome,2024-01-04,ee,,k,1,no,0.1,no
6,f,60,Oslo,2024-01-05,ff,,k,1,yes,,no
"""
KINDS = {"note": Kind.TEXT}


def table(text=CSV, kinds=KINDS):
    return read_bytes(text.encode(), "t.csv", kinds=kinds)


def roles(**changes):
    start = {
        "target": "approved",
        "positive_label": "yes",
        "sensitive": ("sex",),
        "features": ("age", "city"),
    }
    return Roles(**{**start, **changes})


def counted(dataset):
    return {(r.column, r.count) for r in dataset.repairs}


def test_a_dataset_by_hand():
    data = assign(table(), roles(features=("age", "city", "joined", "empty", "same")))
    assert len(data) == 5
    assert data.rows.tolist() == [0, 1, 2, 4, 5]
    assert data.target.tolist() == [True, False, True, False, False]
    assert data.sensitive["sex"].tolist() == ["f", "m", "f", "m", "f"]
    assert list(data.features) == ["age", "city", "joined"]
    assert data.numbers == ("age", "joined")
    assert data.categories == ("city",)
    assert data.features["city"].tolist() == ["Rome", MISSING, "Oslo", "Rome", "Oslo"]
    np.testing.assert_array_equal(data.features["age"], [20, 30, 40, np.nan, 60])
    days = [19723, 19724, np.nan, 19726, 19727]
    np.testing.assert_array_equal(data.features["joined"], days)
    assert counted(data) == {("approved", 1), ("joined", 4), ("empty", 1), ("same", 1)}
    assert data.weights is data.predictions is data.scores is None
    assert data.roles.features == ("age", "city", "joined")


def test_reassigning_the_resolved_roles_changes_nothing():
    first = assign(table(), roles(features=("age", "same"), positive_label="YES"))
    again = assign(table(), first.roles)
    assert first.roles.positive_label == "yes"
    assert again.roles == first.roles
    assert again.fingerprint == first.fingerprint
    assert len(first.fingerprint) == 64


def test_fingerprint_tells_data_kinds_and_roles_apart():
    seen = {
        assign(table(), roles()).fingerprint,
        assign(table(CSV + "\n"), roles()).fingerprint,
        assign(table(kinds={**KINDS, "age": Kind.CATEGORY}), roles()).fingerprint,
        assign(table(), roles(features=("age",))).fingerprint,
        assign(table(), roles(positive_label="no")).fingerprint,
        assign(table(), roles(positive_is_favourable=False)).fingerprint,
    }
    assert len(seen) == 6
    assert assign(table(), roles()).fingerprint == assign(table(), roles()).fingerprint


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        (("no", "yes"), "yes"),
        (("1", "2"), "2"),
        (("0", "1"), "1.0"),
        (("0.0", "1.0"), "1"),
        (("False", "True"), "true"),
        (("FALSE", "TRUE"), "True"),
    ],
)
def test_labels_of_any_form_give_the_same_target(labels, positive):
    text = "sex,x,y\n" + "".join(f"{'fm'[i % 2]},{i},{labels[i % 3 == 0]}\n" for i in range(9))
    made = table(text, {})
    data = assign(made, roles(target="y", positive_label=positive, features=("x",)))
    assert data.target.tolist() == [i % 3 == 0 for i in range(9)]


def test_more_than_two_labels_are_one_against_the_rest():
    text = "sex,x,y\nf,1,a\nm,2,b\nf,3,c\nm,4,c\n"
    data = assign(table(text, {}), roles(target="y", positive_label="a", features=("x",)))
    assert data.target.tolist() == [True, False, False, False]
    repair = data.repairs[-1]
    assert repair.what == "'a' (1) is set against the rest: 'b' (1), 'c' (2)."
    assert (repair.count, repair.column) == (3, "y")


def test_existing_predictions_scores_and_weights():
    given_ = roles(features=(), prediction="p", score="s", weight="w")
    data = assign(table(), given_)
    assert data.rows.tolist() == [0, 1, 2, 4]
    assert data.predictions.tolist() == [True, False, False, False]
    assert data.scores.tolist() == [0.9, 0.2, 0.5, 0.1]
    assert data.weights.tolist() == [1, 2, 0, 1]
    assert {("approved", 1), ("s", 1)} <= counted(data)
    assert data.features.shape == (4, 0)
    by_score = assign(table(), roles(features=(), score="s", threshold=0.5))
    assert by_score.predictions.tolist() == [True, False, True, False]
    whole = [assign(table(), roles(features=(), score="s", threshold=t)) for t in (1, 1.0)]
    assert whole[0].fingerprint == whole[1].fingerprint


def test_sensitive_numbers_are_binned_and_said():
    text = "age,x,y\n" + "".join(f"{a},{a % 5},{a % 2}\n" for a in range(20, 60))
    start = roles(target="y", positive_label="1", sensitive=("age",), features=("x",))
    data = assign(table(text, {}), start)
    assert data.roles.edges == (("age", (30.0, 40.0, 50.0)),)
    assert "cut at 30, 40, 50" in data.repairs[-1].what
    given_ = assign(table(text, {}), dataclasses.replace(start, edges=(("age", (25,)),)))
    assert given_.sensitive["age"].value_counts().to_dict() == {"≥ 25": 35, "< 25": 5}
    assert given_.repairs == ()


def test_missing_groups_and_groups_alike_but_for_case_are_visible():
    text = "sex,x,y\nf,1,0\nF,2,1\n,3,0\nm,4,1\n"
    data = assign(table(text, {}), roles(target="y", positive_label="1", features=("x",)))
    assert data.sensitive["sex"].tolist() == ["f", "F", MISSING, "m"]
    assert [r.count for r in data.repairs] == [1, 2]


def test_a_single_group_is_kept_beside_others_only():
    data = assign(table(), roles(sensitive=("sex", "same")))
    assert any("nothing to compare" in r.what and r.column == "same" for r in data.repairs)
    with pytest.raises(InputError, match="only one group, 'k'"):
        assign(table(), roles(sensitive=("same",)))
    with pytest.raises(InputError, match="only one group"):
        assign(table(), roles(sensitive=("empty",)))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"target": "aproved"}, "'aproved': there is no column of that name to be the target. "
                                "Perhaps 'approved' was meant"),
        ({"features": ("zzzzzz",)}, "Choose one of: 'id', 'sex'"),
        ({"sensitive": ()}, "nothing to compare"),
        ({"sensitive": ("sex", "sex")}, "listed 2 times as sensitive"),
        ({"features": ("age", "approved")}, "can't be both target and feature"),
        ({"sensitive": ("approved",)}, "can't be both target and sensitive"),
        ({"features": ("p",), "prediction": "p"}, "can't be both prediction and feature"),
        ({"weight": "age"}, "can't be both weight and feature"),
        ({"identifiers": ("age",)}, "can't be both feature and identifier"),
        ({"features": ()}, "no feature is chosen"),
        ({"features": ("same",)}, "no feature holds more than one value"),
        ({"features": ("note",)}, "column 'note': it holds free text"),
        ({"sensitive": ("note",)}, "free text, which makes no groups"),
        ({"sensitive": ("joined",)}, "dates, which makes no groups"),
        ({"target": "joined"}, "dates, not labels"),
        ({"target": "note"}, "free text, not labels"),
        ({"target": "empty"}, "holds no value"),
        ({"target": "same", "positive_label": "k"}, "only one class, 'k'"),
        ({"positive_label": "maybe"}, "column 'approved': there is no label 'maybe'"),
        ({"score": "s", "features": ()}, "needs a threshold"),
        ({"score": "s", "threshold": float("nan")}, "not a finite number"),
        ({"score": "s", "threshold": "median"}, "no number"),
        ({"score": "s", "threshold": True}, "no number"),
        ({"threshold": 0.5}, "of use only with a score"),
        ({"score": "s", "threshold": 0.5, "prediction": "p"}, "of use only with a score"),
        ({"score": "city", "threshold": 0.5, "features": ()}, "a score must be a number"),
        ({"weight": "city", "features": ("age",)}, "a weight must be a number"),
        ({"prediction": "city", "features": ()}, "'Oslo' is not a label of the target"),
        ({"prediction": "s", "features": ()}, "looks like a score"),
        ({"edges": (("age", (30,)),)}, "has bin edges but is not sensitive"),
        ({"edges": (("sex", (30,)),)}, "only a numeric column has bin edges"),
        ({"edges": (("sex", (30,)), ("sex", (40,)))}, "listed 2 times"),
    ],
)  # fmt: skip
def test_refused(changes, says):
    with pytest.raises(InputError) as caught:
        assign(table(), roles(**changes))
    assert says in str(caught.value)


def test_predictions_missing_a_value_are_dropped_and_counted():
    text = CSV.replace("k,2,no,", "k,2,,")
    data = assign(table(text), roles(features=(), prediction="p"))
    assert ("p", 1) in counted(data)
    assert data.rows.tolist() == [0, 2, 4, 5]
    nothing = "sex,p,y\nf,,1\nm,1,\n"
    with pytest.raises(InputError, match="no row has all of"):
        assign(
            table(nothing, {}),
            roles(target="y", positive_label="1", features=(), prediction="p"),
        )


def test_numeric_targets_of_many_values_are_not_labels():
    text = "sex,x,y\n" + "".join(f"{'fm'[i % 2]},{i},{i}\n" for i in range(21))
    with pytest.raises(InputError, match="21 distinct numbers, as a quantity for regression"):
        assign(table(text, {}), roles(target="y", positive_label="1", features=("x",)))


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (("-1", "1", "1"), "missing or negative in row 1 (counted from 1"),
        (("1", "", "-2"), "in rows 2, 3"),
        (("0", "0", "0"), "add up to zero"),
        (("1e308", "1e308", "1e308"), "no finite number"),
    ],
)
def test_weights_that_are_none(cells, says):
    rows = zip("fmf", cells, "101", strict=True)
    text = "sex,w,y\n" + "".join(f"{sex},{w},{y}\n" for sex, w, y in rows)
    with pytest.raises(InputError) as caught:
        assign(
            table(text, {}),
            roles(target="y", positive_label="1", features=("sex",), weight="w"),
        )
    assert says in str(caught.value)


def test_sensitive_columns_may_be_features_too():
    data = assign(table(), roles(features=("age", "sex")))
    assert data.features["sex"].tolist() == data.sensitive["sex"].tolist()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["f", "m", "", "x"]),
            st.sampled_from(["1", "2.5", "", "inf", "7"]),
            st.sampled_from(["yes", "no", "", "?"]),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_every_row_is_kept_or_counted(cells):
    """Rows in = rows kept + rows counted as dropped; each kept value is the file's own."""
    text = "sex,x,approved\n" + "".join(",".join(row) + "\n" for row in cells)
    made = table(text, {"x": Kind.NUMBER})
    try:
        data = assign(made, roles(features=("x",)))
    except InputError:
        return
    dropped = sum(r.count for r in data.repairs if r.what.startswith("Rows without a target"))
    assert len(data) + dropped == len(cells)
    for position, row in enumerate(data.rows):
        sex, x, label = cells[row]
        assert data.target[position] == (label == "yes")
        assert data.sensitive["sex"][position] == (sex or MISSING)
        number = data.features["x"][position]
        assert np.isnan(number) if x in ("", "inf") else number == float(x)


def test_default_roles():
    made, repairs = default_roles(table(), "approved", "yes", ["sex"], weight="w")
    assert made.features == ("age", "city", "joined", "same", "p", "s")
    assert made.identifiers == ("id",)
    assert {r.column for r in repairs} == {"id", "note", "empty"}
    kept, _ = default_roles(table(), "approved", "yes", ["sex"], keep_as_features=["sex"])
    assert "sex" in kept.features
    audit, none = default_roles(table(), "approved", "yes", ["sex"], prediction="p")
    assert audit.features == ()
    assert none == ()
    with pytest.raises(InputError, match="not a sensitive column"):
        default_roles(table(), "approved", "yes", ["sex"], keep_as_features=["age"])


def test_suggest_roles():
    suggested = suggest_roles(table())
    assert suggested.target == "approved"
    assert suggested.sensitive == ("sex", "age")
    assert suggested.identifiers == ("id",)
    assert suggested.features == ("city", "joined", "w", "p", "s")
    numbered = ",sex,y\n" + "".join(f"{i},{'fm'[i % 2]},{i % 3}\n" for i in range(12))
    row_numbers = suggest_roles(table(numbered, {}))
    assert row_numbers.identifiers == ("column 1",)
    assert row_numbers.target is None


def test_frames_are_not_changed():
    made = table()
    before = made.frame.copy(deep=True)
    assign(made, roles(features=("age", "city", "joined")))
    pd.testing.assert_frame_equal(made.frame, before)
