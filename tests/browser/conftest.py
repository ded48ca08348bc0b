"""The running app and a headless Chromium; tests are skipped where there is no Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# Explanations and charts come seconds after their page where other work takes the processors.
expect.set_options(timeout=30_000)


_SERVE = "import sys\nfrom components.app.server import serve\nserve(sys.argv[1:])"

_SLOW_SWEEPS = """
import time
from core.tradeoff.sweep import evaluate as module
evaluate = module.evaluate
def slowly(*rest):
    time.sleep(0.7)
    return evaluate(*rest)
module.evaluate = slowly
"""


class Server:
    """The app on a free port of this machine, with a workspace of its own."""

    def __init__(self, workspace: Path, before: str = ""):
        self.workspace = workspace
        self.before = before
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = workspace.parent / "server.log"
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-c", f"{self.before}\n{_SERVE}",
                    "--server.port", str(self.port), "--server.address", "127.0.0.1",
                ],
                cwd=ROOT,
                env=os.environ | {"EQUIPOISE_WORKSPACE": str(self.workspace)},
                stdout=log,
                stderr=log,
            )  # fmt: skip
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.25)
        raise RuntimeError(f"the app did not start: {self.log.read_text()[-2000:]}")

    def worked(self) -> float:
        """Seconds of a processor that it took so far, however busy the machine is."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait(timeout=20)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return the running app."""
    running = Server(tmp_path_factory.mktemp("app") / "workspace")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a headless Chromium."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a page of a new session."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def settled(page: Page) -> None:
    """Wait until the script has run and nothing is spinning; no traceback may be shown."""
    page.wait_for_selector("h1")
    page.wait_for_function(
        """() => {
            const app = document.querySelector('[data-testid=stApp]');
            return app && app.getAttribute('data-test-script-state') === 'notRunning'
                && !document.querySelector('[data-testid=stSpinner], [data-testid=stSkeleton]');
        }""",
        timeout=120_000,
    )
    page.wait_for_timeout(300)
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.get_by_text("Something went wrong on our side").count() == 0
    assert page.get_by_text("Page not found").count() == 0


def follow(page: Page, link: str) -> None:
    """Click a link "Next: ..." to another page and wait for that page."""
    page.get_by_role("link", name=link).last.click()
    title = link.removeprefix("Next: ")
    expect(page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()
    settled(page)


@pytest.fixture
def slow_sweeps(tmp_path: Path) -> Iterator[Server]:
    """Return an app whose sweeps last long enough for a browser to stop them."""
    running = Server(tmp_path / "workspace", _SLOW_SWEEPS)
    yield running
    running.stop()
