"""What the wheel changes in a file: the names of our modules where they are imported, no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatch_build import lay_out, renamed

ROOT = Path(__file__).resolve().parents[2]

RENAMED = [
    ("from core import errors\n", "from equipoise.core import errors\n"),
    ("from core.a.b import (\n    c,\n)\n", "from equipoise.core.a.b import (\n    c,\n)\n"),
    (
        "if x:\n    from  pages.a import b; from core import c\n",
        "if x:\n    from  equipoise.pages.a import b; from equipoise.core import c\n",
    ),
    ("a = 'é'; from components import b\n", "a = 'é'; from equipoise.components import b\n"),
]
UNTOUCHED = [
    "from corelib import a\nfrom .core import b\nimport corelib.core\n",
    'text = "from core import a"\n# from core import b\n',
    "def f():\n    yield from core.a\n    raise E from core\n",
]


@pytest.mark.parametrize(("source", "wanted"), RENAMED + [(text, text) for text in UNTOUCHED])
def test_only_imports_of_our_own_are_renamed(source: str, wanted: str) -> None:
    assert renamed(source.encode(), "a.py").decode() == wanted


@pytest.mark.parametrize(
    "source", ["import core.errors\n", "import os, core\n", "from \\\n  core import a\n"]
)
def test_an_import_that_cannot_be_renamed_stops_the_build(source: str) -> None:
    with pytest.raises(ValueError, match=r"a\.py, line 1: write from"):
        renamed(source.encode(), "a.py")


def test_every_file_of_the_repository_can_be_laid_out(tmp_path: Path) -> None:
    lay_out(ROOT, tmp_path / "equipoise")
    for file in (tmp_path / "equipoise").rglob("*.py"):
        source = file.read_bytes()
        compile(source, str(file), "exec")
        assert renamed(source, str(file)) == source
    assert not list((tmp_path / "equipoise").rglob("__pycache__"))
    assert (tmp_path / "equipoise" / "core" / "errors.py").exists()
