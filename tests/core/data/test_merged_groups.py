"""Values that are counted as one group: as if the column had been merged before it was read."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from components.widgets.role_draft import from_roles
from core.data.assign import assign
from core.data.reading.reading import read_bytes, typed_table
from core.data.reading.sandbox.isolated_types import plain
from core.data.roles.merged_groups import (
    merged_groups_from_json,
    merged_groups_to_json,
    merged_names,
)
from core.data.roles.merged_groups_text import format_merged_groups, kept_apart, parse_merged_groups
from core.data.roles.outcome_rows import OutcomeColumns, amount_rows, class_rows
from core.data.roles.roles import Roles
from core.data.roles.unknown_values import UNKNOWN_ROWS
from core.data.table import MISSING, Provenance
from core.data.text_normalisation import normalise_text
from core.errors import InputError
from core.fairness.assessment.assess import fairness_json
from core.storage.canonical import canonical
from core.storage.json_format import from_json, to_json

AWKWARD = st.sampled_from(
    [
        "a", "A", "a,b", "a=b", "x:y", '"', '""', 'say "no"', "ü", "≥ 5", "日本", "-1", "--a", "é",
        "(missing)", "'", "\\", "a\nb", "b ", "Other", "x,y=z:\"w\"", "‮rtl", "None",
    ]
)  # fmt: skip
WORDS = st.one_of(
    AWKWARD, st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=6)
)


def table(frame: pd.DataFrame):
    arrow = pa.Table.from_pandas(frame)
    columns = tuple(plain(n, c, []) for n, c in zip(frame, arrow.columns, strict=True))
    return typed_table(tuple(frame), columns, Provenance("t", "path", "0", 0, "parquet"), (), {})


def world(values, n=None, seed=0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = n or 6 * len(values)
    column = [*values, *rng.choice(np.array(values, dtype=object), n - len(values))]
    return pd.DataFrame(
        {
            "y": ["yes", "no", *rng.choice(["yes", "no"], n - 2)],
            "p": rng.choice(["yes", "no"], n),
            "s": rng.random(n).round(3),
            "g": column,
        }
    )


def repairs_of(data) -> dict:
    return fairness_json(
        data.target, data.predictions, data.sensitive, scores=data.scores, weights=data.weights
    )


ROLES = Roles("y", "yes", ("g",), prediction="p", score="s")


@settings(max_examples=25, deadline=None)
@given(st.lists(WORDS, min_size=4, max_size=7), WORDS, st.data())
def test_it_is_as_if_the_column_had_been_merged_beforehand(values, name, data):
    values = list(dict.fromkeys(map(normalise_text, values)))
    name = normalise_text(name)
    # Brackets alone are no name, and "missing" is that of the rows without a value.
    assume(len(values) >= 4 and all(values) and name.strip("() ").casefold() not in ("", "missing"))
    assume(not any(c in "".join((*values, name)) for c in "\0"))
    chosen = tuple(values[: data.draw(st.integers(2, len(values) - 2))])
    frame = world(values)
    try:
        apart = assign(table(frame), ROLES)
    except InputError:
        # Values such as "1" and "01" may be read as numbers and become one.
        assume(False)
    assume(set(apart.sensitive["g"]) == set(values))
    merged = assign(table(frame), replace(ROLES, merged_groups=(("g", name, chosen),)))
    beforehand = replace(
        apart, sensitive=apart.sensitive.map(lambda value: name if value in chosen else value)
    )
    assert merged.sensitive["g"].tolist() == beforehand.sensitive["g"].tolist()
    assert repairs_of(merged) == repairs_of(beforehand)
    assert merged.fingerprint != apart.fingerprint
    # Resolved roles give the same dataset again, in whatever order values are told.
    assert assign(table(frame), merged.roles).fingerprint == merged.fingerprint
    backwards = replace(ROLES, merged_groups=(("g", name, tuple(reversed(chosen))),))
    assert assign(table(frame), backwards).fingerprint == merged.fingerprint


@settings(deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS, st.lists(WORDS, min_size=1, max_size=4)), max_size=4))
def test_every_way_of_writing_it_down_gives_it_back(entries):
    merged_groups = tuple((c, name, tuple(values)) for c, name, values in entries)
    columns = tuple(dict.fromkeys(c for c, _, _ in merged_groups))
    texts = [format_merged_groups(*entry) for entry in merged_groups]
    assert parse_merged_groups(texts, columns) == merged_groups
    assert parse_merged_groups([kept_apart(column) for column in columns], columns) == ()
    roles = Roles("t", "y", columns or ("g",), features=("f",), merged_groups=merged_groups)
    assert from_json(Roles, json.loads(json.dumps(to_json(roles))), "the roles") == roles
    unique = {(c, name): (c, name, values) for c, name, values in merged_groups}
    ordered = tuple(sorted(unique.values(), key=lambda item: columns.index(item[0])))
    assert (
        merged_groups_from_json(json.loads(json.dumps(merged_groups_to_json(ordered)))) == ordered
    )


@given(st.text('ab=:," ', max_size=12))
def test_a_line_is_read_or_refused_in_a_sentence(text):
    try:
        found = parse_merged_groups([text], ("a", "b"))
    except InputError as error:
        refused = str(error)
        assert "--merge-groups" in refused or "not a sensitive column" in refused
        return
    assert all(column in ("a", "b") and values for column, _, values in found)


def test_a_line_as_people_write_it():
    text = 'race = Other : Asian, Native American, "Pacific, other"'
    expected = (("race", "Other", ("Asian", "Native American", "Pacific, other")),)
    assert parse_merged_groups([text], ("race",)) == expected


def test_a_draft_gives_it_back():
    read = table(world(["a", "b", "c", "d", "e"]))
    roles = Roles("y", "yes", ("g",), prediction="p", merged_groups=(("g", "x", ("a", "b")),
                  ("g", "c", ("d",))))  # fmt: skip
    assert from_roles(roles).roles(read) == roles


def test_what_is_told_and_counted():
    frame = pd.DataFrame({"y": list("abab" * 5), "p": list("aabb" * 5),
                          "g": ["x"] * 9 + ["y"] * 6 + ["z"] * 4 + [None]})  # fmt: skip
    start = Roles("y", "a", ("g",), prediction="p")

    def repairs(*entries):
        data = assign(table(frame), replace(start, merged_groups=entries))
        return data.roles.merged_groups, [(r.what, r.count, r.column) for r in data.repairs]

    assert repairs(("g", "rest", ("z", "y"))) == (
        (("g", "rest", ("y", "z")),),
        [
            ("y (6 rows) and z (4 rows) are counted as 'rest'.", 10, "g"),
            (UNKNOWN_ROWS, 1, "g"),
        ],
    )
    # A group's own name among its values says nothing more.
    assert repairs(("g", "y", ("y", MISSING))) == (
        (("g", "y", (MISSING,)),),
        [("(missing) (1 row) is counted as 'y'.", 1, "g")],
    )


@pytest.mark.parametrize(
    ("merged_groups", "message"),
    [
        ([("h", "o", ("x", "y"))], "not sensitive"),
        ([("g", "o", ("x", "yy", "z"))], "there is no value 'yy' to be counted as 'o'"),
        ([("g", "o", ("x", "X"))], "Perhaps 'x' was meant"),
        ([("g", "o", ("x", "y", "x"))], "'x' is put under 'o' twice"),
        ([("g", "o", ("x", "y")), ("g", "u", ("y", "z"))], "'y' is put under 'o' and 'u'"),
        ([("g", "o", ("x", "y")), ("g", "o", ("z", "w"))], "'o' is made twice"),
        ([("g", "x", ("y",)), ("g", "z", ("x",))], "'x' is a group that others are put under"),
        ([("g", " ", ("x", "y"))], "has no name"),
        ([("g", "()", ("x", "y"))], "has no name"),
        ([("g", MISSING, ("x", "y"))], "can't be counted as"),
        ([("g", "x", ("x",))], "no other value is put under"),
        ([("g", "o", ())], "no other value is put under"),
        ([("g", "o", ("x",))], "'x' alone would be called 'o'"),
        ([("g", "o", ("w", "x", "y", "z"))], "all rows are of only one group, 'o'"),
    ],
)
def test_what_cannot_be_merged_is_refused(merged_groups, message):
    read = table(world(["w", "x", "y", "z"]))
    with pytest.raises(InputError, match=r"column '[gh]'") as refusal:
        assign(read, replace(ROLES, merged_groups=tuple(merged_groups)))
    assert message in str(refusal.value)
    columns = OutcomeColumns("y", "p", ("g",), merged_groups=tuple(merged_groups))
    with pytest.raises(InputError) as refusal:
        class_rows(read, columns)
    assert message in str(refusal.value)


def test_too_many_groups_can_be_merged():
    many = [f"v{i}" for i in range(300)]
    read = table(world(many))
    with pytest.raises(InputError, match="merge groups"):
        assign(read, ROLES)
    data = assign(read, replace(ROLES, merged_groups=(("g", "rest", tuple(many[2:])),)))
    assert sorted(set(data.sensitive["g"])) == ["rest", "v0", "v1"]
    assert "and 288 more are counted as 'rest'." in data.repairs[0].what


def test_bins_are_merged_by_their_names():
    read = read_bytes(b"y,p,age\n" + b"".join(b"%d,%d,%d\n" % (i % 2, i % 3 > 0, i)
                      for i in range(60)), "t.csv")  # fmt: skip
    roles = Roles("y", "1", ("age",), prediction="p", edges=(("age", (20.0, 40.0)),),
                  merged_groups=(("age", "not 20 – 40", ("< 20", "≥ 40")),))  # fmt: skip
    data = assign(read, roles)
    inside = (data.sensitive["age"] == "20 – 40").to_numpy()
    assert np.flatnonzero(inside).tolist() == list(range(20, 40))
    with pytest.raises(InputError, match=r"no value '< 20'.*Perhaps '< 25' was meant"):
        assign(read, replace(roles, edges=(("age", (25.0, 40.0)),)))


def test_classes_and_amounts_are_compared_by_the_merged_groups():
    frame = world(["a", "b", "c", "d"]).assign(truth=1.5, guess=range(24))
    merged_groups = (("g", "c", ("a", "b")),)
    for rows in (
        class_rows(table(frame), OutcomeColumns("y", "p", ("g",), merged_groups=merged_groups)),
        amount_rows(
            table(frame), OutcomeColumns("truth", "guess", ("g",), merged_groups=merged_groups)
        ),
    ):
        expected = frame["g"].replace({"a": "c", "b": "c"})
        assert rows.sensitive["g"].tolist() == expected.tolist()
        assert "are counted as 'c'" in rows.repairs[-1].what


def test_without_it_every_key_and_fingerprint_is_what_it_was():
    read = table(world(["a", "b", "c"]))
    data = assign(read, ROLES)
    before = dataclasses.asdict(data.roles)
    assert before.pop("merged_groups") == ()
    assert before.pop("target_holds_decisions") is False
    assert before.pop("target_came_true") is False
    assert before.pop("markers") == ()
    assert to_json(data.roles) == json.loads(json.dumps(before))
    record = {
        "sha256": "0",
        "read": [getattr(read.provenance, n) for n in ("format", "encoding", "delimiter", "sheet")],
        "kinds": [[column.name, column.kind.value] for column in read.columns],
        "roles": before,
    }
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))
    assert data.fingerprint == hashlib.sha256(text.encode()).hexdigest()
    columns = OutcomeColumns("y", "p", ("g",))
    for spec in (data.roles, columns):
        assert "together" not in canonical(spec)
        assert "together" in canonical(replace(spec, merged_groups=(("g", "x", ("a", "b")),)))
    # As a dataclass writes itself: made-up rows are named by it.
    fields = ", ".join(f"{name}={value!r}" for name, value in before.items())
    assert repr(data.roles) == f"Roles({fields})"
    assert from_json(Roles, before, "the roles") == data.roles


@given(st.lists(st.sampled_from("abcde"), unique=True))
def test_declared_names_are_mapped_as_rows_are(names):
    merged_groups = (("g", "x", ("a", "b")), ("g", "e", ("d",)), ("h", "y", ("c", "e")))
    expected = list(dict.fromkeys({"a": "x", "b": "x", "d": "e"}.get(n, n) for n in names))
    assert list(merged_names(names, merged_groups, "g")) == expected
