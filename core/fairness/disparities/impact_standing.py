"""Who is in a table of impact ratios: known groups, less those that whoever audits leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np

from core.arrays import Ints
from core.errors import InputError
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.known_groups import is_unknown
from core.fairness.metrics.assessment import Assessment
from core.fairness.metrics.impact_spec import ImpactSpec

Standing = Literal["compared", "unknown", "left out"]
COMPARED: Literal["compared"] = "compared"
UNKNOWN: Literal["unknown"] = "unknown"
LEFT_OUT: Literal["left out"] = "left out"


NO_REFERENCE: dict[Standing, tuple[str, str]] = {
    UNKNOWN: (
        "its rows are of unknown group and in no ratio, so it can't be the reference",
        "Merge these rows under another name, or compare rows of unknown group too: "
        "--compare-unknown",
    ),
    LEFT_OUT: (
        "it is smaller than the smallest share and in no ratio, so it can't be the reference",
        "Choose a larger group, or a smaller share",
    ),
}
"""Why a group that is there is no reference, and what to do."""


def check_references(found: Iterable[Assessment], *, compared: bool = True) -> None:
    """Refuse a reference that is compared in no table: it would be ignored.

    Parameters
    ----------
    found : iterable of Assessment
    compared : bool
        Whether a group that is there and in no ratio is refused too: not of a kept audit, whose
        pages must open for another to be chosen.

    Raises
    ------
    InputError
        If there is one.
    """
    tables = [table for table in found if table.cube is not None]
    chosen = {name: None for table in tables for name in table.impact.groups}
    stand = [standing_by_name(t.cube, t.impact) for t in tables if t.cube is not None]
    if not compared:
        stand = [dict.fromkeys(names, COMPARED) for names in stand]
    check_names(chosen, stand)


def check_names(
    chosen: Iterable[str], tables: Iterable[Mapping[str, Standing]], option: str = ""
) -> None:
    """Refuse chosen references that are compared in no table.

    Parameters
    ----------
    chosen : iterable of str
    tables : iterable of mapping of str to str
        How each group of a table stands, by its name.
    option : str
        That names them, for the refusal.

    Raises
    ------
    InputError
        If there is one.
    """
    there: dict[str, Standing] = {}
    for name, standing in (item for table in tables for item in table.items()):
        if there.get(name) != COMPARED:
            there[name] = standing
    usable = sorted(name for name, standing in there.items() if standing == COMPARED)
    for name in chosen:
        where = f"{option} {name}".strip()
        if name not in there:
            raise InputError(
                "there is no such group to be the reference",
                where=where,
                remedy=f"Choose highest, rest or one of: {', '.join(usable[:20])}",
            )
        if there[name] != COMPARED:
            problem, remedy = NO_REFERENCE[there[name]]
            raise InputError(problem, where=where, remedy=remedy)


def standing_by_name(cube: OutcomeCube, spec: ImpactSpec) -> dict[str, Standing]:
    """Say how each of the cube's groups stands, by its name."""
    return dict(zip(cube.names, standings(cube, spec), strict=True))


def standings(cube: OutcomeCube, spec: ImpactSpec) -> list[Standing]:
    """Say of each of the cube's groups whether it is compared, and why not."""
    count = cube.count.sum(axis=(1, 2))
    unknown = [is_unknown(g) for g in cube.groups]
    base = sum(int(n) for n, u in zip(count, unknown, strict=True) if spec.base == "all" or not u)
    return [
        UNKNOWN
        if u and not spec.compare_unknown
        else LEFT_OUT
        if n < spec.smallest_share * base
        else COMPARED
        for u, n in zip(unknown, count, strict=True)
    ]


def compared_by(cube: OutcomeCube, spec: ImpactSpec) -> Ints:
    """Find the groups that are compared, by their positions in the cube."""
    found = [p for p, s in enumerate(standings(cube, spec)) if s == COMPARED]
    return np.array(found, dtype=np.int64)
