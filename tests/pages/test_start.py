"""The first page: scenarios, uploads, OpenML and the audits in progress."""

from __future__ import annotations

import io
import urllib.error
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from components.widgets.audit_list import ago
from core.audit_state.audit_ledger import set_budget
from core.audit_state.state import begin_bytes, begin_sample, read_table, state_of_record
from core.data.reading import reading
from core.data.samples import FOLDER, NAMES, SAMPLES
from core.privacy.accounting.budget import Budget
from core.storage.workspace import Workspace
from tests.pages.conftest import opened, ran, texts

CSV = "name;sex;age;hired\n" + "".join(
    f"Zoë {i};{'f' if i % 2 else 'm'};{20 + i};{'yes' if i % 3 else 'no'}\n" for i in range(30)
)


def uploaded(name: str, data: bytes) -> AppTest:
    app = opened("start")
    app.file_uploader[0].set_value((name, data, "application/octet-stream"))
    return ran(app)


def in_dialog(app: AppTest, opener: str, key: str) -> AppTest:
    """Press a button of a dialog: a whole run shows the dialog only if its opener is pressed."""
    app.button(key=opener).click()
    app.button(key=key).click()
    return ran(app)


def test_scenarios_come_in_order_with_what_is_at_stake(workspace: Workspace) -> None:
    app = opened("start")
    begin = [button.key for button in app.button if button.label == "Audit this"]
    assert begin == [f"begin {name}" for name in NAMES]
    shown = texts(app).replace("\\", "")
    for sample in SAMPLES:
        assert sample.sentence in shown
    assert ":material/account_balance: finance · 1,000 rows" in shown
    assert ":material/payments: income · 48,842 rows" in shown
    assert "### Hiring decisions (synthetic)" in shown
    assert ":material/work: hiring · 2,400 rows" in shown
    assert workspace.list() == []


@pytest.mark.parametrize("name", NAMES)
def test_one_click_begins_a_scenario_with_its_roles(workspace: Workspace, name: str) -> None:
    app = opened("start")
    app.button(key=f"begin {name}").click()
    ran(app)
    (record,) = workspace.list()
    assert state_of_record(record).roles == SAMPLES[name].roles
    assert app.title[0].value == "Roles"
    assert app.query_params["audit"] == record.id
    following = "Overview" if name in ("compas", "hiring") else "Privacy budget"
    assert any(link.label.startswith(f"Next: {following}") for link in app.get("page_link"))


def test_an_upload_is_previewed_and_becomes_an_audit(workspace: Workspace) -> None:
    app = uploaded("people.csv", CSV.encode())
    shown = texts(app)
    assert "**30 rows × 4 columns**" in shown
    assert "UTF\\-8" in shown
    assert "semicolon" in shown
    assert app.dataframe[0].value.iloc[0].tolist() == ["Zoë 0", "m", "20", "no"]
    assert "Nothing was changed on reading." in shown
    app.button(key="begin upload").click()
    ran(app)
    (record,) = workspace.list()
    assert record.name == "people.csv"
    assert workspace.read_source(record.id) == CSV.encode()
    assert app.title[0].value == "Roles"


