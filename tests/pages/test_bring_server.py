"""A model that a server answers for is brought on the train page, and asked with leave only."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from components.app import model_servers, session
from core.audit_state.served_calls import allow_calls, calls_of
from core.audit_state.state import AuditState, begin_bytes, load_audit, save
from core.data.roles.roles import Roles
from core.external_models.opened import forget_all
from core.external_models.served.allowed_servers import VARIABLE
from core.external_models.served.http_client import TOKEN, Patience
from core.storage.workspace import Workspace
from tests.core.external_models.model_servers import Server, serving
from tests.pages.conftest import opened, ran
from tests.pages.test_bring import named, people, plain

ROOMS = [
    "overview", "fairness", "explanations", "effects", "person", "what_if", "trust", "recourse",
    "thresholds", "individuals", "privacy", "report", "subgroups", "compare",
]  # fmt: skip


def by_income(method: str, path: str, body: Any) -> tuple[int, Any]:
    table = body["dataframe_split"]
    at = table["columns"].index("income")
    scores = [row[at] / 100 for row in table["data"]]
    return 200, {"predictions": [[1 - score, score] for score in scores]}


def by_inference(method: str, path: str, body: Any) -> tuple[int, Any]:
    if method == "GET":
        inputs = [
            {"name": name, "datatype": "FP64", "shape": [-1, 1]} for name in ("INCOME", "age")
        ]
        return 200, {"name": "m", "platform": "stub", "inputs": inputs, "outputs": []}
    data = {item["name"]: item["data"] for item in body["inputs"]}["INCOME"]
    labels = {"name": "label", "datatype": "BYTES", "shape": [len(data), 1],
              "data": ["good" if value > 50 else "bad" for value in data]}  # fmt: skip
    return 200, {"outputs": [labels]}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the app be one that only this machine reaches, and wait for no server."""
    monkeypatch.setattr(model_servers, "only_this_machine", lambda: True)
    quick = Patience(seconds=2, tries=1, wait=0.01)
    monkeypatch.setattr("core.audit_state.served_models.PATIENCE", quick)
    monkeypatch.setattr("components.train.server_view.PATIENCE", quick)
    yield
    forget_all()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(by_income) as found:
        yield found


@pytest.fixture
def audit(workspace: Workspace) -> AuditState:
    state = begin_bytes(workspace, people().to_csv(index=False).encode(), "people.csv")
    roles = Roles("paid", "yes", ("sex",), features=("income", "age", "town"))
    return save(workspace, AuditState(**{**vars(state), "roles": roles}))


def press(app: AppTest, label: str) -> AppTest:
    named(app, "button", label).click()
    return ran(app)


def at_server(audit: AuditState, address: str) -> AppTest:
    app = opened("train", audit.id)
    app.get("button_group")[0].set_value("Bring a model")
    ran(app)
    app.get("button_group")[1].set_value("A server")
    ran(app)
    named(app, "text_input", "Address of the server").set_value(address)
    return ran(app)


def tried(audit: AuditState, server: Server, batch: int = 1000) -> AppTest:
    app = at_server(audit, server.address)
    named(app, "number_input", "Rows in each call").set_value(batch)
    ran(app)
    press(app, "Connect")
    named(app, "multiselect", "Columns that the model is given").set_value(["income", "age"])
    ran(app)
    press(app, "Ask for 8 rows")
    named(app, "selectbox", "Class of the model").set_value("1")
    return ran(app)


def brought(audit: AuditState, server: Server) -> AppTest:
    return press(tried(audit, server), "Ask the server and audit")


def reopened(path: str, audit: AuditState) -> AppTest:
    """Open a page as a process does that was just started."""
    forget_all()
    st.cache_resource.clear()
    return opened(path, audit.id)


