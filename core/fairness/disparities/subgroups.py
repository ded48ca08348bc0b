"""Where is it worst: a search over subgroups that pays for how many it looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from core.arrays import Flags, Floats, Ints
from core.data.dataset import NO_OUTCOME
from core.errors import InputError
from core.fairness.counts.cube import as_flags, as_persons, as_weights
from core.fairness.counts.grouping import group_rows
from core.fairness.disparities.disparities import lower
from core.fairness.disparities.subgroup_persons import SubgroupPersons, SubgroupSizes
from core.fairness.intervals.intervals import clopper_pearson, effective_size
from core.fairness.metrics.metric_definition import GroupMetric
from core.fairness.metrics.metric_registry import METRICS

_Part = tuple[tuple[str, ...], Ints, Floats, SubgroupSizes | None]

MOST_DEPTH = 3
MOST_VALUES = 12
"""A numeric column with more distinct values is binned."""
NUMERIC_BINS = 4
STEPS = 20
"""So often, at most, what was found so far is ranked and yielded."""


@dataclass(frozen=True)
class Subgroup:
    """A subgroup against everyone else.

    Attributes
    ----------
    conditions : tuple of (str, str)
        Column and value, or range of values, of each condition.
    rows : int
        Rows that the rate is computed over, in the subgroup.
    rate, rest_rate : float
        Of the subgroup, and of everyone else.
    low, high : float
        Of ``rate`` − ``rest_rate``; they hold for all subgroups looked at together.
    """

    conditions: tuple[tuple[str, str], ...]
    rows: int
    rate: float
    rest_rate: float
    low: float
    high: float

    @property
    def name(self) -> str:
        """The conditions joined, "sex Female · age 17 to 28"."""
        return " · ".join(f"{column} {value}" for column, value in self.conditions)

    @property
    def gap(self) -> float:
        """The subgroup's rate minus that of everyone else."""
        return self.rate - self.rest_rate

    @property
    def bound(self) -> float:
        """The least that |gap| surely is; 0 or less where there may be none."""
        return max(self.low, -self.high)


@dataclass(frozen=True)
class SubgroupSearch:
    """What a search found.

    Attributes
    ----------
    metric : str
    columns : tuple of str
    depth : int
        Most conditions at once.
    looked_at : int
        Subgroups that were compared; the intervals pay for each.
    too_small : int
        Subgroups with fewer rows than ``minimum_rows``, or all but so few, which were not.
    minimum_rows : int
    level, each_level : float
        Of all intervals together, and of each alone.
    subgroups : tuple of Subgroup
        The worst, by the least that the gap surely is.
    sure : int
        Subgroups among all looked at whose gap is significant.
    """

    metric: str
    columns: tuple[str, ...]
    depth: int
    looked_at: int
    too_small: int
    minimum_rows: int
    level: float
    each_level: float
    subgroups: tuple[Subgroup, ...]
    sure: int
    called: str = ""

    @property
    def title(self) -> str:
        """What the metric is called."""
        return self.called or METRICS[self.metric].title

    @property
    def sentence(self) -> str:
        """The finding in one plain sentence without a full stop."""
        title = lower(self.title)
        if not self.looked_at:
            return f"No subgroup has {self.minimum_rows} rows to judge its {title} by"
        if not self.sure:
            return (
                f"No subgroup's {title} significantly differs from everyone else's, among "
                f"{self.looked_at:,} looked at"
            )
        worst = self.subgroups[0]
        side = "lower" if worst.gap < 0 else "higher"
        return (
            f"{self.title} differs most significantly for {worst.name}: "
            f"{worst.rate:.2f} against {worst.rest_rate:.2f} elsewhere, {side} by at least "
            f"{worst.bound:.2f}"
        )


