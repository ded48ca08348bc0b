"""The command that repeats a count of a table that stays where it is."""

from __future__ import annotations

import shlex

from core.data.labels import canonical
from core.data.places import Place
from core.data.roles import Roles
from core.data.together_text import written_together
from core.installation import PROGRAM
from core.reporting.command_line import listed, numbers, tied


def count_command(place: Place, roles: Roles) -> str:
    """Write the command that repeats a count, quoted for a shell.

    Parameters
    ----------
    place : Place
    roles : Roles
        As they were counted, edges included.

    Returns
    -------
    str
        The URL of a connection, which may hold a password, is left to be filled in.
    """
    told: list[tuple[str, str | None]] = [
        ("--predictions", place.where if place.table is None else None),
        ("--connect", None if place.table is None else f"URL of {place.where}"),
        ("--table", place.table),
        ("--label", roles.target),
        ("--favourable", roles.positive_label),
        ("--sensitive", listed(roles.sensitive)),
        ("--prediction", roles.prediction),
        ("--score", roles.score),
        ("--threshold", None if roles.threshold is None else canonical(roles.threshold)),
        ("--weight", roles.weight),
    ]
    told += [("--edges", f"{name}={numbers(edges)}") for name, edges in roles.edges]
    told += [("--together", written_together(*entry)) for entry in roles.together]
    words = [word for option, value in told if value is not None for word in tied(option, value)]
    if not roles.positive_is_favourable:
        words.append("--adverse")
    return shlex.join([*PROGRAM.split(), "fairness", *words, "--out", "fairness.json"])
