"""The command that repeats a count of a table that stays where it is."""

from __future__ import annotations

import shlex

from core.audit.audit_option import Asked
from core.audit.audit_options import ROLE_OPTIONS
from core.data.roles.roles import Roles
from core.data.sources.locations import SourceLocation
from core.installation import PROGRAM
from core.option import Option


def count_command(location: SourceLocation, roles: Roles) -> str:
    """Write the command that repeats a count, quoted for a shell.

    Parameters
    ----------
    location : SourceLocation
    roles : Roles
        As they were counted, edges included.

    Returns
    -------
    str
        The URL of a connection, which may hold a password, is left to be filled in.
    """
    arguments = []
    for flag, text in (
        ("--predictions", location.where if location.table is None else None),
        ("--connect", None if location.table is None else f"URL of {location.where}"),
        ("--table", location.table),
        ("--label", roles.target),
    ):
        arguments += Option(field="", flag=flag).arguments(*(() if text is None else (text,)))
    for option in ROLE_OPTIONS:
        if option.flag not in ("--target", "--identifier"):
            arguments += option.printed(Asked(roles))
    return shlex.join([*PROGRAM.split(), "fairness", *arguments, "--out", "fairness.json"])
