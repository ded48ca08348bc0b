"""A mark of the landscape is clicked in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from core.governance.progress import begin_sample
from core.governance.workspace import Workspace
from tests.browser.conftest import Server, settled

pytestmark = pytest.mark.browser

MARKS = """plot => plot._fullData.filter(trace => trace.customdata).flatMap(trace =>
    Array.from(trace.customdata, (told, n) => ({
        words: told[6],
        x: plot._fullLayout.xaxis._offset + plot._fullLayout.xaxis.l2p(trace.x[n]),
        y: plot._fullLayout.yaxis._offset + plot._fullLayout.yaxis.l2p(trace.y[n]),
    })))"""
"""Every mark that can be clicked: its setting, and where it is within the picture."""


def marks_of(plot: Locator) -> list[dict[str, Any]]:
    """Return the marks, those that lie most alone first."""
    marks: list[dict[str, Any]] = plot.evaluate(MARKS)

    def alone(mark: dict[str, Any]) -> float:
        others = [other for other in marks if other is not mark]
        return min(abs(o["x"] - mark["x"]) + abs(o["y"] - mark["y"]) for o in others)

    return sorted(marks, key=alone, reverse=True)


def test_a_click_on_a_mark_picks_its_setting(page: Page, server: Server) -> None:
    audit = begin_sample(Workspace(server.workspace), "german_credit").id
    page.goto(f"{server.url}/tradeoffs?audit={audit}")
    settled(page)
    picker = page.get_by_role("combobox", name="Setting to look at")
    plot = page.locator(".js-plotly-plot").first
    first, second = marks_of(plot)[:2]
    for mark in (first, second, first):
        # What was picked before is another one.
        expect(picker).not_to_have_value(mark["words"])
        plot.scroll_into_view_if_needed()
        place = {item["words"]: item for item in marks_of(plot)}[mark["words"]]
        at = {"x": place["x"], "y": place["y"]}
        # Only a mark that plotly has found under the pointer can be clicked.
        plot.hover(position=at)
        expect(plot.locator(".hoverlayer .hovertext")).to_be_visible(timeout=30_000)
        plot.click(position=at)
        looked = page.get_by_text(f"With {mark['words']}, area").first
        expect(looked).to_be_visible(timeout=60_000)
        settled(page)
