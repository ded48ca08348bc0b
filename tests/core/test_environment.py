"""Settings of the environment: one table of names, and a sentence for what is none of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.__main__ import main
from core.environment import SETTINGS, unknown_settings

TOP = Path(__file__).resolve().parents[2]
WORDS = re.compile(r"EQUIPOISE_[A-Z_]*[A-Z]")


def test_the_table_holds_every_name_that_is_read_or_written_about() -> None:
    sources = [path for room in ("core", "components") for path in (TOP / room).rglob("*.py")]
    read = {name for path in sources for name in WORDS.findall(path.read_text())}
    # Named in a docstring of the table itself.
    assert read - {"EQUIPOISE_SERVICE_HOST", "EQUIPOISE_WORKSPCE"} == set(SETTINGS)
    assert set(WORDS.findall((TOP / "docs" / "server.md").read_text())) == set(SETTINGS)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("EQUIPOISE_WORKSPCE", "EQUIPOISE_WORKSPACE"),
        ("equipoise_workspace", "EQUIPOISE_WORKSPACE"),
        ("EQUIPOISE_UPLOAD_MB", "EQUIPOISE_MAX_UPLOAD_MB"),
        ("EQUIPOISE_SOURCE", "EQUIPOISE_SOURCES"),
    ],
)
def test_a_misspelt_name_is_told_with_the_nearest(name: str, nearest: str) -> None:
    assert unknown_settings([name]) == (
        f"{name} is no setting and is ignored: did you mean {nearest}?",
    )


def test_a_name_near_to_none_is_told_with_all() -> None:
    (result,) = unknown_settings(["EQUIPOISE_QQQ"])
    assert result.endswith(f"there are {', '.join(SETTINGS)}.")


def test_settings_and_other_names_are_left_alone() -> None:
    assert unknown_settings([*SETTINGS, "PATH", "EQUIPOISE", "MY_EQUIPOISE_WORKSPCE"]) == ()


def test_the_command_line_says_it_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EQUIPOISE_WORKSPCE", "/elsewhere")
    assert main(["samples"]) == 0
    output = capsys.readouterr()
    assert output.err == (
        "python -m core: EQUIPOISE_WORKSPCE is no setting and is ignored: did you mean "
        "EQUIPOISE_WORKSPACE?\n"
    )
    assert "german_credit" in output.out


def test_the_server_says_it_before_it_starts() -> None:
    # A setting that can't be used ends the start right after.
    wrong = {"EQUIPOISE_WORKSPCE": "/elsewhere", "EQUIPOISE_MAX_UPLOAD_MB": "many"}
    done = subprocess.run(
        [sys.executable, "-m", "components.app.server"],
        cwd=TOP,
        env=os.environ | wrong,
        capture_output=True,
        text=True,
        timeout=120,
    )
    first, second, *_ = done.stderr.splitlines()
    assert first.startswith("equipoise: EQUIPOISE_WORKSPCE is no setting and is ignored")
    assert second.startswith("equipoise can't start: EQUIPOISE_MAX_UPLOAD_MB")
