"""axe finds nothing on a page that is ours: contrast, names, headings in order, in both themes.

Pages of an audit with a model are seen once and turned dark in place; those that need no model are
seen without one too, on a phone.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from components.app.page_list import PAGES
from core.audit_state.audit_models import train_audited_model
from core.audit_state.state import begin_bytes, begin_sample, read_table, save
from core.data.assign import assign
from core.data.roles.roles import Roles
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.browser.conftest import Server, settled

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
OURS = ("color-contrast", "heading-order", "empty-heading", "image-alt", "link-name", "button-name")
"""Rules beside those of serious and critical impact; headings are of moderate impact to axe."""
NOT_OURS = {
    # The menu that Streamlit draws: sections lie between its list and its items.
    "list": ("stSidebarNavItems",),
    "listitem": ("e1o1t1hb4", "stSidebarNav"),
}
DARK = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    return Math.max(...getComputedStyle(app).backgroundColor.match(/\\d+/g).map(Number)) < 64;
}"""
PATHS = [spec.path for spec in PAGES]
HALF = len(PATHS) // 2
WITHOUT_A_MODEL = [spec.path for spec in PAGES if not spec.needs_training]


@pytest.fixture(scope="module")
def audit(server: Server) -> str:
    """Return an audit of German credit with a trained model."""
    workspace = Workspace(server.workspace)
    state = begin_sample(workspace, "german_credit")
    state = save(workspace, replace(state, training=TrainingSpec("logistic_regression")))
    assert state.roles is not None
    assert state.training is not None
    data = assign(read_table(workspace, state), state.roles)
    train_audited_model(workspace, state, data, state.training)
    return state.id


@pytest.fixture(scope="module")
def decisions(server: Server) -> str:
    """Return an audit of decisions without outcomes or a model."""
    workspace = Workspace(server.workspace)
    case = Path("tests/cases/hiring_decisions.csv")
    state = begin_bytes(workspace, case.read_bytes(), case.name)
    roles = Roles(None, "1", ("sex", "race"), prediction="selected", score="score")
    return save(workspace, replace(state, roles=roles)).id


def violations(found: dict[str, Any]) -> list[str]:
    """Name each violation that is ours with its element."""
    out = []
    for rule in found["violations"]:
        if rule["impact"] not in ("serious", "critical") and rule["id"] not in OURS:
            continue
        theirs = NOT_OURS.get(rule["id"], ())
        out += [
            f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:160]}"
            for node in rule["nodes"]
            if not any(mark in node["html"] for mark in theirs)
        ]
    return out


@pytest.mark.parametrize(
    ("which", "width", "paths"),
    [
        ("audit", 1280, PATHS[:HALF]),
        ("audit", 1280, PATHS[HALF:]),
        ("decisions", 390, WITHOUT_A_MODEL),
    ],
    ids=["first half", "second half", "without a model, on a phone"],
)
def test_axe_finds_nothing_of_ours(
    browser: Browser,
    server: Server,
    request: pytest.FixtureRequest,
    which: str,
    width: int,
    paths: list[str],
) -> None:
    audit = request.getfixturevalue(which)
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme="light")
    context.set_default_timeout(60_000)
    page = context.new_page()
    found: dict[str, list[str]] = {}
    for path in paths:
        page.emulate_media(color_scheme="light")
        page.goto(f"{server.url}/{path}?audit={audit}")
        settled(page)
        page.evaluate(AXE)
        ours = violations(page.evaluate("axe.run({resultTypes: ['violations']})"))
        if which == "audit":
            # The theme follows the browser's at once; in the dark only colours are others.
            page.emulate_media(color_scheme="dark")
            page.wait_for_function(DARK)
            settled(page)
            ours += violations(page.evaluate("axe.run({runOnly: ['color-contrast']})"))
        if ours:
            found[path] = ours
    context.close()
    assert not found, "\n".join(f"{path}: {line}" for path in found for line in found[path])


def test_axe_sees_what_it_should(browser: Browser) -> None:
    page = browser.new_context().new_page()
    page.set_content(
        "<html lang='en'><title>t</title><body style='background:#fff'><main><h1>a</h1><h3>b</h3>"
        "<p style='color:#999'>too pale</p></main></body></html>"
    )
    page.evaluate(AXE)
    told = violations(page.evaluate("axe.run({resultTypes: ['violations']})"))
    assert {line.partition(":")[0] for line in told} == {"color-contrast", "heading-order"}
