"""The app on a workspace of its own, opened on a page as a deep link would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element

from components.app import steps
from core.audit_state.state import begin_sample, save
from core.storage.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True, scope="session")
def _packages_are_searched_once() -> Iterator[None]:
    """Search all installed packages for components once, not at every start of the app."""
    with pytest.MonkeyPatch.context() as patch:
        found = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", found)
        yield


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a workspace of its own, which the app uses too."""
    root = tmp_path / "workspace"
    monkeypatch.setenv("EQUIPOISE_WORKSPACE", str(root))
    return Workspace(root)


def opened(path: str, audit: str | None = None) -> AppTest:
    """Open the app on a page in a new session, with an audit in the address."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if audit is not None:
        app.query_params["audit"] = audit
    app.switch_page(steps.spec_of(path).file)
    return ran(app)


def compas_apart(workspace: Workspace) -> str:
    """Begin COMPAS with its six races told apart, two of them of a few people; return its id."""
    state = begin_sample(workspace, "compas")
    assert state.roles is not None
    return save(workspace, replace(state, roles=replace(state.roles, merged_groups=()))).id


def ran(app: AppTest) -> AppTest:
    """Run the app once more; an exception or an apology fails the test."""
    app.run()
    assert not app.exception, app.exception
    assert not [e.value for e in app.error if "went wrong on our side" in e.value]
    return app


def texts(app: AppTest) -> str:
    """All text of the page and its sidebar, as Markdown source."""
    headings = ("title", "header", "subheader")
    kinds = (*headings, "markdown", "caption", "text", "info", "success", "warning", "error")
    return "\n".join(
        str(item.value) for kind in kinds for item in app.get(kind) if isinstance(item, Element)
    )


def agree(app: AppTest) -> AppTest:
    """Tick what says that a run may spend privacy."""
    (box,) = [item for item in app.checkbox if item.label.startswith("Spend ε")]
    assert not box.value
    box.check()
    return ran(app)
