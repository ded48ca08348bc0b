"""What options say of the inputs of a model made elsewhere, read from their texts."""

from __future__ import annotations

import argparse

from core.data.roles.roles import Roles
from core.errors import InputError


def input_columns(given: list[str]) -> dict[str, str | None]:
    """Read INPUT=COL; INPUT= leaves an input missing for everybody."""
    out: dict[str, str | None] = {}
    for text in given:
        name, sign, column = text.partition("=")
        if not sign or not name:
            raise InputError(
                "it is written INPUT=COL, or INPUT= to leave it missing for everybody",
                where=f"--input {text}",
            )
        out[name] = column or None
    return out


def column_value(text: str | None, flag: str) -> tuple[str, str] | None:
    """Read COL=VALUE."""
    if text is None:
        return None
    name, sign, value = text.partition("=")
    if not sign or not name or not value:
        raise InputError("it is written COL=VALUE", where=f"{flag} {text}")
    return name, value


def named_identifiers(roles: Roles, options: argparse.Namespace) -> tuple[str, ...]:
    """Return the identifiers that somebody named: one that only looks so may be an input."""
    return roles.identifiers if options.identifier else ()
