"""Write out/docs: the pages of ``equipoise`` and ``core``, from their docstrings.

Run by ``make docs``, in an environment of its own. Any warning stops it.
"""

from __future__ import annotations

import sys
import warnings
from contextlib import suppress
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "out" / "docs"


def main() -> None:
    """Write the pages."""
    warnings.simplefilter("error")
    # shap 0.51 makes its colour maps in a way that matplotlib 3.11 is about to deprecate.
    warnings.filterwarnings("ignore", "The set_", PendingDeprecationWarning)
    # pandas has subscripts of Series for type checkers only.
    warnings.filterwarnings("ignore", ".*type 'Series' is not subscriptable")
    sys.path.insert(0, str(ROOT))
    import pdoc

    import core
    import equipoise

    # The public names are imported when they are asked for, and pdoc only looks at what is there.
    vars(equipoise).update({name: getattr(equipoise, name) for name in equipoise.__all__})
    for found in walk_packages(core.__path__, "core."):
        if not found.name.endswith(("__main__", "_child")):
            _resolve_inherited_fields(import_module(found.name))
    pdoc.render.configure(
        docformat="numpy", show_source=False, footer_text=f"Equipoise {equipoise.__version__}"
    )
    pdoc.pdoc("equipoise", "core", output_directory=OUT)


def _resolve_inherited_fields(module: ModuleType) -> None:
    # Types of inherited fields are texts, which pdoc would read in the module of the child.
    for item in list(vars(module).values()):
        if isinstance(item, type) and item.__module__ == module.__name__ and is_dataclass(item):
            own = item.__init__.__annotations__
            for base in item.__mro__[1:]:
                names = vars(sys.modules[base.__module__])
                for name, text in vars(base).get("__annotations__", {}).items():
                    with suppress(NameError):  # what is imported for type checkers only
                        own[name] = eval(text, names) if isinstance(text, str) else text


if __name__ == "__main__":
    main()
