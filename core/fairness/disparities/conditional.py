"""Conditional parity: gaps among people who are alike in control features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import Array, Flags, Floats, Ints
from core.data.dataset import NO_OUTCOME
from core.errors import InputError
from core.fairness.counts.cube import (
    OutcomeCube,
    as_flags,
    as_persons,
    as_weights,
    count_outcomes,
)
from core.fairness.counts.grouping import Grouping, group_rows
from core.fairness.counts.known_groups import is_unknown
from core.fairness.counts.person_cells import PersonCells
from core.fairness.counts.person_draws import PersonDraws, with_prior
from core.fairness.disparities.conditional_result import ConditionalParity, Stratum
from core.fairness.intervals.intervals import Ends, effective_size, simultaneous_box
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.group_measurement import Measured, Sampling, figures
from core.fairness.metrics.metric_registry import METRICS, GroupMetric

__all__ = ["ConditionalParity", "Stratum", "conditional_parity"]

MOST_STRATA = 500
"""More are refused: hardly anyone would have a like to be compared with."""
NONE_COMPARED = "there is no stratum in which at least two groups, and all of them, have the figure"


def conditional_parity(
    target: Flags | None,
    prediction: Flags,
    sensitive: pd.DataFrame,
    control: pd.DataFrame,
    metric: str = "selection_rate",
    *,
    weights: Floats | None = None,
    persons: Ints | None = None,
    level: float = 0.95,
    sampling: Sampling | None = None,
    minimum_count: int = 0,
    title: str = "",
) -> ConditionalParity:
    """Compare groups within each combination of control values, and over all by standardisation.

    Conditional statistical parity: Corbett-Davies et al. 2017, KDD; Kamiran, Žliobaitė and Calders
    2013, Knowledge and Information Systems 35. Direct standardisation: Rothman, Greenland and Lash
    2008, Modern Epidemiology, chapter 15.

    Parameters
    ----------
    target, prediction : array of bool, shape (n,)
        The target is None where no true outcome was given; a metric that needs it is refused.
    sensitive, control : DataFrame, shapes (n, s) and (n, c)
        Where all controls are ordered categoricals, strata are listed in their order.
    metric : str
        A metric of decisions, in :data:`core.fairness.metrics.metric_registry.METRICS`.
    persons : array of int, shape (n,), optional
        Equal for rows of one person; without them every row is a person.
    minimum_count : int
        Groups of fewer persons are left out; within strata, smaller ones are only named.
    title : str
        What the metric is called, where not by its own title.

    Raises
    ------
    InputError
        If the metric needs scores, lengths differ, or control values make too many strata.
    """
    definition = METRICS[metric]
    if not isinstance(definition, GroupMetric):
        raise InputError("it needs scores, which can't be compared within strata", where=metric)
    if target is None and definition.needs_outcome:
        raise InputError(f"it is not defined: {NO_OUTCOME}", where=metric)
    n = len(sensitive)
    if len(control) != n:
        raise InputError(f"{len(control)} rows for {n} of sensitive values", where="control")
    groups, strata = group_rows(sensitive), _control_strata(control)
    who = as_persons(persons, n)
    known = np.array([not is_unknown(group) for group in groups.groups], dtype=np.bool_)
    large = known & (_persons_in(groups, who) >= minimum_count)
    names = [name for name, kept in zip(groups.names, large, strict=True) if kept]
    # One cube over stratum × group: empty cells stay, so that every stratum has every group.
    kept_rows = np.flatnonzero(large[groups.codes])
    position = (np.cumsum(large) - 1)[groups.codes[kept_rows]]
    cells = Grouping(
        ("stratum", "group"),
        tuple((str(s), name) for s in range(len(strata.groups)) for name in names),
        strata.codes[kept_rows] * len(names) + position,
    )
    cube = count_outcomes(
        cells,
        None if target is None else as_flags(target, "target", n)[kept_rows],
        as_flags(prediction, "prediction", n)[kept_rows],
        None if weights is None else as_weights(weights, n)[kept_rows],
        None if who is None else who[kept_rows],
    )
    ranks = _ranks(strata, control)
    found = _Strata(
        definition, strata, names, cube, level, sampling or Sampling(), minimum_count, ranks
    )
    small = known & ~large
    aside = tuple(name for name, left in zip(groups.names, small, strict=True) if left)
    return replace(
        found.compare(aside),
        of_unknown=int((~known)[groups.codes].sum()),
        attributes=groups.attributes,
        called=title,
    )


def _control_strata(control: pd.DataFrame) -> Grouping:
    """Group rows by the combinations of control values; InputError if there are too many."""
    strata = group_rows(control)
    if len(strata.groups) > MOST_STRATA:
        raise InputError(
            f"they make {len(strata.groups)} kinds of people, too many to find likes among",
            where=" and ".join(f"column {name!r}" for name in strata.attributes),
            remedy=f"Choose other columns, or wider bins, for at most {MOST_STRATA}",
        )
    return strata


def _persons_in(groups: Grouping, persons: Ints | None) -> Ints:
    """Count the persons of each group, rows unless told."""
    codes = groups.codes
    if persons is not None:
        codes = np.unique(np.stack([persons, codes]), axis=1)[1]
    return np.bincount(codes, minlength=len(groups.groups)).astype(np.int64)


def _stratum_name(strata: Grouping, position: int) -> str:
    values = strata.groups[position]
    return " · ".join(f"{c} {v}" for c, v in zip(strata.attributes, values, strict=True))


def _ranks(strata: Grouping, control: pd.DataFrame) -> dict[str, tuple[int, ...]]:
    """Place each stratum by its controls' order, where all of them have one; else all alike."""
    kinds = [control.iloc[:, c].dtype for c in range(control.shape[1])]
    names = [_stratum_name(strata, s) for s in range(len(strata.groups))]
    positions = [
        {str(value): position for position, value in enumerate(kind.categories)}
        for kind in kinds
        if isinstance(kind, pd.CategoricalDtype) and kind.ordered
    ]
    if len(positions) < len(kinds):
        return dict.fromkeys(names, ())
    return {
        name: tuple(
            position.get(v, len(position)) for position, v in zip(positions, values, strict=True)
        )
        for name, values in zip(names, strata.groups, strict=True)
    }