def test_nothing_is_asked_before_a_press_and_each_press_asks_what_it_says(
    workspace: Workspace, audit: AuditState, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, "s3cret")
    app = at_server(audit, server.address)
    assert "A token is set in this server’s environment" in plain(app)
    press(app, "Connect")
    columns = named(app, "multiselect", "Columns that the model is given")
    assert columns.value == columns.options == ["sex", "income", "age", "town"]
    assert server.asked == []
    app = tried(audit, server, batch=100)
    assert len(server.asked) == 1
    assert server.headers[0]["Authorization"] == "Bearer s3cret"
    # Some of the 300 are alike.
    assert "286 rows that it has not been asked about, in 3 calls" in plain(app)
    press(app, "Ask the server and audit: 3 calls")
    assert len(server.asked) == 4
    shown = plain(app)
    assert "judged on 300 audited rows" in shown
    assert "s3cret" not in shown
    assert calls_of(workspace, audit).made == 4
    state = load_audit(workspace, audit.id)
    assert state.training is not None
    assert state.training.external is not None
    assert state.training.external.name == server.address
    assert state.roles is not None
    assert state.roles.features == ("income", "age")
    # A new process asks for nothing to show it.
    assert "judged on 300 audited rows" in plain(reopened("train", audit))
    assert "Criteria" in plain(reopened("overview", audit))
    assert len(server.asked) == 4


def test_no_room_asks_the_server_by_itself_and_each_says_how_many_calls_it_takes(
    workspace: Workspace, audit: AuditState, server: Server
) -> None:
    brought(audit, server)
    before = len(server.asked)
    offered = {}
    for room in ROOMS:
        app = reopened(room, audit)
        offered[room] = [
            item.label for item in app.get("button") if item.label.startswith("Ask the server")
        ]
        assert not app.exception
    assert len(server.asked) == before
    for room in ("overview", "fairness", "thresholds", "subgroups", "compare"):
        assert offered[room] == [], room
    for room in (
        "explanations",
        "effects",
        "person",
        "what_if",
        "recourse",
        "report",
    ):
        assert offered[room], room
    app = reopened("person", audit)
    (label,) = [x.label for x in app.get("button") if x.label.startswith("Ask the server")]
    said = int(re.findall(r"[\d,]+", label)[0].replace(",", ""))
    press(app, label)
    assert 0 < len(server.asked) - before <= said
    assert "Why" in plain(app)
    asked = len(server.asked)
    # What was answered is kept, for a new process too.
    assert "SHAP" in plain(reopened("person", audit))
    assert len(server.asked) == asked


def test_a_server_that_is_gone_slow_or_wrong_ends_in_a_sentence_and_can_be_asked_again(
    workspace: Workspace, audit: AuditState, server: Server
) -> None:
    brought(audit, server)
    answers = server.answer
    for wrong, sentence in (
        (lambda *_: (500, {"error": "out of memory"}), r"answered 500 \(.*out of memory"),
        (lambda *_: (200, {"predictions": [[2, 3]]}), "do not add up to 1"),
        (lambda *_: (302, {}), "redirects are not followed"),
        (lambda *_: (200, b"<html>"), "no JSON"),
        (lambda *_: time.sleep(3) or (200, {}), "did not answer within 2 seconds"),
    ):
        app = reopened("person", audit)
        server.answer = wrong
        press(app, "Ask the server")
        assert re.search(sentence, plain(app)), plain(app)
        before = len(server.asked)
        ran(app)
        assert len(server.asked) == before
        server.answer = answers
    press(app, "Ask the server")
    assert "Why" in plain(app)


def test_another_model_at_the_address_is_told_and_brought_anew(
    workspace: Workspace, audit: AuditState, server: Server
) -> None:
    brought(audit, server)
    server.answer = lambda m, p, b: (
        200, {"predictions": [[0.3, 0.7]] * len(b["dataframe_split"]["data"])}
    )  # fmt: skip
    app = press(reopened("person", audit), "Ask the server")
    assert "it is another model now" in plain(app)
    app = tried(audit, server)
    assert "it serves another model now" in plain(app)
    press(app, "Ask the server and audit")
    assert "judged on 300 audited rows" in plain(app)


