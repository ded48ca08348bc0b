"""What the parts of the child process share: refusals, notes, limits and cells as text."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

EXACT = 2**53
"""Whole numbers beyond it are not all representable in float64."""

UNPACKED = 1 << 30
"""Most bytes a file may claim to hold when it is unpacked."""


class RefusedError(Exception):
    """What is wrong with the file, and what to do."""

    def __init__(self, problem: str, remedy: str):
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def check_size(rows: int, columns: int, cells: int) -> None:
    """Refuse a table of too many cells."""
    if rows * columns > cells:
        raise RefusedError(
            f"the table has more than {cells:,} cells",
            "Take a sample of the rows or leave columns out",
        )


def note(what: str, count: int, column: str | None = None) -> dict[str, Any]:
    """Something the reading changed, to become a repair."""
    return {"what": what, "count": count, "column": column}


def cell_text(value: object) -> str:
    """Write a cell of a mixed column as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)
