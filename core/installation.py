"""Where this copy of Equipoise lies and what it is called: in its repository, or installed.

An installed copy stands as ``equipoise.core`` beside ``equipoise.components``, the same files in
one package (docs/decisions/0037-the-package.md). What depends on that is asked here.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

PREFIX = __name__.removesuffix("core.installation")
"""What stands before ``core`` in the names of our modules: nothing, or ``equipoise.``."""

INSTALLED = bool(PREFIX)

PROGRAM = "equipoise" if INSTALLED else "python -m core"
"""How the command line is called."""

ROOT = Path(__file__).resolve().parents[1]
"""The folder of app.py, core, components, pages and data."""

_IMPORTED_FROM = Path(__file__).resolve().parents[__name__.count(".")]


def default_workspace() -> Path:
    """Return the folder for audits and ledgers where nobody names one.

    Returns
    -------
    Path
        ``workspace`` in the repository. Installed, one folder for each user, wherever a command is
        started, so that what was spent on a data set stays spent.
    """
    if not INSTALLED:
        return ROOT / "workspace"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "equipoise"
    given = os.environ.get("XDG_DATA_HOME", "").strip()
    # The standard says that a relative path there is to be ignored.
    folder = Path(given) if Path(given).is_absolute() else Path.home() / ".local" / "share"
    return folder / "equipoise"


def isolated_command(module: str) -> tuple[str, ...]:
    """Return the command that runs ``main()`` of one of our modules in a fresh interpreter.

    It hears neither PYTHON variables nor the working directory. What this process can import, it
    can import too: dependencies may lie in a folder of their own.

    Parameters
    ----------
    module : str
        Its full name, such as ``f"{__package__}.isolated_child"``.
    """
    start = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        "sys.path += [p for p in sys.argv[3:] if p not in sys.path]; "
        "import importlib; importlib.import_module(sys.argv[2]).main()"
    )
    folders = [folder for folder in sys.path if os.path.isabs(folder)]
    return (sys.executable, "-I", "-c", start, str(_IMPORTED_FROM), module, *folders)


def plain_name(module: str) -> str:
    """Return the name of a module in the repository, whichever copy it is of."""
    return module.removeprefix("equipoise.")
