"""The queries that leave an engine as counts: grouped by label, decision, groups and score bin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core.data.roles import Roles
from core.data.table import Kind
from core.errors import InputError
from core.fairness.engine_source import Source, executed
from core.fairness.score_cube import BINS, grid, grid_of

MOST_CELLS = 1_000_000
"""More combinations than this are not taken out of the engine."""

INFINITE = -1
"""Code of an infinite number where numbers are put into bins; null is a missing one."""


@dataclass(frozen=True)
class Binning:
    """Start and width of the even grid on which scores are counted."""

    low: float
    width: float

    def edges(self) -> npt.NDArray[np.float64]:
        """Edges of the grid, shape (BINS + 1,)."""
        return grid(self.low, self.width)


def schema_kinds(table: Any) -> dict[str, Kind]:
    """Kinds of the columns as far as the engine's types tell them, by their name there."""
    found = {}
    for name, kind in table.schema().items():
        if kind.is_boolean():
            found[name] = Kind.BOOLEAN
        elif kind.is_numeric():
            found[name] = Kind.NUMBER
        elif kind.is_temporal() and not kind.is_time() and not kind.is_interval():
            found[name] = Kind.DATE
        else:
            found[name] = Kind.CATEGORY
    return found


def score_binning(table: Any, score: str, source: Source) -> Binning:
    """Find the grid for scores from their range.

    Raises
    ------
    InputError
        If there is no finite score.
    """
    value = _finite_number(table[score])
    ends = executed(table.aggregate(least=value.min(), most=value.max()), source)
    least, most = ends.column("least")[0].as_py(), ends.column("most")[0].as_py()
    if least is None:
        raise InputError(
            "it holds no finite number", where=f"column {score!r}", remedy="Choose another column"
        )
    return Binning(*grid_of(float(least), float(most)))


def value_counts(table: Any, name: str, roles: Roles, source: Source) -> pa.Table:
    """Count a numeric column's values by label, decision and whether there is a score."""
    keys = {"value": table[name], "target": table[roles.target]}
    if roles.prediction is not None:
        keys["prediction"] = table[roles.prediction]
    if roles.score is not None:
        keys["scored"] = _finite(table[roles.score])
    chosen = table.select(**keys)
    return _limited(chosen.group_by(list(keys)).agg(count=chosen.count()), source, [name])


def cells(
    table: Any,
    roles: Roles,
    edges: Mapping[str, Sequence[float]],
    binning: Binning | None,
    source: Source,
) -> pa.Table:
    """Count rows by all that matters to fairness, in the engine.

    Returns
    -------
    pyarrow.Table
        ``target``, ``prediction`` (if there is such a column), ``above`` (without one: whether the
        score reaches the threshold), ``s0``, ``s1``, ... (values, or codes of bins where there are
        edges), ``bin`` (of the score), ``count``; with weights ``weight``, ``squared`` and
        ``unusable``; with scores ``least``, ``most`` and ``score_weight``.
    """
    import ibis

    keys = {"target": table[roles.target]}
    values: dict[str, Any] = {}
    if roles.prediction is not None:
        keys["prediction"] = table[roles.prediction]
    for position, name in enumerate(roles.sensitive):
        keys[f"s{position}"] = _coded(table[name], edges[name]) if name in edges else table[name]
    if roles.score is not None and binning is not None:
        score = _number(table[roles.score])
        keys["bin"] = _checked_code(table[roles.score], _grid_code(score, binning))
        values["score"] = _finite_number(table[roles.score])
        if roles.prediction is None:
            assert roles.threshold is not None
            keys["above"] = score >= ibis.literal(float(roles.threshold), "float64")
    if roles.weight is not None:
        values["row_weight"] = _number(table[roles.weight])
        values["usable"] = _finite(table[roles.weight]) & (values["row_weight"] >= 0)
    chosen = table.select(**keys, **values)
    sums: dict[str, Any] = {"count": chosen.count()}
    weighted = roles.weight is not None
    if weighted:
        weight = ibis.ifelse(chosen["usable"], chosen["row_weight"], ibis.literal(0.0, "float64"))
        sums["weight"], sums["squared"] = weight.sum(), (weight * weight).sum()
        sums["unusable"] = ibis.ifelse(chosen["usable"], 0, 1).sum()
    if "score" in values:
        score = chosen["score"]
        sums["least"], sums["most"] = score.min(), score.max()
        sums["score_weight"] = (score * weight if weighted else score).sum()
    return _limited(chosen.group_by(list(keys)).agg(**sums), source, list(roles.sensitive))


def _limited(expression: Any, source: Source, columns: list[str]) -> pa.Table:
    found = executed(expression.limit(MOST_CELLS + 1), source)
    if found.num_rows > MOST_CELLS:
        raise InputError(
            f"label, decision and groups make more than {MOST_CELLS:,} combinations",
            where=" and ".join(f"column {name!r}" for name in columns),
            remedy="Choose columns of few values, or give --edges for numbers",
        )
    return found


def _number(column: Any) -> Any:
    return column.cast("float64")


def _finite_number(column: Any) -> Any:
    """Read a number as float64, empty unless it is finite."""
    import ibis

    return ibis.ifelse(_finite(column), _number(column), ibis.null("float64"))


def _finite(column: Any) -> Any:
    """Whether a number is there and finite; never null."""
    there = column.notnull()
    if column.type().is_floating():
        # An empty answer for a missing number must not make the whole one empty.
        return there & ~(column.isnan() | column.isinf()).fill_null(False)
    return there


def _coded(column: Any, edges: Sequence[float]) -> Any:
    """Code a number's bin as the number of edges it reaches; null where missing."""
    import ibis

    number = _number(column)
    code = ibis.literal(0, "int64")
    for edge in edges:
        code = code + (number >= ibis.literal(float(edge), "float64")).cast("int64")
    return _checked_code(column, code)


def _grid_code(score: Any, binning: Binning) -> Any:
    """Code a score's bin on the grid, exactly as a search among the edges would.

    The quotient may be off by rounding at an edge, so the edges on both sides are compared with.
    """
    import ibis

    low = ibis.literal(binning.low, "float64")
    width = ibis.literal(binning.width, "float64")
    steps = ibis.literal(float(BINS), "float64")
    guess = ((score - low) / width * steps).floor().clip(0.0, float(BINS))

    def edge(position: Any) -> Any:
        return low + position * width / steps

    one = ibis.literal(1.0, "float64")
    above = (score >= edge(guess + one)) & (guess < steps)
    below = score < edge(guess)
    return (guess + one + above.cast("float64") - below.cast("float64")).cast("int64")


def _checked_code(column: Any, code: Any) -> Any:
    """Make the code null for a missing number and ``INFINITE`` for an infinite one."""
    import ibis

    nothing = ibis.null("int64")
    if not column.type().is_floating():
        return ibis.ifelse(column.isnull(), nothing, code)
    return ibis.cases(
        (column.isnull(), nothing),
        (column.isnan(), nothing),
        (column.isinf(), ibis.literal(INFINITE, "int64")),
        else_=code,
    )
