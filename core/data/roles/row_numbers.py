"""Columns that name or number a row: identifiers, which tell of nobody and are no feature.

A row number is worse than useless as a feature: where a file is sorted by anything that has to do
with the outcome, a model learns the order of the file.
"""

from __future__ import annotations

import numpy as np

from core.data.column_words import column_words
from core.data.roles.suggest_sensitive import looks_sensitive
from core.data.table import Column, Kind, Table

# fmt: off
_NAMELIKE = frozenset({
    "id", "uid", "uuid", "guid", "ssn", "key", "index", "idx", "pid", "rownames", "rowname",
    "rownumber", "rowid", "recordid", "recno", "caseid", "serial",
})
_NUMBERLIKE = frozenset({
    "row", "rows", "record", "case", "obs", "observation", "no", "nr", "num", "number", "seq",
    "sequence", "level", "unnamed", "column",
})
# fmt: on
_PERSONAL = frozenset({"name", "surname", "email", "phone"})

_FEW = 10
_MANY = 50
"""In fewer rows, ages or years may be a sequence without a gap by chance."""


def looks_like_identifier(column: Column, table: Table) -> bool:
    """Whether a column seems to name the row.

    It does if it is text that never repeats; if it is called like an identifier and most values
    differ; or if it holds whole numbers, all different, that are a sequence without a gap or are
    called like row numbers.
    """
    present = len(table.frame) - column.missing
    words = column_words(column.name)
    unique = column.distinct == present > _FEW
    if unique and column.distinct > _MANY and column.kind in (Kind.TEXT, Kind.CATEGORY):
        return True
    named = bool(words) and (words[-1] in _NAMELIKE | _PERSONAL or words[0] in _NAMELIKE)
    if named and column.distinct > 0.5 * max(present, 1):
        return True
    if not unique or column.kind is not Kind.NUMBER:
        return False
    values = table.frame[column.name].to_numpy(dtype=np.float64)
    values = values[~np.isnan(values)]
    if not np.equal(values, np.floor(values)).all():
        return False
    numbered = bool(words) and set(words) <= _NUMBERLIKE
    if looks_sensitive(column):
        return False  # Ages, say, each of which occurs once.
    return numbered or (present > _MANY and float(np.ptp(values)) == len(values) - 1)
