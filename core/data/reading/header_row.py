"""The row in which column names stand: the first one, or the one below a title.

Nothing heavy is imported: workbooks are read in a child process of little memory.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from core.errors import InputError

SAMPLED = 60
"""Rows from the top that tell where the column names stand."""

_NUMERIC = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


def names_position(rows: Sequence[Sequence[str]], where: str) -> int:
    """Find the row that holds the column names: the first one, or the one below a title.

    A title is a row whose only cell that is filled is its first, or that has fewer than half as
    many as the table is wide. Rows below one that has a name for every column, and no number among
    them, are data.

    Parameters
    ----------
    rows : sequence of sequence of str
        The first :data:`SAMPLED` rows, none of the blank ones above the first left in.
    where : str
        Name of the file, for the message.

    Returns
    -------
    int
        Position in ``rows``.

    Raises
    ------
    InputError
        If there is a title and no row below it looks like column names.
    """
    width = common_width(rows)
    first = next((at for at, row in enumerate(rows) if not _is_title(row, width)), None)
    if not first:
        return 0
    if _is_names(rows[first], width):
        return first
    if width == len(rows[0]) and first == 1 and width - len(_filled(rows[0])) < 2:
        return 0
    raise InputError(
        f"the first line holds {_filled(rows[0])[0]!r} alone, as a title does, and no line below "
        "it looks like column names",
        where=where,
        remedy="Say which line holds the column names, or remove the lines above it",
    )


def common_width(rows: Sequence[Sequence[str]]) -> int:
    """Cells that most rows have; of two widths as frequent, the larger."""
    widths = Counter(len(row) for row in rows if row)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def has_row_names(header: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether rows have one cell more than there are names, the first a name of its own.

    R writes tables so. Row names are all different there; a cell more at the end, where a line
    ends in a delimiter, is none.
    """
    rows = [row for row in below if row]
    return (
        len(rows) > 1
        and all(len(row) == len(header) + 1 for row in rows)
        and len({row[0] for row in rows}) == len(rows)
        and any(row[-1].strip() for row in rows)
    )


def is_number(cell: str) -> bool:
    """Whether a cell in the place of a name is a number."""
    return _NUMERIC.fullmatch(cell) is not None


def _filled(row: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in row if cell.strip()]


def _is_title(row: Sequence[str], width: int) -> bool:
    filled = _filled(row)
    if not filled:
        return True
    together = all(cell.strip() for cell in row[: len(filled)])
    return width > 1 and together and len(filled) <= max(1, (width - 1) // 2)


def _is_names(row: Sequence[str], width: int) -> bool:
    filled = _filled(row)
    enough = len(filled) >= max(2, width - 1) and len(row) in (width, width - 1)
    return enough and len(set(filled)) == len(filled) and not any(map(is_number, filled))