@dataclass(frozen=True, eq=False)
class _Strata:
    """Outcomes by stratum and group, and how to compare them."""

    definition: GroupMetric
    strata: Grouping
    names: list[str]
    cube: OutcomeCube
    level: float
    sampling: Sampling
    minimum_count: int
    rank: dict[str, tuple[int, ...]]

    def name(self, stratum: int) -> str:
        return _stratum_name(self.strata, stratum)

    def part(self, stratum: int | list[int]) -> OutcomeCube:
        """Return the groups' cube in one stratum, or summed over some."""
        chosen = [stratum] if isinstance(stratum, int) else stratum
        shape = (len(self.strata.groups), len(self.names), 2, 2)

        def summed(cells: Array) -> Array:
            out: Array = cells.reshape(shape)[chosen].sum(axis=0)
            return out

        return replace(
            self.cube,
            attributes=("group",),
            groups=tuple((name,) for name in self.names),
            count=summed(self.cube.count),
            weight=summed(self.cube.weight),
            weight_squared=summed(self.cube.weight_squared),
            persons=self.persons_of(chosen),
        )

    def persons_of(self, strata: list[int]) -> PersonCells | None:
        """Return the groups' cells of each person in some strata together."""
        if self.cube.persons is None:
            return None
        g = len(self.names)
        cells = np.concatenate([np.arange(s * g, (s + 1) * g) for s in strata])
        return self.cube.persons.chosen(cells).merged(cells % g, g)

    @cached_property
    def drawn_persons(self) -> PersonDraws:
        """Weights of persons, the same in all strata, as a person's rows may lie in several."""
        assert self.cube.persons is not None
        rng = self.sampling.generator(f"{self.definition.name} persons")
        return PersonDraws.of(self.cube.persons, self.sampling.draws, rng)

    def draws(self, part: OutcomeCube, name: str) -> Floats:
        rng = self.sampling.generator(f"{self.definition.name} {name}")
        if part.persons is None:
            return self.definition.draw(part, self.sampling.draws, rng)
        drawn = with_prior(self.drawn_persons.amounts(part.persons), part.persons, rng)
        return self.definition.value(drawn)

    def compare(self, groups_left_out: tuple[str, ...]) -> ConditionalParity:
        parts = [self.part(s) for s in range(len(self.strata.groups))]
        kept = [
            s
            for s, part in enumerate(parts)
            if len(self.names) > 1 and not np.isnan(self.definition.value(part.weight)).any()
        ]
        drawn = {s: self.draws(parts[s], self.name(s)) for s in kept}
        rows = [int(part.count.sum()) for part in parts]
        left_out = tuple(self.name(s) for s in range(len(parts)) if s not in drawn and rows[s])
        if not kept:
            none = self.nothing_compared()
            undefined = dict.fromkeys(self.names, none)
            strata = self.described(parts, drawn, None)
            return ConditionalParity(
                self.definition.name, self.strata.attributes, strata, undefined, none, left_out,
                undefined, None, none, none, none, 0, sum(rows), groups_left_out,
            )  # fmt: skip
        whole = self.part(kept)
        crude = self.definition.value(whole.weight)
        estimate, sample = self.standardised([parts[s] for s in kept], list(drawn.values()))
        ends = np.quantile(sample, self.tails, axis=0)
        pair = (int(crude.argmax()), int(crude.argmin()))
        if pair[0] == pair[1]:
            pair = (0, 1)
        first, second = pair
        change = Figure(None, reason="only the change of a rate has an interval")
        if self.definition.rate is not None:
            mixed = self.mixed(whole, [parts[s] for s in kept], list(drawn.values()))
            mixed += crude - mixed.mean(axis=0)
            moved = (sample[:, first] - sample[:, second]) - (mixed[:, first] - mixed[:, second])
            value = (estimate[first] - estimate[second]) - (crude[first] - crude[second])
            change = _within(value, *np.quantile(moved, self.tails))
        measured = figures(Measured(self.definition, whole), self.level)
        compared = sum(rows[s] for s in kept)
        return ConditionalParity(
            self.definition.name,
            self.strata.attributes,
            self.described(parts, drawn, pair),
            dict(zip(self.names, map(_within, estimate, *ends), strict=True)),
            _largest(estimate, sample, self.level),
            left_out,
            dict(zip(self.names, measured, strict=True)),
            (self.names[first], self.names[second]),
            _difference(estimate, sample, pair, self.level),
            _difference(crude, self.draws(whole, "all strata"), pair, self.level),
            change,
            compared,
            sum(rows) - compared,
            groups_left_out,
        )

    @property
    def tails(self) -> list[float]:
        return [(1 - self.level) / 2, (1 + self.level) / 2]

    def nothing_compared(self) -> Figure:
        """Say why no stratum compares the groups."""
        if len(self.names) > 1:
            return Figure(None, reason=NONE_COMPARED)
        why = f"only {self.names[0]}" if self.names else "no group"
        return Figure(None, reason=f"{why} has at least {self.minimum_count} rows")

    def standardised(self, parts: list[OutcomeCube], drawn: list[Floats]) -> tuple[Floats, Floats]:
        """Weigh each group's figures in the strata by all people's shares of them; and draws."""
        share = np.array([part.weight.sum() for part in parts])
        share = share / share.sum()
        values = np.array([self.definition.value(part.weight) for part in parts])
        estimate = np.tensordot(share, values, axes=1)
        sample = np.tensordot(share, np.array(drawn), axes=1)
        # Over many sparse strata the draws' prior adds up to a pull towards 1/2: draws tell the
        # spread, the estimates the centre.
        return estimate, sample + (estimate - sample.mean(axis=0))

    def mixed(self, whole: OutcomeCube, parts: list[OutcomeCube], drawn: list[Floats]) -> Floats:
        """Draw the unconditional rates from the strata's draws and draws of each group's mix."""
        assert self.definition.rate is not None
        if whole.persons is not None:
            return self.draws(whole, "all strata")
        _, trials = self.definition.rate
        weight = np.array([trials(part.weight) for part in parts])
        squared = np.array([trials(part.weight_squared) for part in parts])
        total = weight.sum(axis=0)
        size = effective_size(total, squared.sum(axis=0))
        rng = self.sampling.generator(f"{self.definition.name} mix")
        mix = rng.standard_gamma(weight * (size / total), size=(self.sampling.draws, *weight.shape))
        mix /= mix.sum(axis=1, keepdims=True)
        out: Floats = (mix * np.array(drawn).transpose(1, 0, 2)).sum(axis=1)
        return out

    def described(
        self, parts: list[OutcomeCube], drawn: dict[int, Floats], pair: tuple[int, int] | None
    ) -> tuple[Stratum, ...]:
        out = []
        for s, part in enumerate(parts):
            count = part.count.sum(axis=(1, 2))
            if not count.sum():
                continue
            found = figures(Measured(self.definition, part, "in this stratum"), self.level)
            difference = Figure(None, reason=NONE_COMPARED)
            if pair is not None:
                values = self.definition.value(part.weight)
                lacking = [found[p].reason for p in pair if np.isnan(values[p])]
                if lacking:
                    difference = Figure(None, reason=lacking[0])
                elif s in drawn:
                    difference = _difference(values, drawn[s], pair, self.level)
                else:
                    # Some other group lacks the figure here; the pair can be compared all the same.
                    both = self.draws(part, self.name(s))[:, list(pair)]
                    difference = _difference(values[list(pair)], both, (0, 1), self.level)
            out.append(
                Stratum(
                    self.name(s),
                    int(count.sum()),
                    dict(zip(self.names, found, strict=True)),
                    difference,
                    tuple(
                        name
                        for p, name in enumerate(self.names)
                        if part.persons_in(p) < self.minimum_count
                    ),
                    s in drawn,
                )
            )
        return tuple(sorted(out, key=lambda item: (self.rank[item.name], -item.rows, item.name)))


def _pairs(sample: Floats, level: float) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Ends]:
    a, b = np.triu_indices(sample.shape[1], k=1)
    return a, b, simultaneous_box(sample[:, a] - sample[:, b], level)


def _largest(estimate: Floats, sample: Floats, level: float) -> Figure:
    _, _, (low, high) = _pairs(sample, level)
    largest = float(estimate.max() - estimate.min())
    nearest = float(np.maximum(np.maximum(low, -high), 0).max())
    furthest = float(np.maximum(np.abs(low), np.abs(high)).max())
    return Figure(largest, min(nearest, largest), max(furthest, largest))


def _difference(estimate: Floats, sample: Floats, pair: tuple[int, int], level: float) -> Figure:
    a, b, (low, high) = _pairs(sample, level)
    first, second = pair
    at = int(np.flatnonzero((a == min(pair)) & (b == max(pair)))[0])
    ends = (low[at], high[at]) if first < second else (-high[at], -low[at])
    return _within(estimate[first] - estimate[second], *ends)


def _within(value: float, low: float, high: float) -> Figure:
    # In tiny groups the draws' prior can pull the interval off the estimate at its border.
    return Figure(float(value), min(float(low), float(value)), max(float(high), float(value)))
