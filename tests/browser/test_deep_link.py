"""The first page that a browser asks a fresh server for, by its address."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.audit_state.state import begin_sample
from core.storage.workspace import Workspace
from tests.browser.conftest import Server, settled

pytestmark = pytest.mark.browser

WATCH = """
window.flashed = false;
new MutationObserver(() => {
    window.flashed ||= !!document.body && document.body.innerText.includes("Page not found");
}).observe(document, {subtree: true, childList: true, characterData: true});
"""
"""Notes whether the dialog was shown at any moment, not only at the end."""


def test_the_first_deep_link_after_a_start_never_flashes_page_not_found(
    page: Page, tmp_path: Path
) -> None:
    fresh = Server(tmp_path / "workspace")
    try:
        audit = begin_sample(Workspace(fresh.workspace), "german_credit").id
        page.add_init_script(WATCH)
        page.goto(f"{fresh.url}/train?audit={audit}")
        settled(page)
        expect(page.get_by_role("heading", level=1, name="Train", exact=True)).to_be_visible()
        assert page.evaluate("window.flashed") is False
    finally:
        fresh.stop()
