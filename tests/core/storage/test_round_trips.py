"""Every kind that is written to disk is read back equal; what was altered is refused in words."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field, is_dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.audit_state.state import AuditState
from core.errors import InputError
from core.storage import names
from core.storage.data_format import NotDataError, UnreadableError, from_data, to_data
from core.storage.json_format import from_json, to_json
from core.storage.kinds import KINDS
from core.storage.names import RECORDED, class_of
from core.storage.record_store import RECORD_KINDS, RecordKind
from core.storage.signed_data import load_data, sign_data
from tests.core.storage.written_values import same, values_of

PHASES = [Phase.explicit, Phase.generate]
DRAWS = settings(
    max_examples=5, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck)
)
SECRET, PLACE = b"s" * 32, ("audit", "key")

RESULTS = {name: class_of(kind.holds) for name, kind in KINDS.items()}
"""What each kind of result holds."""


def bytes_of(kind: RecordKind, value: Any) -> bytes:
    return json.dumps(kind.to_json(value), allow_nan=False).encode()


@pytest.mark.parametrize("name", RECORD_KINDS)
@DRAWS
@given(data=st.data())
def test_a_record_is_read_back_as_it_was_written(name: str, data: st.DataObject) -> None:
    kind = RECORD_KINDS[name]
    value = data.draw(values_of(kind.holds))
    written = json.loads(bytes_of(kind, value))
    assert (written["kind"], written["version"]) == (name, kind.version)
    assert same(kind.from_json(written), value)
    if kind.earlier is None:
        # As builds wrote it that knew no kinds.
        assert same(kind.from_json(written["content"]), value)


@pytest.mark.parametrize("name", RECORD_KINDS)
@DRAWS
@given(data=st.data())
def test_an_altered_record_is_refused_in_words(name: str, data: st.DataObject) -> None:
    kind = RECORD_KINDS[name]
    written = json.loads(bytes_of(kind, data.draw(values_of(kind.holds))))
    for change in (
        {"kind": "another"}, {"version": kind.version + 1}, {"version": "1"}, {"content": 2.5},
        {"content": [[None]]}, {"content": {"no such field": {"x": []}}},
    ):  # fmt: skip
        with pytest.raises(InputError, match="another version") as refused:
            kind.from_json(written | change)
        assert refused.value.where == kind.what
    for path in _paths(written["content"]):
        altered = json.loads(json.dumps(written))
        _put(altered["content"], path, {"odd": 1})
        with suppress(InputError):  # a traceback of any other kind fails
            kind.from_json(altered)


def _paths(value: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    parts = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [p for k, v in parts for p in ((*so_far, k), *_paths(v, (*so_far, k)))]


def _put(content: Any, path: tuple[Any, ...], value: Any) -> None:
    for part in path[:-1]:
        content = content[part]
    content[path[-1]] = value


@pytest.mark.parametrize("name", KINDS)
@DRAWS
@given(data=st.data())
def test_a_result_is_read_back_bit_by_bit_and_refused_when_altered(
    name: str, data: st.DataObject
) -> None:
    kind = KINDS[name]
    value = data.draw(values_of(RESULTS[name]))
    value = (value,) if kind.several else value
    content = sign_data(SECRET, PLACE, kind, value)
    assert same(load_data(SECRET, PLACE, content, (kind,), "it"), value)
    cut = data.draw(st.integers(0, len(content) - 1))
    flipped = bytes([*content[:cut], content[cut] ^ 1, *content[cut + 1 :]])
    for other in (content[:cut], flipped, content + b"\0"):
        with pytest.raises(InputError, match="changed since it was written"):
            load_data(SECRET, PLACE, other, (kind,), "it")
    # Without a signature nothing but words comes of broken data either.
    unsigned = to_data(value)
    with pytest.raises(UnreadableError):
        from_data(unsigned[: min(cut, len(unsigned) - 1)])


DRAWN = [row for row in RECORDED if is_dataclass(class_of(row.name))]
"""Of models and deciders, which are none, tests of each private one write and read all."""


@pytest.mark.parametrize("row", DRAWN, ids=lambda row: row.name)
def test_every_recorded_class_can_be_drawn_and_is_read_back(row: names.Recorded) -> None:
    """Fails where a class is recorded without a round trip: its fields can't be drawn or kept."""
    found = class_of(row.name)

    @DRAWS
    @given(value=values_of(found))
    def is_read_back(value: Any) -> None:
        assert same(from_data(to_data(value)), value)

    is_read_back()


@DRAWS
@given(value=values_of(AuditState))
def test_the_state_of_an_audit_is_read_back(value: AuditState) -> None:
    assert same(from_json(AuditState, json.loads(json.dumps(to_json(value))), "it"), value)


@dataclass(frozen=True)
class Renamed:
    now: int = field(metadata={"first_name": "before"})
    later: str = field(default="", metadata={"absent_at_default": True})


def test_a_renamed_field_keeps_its_first_name_in_files() -> None:
    assert from_json(Renamed, {"before": 3}, "it") == Renamed(3)
    assert to_json(Renamed(3)) == {"before": 3}
    with pytest.raises(InputError, match="it has the field 'befor', which"):
        from_json(Renamed, {"before": 1, "befor": 3}, "it")
    with pytest.raises(InputError, match="it has the field 'now', which"):
        from_json(Renamed, {"before": 1, "now": 3}, "it")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({}, "it lacks the field 'before'"),
        ({"before": True}, "True is no whole number"),
        ({"before": 1.0}, "1.0 is no whole number"),
        ({"before": 1, "later": None}, "later: None is no text"),
        ({"before": 1, "odd": 2}, "it has the field 'odd', which this version doesn't know"),
        ([1], "is no object"),
        (None, "None is no object"),
    ],
)
def test_the_field_that_is_wrong_is_named(value: Any, says: str) -> None:
    with pytest.raises(InputError, match=f"^it: .*{says}"):
        from_json(Renamed, value, "it")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1j}, object()])
def test_what_has_no_form_as_json_is_not_written(value: object) -> None:
    with pytest.raises((TypeError, ValueError), match="has no form as JSON"):
        to_json([value])


@pytest.mark.parametrize("version", [-1, 0, 2, True, 1.0, "1", None])
def test_a_record_of_a_version_that_never_was_is_refused(version: object) -> None:
    kind = RECORD_KINDS["private releases"]
    record = {"kind": kind.name, "version": 1, "content": ["a"]}
    assert kind.from_json(record) == ("a",)
    with pytest.raises(InputError, match=r"the list of private .*its form is .*only 1 is known"):
        kind.from_json(record | {"version": version})


def test_a_column_of_objects_stays_one() -> None:
    frame = pd.DataFrame({"o": pd.Series(["a", None], dtype=object), "t": ["a", "b"]})
    pd.testing.assert_frame_equal(from_data(to_data(frame)), frame)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (np.array([(1, 2)], dtype="i4,i4"), "whose entries have fields"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "two columns of one name"),
    ],
)
def test_what_would_be_read_back_as_something_else_is_not_written(value: Any, says: str) -> None:
    with pytest.raises(NotDataError, match=says):
        to_data(value)
