"""Groups of people by a sensitive column: its values, or bins where it is numeric."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from core.arrays import Floats
from core.data.labels import canonical, canonical_series
from core.data.table import MISSING
from core.errors import InputError

FEW = 10
"""A numeric column of at most this many distinct values makes one group for each."""


def group(series: pd.Series, edges: Sequence[float] | None = None) -> pd.Series:
    """Name each row's group.

    Parameters
    ----------
    series : Series, shape (n,)
    edges : sequence of float, optional
        Inner edges of bins, ascending, for a numeric column. Without them a numeric column of more
        than ``FEW`` distinct values is cut at :func:`default_edges`.

    Returns
    -------
    Series of str, shape (n,)
        Same index, object dtype; "(missing)" where there is no value.

    Raises
    ------
    InputError
        If edges are given for what is not numeric, are not finite and ascending, or make a bin
        without a row.
    """
    numeric = series.dtype.kind in "iuf"
    if edges is not None and not numeric:
        raise InputError(
            "only a numeric column has bin edges",
            where=f"column {series.name!r}",
            remedy="Leave the edges out, or choose number as its kind",
        )
    if edges is None and numeric and series.nunique() > FEW:
        edges = default_edges(series)
    if edges is None:
        return canonical_series(series).fillna(MISSING).astype(object)
    values = series.to_numpy(dtype=np.float64)
    check_edges(values, edges, str(series.name))
    names = np.array([*bin_names(edges), MISSING], dtype=object)
    # side="right" puts a value that equals an edge into the bin that begins there.
    index = np.searchsorted(np.asarray(edges, dtype=np.float64), values, side="right")
    index[np.isnan(values)] = len(names) - 1
    return pd.Series(names[index], index=series.index, dtype=object, name=series.name)


def bin_names(edges: Sequence[float]) -> tuple[str, ...]:
    """Names of the bins between edges, each holding its left edge.

    Edges (25, 60) make "< 25", "25 – 60" and "≥ 60".
    """
    texts = [canonical(float(edge)) for edge in edges]
    inner = [f"{low} – {high}" for low, high in pairwise(texts)]
    return (f"< {texts[0]}", *inner, f"≥ {texts[-1]}")


def default_edges(series: pd.Series) -> tuple[float, ...]:
    """Edges near the quartiles, rounded to readable numbers, with a row in every bin.

    The rounding unit is the largest of 1, 2, 5 × 10^k not above half the interquartile range (or
    an eighth of the range, where that is zero). Quartiles follow Hyndman and Fan (1996), type 7.

    Parameters
    ----------
    series : Series
        Numeric, with at least two distinct values.
    """
    values = series.to_numpy(dtype=np.float64)
    values = values[np.isfinite(values)]
    least, most = float(values.min()), float(values.max())
    quartiles = np.quantile(values, (0.25, 0.5, 0.75))
    # Halved first: the difference of two huge numbers may overflow, that of their halves cannot.
    spread = float(quartiles[2] / 2 - quartiles[0] / 2) or (most / 8 - least / 8)
    unit = _readable(spread)
    edges: list[float] = []
    if unit is not None:
        for quartile in quartiles:
            edge = _multiple(float(quartile), unit)
            if math.isfinite(edge) and _splits(values, [*edges, edge]):
                edges.append(edge)
    if not edges:
        # Nearly all values are alike: the smallest against the rest is the one sure cut.
        edges = [float(values[values > least].min())]
    return tuple(edges)


def check_edges(values: Floats, edges: Sequence[float], column: str) -> None:
    """Refuse edges that are not finite and ascending or that make a bin without a row."""
    where = f"column {column!r}"
    if not edges or not all(math.isfinite(edge) for edge in edges):
        raise InputError(
            "bin edges must be finite numbers", where=where, remedy="Give at least one"
        )
    if any(low >= high for low, high in pairwise(edges)):
        raise InputError(
            f"bin edges must ascend, and {', '.join(canonical(float(e)) for e in edges)} do not",
            where=where,
            remedy="Order them and give each once",
        )
    present = values[~np.isnan(values)]
    if not len(present):
        raise InputError("no value is there to be binned", where=where, remedy="Choose another")
    names = bin_names(edges)
    index = np.searchsorted(np.asarray(edges, dtype=np.float64), present, side="right")
    empty = np.flatnonzero(np.bincount(index, minlength=len(names)) == 0)
    if len(empty):
        low, high = canonical(float(present.min())), canonical(float(present.max()))
        raise InputError(
            f"no row falls into the bin {names[int(empty[0])]!r}; values lie from {low} to {high}",
            where=where,
            remedy="Move or remove the edge",
        )


def _splits(values: Floats, edges: list[float]) -> bool:
    if any(low >= high for low, high in pairwise(edges)):
        return False
    index = np.searchsorted(np.asarray(edges), values, side="right")
    return bool((np.bincount(index, minlength=len(edges) + 1) > 0).all())


def _readable(spread: float) -> float | None:
    if not math.isfinite(spread) or spread < 1e-300:
        return None
    exponent = math.floor(math.log10(spread))
    steps = [step for step in (1, 2, 5) if step * 10.0**exponent <= spread]
    return float(f"{max(steps, default=1)}e{exponent}")


def _multiple(value: float, unit: float) -> float:
    # Through decimal text, so that 3 × 0.1 is 0.3 and not 0.30000000000000004.
    count = round(value / unit)
    mantissa, exponent = f"{unit:.0e}".split("e")
    return float(f"{count * int(mantissa)}e{exponent}")
