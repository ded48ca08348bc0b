"""What a person put a name to is read whole or not at all, and never replaced unread."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.audit_state import state as steps
from core.audit_state.generalised import Generalised
from core.audit_state.sweep_plan import SweepPlan
from core.data.assign import assign
from core.errors import InputError
from core.governance.declared_public import declarations, declare_public
from core.governance.operating_point import choices, choices_key, choose
from core.governance.superseded_choices import chosen_for_others
from core.storage import layout
from core.storage.json_format import from_json
from core.storage.sign_off import check_sign_off
from core.storage.workspace import Workspace
from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.grid import Grid, Setting

PLAN = SweepPlan(Grid(("logistic_regression",), (None,), (("sex",),)), Basis("public"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def chosen_once(workspace: Workspace):
    """Return an audit, its rows and where its one choice lies."""
    state = steps.begin_sample(workspace, "german_credit")
    rows = assign(steps.read_table(workspace, state), state.roles)
    setting = Setting("logistic_regression")
    choose(workspace, state, rows, PLAN, setting, reason="It is plain.", name="Ann")
    folder = workspace.root / "audits" / state.id
    return state, rows, layout.result_path(folder, choices_key(rows))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"value": 3}'])
def test_a_damaged_choice_is_told_of_and_not_replaced(
    workspace: Workspace, chosen_once, content: bytes
) -> None:
    state, rows, path = chosen_once
    path.write_bytes(content)
    with pytest.raises(InputError, match="can't be read"):
        choices(workspace, state, rows)
    with pytest.raises(InputError, match="can't be read"):
        choose(workspace, state, rows, PLAN, Setting("gradient_boosting"), reason="b", name="Bob")
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "value", [[{}], [None], "x", 5, [{"quasi": None}], [{"setting": {"learner": "a", "odd": 1}}]]
)
def test_a_choice_of_another_version_is_a_sentence(
    workspace: Workspace, chosen_once, value: object
) -> None:
    state, rows, _ = chosen_once
    workspace.put_result(state.id, choices_key(rows), value)
    for read in (choices, chosen_for_others):
        if value in ([{"quasi": None}],) and read is chosen_for_others:
            continue
        with pytest.raises(InputError, match="another version"):
            read(workspace, state, rows)


def test_a_declaration_of_another_version_is_a_sentence(workspace: Workspace, chosen_once) -> None:
    state, _, _ = chosen_once
    declare_public(workspace, state, name="Ann", because="It is printed.")
    (before,) = declarations(workspace, state)
    assert before.name == "Ann"
    from core.governance.declared_public import _record_key

    workspace.put_result(state.id, _record_key(state), [{"name": "Ann", "odd": 1}])
    with pytest.raises(InputError, match="another version"):
        declarations(workspace, state)
    with pytest.raises(InputError, match="another version"):
        declare_public(workspace, state, name="Bob", because="Printed again.")


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "\u00a0\u2060"])
def test_what_can_not_be_seen_is_no_reason_and_no_name(text: str) -> None:
    for reason, name in ((text, "Ann"), ("because", text)):
        with pytest.raises(InputError, match="and there is none"):
            check_sign_off("a choice", reason, name, "Write it down")


@pytest.mark.parametrize("text", ["a\0b", "a\ud800", "a\x1b[31m"])
def test_characters_that_no_text_has_are_named(text: str) -> None:
    with pytest.raises(InputError, match=r"U\+"):
        check_sign_off("a choice", text, "Ann", "Write it down")
    check_sign_off("a choice", "first line\nsecond\tline", "Ann 安", "Write it down")


@pytest.mark.parametrize(
    "record",
    [
        {"quasi": ["age"], "k": "7"},
        {"quasi": ["age"], "k": 2.5},
        {"quasi": ["age"], "k": 1},
        {"quasi": ["age"], "k": True},
        {"quasi": "age", "k": 5},
        {"quasi": [5], "k": 5},
    ],
)
def test_generalised_features_are_what_was_written(record: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="generalised"):
        from_json(Generalised, record | {"begun_from": ""}, "how features are generalised")
