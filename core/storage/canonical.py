"""A name for what was asked: the key under which a finished result is kept.

Python's own ``hash`` and ``==`` won't do: nested dataclasses of different classes can hash equal,
``1 == True``, and a hash differs between runs. So a specification is written as canonical JSON
and that text is hashed. Classes and fields stand in it by the names they had first
(:mod:`core.storage.names`), so that a key outlives a move of modules.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from core.storage.names import field_name, first_name

RESULTS_VERSION = 2
"""Part of every key. Raise it when stored results change their meaning, and none is found again."""


def canonical(spec: object) -> str:
    """Write a specification so that equal specifications, and only those, have equal text.

    Containers are tagged with what they are, so that a mapping can't pass for a dataclass. Numbers
    of equal value are written alike (``1``, ``1.0``; ``0.0``, ``-0.0``), because they ask for the
    same thing; lists and tuples too, because JSON doesn't tell them apart.

    Parameters
    ----------
    spec : object
        None, a bool, int, finite float, str or Enum member; a list, tuple or mapping with str keys
        of those; or a frozen dataclass of those.

    Returns
    -------
    str
        ASCII JSON with sorted keys and no spaces.

    Raises
    ------
    TypeError
        For anything else: a set has no order, an unknown object no stable text, and a dataclass
        that isn't frozen could change under its key.
    ValueError
        For NaN and infinities: NaN isn't equal to itself, so it can't name anything.
    """
    return json.dumps(_plain(spec), sort_keys=True, separators=(",", ":"), allow_nan=False)


def key(fingerprint: str, spec: object) -> str:
    """Name the result of a specification on a dataset.

    Parameters
    ----------
    fingerprint : str
        The dataset's fingerprint.
    spec : object
        What :func:`canonical` takes.

    Returns
    -------
    str
        SHA-256 as 64 lower-case hexadecimal digits.

    Raises
    ------
    TypeError, ValueError
        As :func:`canonical`.
    """
    text = canonical([RESULTS_VERSION, fingerprint, spec])
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _plain(value: object) -> Any:
    if isinstance(value, str):  # a StrEnum equals its text, so it is written as that
        return str(value)
    if isinstance(value, Enum):
        return ["enum", _class_name(value), value.name]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _number(float(value))
    if isinstance(value, list | tuple):
        return ["list", [_plain(item) for item in value]]
    if isinstance(value, Mapping):
        return ["mapping", {_text(name): _plain(item) for name, item in value.items()}]
    if is_dataclass(value) and not isinstance(value, type):
        return _dataclass(value)
    raise TypeError(f"a {type(value).__name__} has no canonical form and can't be part of a key")


def _number(value: float) -> int | float:
    if not math.isfinite(value):
        raise ValueError(f"{value} has no canonical form and can't be part of a key")
    return int(value) if value.is_integer() else value


def _text(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"a mapping key must be text to be part of a key, not {name!r}")
    return str(name)


def _dataclass(value: Any) -> Any:
    if not type(value).__dataclass_params__.frozen:
        raise TypeError(f"{_class_name(value)} isn't frozen and can't be part of a key")
    content = {
        field_name(field): _plain(getattr(value, field.name))
        for field in fields(value)
        # A field that was added later, at its default: the key is what it was before.
        if not (
            field.metadata.get("absent_at_default") and getattr(value, field.name) == field.default
        )
    }
    return ["dataclass", _class_name(value), content]


def _class_name(value: object) -> str:
    return first_name(type(value))
