"""A policy as TOML: read with errors that name the criterion, written in one canonical way.

The canonical text names every key of every criterion in a fixed order, so that two files that mean
the same have one SHA-256, whatever their comments and layout.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.policy.policy import Criterion, Policy, refused

LARGEST = 1_000_000
"""Bytes; a policy is a page of text."""
_HEAD = ("name", "version", "description")
_KEYS = tuple(field.name for field in fields(Criterion))
_NUMBERS = ("at_most", "at_least")
_SWITCHES = ("required", "demands_privacy")


def read_policy(path: str | Path) -> Policy:
    """Read a policy from a file.

    Raises
    ------
    InputError
        If the file can't be read, or says something that a policy can't.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"it can't be read ({error.strerror})", where=f"policy {path}") from None
    if len(content) > LARGEST:
        raise InputError(f"it is larger than {LARGEST:,} bytes", where=f"policy {path}")
    try:
        return parse_policy(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InputError("it is not text in UTF-8", where=f"policy {path}") from None


def parse_policy(text: str) -> Policy:
    """Read a policy from TOML.

    Raises
    ------
    InputError
        Naming the criterion, the key and the value.
    """
    try:
        told = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(
            f"it can't be read as TOML ({error})", where="policy", remedy="Correct that place"
        ) from None
    return policy_from_dict(told)


def policy_from_dict(record: Mapping[str, Any]) -> Policy:
    """Make a policy of what TOML or JSON says.

    Raises
    ------
    InputError
        As for :func:`parse_policy`.
    """
    for key in record:
        if key not in (*_HEAD, "criteria"):
            raise InputError(
                "a policy has no such key",
                where=f"policy, {key} = {record[key]!r}"[:120],
                remedy=f"Use {', '.join((*_HEAD, '[[criteria]]'))}",
            )
    head = {key: record.get(key, "") for key in _HEAD}
    for key, value in head.items():
        if not isinstance(value, str):
            raise InputError(
                "it must be text",
                where=f"policy, {key} = {value!r}"[:120],
                remedy="Put it in quotes",
            )
    listed = record.get("criteria", [])
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise InputError(
            "criteria must be a list of tables",
            where="policy, criteria",
            remedy="Begin each with a line [[criteria]]",
        )
    criteria = tuple(_criterion(item, number) for number, item in enumerate(listed, 1))
    return Policy(
        head["name"].strip(), head["version"].strip(), head["description"].strip(), criteria
    )


def _criterion(record: Mapping[str, Any], number: int) -> Criterion:
    name = record.get("id", f"number {number}")
    name = name if isinstance(name, str) else f"number {number}"
    values: dict[str, Any] = {}
    for key, value in record.items():
        if key not in _KEYS:
            raise refused(
                name, key, value, "a criterion has no such key", f"Use {', '.join(_KEYS)}"
            )
        values[key] = _value(name, key, value)
    for key in ("id", "concern", "figure"):
        if key not in values:
            raise refused(name, key, None, "it is needed", f"Write {key} = …")
    return Criterion(**values)


def _value(criterion: str, key: str, value: Any) -> Any:
    if key in _SWITCHES:
        if not isinstance(value, bool):
            raise refused(
                criterion, key, value, "it must be true or false", "Write it without quotes"
            )
        return value
    if key == "minimum_count":
        if isinstance(value, bool) or not isinstance(value, int):
            raise refused(
                criterion, key, value, "it must be a whole number", "Write one such as 30"
            )
        return value
    if key in _NUMBERS:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise refused(criterion, key, value, "it must be a number", "Write one such as 0.8")
        return float(value) + 0.0  # No −0.
    if not isinstance(value, str):
        raise refused(criterion, key, value, "it must be text", "Put it in quotes")
    return value


def format_policy(policy: Policy) -> str:
    """Write a policy as TOML in the canonical way; :func:`parse_policy` gives it back."""
    lines = [f"{key} = {_text(getattr(policy, key))}" for key in _HEAD]
    for criterion in policy.criteria:
        lines += ["", "[[criteria]]"]
        for key in _KEYS:
            value = getattr(criterion, key)
            if value is None or (key == "demands_privacy" and not value):
                continue
            # 1 and 1.0 are one limit.
            written = repr(float(value) + 0.0) if key in _NUMBERS else _written(value)
            lines.append(f"{key} = {written}")
    return "\n".join(lines) + "\n"


def digest(policy: Policy) -> str:
    """SHA-256 of the canonical text, 64 hexadecimal digits."""
    return hashlib.sha256(format_policy(policy).encode("utf-8")).hexdigest()


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(value: str) -> str:
    # JSON's escapes are TOML's; DEL alone must be escaped in TOML and isn't in JSON.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
