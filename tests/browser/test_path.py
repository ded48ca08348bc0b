"""The whole path in a real browser, on a scenario and on an uploaded table."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from components.app.page_list import PAGES
from core.storage.workspace import Workspace
from tests.browser.conftest import Server, follow, settled
from tests.core.worlds import frame

pytestmark = pytest.mark.browser


def begin(page: Page, server: Server, card: int = 0) -> str:
    """Begin the audit of a scenario; return its id."""
    page.goto(server.url)
    settled(page)
    page.get_by_role("button", name="Audit this").nth(card).click()
    page.wait_for_url(re.compile(r"/roles\?audit="))
    settled(page)
    return page.url.split("audit=")[1][:12]


def train(page: Page) -> None:
    """Train what is chosen and wait for the figures."""
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("Performance on test rows")).to_be_visible(timeout=120_000)
    settled(page)
    # What came of it stands right above the button, and needs no scrolling.
    expect(page.get_by_text(re.compile("^Trained: "))).to_be_in_viewport()


def downloaded(page: Page, label: str, folder: Path) -> str:
    """Click a download button; return what was downloaded."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path.read_text()


def test_german_credit_from_first_page_to_report(
    page: Page, server: Server, tmp_path: Path
) -> None:
    before = server.worked()
    audit = begin(page, server)
    follow(page, "Next: Privacy budget")
    follow(page, "Next: Train")
    train(page)
    follow(page, "Next: Overview")
    follow(page, "Next: Fairness")
    worked = server.worked() - before
    assert worked < 60, "first page to fairness page takes over a minute of work"
    expect(page.get_by_text("Selection rate ranges from").first).to_be_visible()
    expect(page.get_by_text("four fifths").first).to_be_visible()
    shown = downloaded(page, "Download these figures (JSON)", tmp_path)
    fairness = json.loads(shown)

    follow(page, "Next: Explanations")
    expect(page.get_by_text("of what moves the scores").first).to_be_visible()
    expect(page.get_by_text("LIME: mean of 5 fresh runs")).to_be_visible()
    follow(page, "Next: Trade-offs")
    follow(page, "Next: Report")
    report = downloaded(page, "Download the report (HTML)", tmp_path)
    assert report.startswith("<!DOCTYPE html>")
    assert "German credit" in report or "german_credit" in report
    found = json.loads(downloaded(page, "Download the same as JSON", tmp_path))
    # The page and the report show the same numbers.
    attribute = fairness["attributes"][0]
    by_attribute = found["fairness"]["by_attribute"][attribute]
    assert by_attribute["by_group"] == fairness["by_group"]

    # A refresh, and a restart of the server, lose nothing.
    page.reload()
    settled(page)
    expect(page.get_by_role("button", name="Download the report (HTML)")).to_be_visible()
    server.stop()
    server.start()
    page.goto(server.url)
    settled(page)
    page.get_by_role("button", name="Open", exact=True).first.click()
    page.wait_for_url(re.compile(f"audit={audit}"))
    settled(page)
    page.goto(f"{server.url}/fairness?audit={audit}")
    settled(page)
    expect(page.get_by_text("Selection rate ranges from").first).to_be_visible()


def test_an_uploaded_table_is_audited_under_a_budget(
    page: Page, server: Server, tmp_path: Path
) -> None:
    upload = tmp_path / "loans.csv"
    frame(900).to_csv(upload, index=False)
    page.goto(server.url)
    settled(page)
    page.locator("input[type=file]").first.set_input_files(str(upload))
    page.get_by_role("button", name="Audit this table").click()
    page.wait_for_url(re.compile(r"/roles\?audit="))
    settled(page)
    audit = page.url.split("audit=")[1][:12]
    # Target, label and sensitive column are guessed, marked so, and saved by a person only.
    expect(page.get_by_text("Guessed, to be checked").first).to_be_visible()
    expect(page.get_by_role("link", name="Next: Privacy budget")).to_have_count(0)
    page.get_by_role("button", name="Save roles").click()
    expect(page.get_by_role("link", name="Next: Privacy budget")).to_be_visible()
    settled(page)
    follow(page, "Next: Privacy budget")
    page.locator("label").filter(has_text=re.compile("^Yes$")).click()
    settled(page)
    page.locator("label").filter(has_text="paid with a tenth").click()
    settled(page)
    # A quarter of what is left is offered, and a tenth of that must find the bounds of 900 rows.
    cap = page.get_by_role("spinbutton", name="Cap ε")
    cap.fill("40")
    cap.press("Enter")
    settled(page)
    page.get_by_role("button", name="Save budget").click()
    expect(page.get_by_text("Spent ε = 0 of 40")).to_be_visible()
    settled(page)
    follow(page, "Next: Train")
    run = page.get_by_role("button", name="Train", exact=True)
    expect(run).to_be_disabled()
    page.get_by_text(re.compile("^Spend ε = 10")).click()
    settled(page)
    expect(run).to_be_enabled()
    train(page)
    follow(page, "Next: Overview")
    follow(page, "Next: Fairness")
    expect(page.get_by_text("not covered by the privacy guarantee").first).to_be_visible()
    page.goto(f"{server.url}/budget?audit={audit}")
    settled(page)
    expect(page.get_by_text("Spent ε = 10 of 40")).to_be_visible()
    (record,) = [r for r in Workspace(server.workspace).list() if r.id == audit]
    assert record.name == "loans.csv"


