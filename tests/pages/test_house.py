"""The shape of the house: what would break safety or findability if it changed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from components.app.page_list import EARLIER_PATHS, PAGES
from components.app.steps import spec_of
from core.audit_state.state import begin_sample
from core.storage.workspace import Workspace
from tests.pages.conftest import ran

ROOT = Path(__file__).resolve().parents[2]


def test_no_page_lies_directly_in_pages() -> None:
    # Streamlit would run it by deep link without app.py.
    assert [path.name for path in (ROOT / "pages").glob("*.py")] == ["__init__.py"]
    assert (ROOT / "pages" / "__init__.py").read_text().strip() == ""


def test_every_page_file_is_in_the_navigation_and_the_other_way_round() -> None:
    files = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "pages").glob("*/*.py")
        if path.name != "__init__.py"
    }
    assert files == {spec.file for spec in PAGES}
    assert len({spec.path for spec in PAGES}) == len(PAGES)


def test_pages_stay_thin() -> None:
    for spec in PAGES:
        lines = (ROOT / spec.file).read_text().splitlines()
        assert len(lines) <= 100, spec.file


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "manager"])
def test_no_room_has_a_name_that_says_nothing(word: str) -> None:
    for folder in ("core", "components", "pages", "tests"):
        assert not [p for p in (ROOT / folder).rglob("*") if word in p.stem.split("_")]


def test_requirements_name_no_registry() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        assert "index-url" not in text


def test_every_direct_dependency_is_pinned_in_the_lock() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    locked = (ROOT / "requirements.txt").read_text().lower()
    for requirement in declared:
        name = re.split(r"[\[<>=!~ ]", requirement)[0].lower()
        assert f"\n{name}==" in f"\n{locked}", name


@pytest.mark.parametrize(("earlier", "path"), EARLIER_PATHS.items())
def test_an_address_of_an_earlier_release_opens_its_page_with_the_audit(
    workspace: Workspace, earlier: str, path: str
) -> None:
    begun = begin_sample(workspace, "compas")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["audit"] = begun.id
    app._page_hash = calc_hash(earlier)  # switch_page takes pages that lie in a file only
    ran(app)
    assert [title.value for title in app.title] == [spec_of(path).title]
    assert app.query_params["audit"] == begun.id


def test_no_page_has_an_address_that_another_had_before() -> None:
    assert not EARLIER_PATHS.keys() & {spec.path for spec in PAGES}