def search_subgroups(
    target: Flags | None,
    prediction: Flags,
    columns: pd.DataFrame,
    metric: str,
    *,
    weights: Floats | None = None,
    persons: Ints | None = None,
    depth: int = 2,
    minimum_rows: int = 30,
    level: float = 0.95,
    keep: int = 20,
) -> Iterator[tuple[float, SubgroupSearch]]:
    """Compare every subgroup of up to ``depth`` conditions with everyone else.

    Each interval has the level 1 − (1 − level) / m over the m subgroups looked at (Bonferroni,
    which overlapping subgroups can't upset): Clopper–Pearson limits of both rates, combined by the
    method of variance estimates recovery (Zou and Donner 2008, Statistics in Medicine 27), exact
    far out in the tails where Wilson's limits are not. Which subgroups are looked at depends on
    their numbers of rows only, never on their outcomes.

    Parameters
    ----------
    target, prediction : array of bool, shape (n,)
        The target is None where no true outcome was given; a metric that needs it is refused.
    columns : DataFrame, shape (n, c)
        Numbers with more than :data:`MOST_VALUES` values are binned by quartile; missing values
        are a value of their own.
    metric : str
        A share of rows, in :data:`core.fairness.metrics.metric_registry.METRICS`.
    weights : array of float, shape (n,), optional
        Non-negative; sizes of weighted subgroups are effective ones.
    persons : array of int, shape (n,), optional
        Equal for rows of one person, whom sizes and intervals then count.
    depth : int
        1 to :data:`MOST_DEPTH`.
    minimum_rows : int
        At least 1: of the rate's own denominator, in the subgroup and outside. Persons where they
        are given.
    keep : int
        So many of the worst are kept.

    Yields
    ------
    tuple of float and SubgroupSearch
        Share done in (0, 1], and the result so far, paid for what was looked at so far.

    Raises
    ------
    InputError
        If the metric is no share of rows, or a number is out of range.
    """
    _check_numbers(depth, minimum_rows, keep, level)
    if not columns.shape[1] or not columns.columns.is_unique:
        raise InputError("at least one column is needed, and none twice", where="columns")
    n = len(columns)
    trial, hit = _trials_and_hits(target, prediction, metric, n)
    coded = {str(name): _coded(columns[name]) for name in columns.columns}
    # Only rows in the rate's denominator say anything.
    weight = np.ones(n) if weights is None else as_weights(weights, n)
    trial &= weight > 0
    weight, hit = weight[trial], hit[trial]
    texts = {name: values for name, (_, values) in coded.items()}
    ids = as_persons(persons, n)
    counting = _Counting(
        {name: values[trial] for name, (values, _) in coded.items()},
        {name: len(values) for name, values in texts.items()},
        np.stack([np.ones(len(weight)), weight, weight**2, weight * hit]),
        None if ids is None else SubgroupPersons(ids[trial], weight, hit),
        minimum_rows,
    )
    names = tuple(coded)
    depth = min(depth, len(names))
    todo = [subset for d in range(1, depth + 1) for subset in combinations(names, d)]
    found: list[_Part] = []
    small = 0
    for done, subset in enumerate(todo, start=1):
        part, too_small = counting.count(subset)
        found.append(part)
        small += too_small
        if done * STEPS // len(todo) == (done - 1) * STEPS // len(todo):
            continue
        m, each, worst, sure = _ranked(found, texts, counting.parts.sum(axis=1), level, keep)
        yield (
            done / len(todo),
            SubgroupSearch(metric, names, depth, m, small, minimum_rows, level, each, worst, sure),
        )


def _check_numbers(depth: int, minimum_rows: int, keep: int, level: float) -> None:
    if not 1 <= depth <= MOST_DEPTH:
        raise InputError(f"it must be 1 to {MOST_DEPTH}", where=f"depth {depth}")
    if minimum_rows < 1 or keep < 1:
        raise InputError("it must be at least 1", where="minimum rows, and how many to keep")
    if not 0 < level < 1:
        raise InputError("it must lie between 0 and 1", where=f"level {level}")


def _trials_and_hits(
    target: Flags | None, prediction: Flags, metric: str, n: int
) -> tuple[Flags, Flags]:
    """Say which rows are in the rate's denominator, and which in its numerator."""
    definition = METRICS[metric]
    if not isinstance(definition, GroupMetric) or definition.rate is None:
        raise InputError("it is no share of rows, so subgroups can't be searched", where=metric)
    if target is None and definition.needs_outcome:
        raise InputError(f"it is not defined: {NO_OUTCOME}", where=metric)
    hits, trials = definition.rate
    decision = as_flags(prediction, "prediction", n)
    label = np.zeros(n, dtype=np.bool_) if target is None else as_flags(target, "target", n)
    cell = label * 2 + decision
    trial, hit = (np.isin(cell, [2 * y + d for y, d in c.picked]) for c in (trials, hits))
    return trial, hit


