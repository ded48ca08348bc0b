"""What options say of the inputs of a model made elsewhere, read from their texts."""

from __future__ import annotations

import argparse
from collections.abc import Collection

from core.data.labels import canonical
from core.data.roles.roles import Roles
from core.data.table import Table
from core.errors import InputError


def input_columns(given: list[str], names: Collection[str] = ()) -> dict[str, str | None]:
    """Read INPUT=COL; INPUT= leaves an input missing for everybody.

    Parameters
    ----------
    given : list of str
    names : collection of str
        Inputs of the model, where they are known: one may hold an equals sign itself.
    """
    out: dict[str, str | None] = {}
    for text in given:
        cuts = [at for at, sign in enumerate(text) if sign == "=" and at > 0]
        if not cuts:
            raise InputError(
                "it is written INPUT=COL, or INPUT= to leave it missing for everybody",
                where=f"--input {text}",
            )
        cut = next((at for at in reversed(cuts) if text[:at] in names), cuts[0])
        name = text[:cut]
        if name in out:
            raise InputError(
                f"input {name!r} takes its values from one column, and was given two",
                where=f"--input {text}",
                remedy="Name one",
            )
        out[name] = text[cut + 1 :] or None
    return out


def column_value(text: str | None, flag: str, table: Table) -> tuple[str, str] | None:
    """Read COL=VALUE; the name of a column of the table may hold an equals sign itself."""
    if text is None:
        return None
    cuts = [at for at, sign in enumerate(text) if sign == "=" and 0 < at < len(text) - 1]
    if not cuts:
        raise InputError("it is written COL=VALUE", where=f"{flag} {text}")
    columns = {str(name) for name in table.frame.columns}
    cut = next((at for at in cuts if text[:at] in columns), cuts[0])
    return text[:cut], text[cut + 1 :]


def class_labels(options: argparse.Namespace) -> tuple[tuple[str, str], ...]:
    """Read CLASS=LABEL of each --class-label, in canonical text."""
    found: dict[str, str] = {}
    for text in getattr(options, "class_label", []):
        name, sign, label = text.partition("=")
        if not sign or not name or not label or name in found:
            raise InputError(
                "it is written CLASS=LABEL, once for each class", where=f"--class-label {text}"
            )
        found[name] = canonical(label)
    return tuple(found.items())


def named_identifiers(roles: Roles, options: argparse.Namespace) -> tuple[str, ...]:
    """Return the identifiers that somebody named: one that only looks so may be an input."""
    return roles.identifiers if options.identifier else ()
