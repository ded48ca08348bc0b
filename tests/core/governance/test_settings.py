from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.__main__ import main
from core.errors import InputError
from core.governance.settings import check_settings

TOP = Path(__file__).resolve().parents[3]
WRONG = [
    ("EQUIPOISE_MAX_UPLOAD_MB", "many"),
    ("EQUIPOISE_MAX_UPLOAD_MB", "-3"),
    ("EQUIPOISE_CONNECTIONS", "postgres://me:hush@host/db"),
    ("EQUIPOISE_CLUSTERS", "10.0.0.5"),
    ("EQUIPOISE_CLUSTERS", "tcp://me:hush@host:1"),
    ("EQUIPOISE_CLUSTERS", "tcp://host:1?token=hush"),
    ("EQUIPOISE_MODEL_SERVERS", "10.0.0.5:8080"),
    ("EQUIPOISE_MODEL_SERVERS", "http://me:hush@host:1"),
    ("EQUIPOISE_MODEL_SERVERS", "http://host/v2/models/one"),
    ("EQUIPOISE_SOURCES", "/no/such/folder"),
    ("EQUIPOISE_WORKSPACE", "/dev/null/workspace"),
]


@pytest.fixture(autouse=True)
def own_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUIPOISE_WORKSPACE", str(tmp_path))


def test_settings_that_fit_are_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_settings()
    monkeypatch.setenv("EQUIPOISE_MAX_UPLOAD_MB", "12.5")
    monkeypatch.setenv("EQUIPOISE_SOURCES", f"{tmp_path}{os.pathsep}/tmp")
    monkeypatch.setenv("EQUIPOISE_CONNECTIONS", "w=duckdb:///tmp/x.db")
    monkeypatch.setenv("EQUIPOISE_CLUSTERS", "tcp://10.0.0.5:8786")
    monkeypatch.setenv("EQUIPOISE_MODEL_SERVERS", "https://models.example.org, http://[::1]:8080/")
    check_settings()


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_one_sentence_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=name) as caught:
        check_settings()
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(("name", "value"), [WRONG[0], WRONG[-1]])
def test_the_server_says_it_in_one_line_and_does_not_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    done = subprocess.run(
        [sys.executable, "-m", "components.app.server"], cwd=TOP, capture_output=True, timeout=120
    )
    assert done.returncode == 1
    assert done.stderr.decode().startswith(f"equipoise can't start: {name}")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(("name", "value"), [WRONG[0], WRONG[-1]])
def test_the_command_line_says_it_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
) -> None:
    table = tmp_path / "t.csv"
    rows = (f"{n % 61},{'fm'[n % 2]},{'yes' if n % 3 else 'no'}" for n in range(400))
    table.write_text("\n".join(("age,sex,y", *rows)))
    monkeypatch.setenv(name, value)
    words = ["--target", "y", "--favourable", "yes", "--sensitive", "sex", "--features", "age"]
    spent = ["--learner", "dp_binned_regression", "--epsilon", "1", "--explain", "0"]
    out = ["--out", str(tmp_path / "out")]
    assert main(["audit", "--data", str(table), *words, *spent, *out]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
