"""Scoring rates of a table that stays in its engine: who scores above the exact median.

Bins of scores tell in which of them the median lies, by whatever groups are known; only the scores
of these bins are asked for one by one. Definition and source stand in
:mod:`core.fairness.assessment.scoring_rate`.

A wrong answer would be caught by the rates of the same table in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.arrays import Flags, Floats, Ints
from core.data.roles.unknown_values import is_unknown_value
from core.fairness.assessment.assess import assess_cube
from core.fairness.assessment.scoring_rate import ScoringRates
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.score_cube import ScoreCube
from core.fairness.metrics.impact_spec import DEFAULT, ImpactSpec

MANY_COLUMNS = 6
"""With more sensitive columns, medians are found for each of them and for all together only."""

CHANGED = "the table changed while it was counted"


@dataclass(frozen=True, eq=False)
class NearMedian:
    """The scores of all bins that hold a median, each with the rows of a group that have it.

    Attributes
    ----------
    group, bin : ndarray of int64, shape (r,)
        Positions in the score cube.
    score : ndarray of float64, shape (r,)
    count : ndarray of int64, shape (r,)
    weight, weight_squared : ndarray of float64, shape (r,)
    """

    group: Ints
    bin: Ints
    score: Floats
    count: Ints
    weight: Floats
    weight_squared: Floats


def median_bins(scores: ScoreCube) -> tuple[tuple[int, int], ...]:
    """Find the first and the last bin of each median: of all rows, and of those of known group."""
    names = scores.attributes
    sizes = range(1, len(names) + 1) if len(names) <= MANY_COLUMNS else (1, len(names))
    masks = [np.ones(len(scores.groups), dtype=np.bool_)]
    masks += [_known(scores, chosen) for size in sizes for chosen in combinations(names, size)]
    found = {_bins_of(scores, mask) for mask in masks if scores.count[mask].any()}
    return tuple(sorted(found))


def near_median(
    scores: ScoreCube, cells: pa.Table, near: pa.Table, group_of: Ints, bin_of: Ints
) -> NearMedian | None:
    """Give the scores near the median to their groups, by the cells of the same raw values.

    Parameters
    ----------
    scores : ScoreCube
    cells, near : pyarrow.Table
        From :func:`core.fairness.engine.engine_query.cells`; ``near`` has each score too.
    group_of, bin_of : ndarray of int64, shape (cells,)
        Of each cell; a group below 0 is left out.

    Returns
    -------
    NearMedian or None
        None if the rows are no longer those that were counted.
    """
    keys = [
        name for name in near.column_names if name in ("target", "prediction", "above", "bin")
    ] + [name for name in near.column_names if name[0] == "s" and name[1:].isdigit()]
    codes = np.column_stack([_codes(cells.column(name), near.column(name)) for name in keys])
    _, position = np.unique(codes, axis=0, return_inverse=True)
    position = position.reshape(-1)
    cell_at = np.full(position.max(initial=-1) + 1, -1)
    cell_at[position[: len(cells)]] = np.arange(len(cells))
    cell = cell_at[position[len(cells) :]]
    there = cell >= 0
    there[there] = group_of[cell[there]] >= 0
    cell = cell[there]

    def column(name: str, kind: type) -> Any:
        return near.column(name).to_numpy()[there].astype(kind)

    count = column("count", np.int64)
    weighted = "weight" in near.column_names
    found = NearMedian(
        group_of[cell],
        bin_of[cell],
        column("score", np.float64),
        count,
        column("weight", np.float64) if weighted else count.astype(np.float64),
        column("squared", np.float64) if weighted else count.astype(np.float64),
    )
    return found if _agrees(scores, found) else None


def scoring_of(
    scores: ScoreCube,
    near: NearMedian,
    attributes: Sequence[str],
    impact: ImpactSpec = DEFAULT,
) -> tuple[ScoringRates, ...]:
    """Compute scoring rates by some of the sensitive columns.

    As :func:`core.fairness.assessment.scoring_rate.scoring_rates` does of rows in memory: against
    the median of all rows, then against that of the rows of known group where it is another.
    """
    everyone = np.ones(len(scores.groups), dtype=np.bool_)
    masks = {"all scored rows": everyone}
    known = _known(scores, attributes)
    if scores.count[known].any():
        masks["rows of known group"] = known
    found: list[ScoringRates] = []
    for median_of, mask in masks.items():
        median = _median(scores, near, mask)
        if found and median == found[0].median:
            continue
        cube = _above(scores, near, median, _bins_of(scores, mask)[1]).marginal(tuple(attributes))
        rows = int(scores.count[mask].sum())
        found.append(ScoringRates(median, median_of, rows, assess_cube(cube, impact=impact)))
    return tuple(found)


def _known(scores: ScoreCube, attributes: Sequence[str]) -> Flags:
    places = [scores.attributes.index(name) for name in attributes]
    return np.array(
        [not any(is_unknown_value(group[p]) for p in places) for group in scores.groups]
    )


def _bins_of(scores: ScoreCube, mask: Flags) -> tuple[int, int]:
    """Find the bins of the two middle rows, which are one where their number is odd."""
    upto = np.cumsum(scores.count[mask].sum(axis=(0, 1)))
    middle = [(upto[-1] - 1) // 2, upto[-1] // 2]
    low, high = np.searchsorted(upto, middle, side="right").tolist()
    return low, high


def _median(scores: ScoreCube, near: NearMedian, mask: Flags) -> float:
    upto = np.cumsum(scores.count[mask].sum(axis=(0, 1)))
    low, high = _bins_of(scores, mask)
    before = int(upto[low - 1]) if low else 0
    inside = mask[near.group] & (near.bin >= low) & (near.bin <= high)
    order = np.argsort(near.score[inside], kind="stable")
    values, ranks = near.score[inside][order], np.cumsum(near.count[inside][order])
    middle = [int(upto[-1] - 1) // 2 - before, int(upto[-1]) // 2 - before]
    return float(np.mean(values[np.searchsorted(ranks, middle, side="right")]))


def _above(scores: ScoreCube, near: NearMedian, median: float, last: int) -> OutcomeCube:
    """Count who scores strictly above; bins past those of the median are above as a whole."""
    g = len(scores.groups)
    over = near.score > median
    over &= near.bin <= last

    def counted(cells: Ints | Floats, rows: Ints | Floats) -> Floats:
        by_bin = cells.sum(axis=1).astype(np.float64)
        above = by_bin[:, last + 1 :].sum(axis=1)
        above += np.bincount(near.group[over], rows[over], minlength=g)
        out = np.zeros((g, 2, 2))
        out[:, 0, 1] = above
        out[:, 0, 0] = np.maximum(by_bin.sum(axis=1) - above, 0)
        return out

    return OutcomeCube(
        scores.attributes,
        scores.groups,
        counted(scores.count, near.count).astype(np.int64),
        counted(scores.weight, near.weight),
        counted(scores.weight_squared, near.weight_squared),
        scores.weighted,
        has_outcome=False,
    )


def _agrees(scores: ScoreCube, near: NearMedian) -> bool:
    """Whether the rows of each group in each asked bin are as many as were counted."""
    b = scores.count.shape[2]
    cell = near.group * b + near.bin
    rows = np.bincount(cell, near.count, minlength=len(scores.groups) * b)
    asked = np.zeros(b, dtype=np.bool_)
    for low, high in median_bins(scores):
        asked[low : high + 1] = True
    counted = scores.count.sum(axis=1)
    return bool(np.array_equal(rows.reshape(-1, b)[:, asked], counted[:, asked]))


def _codes(first: pa.ChunkedArray, second: pa.ChunkedArray) -> Ints:
    """Code the values of two columns of one type alike; a missing one has a code of its own."""
    both = pa.chunked_array([*first.chunks, *second.cast(first.type).chunks], first.type)
    array = both.combine_chunks()
    if not pa.types.is_dictionary(array.type):
        array = pc.dictionary_encode(array, null_encoding="mask")
    codes = array.indices.fill_null(len(array.dictionary)).to_numpy(zero_copy_only=False)
    return np.asarray(codes, dtype=np.int64)
