"""The rows that trained a model, where somebody says by which column and value they are known."""

from __future__ import annotations

from core.data.labels import check_columns, distinct_labels, match_label
from core.data.table import Table


def marked_rows(table: Table, given: tuple[str, str] | None, where: str) -> tuple[str, str] | None:
    """Return column and value as the table has them: "1.0" is 1, "True" is true.

    Parameters
    ----------
    table : Table
    given : tuple of (str, str) or None
        Column and value.
    where : str
        What says so, for the message.

    Raises
    ------
    InputError
        If there is no such column, or no row has the value; it names those that there are.
    """
    if given is None:
        return None
    column, value = given
    check_columns([column], [str(name) for name in table.frame.columns])
    labels = distinct_labels(table.frame[column])
    return column, str(match_label(value, labels, where=f"{where} {column}={value}"))
