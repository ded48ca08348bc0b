"""The median of scores that stay in their engine, as a threshold that decides.

The engine sorts and gives the two scores in the middle, so the median is exact. A wrong answer
would be caught by that of the same table in memory.
"""

from __future__ import annotations

import numpy as np

from core.data.labels import near
from core.data.reading.header import column_names
from core.data.roles.median_threshold import MedianThreshold, nothing_above
from core.data.sources.engine_source import Source, executed, opened
from core.data.table import Kind
from core.errors import InputError
from core.fairness.engine.engine_query import as_number, is_finite, schema_kinds


def median_in_engine(source: Source, score: str, target: str | None = None) -> MedianThreshold:
    """Find the threshold that selects who scores strictly above the median.

    Parameters
    ----------
    source : Source
    score, target : str or None
        Columns: the median is of the rows with a finite score, and an outcome where there is one.

    Raises
    ------
    InputError
        If there is no such column, it holds no numbers, or no score lies above the median.
    """
    with opened(source) as table:
        names, _ = column_names(tuple(table.columns))
        there = dict(zip(names, table.columns, strict=True))
        for name in (score, target):
            if name is not None and name not in there:
                raise InputError(
                    "there is no column of that name", where=name, remedy=near(name, names)
                )
        if schema_kinds(table)[there[score]] is not Kind.NUMBER:
            raise InputError(
                "it holds no numbers", where=f"column {score!r}", remedy="Choose another"
            )
        column = table[there[score]]
        wanted = is_finite(column)
        if target is not None:
            wanted = wanted & table[there[target]].notnull()
        scores = table.filter(wanted).select(score=as_number(column))
        rows = int(executed(scores.aggregate(rows=scores.count()), source)["rows"][0].as_py())
        if not rows:
            raise nothing_above(score)
        middle = scores.order_by("score").limit(2 - rows % 2, offset=(rows - 1) // 2)
        median = float(np.median(executed(middle, source)["score"].to_numpy()))
        above = scores.filter(scores["score"] > median)
        found = executed(
            above.aggregate(least=above["score"].min(), rows=above.count()), source
        ).to_pylist()[0]
    if found["least"] is None:
        raise nothing_above(score)
    return MedianThreshold(
        median, float(found["least"]), rows, int(found["rows"]), target is not None
    )