def test_an_upload_is_read_once(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    read, parse = [], reading.parse

    def counted(*parts: Any) -> Any:
        read.extend(item for item in parts if item == "people.csv")  # The page reads samples too.
        return parse(*parts)

    monkeypatch.setattr(reading, "parse", counted)
    app = uploaded("people.csv", CSV.encode())
    ran(app)
    app.button(key="begin upload").click()
    ran(app)
    assert app.title[0].value == "Roles"
    assert len(read) == 1
    # From the disk it is the same table.
    (record,) = workspace.list()
    again = read_table(workspace, state_of_record(record))
    assert (len(again.frame), len(read)) == (30, 2)


def test_a_wrong_guess_of_the_encoding_can_be_corrected(workspace: Workspace) -> None:
    text = CSV.replace("Zoë", "Жанна")
    app = uploaded("people.csv", text.encode("cp1251"))
    assert "was guessed as" in texts(app)
    assert "Жанна 0" not in app.dataframe[0].value.iloc[0].tolist()
    next(box for box in app.selectbox if box.label == "Text encoding").select("cp1251")
    ran(app)
    assert app.dataframe[0].value.iloc[0, 0] == "Жанна 0"
    app.button(key="begin upload").click()
    ran(app)
    (record,) = workspace.list()
    assert read_table(workspace, state_of_record(record)).frame.iloc[0, 0] == "Жанна 0"


def test_a_delimiter_can_be_chosen_or_typed(workspace: Workspace) -> None:
    app = uploaded("people.csv", CSV.replace(";", "^").encode())
    assert "**30 rows × 1 columns**" in texts(app)
    next(box for box in app.selectbox if box.label == "Delimiter").select("other")
    ran(app)
    assert "**30 rows × 4 columns**" in texts(app)


def test_a_worksheet_can_be_chosen_by_name(workspace: Workspace) -> None:
    file = io.BytesIO()
    with pd.ExcelWriter(file) as book:
        pd.DataFrame({"a": [1, 2]}).to_excel(book, sheet_name="one", index=False)
        pd.DataFrame({"b": [1, 2, 3], "c": list("xyz")}).to_excel(
            book, sheet_name="two", index=False
        )
    app = uploaded("book.xlsx", file.getvalue())
    assert "**2 rows × 1 columns**" in texts(app)
    assert "others were not" in texts(app)
    box = next(box for box in app.text_input if box.label == "Worksheet")
    box.input("two")
    ran(app)
    assert "**3 rows × 2 columns**" in texts(app)
    next(box for box in app.text_input if box.label == "Worksheet").input("three")
    ran(app)
    assert "there is no sheet" in app.error[0].value
    assert "two" in app.error[0].value


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("header.csv", b"a,b\n", "no row below it"),
        ("ragged.csv", b"a,b\n1,2\n1,2,3\n", "line 3 has 3 fields"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n", "a picture"),
        ("numbers.csv.gz", b"\x1f\x8bbroken", "damaged"),
        ("two.csv", "a\nä\n".encode("utf-16")[:-1], "not in utf"),
    ],
)
def test_a_broken_file_gets_its_sentence(
    workspace: Workspace, name: str, data: bytes, text: str
) -> None:
    app = uploaded(name, data)
    assert text in app.error[0].value.replace("\\", "")
    assert not any(button.key == "begin upload" for button in app.button)
    # Nothing is lost: the rest of the page, the file and the selectors are still there.
    assert app.file_uploader[0].value is not None
    assert [header.value for header in app.header][-1] == "From OpenML"
    assert workspace.list() == []


def test_markup_in_a_file_stays_text(workspace: Workspace) -> None:
    data = b"<script>alert(1)</script>,**b**,b\n=1+1,[x](javascript:y),1\nu,v,n/a\n"
    app = uploaded("<img src=x>.csv", data)
    assert list(app.dataframe[0].value) == ["<script>alert(1)</script>", "**b**", "b"]
    app.button(key="begin upload").click()
    ran(app)
    app = opened("start")
    shown = texts(app)
    assert "\\<img src\\=x\\>" in shown or "\\<img src=x\\>" in shown
    for item in (*app.markdown, *app.caption):
        assert not item.allow_html


def test_the_bytes_of_a_sample_are_recognised(workspace: Workspace) -> None:
    app = uploaded("credit.csv", (FOLDER / "german_credit.csv").read_bytes())
    assert "German credit" in app.info[0].value
    app.button(key="begin upload").click()
    ran(app)
    (record,) = workspace.list()
    assert state_of_record(record).roles == SAMPLES["german_credit"].roles


