"""Who is in a table of impact ratios: known groups, less those that whoever audits leaves out."""

from __future__ import annotations

from collections.abc import Iterable
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


def check_references(found: Iterable[Assessment]) -> None:
    """Refuse a reference that is a group of no table: it would be ignored.

    Raises
    ------
    InputError
        If there is one.
    """
    tables = list(found)
    there = {group.name for table in tables for group in table.groups}
    for name in {name for table in tables for name in table.impact.groups}:
        if name not in there:
            raise InputError(
                "there is no such group to be the reference",
                where=name,
                remedy=f"Choose highest, rest or one of: {', '.join(sorted(there)[:20])}",
            )


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
