"""Pickles that this workspace signed, opened without letting them name anything they like.

A pickle names the classes it is made of. Ours are looked up in :mod:`core.storage.names`, by
where the first builds had them or where they are now; of others, only libraries that trained models
consist of. Whatever else a file names is refused, signed or not.
"""

from __future__ import annotations

import io
import pickle
from typing import Any

from core.installation import PREFIX, plain_name
from core.storage.names import class_first_called, is_recorded

_LIBRARIES = frozenset(
    {"numpy", "pandas", "pyarrow", "scipy", "sklearn", "diffprivlib", "interpret", "fairlearn"}
    | {"_loss"}  # compiled, of scikit-learn
)
_BUILTINS = frozenset({"slice", "set", "frozenset", "complex", "bytearray", "range"})


def unpickled(content: bytes) -> Any:
    """Read a pickle whose signature was verified.

    Raises
    ------
    pickle.UnpicklingError
        If it names anything but recorded classes and parts of models.
    """
    return _Reader(io.BytesIO(content)).load()


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        module = plain_name(module)
        top = module.partition(".")[0]
        if top == "core":
            found = class_first_called(f"{module}.{name}")
            if found is not None:
                return found
            if is_recorded(module, name):
                return super().find_class(PREFIX + module, name)
        elif top in _LIBRARIES or (module == "builtins" and name in _BUILTINS):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a kept result")
