"""Declared axes of a release: which cells there are is settled before anyone looks at the data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import numpy as np
import pandas as pd

from core.arrays import Floats, Ints
from core.data.domains import CategoryDomain, NumberDomain
from core.data.labels import canonical, canonical_series
from core.data.roles.groups import bin_names
from core.data.roles.merged_groups import MergedGroups, merged_names
from core.data.samples import Sample
from core.data.table import MISSING
from core.errors import InputError
from core.storage.json_format import from_json, from_list, json_form, list_json

MOST_CELLS = 10_000
OTHER = "(other)"


@dataclass(frozen=True)
class CategoryAxis:
    """Declared categories of a column, in canonical text; any other value is "(other)"."""

    name: str
    categories: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.categories or len(set(self.categories)) < len(self.categories):
            raise InputError(
                "its categories must be declared, each of them once",
                where=f"column {self.name!r}",
                remedy="Write down those that may occur, from public knowledge",
            )

    @property
    def labels(self) -> tuple[str, ...]:
        """Name of each cell."""
        return self.categories

    def codes(self, values: pd.Series) -> Ints:
        """Position of each row's category; −1 for a value that was not declared."""
        texts = canonical_series(values).fillna(MISSING).to_numpy(dtype=object)
        lookup = {category: code for code, category in enumerate(self.categories)}
        return np.array([lookup.get(text, -1) for text in texts], dtype=np.int64)


@dataclass(frozen=True)
class BinAxis:
    """Declared bins of a numeric column, each holding its left edge.

    Attributes
    ----------
    edges : tuple of float
        Ascending, at least two; a value outside them counts in the first or last bin.
    """

    name: str
    edges: tuple[float, ...]

    def __post_init__(self) -> None:
        ascending = all(low < high for low, high in pairwise(self.edges))
        if len(self.edges) < 2 or not ascending or not all(map(math.isfinite, self.edges)):
            raise InputError(
                "its bins need at least two finite edges that ascend",
                where=f"column {self.name!r}",
                remedy="Write down bounds that are publicly known, such as 0 and 120 for an age",
            )

    @property
    def labels(self) -> tuple[str, ...]:
        """Name of each cell."""
        texts = [canonical(float(f"{edge:.6g}")) for edge in self.edges]
        return tuple(f"{low} – {high}" for low, high in pairwise(texts))

    def codes(self, values: pd.Series) -> Ints:
        """Position of each row's bin; −1 where the value is missing."""
        found = numbers(values)
        code = np.searchsorted(np.asarray(self.edges), found, side="right") - 1
        code = np.clip(code, 0, len(self.edges) - 2)
        return np.where(np.isnan(found), -1, code).astype(np.int64)


ReleaseAxis = CategoryAxis | BinAxis
_AXES: dict[str, type[ReleaseAxis]] = {"categories": CategoryAxis, "bins": BinAxis}


def _tagged(axis: ReleaseAxis) -> list[Any]:
    return [next(tag for tag, kind in _AXES.items() if type(axis) is kind), *list_json(axis)]


def _axis(record: Any) -> ReleaseAxis:
    if not isinstance(record, list) or not record or record[0] not in _AXES:
        raise ValueError(f"{record!r} is no axis of {' or '.join(_AXES)}")
    return cast(ReleaseAxis, from_json(_AXES[record[0]], record, "an axis"))


json_form(CategoryAxis, write=_tagged, read=lambda record: from_list(CategoryAxis, record[1:]))
json_form(BinAxis, write=_tagged, read=lambda record: from_list(BinAxis, record[1:]))
json_form(ReleaseAxis, read=_axis)


def equal_bins(name: str, low: float, high: float, bins: int) -> BinAxis:
    """Bins of equal width between declared bounds."""
    if not 2 <= bins <= MOST_CELLS:
        raise InputError(f"from 2 to {MOST_CELLS} bins are possible", where=f"{bins} bins")
    check_bounds(name, low, high)
    return BinAxis(name, tuple(float(edge) for edge in np.linspace(low, high, bins + 1)))


def check_bounds(name: str, low: float, high: float) -> None:
    """Refuse bounds that are not two finite numbers, the lower first."""
    if not (math.isfinite(low) and math.isfinite(high) and low < high and high - low < math.inf):
        raise InputError(
            f"its bounds must be two finite numbers, the lower first, not {low:g} and {high:g}",
            where=f"column {name!r}",
            remedy="Write down bounds that are publicly known, such as 0 and 120 for an age",
        )


def numbers(values: pd.Series) -> Floats:
    """Numbers of a column, NaN where missing; InputError if it holds anything else."""
    if values.dtype.kind not in "iufb":
        raise InputError(
            "it holds no numbers",
            where=f"column {values.name!r}",
            remedy="Choose a numeric column, or release a histogram of its categories",
        )
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def count_cells(axes: Sequence[ReleaseAxis], frame: pd.DataFrame) -> Ints:
    """Count rows by the declared cells of all the axes together.

    Parameters
    ----------
    axes : sequence of ReleaseAxis
    frame : DataFrame, shape (n, columns)

    Returns
    -------
    ndarray of int64, shape (cells + 1,)
        Cells in row-major order of the axes, empty ones included; last the rows of which any
        value lies outside what was declared.
    """
    size = cells_of(axes)
    cell, outside = np.zeros(len(frame), dtype=np.int64), np.zeros(len(frame), dtype=np.bool_)
    for axis in axes:
        code = axis.codes(frame[axis.name])
        outside |= code < 0
        cell = cell * len(axis.labels) + code
    return np.bincount(np.where(outside, size, cell), minlength=size + 1).astype(np.int64)


def cells_of(axes: Sequence[ReleaseAxis]) -> int:
    """Count the declared cells; InputError if there are too many to be of use."""
    size = math.prod(len(axis.labels) for axis in axes)
    if size > MOST_CELLS:
        raise InputError(
            f"the declared categories make {size} cells, and {MOST_CELLS} are the most",
            where=" × ".join(axis.name for axis in axes),
            remedy="Choose fewer columns or wider bins",
        )
    return size


def declared_groups(
    column: str,
    edges: dict[str, tuple[float, ...]],
    sample: Sample | None,
    merged_groups: MergedGroups = (),
) -> tuple[str, ...]:
    """Return groups of a sensitive column that are known without looking; empty if none are.

    Parameters
    ----------
    column : str
    edges : dict of str to tuple of float
        Declared inner edges of numeric sensitive columns.
    sample : Sample or None
        Whose data dictionary declares categories.
    merged_groups : tuple
        Declared too: which values the roles count as one group.
    """
    if column in edges:
        return merged_names(bin_names(edges[column]), merged_groups, column)
    domain = declared_domain_of(column, sample)
    if isinstance(domain, CategoryDomain):
        return merged_names(map(canonical, domain.categories), merged_groups, column)
    return ()


def declared_domain_of(column: str, sample: Sample | None) -> CategoryDomain | NumberDomain | None:
    """Return what a sample's data dictionary declares of a column."""
    items = sample.domains.items if sample else ()
    return next((item for item in items if item.name == column), None)