def test_openml_without_a_network_says_so(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(**_: object) -> None:
        raise urllib.error.URLError("no network")

    monkeypatch.setattr("sklearn.datasets.fetch_openml", unreachable)
    app = opened("start")
    app.text_input(key="openml name").input("31")
    next(button for button in app.button if button.label == "Fetch").click()
    ran(app)
    assert "could not be reached" in app.error[0].value
    assert app.text_input(key="openml name").value == "31"


def test_a_version_that_is_no_number_is_refused(workspace: Workspace) -> None:
    app = opened("start")
    app.text_input(key="openml name").input("credit-g")
    app.text_input(key="openml version").input("newest")
    next(button for button in app.button if button.label == "Fetch").click()
    ran(app)
    assert "is not a whole number" in app.error[0].value


def test_a_table_from_openml_becomes_an_audit(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bunch:
        frame = pd.DataFrame({"x": np.arange(20.0), "y": ["a", "b"] * 10})
        details = {"id": "31", "name": "credit-g", "version": "1"}  # noqa: RUF012

    monkeypatch.setattr("sklearn.datasets.fetch_openml", lambda **_: Bunch())
    app = opened("start")
    app.text_input(key="openml name").input("31")
    next(button for button in app.button if button.label == "Fetch").click()
    ran(app)
    assert "**20 rows × 2 columns**" in texts(app)
    app.button(key="begin openml").click()
    ran(app)
    (record,) = workspace.list()
    assert record.name == "OpenML: credit-g, version 1"
    assert len(read_table(workspace, state_of_record(record)).frame) == 20


def test_audits_are_listed_opened_renamed_and_deleted(workspace: Workspace) -> None:
    first = begin_sample(workspace, "german_credit")
    second = begin_bytes(workspace, CSV.encode(), "people.csv")
    app = opened("start")
    shown = texts(app)
    assert shown.index("people\\.csv") < shown.index("**German credit**")
    assert "no roles yet" in shown
    assert "roles: credit\\_risk · no model yet" in shown

    app.button(key=f"rename {second.id}").click()
    ran(app)
    app.text_input(key=f"name {second.id}").input("  ")
    in_dialog(app, f"rename {second.id}", f"save name {second.id}")
    assert "needs a name" in app.error[0].value
    app.text_input(key=f"name {second.id}").input("Hiring *2024*")
    in_dialog(app, f"rename {second.id}", f"save name {second.id}")
    assert workspace.open(second.id).name == "Hiring *2024*"

    app = opened("start")
    assert "**Hiring \\*2024\\***" in texts(app)
    app.button(key=f"delete {first.id}").click()
    ran(app)
    assert len(workspace.list()) == 2
    in_dialog(app, f"delete {first.id}", f"confirm {first.id}")
    assert [record.id for record in workspace.list()] == [second.id]

    app = opened("start")
    app.button(key=f"open {second.id}").click()
    ran(app)
    assert app.title[0].value == "Roles"
    assert app.query_params["audit"] == second.id


def test_deleting_the_open_audit_closes_it(workspace: Workspace) -> None:
    audit = begin_sample(workspace, "german_credit").id
    app = opened("start", audit)
    app.button(key=f"delete {audit}").click()
    ran(app)
    in_dialog(app, f"delete {audit}", f"confirm {audit}")
    ran(app)
    assert "audit" not in app.query_params
    assert "No audit is open" in texts(app)
    assert not app.warning


def test_a_damaged_audit_says_why_and_can_be_deleted(workspace: Workspace) -> None:
    audit = begin_sample(workspace, "german_credit").id
    other = begin_sample(workspace, "compas")
    (workspace.root / "audits" / audit / "audit.json").write_text("{")
    workspace.save_state(other.id, {"origin": "sample"})
    app = opened("start")
    shown = texts(app).replace("\\", "")
    assert "Damaged: audit.json isn't readable as JSON" in shown
    assert "what was settled in this audit can't be read" in shown
    keys = {button.key for button in app.button}
    assert f"delete {audit}" in keys
    assert not keys & {f"open {audit}", f"rename {audit}", f"open {other.id}"}
    app.button(key=f"delete {audit}").click()
    ran(app)
    in_dialog(app, f"delete {audit}", f"confirm {audit}")
    assert [record.id for record in workspace.list()] == [other.id]


def test_an_edited_audit_says_so_and_opens_once_it_is_accepted(workspace: Workspace) -> None:
    audit = begin_sample(workspace, "german_credit").id
    path = workspace.root / "audits" / audit / "audit.json"
    path.write_text(path.read_text().replace("German", "Gorman"))
    app = opened("roles", audit)
    shown = " ".join(item.value for item in app.error).replace("\\", "")
    assert "edited outside of Equipoise" in shown
    assert not app.warning
    app = opened("start")
    assert "Damaged: audit.json was edited outside of Equipoise" in texts(app).replace("\\", "")
    app.button(key=f"accept {audit}").click()
    ran(app)
    in_dialog(app, f"accept {audit}", f"confirm accept {audit}")
    app = opened("start")
    assert "Edited outside of Equipoise, accepted on" in texts(app)
    assert f"open {audit}" in {button.key for button in app.button}


def test_a_damaged_ledger_is_told_on_the_first_page_and_the_audit_opens(
    workspace: Workspace,
) -> None:
    state = set_budget(workspace, begin_sample(workspace, "german_credit"), Budget(1.0))
    (workspace.root / "ledgers" / state.data / "caps.jsonl").write_text("")
    app = opened("start")
    assert "Privacy ledger damaged: caps.jsonl: the file was emptied" in texts(app).replace(
        "\\", ""
    )
    assert f"open {state.id}" in {button.key for button in app.button}
    app = opened("budget", state.id)
    shown = " ".join(item.value for item in app.error).replace("\\", "")
    assert "python -m core ledger repair" in shown
    assert "mistyped" not in texts(app) + shown


def test_many_audits_are_shown_on_demand(workspace: Workspace) -> None:
    for number in range(10):
        workspace.create(f"audit {number}")
    app = opened("start")
    deletes = [b for b in app.button if b.label == "Delete"]
    assert len(deletes) == 8
    app.toggle[0].set_value(True)
    ran(app)
    assert len([b for b in app.button if b.label == "Delete"]) == 10


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (5, "just now"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (7200, "2 hours ago"),
        (86400, "1 day ago"),
        (13 * 86400, "13 days ago"),
        (14 * 86400, "on 17 February 2025"),
    ],
)
def test_ago(seconds: int, text: str) -> None:
    now = datetime(2025, 3, 3, 12, tzinfo=UTC)
    assert ago((now - timedelta(seconds=seconds)).isoformat(), now) == text
