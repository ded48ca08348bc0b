"""What a person sees of how a file was read, and how it is corrected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from core.audit_state.state import AuditState, begin_bytes, read_table, state_of_record
from core.data.table import Kind, Notation
from core.storage.workspace import Workspace
from tests.pages.conftest import opened, ran, texts

CASES = Path(__file__).parents[1] / "cases"


def uploaded(name: str) -> AppTest:
    app = opened("start")
    app.file_uploader[0].set_value((name, (CASES / name).read_bytes(), "text/csv"))
    return ran(app)


def begun(workspace: Workspace, name: str) -> AuditState:
    return begin_bytes(workspace, (CASES / name).read_bytes(), name)


def widget(items: Any, label: str) -> Any:
    return next(item for item in items if item.label == label)


def test_a_title_is_skipped_and_told_and_the_line_can_be_said(workspace: Workspace) -> None:
    app = uploaded("title_rows.csv")
    assert "200 rows × 5 columns" in texts(app)
    assert "such as 'Quarterly report'" in texts(app)
    widget(app.number_input, "Line of the column names").set_value(4)
    app = ran(app)
    assert "199 rows × 5 columns" in texts(app)
    assert "with column names on line 4" in texts(app)
    app.button(key="begin upload").click()
    ran(app)
    (record,) = workspace.list()
    state = state_of_record(record)
    assert state.options is not None
    assert state.options.header_line == 4
    assert len(read_table(workspace, state).frame) == 199


def test_a_repeated_name_is_one_sentence(workspace: Workspace) -> None:
    app = uploaded("repeated_header.csv")
    assert "the column name 'decided' occurs 2 times" in texts(app)


def test_percentages_become_points_where_a_person_says_so(workspace: Workspace) -> None:
    state = begun(workspace, "percent.csv")
    app = opened("roles", state.id)
    assert "Percentages were read as shares" in texts(app)
    widget(app.selectbox, "Column whose kind is wrong").select("income")
    app = ran(app)
    widget(app.selectbox, "How it is written").select(Notation.PERCENT_POINTS)
    app = ran(app)
    assert "Percentages were read as percentage points" in texts(app)
    widget(app.selectbox, "Target").select("y")
    app = ran(app)
    widget(app.selectbox, "Positive label").select("1")
    app = ran(app)
    widget(app.radio, "Is the positive label the favourable outcome?").set_value(
        "Yes, it is favourable"
    )
    app = ran(app)
    widget(app.button, "Save roles").click()
    app = ran(app)
    saved = state_of_record(workspace.open(state.id))
    assert saved.options is not None
    assert dict(saved.options.notations) == {"income": Notation.PERCENT_POINTS}
    assert read_table(workspace, saved).frame["income"].max() > 1
    assert texts(app).count("read as percentage points") == 2  # As saved, and as it is read now.
    # A kind that is chosen afterwards holds instead: of one column only one of the two.
    widget(app.selectbox, "What it holds").select(Kind.CATEGORY)
    app = ran(app)
    assert not app.exception
    assert texts(app).count("read as percentage points") == 1


def test_roles_are_suggested_and_codes_are_asked_about(workspace: Workspace) -> None:
    state = begun(workspace, "coded_groups.csv")
    app = opened("roles", state.id)
    assert widget(app.selectbox, "Target").value == "approved"
    sensitive = widget(app.multiselect, "Sensitive attributes").value
    assert set(sensitive) == {"colour", "hispan", "maritl", "citizen", "female"}
    assert set(widget(app.multiselect, "Identifiers").value) == {"rownames", "uid"}
    assert "The numbers 1, 2, 3, 8, 9 were taken as amounts, and may be codes" in texts(app)
