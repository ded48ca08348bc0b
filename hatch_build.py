"""How the wheel is made: one package, in which ``core`` is called ``equipoise.core``.

In the repository core, components, pages and data lie at the top. In a wheel they would be names at
the top of everybody's Python, so it holds them under ``equipoise`` and their imports of each other
say so: ``from core.errors import InputError`` becomes ``from equipoise.core.errors import
InputError``. Nothing else in a file changes.
"""

from __future__ import annotations

import ast
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "equipoise"
CODE = ("core", "components", "pages")
MOVED = (*CODE, "app.py", "data", ".streamlit")
"""What lies in the package in the wheel, beside what lies there in the repository."""

_FROM = re.compile(rb"(from\s+)(?=\w)")
_LEFT_BEHIND = shutil.ignore_patterns("__pycache__", "*.pyc", ".*_cache")


def renamed(source: bytes, where: str) -> bytes:
    """Rewrite the absolute imports of ``core``, ``components`` and ``pages`` in a module.

    Parameters
    ----------
    source : bytes
        UTF-8.
    where : str
        The file, for messages.

    Raises
    ------
    ValueError
        For an import that can't be rewritten by naming its module alone: ``import core.errors``
        binds the name ``core``.
    """
    lines = source.split(b"\n")
    imports = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Import | ast.ImportFrom)]
    # From the end on, so that a change moves nothing that is still to be changed.
    for node in sorted(imports, key=lambda n: (n.lineno, n.col_offset), reverse=True):
        if isinstance(node, ast.Import):
            if any(_is_ours(name.name) for name in node.names):
                raise ValueError(f"{where}, line {node.lineno}: write from … import …")
        elif node.level == 0 and _is_ours(node.module or ""):
            line, start = lines[node.lineno - 1], node.col_offset
            word = _FROM.match(line, start)
            if word is None or not line.startswith((node.module or "").encode(), word.end()):
                raise ValueError(f"{where}, line {node.lineno}: write from and module in one line")
            lines[node.lineno - 1] = b"%b%b.%b" % (
                line[: word.end()],
                PACKAGE.encode(),
                line[word.end() :],
            )
    return b"\n".join(lines)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in CODE


def lay_out(root: Path, folder: Path) -> None:
    """Write the package as it lies in the wheel.

    Parameters
    ----------
    root : Path
        The repository.
    folder : Path
        To be made.
    """
    shutil.copytree(root / PACKAGE, folder, ignore=_LEFT_BEHIND)
    for name in MOVED:
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name, ignore=_LEFT_BEHIND)
        else:
            shutil.copy2(root / name, folder / name)
    for file in folder.rglob("*.py"):
        file.write_bytes(renamed(file.read_bytes(), str(file.relative_to(folder))))


class OnePackage(BuildHookInterface[Any]):
    """Puts that package into the wheel; an editable install uses the repository as it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Lay the package out, before the wheel is written."""
        self._made = tempfile.mkdtemp(prefix="equipoise-wheel-")
        if version == "standard":
            lay_out(Path(self.root), Path(self._made, PACKAGE))
            build_data["force_include"][str(Path(self._made, PACKAGE))] = PACKAGE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Take away what was laid out."""
        shutil.rmtree(self._made)
