"""The queries that leave an engine as counts: grouped by label, decision, groups and score bin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from core.arrays import Array, Floats, Ints
from core.data.roles.roles import Roles
from core.data.sources.engine_source import Source, executed
from core.data.table import Kind
from core.errors import InputError
from core.fairness.counts.score_cube import BINS, grid_of

MOST_CELLS = 1_000_000
"""More combinations than this are not taken out of the engine."""

INFINITE = -1
"""Code of an infinite number where numbers are put into bins; null is a missing one."""


@dataclass(frozen=True)
class Binning:
    """Start and width of the even grid on which scores are counted.

    Attributes
    ----------
    low, width : float
    infinite : int
        Rows with an infinite score.
    finite : bool
        Whether every score that is there is a finite number.
    """

    low: float
    width: float
    infinite: int = 0
    finite: bool = False

    def steps(self, score: Any) -> Any:
        """Count the steps from the start of the grid to a score, before rounding down.

        The same operations in the same order on an Ibis column and on an array, so that IEEE 754
        arithmetic gives the same number in every engine.
        """
        if (self.low, self.width) == (0.0, 1.0):
            return score * float(BINS)
        return (score - self.low) / self.width * float(BINS)

    def edges(self) -> Floats:
        """Edges of the bins, shape (BINS + 1,): the least number at which each step is reached.

        Rounding keeps order, so the scores of a step are all those between two numbers. These may
        lie next to the round ones of :func:`core.fairness.counts.score_cube.grid`; they are found
        by halving among all float64, in the order of their bits.
        """
        step = np.arange(BINS + 1)
        below = np.full(BINS + 1, _ordered(np.array([self.low]))[0] - 1)
        above = np.full(BINS + 1, _ordered(np.array([self.low + self.width]))[0])
        while (above > below + 1).any():
            # The mean rounded down, which never leaves int64 as a difference could.
            middle = (below & above) + ((below ^ above) >> 1)
            reached = self.steps(_ordered(middle).view(np.float64)) >= step
            above, below = np.where(reached, middle, above), np.where(reached, below, middle)
        return _ordered(above).view(np.float64)


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
    import ibis

    number = as_number(table[score])
    ends = _one_row(table, source, least=number.min(), most=number.max(), total=number.sum())
    infinite = 0
    # One NaN or infinity makes the sum one too; the slower question is asked only then.
    finite = all(end is None or np.isfinite(float(end)) for end in ends.values())
    if not finite:
        kept = _finite_number(table[score])
        endless = ibis.ifelse(_infinite(number), 1, 0).sum()
        ends = _one_row(table, source, least=kept.min(), most=kept.max(), endless=endless)
        infinite = int(ends["endless"] or 0)
    if ends["least"] is None:
        raise InputError(
            "it holds no finite number", where=f"column {score!r}", remedy="Choose another column"
        )
    low, width = grid_of(float(ends["least"]), float(ends["most"]))
    return Binning(low, width, infinite, finite)


def _one_row(table: Any, source: Source, **sums: Any) -> dict[str, Any]:
    found = executed(table.aggregate(**sums), source).to_pydict()
    return {name: values[0] for name, values in found.items()}


def value_counts(table: Any, name: str, roles: Roles, source: Source) -> pa.Table:
    """Count a numeric column's values by label, decision and whether there is a score."""
    keys = {"value": table[name]}
    if roles.target is not None:
        keys["target"] = table[roles.target]
    if roles.prediction is not None:
        keys["prediction"] = table[roles.prediction]
    if roles.score is not None:
        keys["scored"] = is_finite(table[roles.score])
    chosen = table.select(**keys)
    return _limited(chosen.group_by(list(keys)).agg(count=chosen.count()), source, [name])