def test_the_cap_is_told_with_what_to_do(
    workspace: Workspace, audit: AuditState, server: Server
) -> None:
    brought(audit, server)
    allow_calls(workspace, audit, calls_of(workspace, audit).made)
    app = reopened("person", audit)
    assert "that this audit may make 0 are left. Allow more on the train page" in plain(app)
    assert not [x for x in app.get("button") if x.label.startswith("Ask the server")]
    app = reopened("train", audit)
    named(app, "number_input", "Calls that this audit may make in all").set_value(500)
    ran(app)
    assert calls_of(workspace, audit).most == 500
    press(reopened("person", audit), "Ask the server")


def test_a_page_that_others_reach_asks_named_servers_only(
    workspace: Workspace, audit: AuditState, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_servers, "only_this_machine", lambda: False)
    app = press(at_server(audit, server.address), "Connect")
    assert "others can reach this page and no servers of models are named" in plain(app)
    assert server.asked == []
    monkeypatch.setenv(VARIABLE, server.address)
    brought(audit, server)
    before = len(server.asked)
    assert before == 2
    # Kept audits are asked about no other servers either.
    monkeypatch.setenv(VARIABLE, "http://10.0.0.5")
    app = reopened("person", audit)
    assert "this page may not ask it: it may ask http://10.0.0.5" in plain(app).replace(
        "\u2060", ""
    )
    assert len(server.asked) == before


@pytest.mark.parametrize(
    ("address", "hosts", "alone"),
    [
        ("127.0.0.1", "", True), ("::1", "localhost", True), ("localhost", "", True),
        ("0.0.0.0", "", False), (None, "", False), ("10.0.0.5", "", False),
        ("127.0.0.1", "audit.example.org", False), ("audit.example.org", "", False),
    ],
)  # fmt: skip
def test_only_this_machine_reaches_an_app_on_loopback_that_answers_to_no_other_name(
    address: str | None, hosts: str, alone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("EQUIPOISE_HOSTS", hosts)
    before = config.get_option("server.address")
    config.set_option("server.address", address)
    try:
        assert model_servers.only_this_machine() is alone
    finally:
        config.set_option("server.address", before)


def test_an_address_with_a_password_is_refused_and_not_shown(
    workspace: Workspace, audit: AuditState
) -> None:
    app = press(at_server(audit, "http://me:hush@127.0.0.1:9"), "Connect")
    assert "it holds a user or a password" in plain(app)
    assert "hush" not in plain(app)


def test_inputs_that_a_server_tells_are_matched_and_its_labels_named(
    workspace: Workspace, audit: AuditState
) -> None:
    with serving(by_inference) as server:
        app = at_server(audit, f"{server.address}/v2/models/m")
        press(app, "Connect")
        assert "1 of 2 inputs are matched; 1 is proposed, to be accepted" in plain(app)
        press(app, "Accept the proposal")
        press(app, "Ask for 8 rows")
        label = named(app, "selectbox", "Label of the server that is the positive one")
        assert set(label.options) == {"bad", "good", "yes"}
        label.set_value("good")
        ran(app)
        press(app, "Ask the server and audit")
        assert "judged on 300 audited rows" in plain(app)
        shown = plain(reopened("train", audit))
        assert "judged on 300 audited rows" in shown


def test_a_section_without_a_way_to_ask_leaves_it_to_the_page(
    workspace: Workspace, audit: AuditState, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(audit, server)
    monkeypatch.setattr(
        "components.app.asking.compute", lambda state, make, doing, key: make(session.workspace())
    )
    before = len(server.asked)
    app = reopened("person", audit)
    assert "If it takes more, you are asked again" in plain(app)
    assert len(server.asked) == before
    for _ in range(40):
        offered = [x for x in app.get("button") if x.label.startswith("Ask the server")]
        if not offered:
            break
        said = int(re.findall(r"\d+", offered[0].label)[0])
        before = len(server.asked)
        offered[0].click()
        ran(app)
        assert len(server.asked) - before <= said
    assert "What would change it" in plain(app)
    before = len(server.asked)
    ran(app)
    assert len(server.asked) == before