@dataclass(frozen=True, eq=False)
class _Counting:
    """Rows by their codes in each column, ready to be counted by several columns at once.

    ``parts`` holds a one, the weight, its square and the weight of a hit for each row.
    """

    codes: dict[str, Ints]
    sizes: dict[str, int]
    parts: Floats
    persons: SubgroupPersons | None
    minimum_rows: int

    def count(self, subset: tuple[str, ...]) -> tuple[_Part, int]:
        """Count the subgroups of some columns; return those large enough, and how many aren't."""
        key, size = np.zeros(self.parts.shape[1], dtype=np.int64), 1
        for name in subset:
            key = key * self.sizes[name] + self.codes[name]
            size *= self.sizes[name]
        binned = [np.bincount(key, part, minlength=size) for part in self.parts]
        sums = np.stack(binned).astype(np.float64)
        inside, outside = sums[0], self.parts.shape[1] - sums[0]
        sizes_of = None
        if self.persons is not None:
            sizes_of = self.persons.compare(key, size)
            inside, outside = sizes_of.number, sizes_of.number_outside
        enough = (inside >= self.minimum_rows) & (outside >= self.minimum_rows)
        keys = np.flatnonzero(enough).astype(np.int64)
        part = subset, keys, sums[:, enough], sizes_of and sizes_of.at(keys)
        return part, int(((inside > 0) & ~enough).sum())


def _coded(column: pd.Series[str]) -> tuple[Ints, list[str]]:
    """Code a column by its values, or a numeric one of many values by quartile, with their names.

    Bins are named by the least and the largest value they hold.
    """
    if is_numeric_dtype(column) and not is_bool_dtype(column) and column.nunique() > MOST_VALUES:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        quantiles = np.arange(1, NUMERIC_BINS) / NUMERIC_BINS
        # Edges are values that occur: nothing is interpolated, so infinite ones do no harm.
        edges = np.unique(np.nanquantile(values, quantiles, method="lower"))
        bins = np.searchsorted(edges, values, side="left")
        texts = np.full(len(values), None, dtype=object)
        for b in np.unique(bins[~np.isnan(values)]):
            inside = (bins == b) & ~np.isnan(values)
            texts[inside] = f"{values[inside].min():g} to {values[inside].max():g}"
        column = pd.Series(texts)
    grouping = group_rows(pd.DataFrame({"value": column}))
    return grouping.codes, [group[0] for group in grouping.groups]


def _ranked(
    found: list[_Part],
    texts: dict[str, list[str]],
    total: Floats,
    level: float,
    keep: int,
) -> tuple[int, float, tuple[Subgroup, ...], int]:
    """Rank what was found; return how many there are, each one's level, the worst, and how sure."""
    inside = np.concatenate([part[2] for part in found], axis=1)
    rows = inside[0]
    m = len(rows)
    each = 1 - (1 - level) / max(m, 1)
    if not m:
        return 0, each, (), 0
    # Rounding of sums of weights could leave a share a hair outside [0, 1].
    outside = np.maximum(total[:, None] - inside, 0)
    rate, rest = (np.clip(sums[3] / sums[1], 0, 1) for sums in (inside, outside))
    size1, size2 = (effective_size(sums[1], sums[2]) for sums in (inside, outside))
    by_person = [part[3] for part in found if part[3] is not None]
    if by_person:
        size1 = np.concatenate([part.inside(each) for part in by_person])
        size2 = np.concatenate([part.outside(each) for part in by_person])
    low1, high1 = clopper_pearson(rate * size1, size1, each)
    low2, high2 = clopper_pearson(rest * size2, size2, each)
    low = rate - rest - np.hypot(rate - low1, high2 - rest)
    high = rate - rest + np.hypot(high1 - rate, rest - low2)
    bound = np.maximum(low, -high)
    starts = np.cumsum([0] + [len(part[1]) for part in found])
    worst = []
    for position in np.lexsort((-np.abs(rate - rest), -bound))[:keep].tolist():
        part = int(np.searchsorted(starts, position, side="right")) - 1
        subset, keys = found[part][0], found[part][1]
        key = int(keys[position - starts[part]])
        conditions = []
        for name in reversed(subset):
            key, code = divmod(key, len(texts[name]))
            conditions.append((name, texts[name][code]))
        worst.append(
            Subgroup(
                tuple(reversed(conditions)), int(rows[position]), float(rate[position]),
                float(rest[position]), float(low[position]), float(high[position]),
            )
        )  # fmt: skip
    return m, each, tuple(worst), int((np.round(bound, 3) > 0).sum())
