"""The wheel: built, installed into an environment of its own, and used far from the repository."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
from pathlib import Path

import pytest

from core.data.roles.roles import Roles
from core.storage.canonical import key
from core.storage.signed_pickle import load_pickle, sign_pickle

ROOT = Path(__file__).resolve().parents[2]


class Installed:
    """An environment with Equipoise's wheel, and a folder to start things in."""

    def __init__(self, folder: Path):
        self.folder = folder / "elsewhere"
        self.home = folder / "home"
        self.folder.mkdir()
        self.home.mkdir()
        environment = folder / "venv"
        venv.create(environment, symlinks=True)
        self.bin = environment / "bin"
        python = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        self.site = environment / "lib" / python / "site-packages"
        # Dependencies are those of the environment that runs the tests: nothing is downloaded.
        (self.site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
        built = folder / "built"
        self._started("build", "--wheel", "--no-isolation", "--outdir", built, ROOT)
        pip = ("pip", "--python", self.bin / "python", "install", "--no-deps", "--no-index")
        self._started(*pip, "--find-links", built, "equipoise")

    def _started(self, *words: str | Path) -> None:
        command = [sys.executable, "-m", *map(str, words)]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def environment(self) -> dict[str, str]:
        """Of a person who has set nothing."""
        ours = ("EQUIPOISE_", "PYTHON", "STREAMLIT_", "XDG_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {**kept, "HOME": str(self.home)}

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment."""
        return subprocess.run(
            [str(self.bin / str(words[0])), *map(str, words[1:])],
            cwd=self.folder, env=self.environment(), capture_output=True, text=True, timeout=240,
        )  # fmt: skip

    def python(self, text: str) -> str:
        """Run a program text; return what it prints."""
        done = self.run("python", "-c", text)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("installed"))


def test_one_name_lands_among_the_packages(installed: Installed) -> None:
    ours = {"dependencies.pth", "__pycache__"}
    names = {path.name for path in installed.site.iterdir()} - ours
    assert {name for name in names if not name.endswith(".dist-info")} == {"equipoise"}
    assert sorted(path.name for path in installed.bin.iterdir() if "equipoise" in path.name) == [
        "equipoise"
    ]
    assert (installed.site / "equipoise" / "py.typed").exists()
    found = installed.python(
        "from importlib.util import find_spec;"
        "print([n for n in ('core', 'components', 'pages', 'app', 'data') if find_spec(n)])"
    )
    assert found == "[]"


def test_an_audit_runs_and_its_command_names_the_installed_program(installed: Installed) -> None:
    done = installed.run(
        "equipoise", "audit", "--data", "german_credit", "--explain", "0", "--out", "o"
    )
    assert done.returncode == 0, done.stderr
    record = json.loads((installed.folder / "o" / "audit.json").read_text())
    assert record["plan"]["command"].startswith("equipoise audit --data german_credit ")
    assert (installed.folder / "o" / "report.html").exists()


def test_help_lists_every_command(installed: Installed) -> None:
    result = installed.run("equipoise", "--help")
    assert result.returncode == 0
    assert result.stdout.startswith("usage: equipoise ")
    for command in ("audit", "fairness", "sweep", "compare", "ledger", "learners", "ui"):
        assert f"\n    {command} " in result.stdout
    assert "usage: equipoise ui" in installed.run("equipoise", "ui", "--help").stdout
    assert installed.run("python", "-m", "equipoise", "samples").stdout.startswith(
        "german_credit\t"
    )


def test_bad_input_is_one_line_that_names_the_program(installed: Installed) -> None:
    done = installed.run("equipoise", "audit", "--data", "none.csv", "--out", "o")
    assert done.returncode == 2
    assert done.stderr.startswith("equipoise: none.csv: the file can't be opened")
    assert len(done.stderr.splitlines()) == 1


def test_what_a_person_spends_is_kept_in_their_own_folder(installed: Installed) -> None:
    words = ["audit", "--data", "german_credit", "--explain", "0", "--epsilon", "1", "--out", "p"]
    done = installed.run("equipoise", *words)
    assert done.returncode == 0, done.stderr
    assert list((installed.home / ".local" / "share" / "equipoise").rglob("ledger.jsonl"))
    assert not list(installed.site.rglob("ledger.jsonl"))
    assert not list(installed.folder.rglob("ledger.jsonl"))
    assert "spent ε = 1," in installed.run("equipoise", "ledger").stdout


def test_a_binary_file_is_read_in_a_process_of_its_own(installed: Installed) -> None:
    found = installed.python(
        "import pandas as pd; pd.DataFrame({'a': [1, 2]}).to_parquet('t.parquet');"
        "from equipoise.core.data.reading.reading import read_path;"
        "print(read_path('t.parquet').frame['a'].tolist())"
    )
    assert found == "[1, 2]"


def test_the_page_answers_on_this_machine_alone(installed: Installed) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = subprocess.Popen(
        [installed.bin / "equipoise", "ui", "--no-browser", "--port", str(port)],
        cwd=installed.folder, env=installed.environment(),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        for _ in range(480):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health") as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert process.poll() is None, process.stdout and process.stdout.read()
                time.sleep(0.25)
        else:
            pytest.fail("the server did not start")
    finally:
        process.terminate()
        result, _ = process.communicate(timeout=60)
    assert f"127.0.0.1:{port}" in result


def test_the_first_page_shows(installed: Installed) -> None:
    shown = installed.python(
        "from streamlit.testing.v1 import AppTest;"
        "from equipoise.core.installation import ROOT;"
        "app = AppTest.from_file(str(ROOT / 'app.py'), default_timeout=120).run();"
        "print([e.value for e in app.exception], [e.value for e in app.error], app.title[0].value)"
    )
    assert shown.startswith("[] [] ")


CALLER = """
import pandas as pd
import equipoise

def worst(frame: pd.DataFrame) -> str:
    result = equipoise.audit(frame, positive_label=1, sensitive="sex", prediction="granted")
    table: pd.DataFrame = result.to_frame()
    if table.empty:
        raise equipoise.InputError("no rows")
    return result.findings[0].code

equipoise.audit(pd.DataFrame(), positive_label=1, sensitive=3)
wrong: int = equipoise.load_sample("adult")
"""


def test_callers_are_type_checked_against_it(installed: Installed) -> None:
    (installed.folder / "caller.py").write_text(CALLER)
    words = ["--python-executable", installed.bin / "python", "--cache-dir", installed.home / "m"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *words, "caller.py"],
        cwd=installed.folder, env=installed.environment(), capture_output=True, text=True,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if ": error: " in line]
    assert len(lines) == 2, done.stdout
    assert 'No overload variant of "audit" matches argument types' in lines[0]
    assert 'expression has type "Sample", variable has type "int"' in lines[1]


def test_keys_and_kept_things_are_the_same_in_both_copies(installed: Installed) -> None:
    roles, key_bytes = Roles("y", "1", ("s",)), b"k" * 32
    asked = (
        "from equipoise.core.storage.canonical import key;"
        "from equipoise.core.data.roles.roles import Roles;"
        "print(key('f' * 64, Roles('y', '1', ('s',))))"
    )
    assert installed.python(asked) == key("f" * 64, roles)
    (installed.folder / "ours").write_bytes(sign_pickle(key_bytes, ("a",), roles))
    reopened = installed.python(
        "from equipoise.core.storage.signed_pickle import load_pickle, sign_pickle; import pathlib;"
        "roles = load_pickle(b'k' * 32, ('a',), pathlib.Path('ours').read_bytes(), 'it');"
        "pathlib.Path('theirs').write_bytes(sign_pickle(b'k' * 32, ('a',), roles));"
        "print(type(roles).__module__)"
    )
    assert reopened == "equipoise.core.data.roles.roles"
    assert load_pickle(key_bytes, ("a",), (installed.folder / "theirs").read_bytes(), "it") == roles