def cells(
    table: Any,
    roles: Roles,
    edges: Mapping[str, Sequence[float]],
    binning: Binning | None,
    source: Source,
    near: Sequence[tuple[int, int]] = (),
) -> pa.Table:
    """Count rows by all that matters to fairness, in the engine.

    Parameters
    ----------
    near : sequence of (int, int), optional
        Ranges of bins of the score cube: only their rows are counted, and by each score.

    Returns
    -------
    pyarrow.Table
        ``target`` and ``prediction`` (if there are such columns), ``above`` (without predictions:
        whether the score reaches the threshold), ``s0``, ``s1``, ... (values, or codes of bins
        where there are edges), ``bin`` (whole steps of the score on the grid), ``count``; with
        weights ``weight``, ``squared`` and ``unusable``; with scores ``least``, ``most`` and
        ``score_weight``. With ``near`` also ``score``.
    """
    import ibis

    keys: dict[str, Any] = {}
    if roles.target is not None:
        keys["target"] = table[roles.target]
    values: dict[str, Any] = {}
    if roles.prediction is not None:
        keys["prediction"] = table[roles.prediction]
    for position, name in enumerate(roles.sensitive):
        keys[f"s{position}"] = _coded(table[name], edges[name]) if name in edges else table[name]
    if roles.score is not None and binning is not None:
        number = as_number if binning.finite else _finite_number
        score = values["score"] = number(table[roles.score])
        keys["bin"] = binning.steps(score).floor().cast("int64")
        if roles.prediction is None:
            assert roles.threshold is not None
            keys["above"] = score >= ibis.literal(float(roles.threshold), "float64")
    if roles.weight is not None:
        values["row_weight"] = as_number(table[roles.weight])
        values["usable"] = is_finite(table[roles.weight]) & (values["row_weight"] >= 0)
    chosen = table.select(**keys, **values)
    if near:
        chosen = chosen.filter(_in_bins(chosen["bin"], near))
        keys["score"] = chosen["score"]
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


def _in_bins(step: Any, ranges: Sequence[tuple[int, int]]) -> Any:
    """Whether a step of the grid is that of a bin in a range; the outermost bins have no end."""
    found = None
    for low, high in ranges:
        inside = step.notnull()
        # The first bin lies before the first step.
        inside = inside & (step >= low - 1) if low > 0 else inside
        inside = inside & (step <= high - 1) if high <= BINS else inside
        found = inside if found is None else found | inside
    return found


def _limited(expression: Any, source: Source, columns: list[str]) -> pa.Table:
    found = executed(expression.limit(MOST_CELLS + 1), source)
    if found.num_rows > MOST_CELLS:
        raise InputError(
            f"label, decision and groups make more than {MOST_CELLS:,} combinations",
            where=" and ".join(f"column {name!r}" for name in columns),
            remedy="Choose columns of few values, or give --edges for numbers",
        )
    return found


def as_number(column: Any) -> Any:
    """Read a number as float64."""
    return column.cast("float64")


def _may_be_infinite(column: Any) -> bool:
    """Whether a column's type has NaN and infinities, as PostgreSQL's numeric has too."""
    return bool(column.type().is_floating() or column.type().is_decimal())


def _infinite(number: Any) -> Any:
    """Whether a float64 is infinite; Ibis answers no for every number on Spark."""
    import ibis

    return number.abs() == ibis.literal(float("inf"), "float64")


def _finite_number(column: Any) -> Any:
    """Read a number as float64, empty unless it is finite."""
    import ibis

    if not _may_be_infinite(column):
        return as_number(column)
    return ibis.ifelse(is_finite(column), as_number(column), ibis.null("float64"))


def is_finite(column: Any) -> Any:
    """Whether a number is there and finite; never null."""
    there = column.notnull()
    if not _may_be_infinite(column):
        return there
    number = as_number(column)
    # An empty answer for a missing number must not make the whole one empty.
    return there & ~(number.isnan() | _infinite(number)).fill_null(False)


def _coded(column: Any, edges: Sequence[float]) -> Any:
    """Code a number's bin as the number of edges it reaches; null where missing."""
    import ibis

    number = as_number(column)
    code = ibis.literal(0, "int64")
    for edge in edges:
        # PostgreSQL casts no boolean to a 64-bit integer.
        code = code + ibis.ifelse(number >= ibis.literal(float(edge), "float64"), 1, 0)
    return _checked_code(column, code)


def _checked_code(column: Any, code: Any) -> Any:
    """Make the code null for a missing number and ``INFINITE`` for an infinite one."""
    import ibis

    nothing = ibis.null("int64")
    if not _may_be_infinite(column):
        return ibis.ifelse(column.isnull(), nothing, code)
    number = as_number(column)
    return ibis.cases(
        (column.isnull(), nothing),
        (number.isnan(), nothing),
        (_infinite(number), ibis.literal(INFINITE, "int64")),
        else_=code,
    )


def _ordered(numbers: Array) -> Ints:
    """Read float64 as integers of the same order, and such integers back as bits of float64."""
    bits = numbers.view(np.int64)
    return np.where(bits < 0, np.iinfo(np.int64).min - bits, bits)
