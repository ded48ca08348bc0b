"""A mark of the Pareto chart is clicked in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from core.audit_state.state import begin_sample
from core.storage.workspace import Workspace
from tests.browser.conftest import Server, settled

pytestmark = pytest.mark.browser

MARKS = """plot => (plot._fullLayout?.xaxis?.l2p ? plot._fullData : [])
    .filter(trace => trace.customdata).flatMap(trace =>
    Array.from(trace.customdata, (told, n) => ({
        words: told[6],
        x: plot._fullLayout.xaxis._offset + plot._fullLayout.xaxis.l2p(trace.x[n]),
        y: plot._fullLayout.yaxis._offset + plot._fullLayout.yaxis.l2p(trace.y[n]),
    })))"""
"""Every mark that can be clicked: its setting, and where it is within the picture; none before
plotly has laid it out."""


def marks_of(plot: Locator) -> list[dict[str, Any]]:
    """Wait for the marks; return them, those that lie most alone first."""
    expect(plot.locator(".scatterlayer .points path").first).to_be_visible()
    marks: list[dict[str, Any]] = plot.evaluate(MARKS)

    def alone(mark: dict[str, Any]) -> float:
        others = [other for other in marks if other is not mark]
        return min(abs(o["x"] - mark["x"]) + abs(o["y"] - mark["y"]) for o in others)

    return sorted(marks, key=alone, reverse=True)


def point_at(page: Page, plot: Locator, setting: str) -> dict[str, float]:
    """Put the pointer on a setting's mark, until plotly has found it there; return where."""
    shown = plot.locator(".hoverlayer .hovertext")
    for _ in range(10):
        plot.scroll_into_view_if_needed()
        mark = next(mark for mark in marks_of(plot) if mark["words"] == setting)
        at = {"x": mark["x"], "y": mark["y"]}
        plot.hover(position=at)
        try:
            expect(shown).to_be_visible(timeout=5_000)
        except AssertionError:
            # The picture was drawn anew meanwhile: come from outside once more.
            page.mouse.move(0, 0)
        else:
            return at
    raise AssertionError(f"no mark of {setting!r} is found under the pointer")


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
        # Only a mark that plotly has found under the pointer can be clicked.
        plot.click(position=point_at(page, plot, mark["words"]))
        looked = page.get_by_text(f"With {mark['words']}, ROC AUC").first
        expect(looked).to_be_visible(timeout=60_000)
        settled(page)