def test_compas_is_audited_without_training(page: Page, server: Server) -> None:
    begin(page, server, card=4)
    follow(page, "Next: Overview")
    follow(page, "Next: Fairness")
    page.get_by_text("These numbers as a table").first.click()
    expect(page.get_by_text("7,214 rows of existing predictions").first).to_be_visible()


def test_a_sweep_is_drawn_as_it_grows_is_stopped_and_goes_on(
    page: Page, slow_sweeps: Server
) -> None:
    server = slow_sweeps
    begin(page, server)
    audit = page.url.split("audit=")[1][:12]
    page.goto(f"{server.url}/tradeoffs?audit={audit}")
    settled(page)
    own = page.get_by_text("Run your own sweep")
    if own.count():  # Where a sweep is shipped with the sample, it is shown first.
        own.first.click()
        settled(page)
    page.get_by_role("button", name="Start: train 22 runs").click()
    expect(page.get_by_text(re.compile(r"[1-9]\d* of 22 runs done")).first).to_be_visible(
        timeout=60_000
    )
    expect(page.get_by_role("progressbar").first).to_be_visible()
    page.get_by_role("button", name="Stop the sweep").click()
    settled(page)
    stopped = page.get_by_text(re.compile(r"This sweep was stopped: \d+ of 22 runs are done"))
    expect(stopped).to_be_visible(timeout=60_000)
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    # The model in training at the stop was finished and kept before the page could say so.
    points = server.workspace / "audits" / audit / "points.jsonl"
    before = points.read_text().splitlines()
    page.reload()
    settled(page)
    assert 0 < len(before) < 22
    expect(stopped).to_have_text(re.compile(f"stopped: {len(before)} of 22 runs"))
    assert points.read_text().splitlines() == before
    many = f"Go on: train {22 - len(before)} more run"
    page.get_by_role("button", name=many).first.click()
    expect(page.get_by_text("runs done").first).to_be_visible(timeout=60_000)
    expect(stopped).to_be_hidden(timeout=120_000)
    settled(page)
    expect(page.get_by_text("This sweep was stopped")).to_have_count(0)
    # Only the rest was trained: each run has its line once, the first ones as they were.
    after = points.read_text().splitlines()
    assert after[: len(before)] == before
    assert len({json.loads(line)["key"] for line in after}) == len(after) == 22


@pytest.mark.parametrize("path", [spec.path for spec in PAGES])
def test_every_page_opens_by_deep_link_without_an_audit(
    page: Page, server: Server, path: str
) -> None:
    # The first page is the app's own address.
    page.goto(f"{server.url}/{'' if path == 'start' else path}")
    settled(page)
    if path == "large_tables":  # Its tables belong to no audit.
        expect(page.get_by_text("Earlier counts").first).to_be_visible()
    elif path != "start":
        expect(page.get_by_text("No audit is open yet").first).to_be_visible()


@pytest.mark.parametrize("audit", ["aaaaaaaaaaaa", "../../etc", "<b>x</b>"])
def test_an_unknown_audit_in_the_address_is_answered(
    page: Page, server: Server, audit: str
) -> None:
    page.goto(f"{server.url}/fairness?audit={audit}")
    settled(page)
    expect(page.get_by_text("No audit is open yet").first).to_be_visible()


def test_a_file_in_pages_itself_would_bypass_the_app(server: Server) -> None:
    folder = Path(__file__).resolve().parents[2] / "pages"
    assert [path.name for path in folder.glob("*.py")] == ["__init__.py"]


def test_the_upload_link_lands_on_the_uploader_above_the_list_of_audits(
    page: Page, server: Server
) -> None:
    page.goto(server.url)
    settled(page)
    page.get_by_role("link", name="Upload a table").click()
    uploader = page.locator("[data-testid=stFileUploaderDropzone]").first
    expect(uploader).to_be_in_viewport()
    above, below = uploader.bounding_box(), page.locator("#audits-in-progress").bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] < below["y"]
