"""Impact ratios: each group's rate of the favourable decision over a reference's, group by group.

Definitions
-----------
With n_g people of known group g, s_g of them selected and r_g = s_g / n_g, the impact ratio is
IR_g = r_g / max_h r_h (29 CFR 1607.4(D); 6 RCNY § 5-301). The reference may also be a chosen group,
or all other groups together; which one it was stands with the table. The highest rate may be that
of a few people, so the ratio to the largest group and its test stand beside it: a reference of 55
rows must not hide what two large groups show. A reference that is too small to be evidence is
marked: the table shows the ratios to it, and no verdict rests on them.

Each difference has a test (:mod:`core.fairness.intervals.pooled_test`), its p-value adjusted over
all groups of the table (Benjamini and Hochberg 1995), and the number of selections that would close
it. Rows of unknown group enter no ratio. Whoever audits may leave out groups with less than a share
of the rows (§ 5-301(d): 2 %), with a reason that is kept; their rows and rates are still shown, and
they are no reference.

A wrong answer would be caught by computing ratios, intervals and z from counts by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import false_discovery_control

from core.data.roles.group_labels import label_of_name
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.known_groups import is_unknown
from core.fairness.disparities.impact_standing import COMPARED, Standing, standings
from core.fairness.disparities.rate_comparison import (
    RateComparison,
    compare_pair,
    no_comparison,
)
from core.fairness.disparities.rate_tests import group_and_rest
from core.fairness.metrics.assessment import Assessment, Figure
from core.fairness.metrics.group_size import too_few_rows
from core.fairness.metrics.impact_spec import DEFAULT, REST, ImpactSpec
from core.fairness.metrics.judged_groups import MINIMUM_COUNT
from core.fairness.metrics.metric_registry import METRICS, REJECTION_RATE, GroupMetric

SIGNIFICANT = 0.05
"""A difference is significant where its p-value, adjusted over all groups (Benjamini and Hochberg),
is below this."""

ADJUSTMENT = "Benjamini and Hochberg"
EVERYONE_ELSE = "everyone else"


@dataclass(frozen=True)
class ImpactRatio:
    """One group in a table of impact ratios.

    Attributes
    ----------
    group : str
    standing : {"compared", "unknown", "left out"}
        Unknown and left-out groups enter no ratio.
    count : int
        Rows.
    favourable : float
        Those with the favourable decision, weighted where rows are.
    rate : float or None
        None where the group has no weight.
    to_reference, to_largest : RateComparison
        Against the table's reference, and against the largest compared group.
    too_small : str or None
        Why it has too few rows to be evidence, whatever its rates are.
    """

    group: str
    standing: Standing
    count: int
    favourable: float
    rate: float | None
    to_reference: RateComparison
    to_largest: RateComparison
    too_small: str | None = None

    @property
    def ratio(self) -> Figure:
        """The impact ratio: to the reference."""
        return self.to_reference.ratio

    @property
    def ratio_to_largest(self) -> Figure:
        """To the rate of the largest compared group."""
        return self.to_largest.ratio


@dataclass(frozen=True)
class ImpactRatios:
    """A table of impact ratios.

    Attributes
    ----------
    attributes : tuple of str
    groups : tuple of ImpactRatio
        Largest first.
    spec : ImpactSpec
    reference : str or None
        Name of the group that is the reference, "everyone else", or None where nothing is compared.
    chosen : bool
        Whether the reference was chosen by name.
    highest, largest : str or None
        Names of the compared group with the highest rate and of that with most rows; None where
        nothing is compared.
    rows, unknown : int
        All rows, and those of unknown group among them.
    other_base : tuple of str
        Names of the groups that would stand otherwise, were the smallest share taken of the other
        base.
    positive_is_favourable : bool
    """

    attributes: tuple[str, ...]
    groups: tuple[ImpactRatio, ...]
    spec: ImpactSpec
    reference: str | None
    chosen: bool
    highest: str | None
    largest: str | None
    rows: int
    unknown: int
    other_base: tuple[str, ...]
    positive_is_favourable: bool

    @property
    def small_reference(self) -> ImpactRatio | None:
        """The reference where it is a group too small to be evidence."""
        return next(
            (item for item in self.groups if item.group == self.reference and item.too_small), None
        )

    @property
    def smallest_share(self) -> float:
        """Groups with less than this share of the base are left out; 0 leaves none out."""
        return self.spec.smallest_share

    @property
    def reason(self) -> str:
        """Why groups are left out, in the auditor's words."""
        return self.spec.reason.strip()

    def label(self, group: str | None) -> str:
        """Write the name of a group, or "everyone else", as people read it."""
        return label_of_name(self.attributes, str(group), [item.group for item in self.groups])


def impact_ratios(
    cube: OutcomeCube,
    *,
    positive_is_favourable: bool = True,
    spec: ImpactSpec = DEFAULT,
    level: float = 0.95,
    minimum_count: int = MINIMUM_COUNT,
) -> ImpactRatios:
    """Compare every group with a reference, and with the largest one.

    Parameters
    ----------
    cube : OutcomeCube
    positive_is_favourable : bool
        If False, the negative decision is the favourable one.
    spec : ImpactSpec
    level : float
        Of each interval by itself.
    minimum_count : int
        A group of fewer rows is marked as too small.

    Raises
    ------
    InputError
        If two groups of the cube are both chosen as the reference.
    """
    metric = METRICS["selection_rate"] if positive_is_favourable else REJECTION_RATE
    assert isinstance(metric, GroupMetric)
    assert metric.rate is not None
    hits, trials = metric.rate
    rates, favourable, weight = metric.value(cube.weight), hits(cube.weight), trials(cube.weight)
    count = cube.count.sum(axis=(1, 2))
    names = cube.names
    unknown = np.array([is_unknown(g) for g in cube.groups], dtype=np.bool_)
    standing = standings(cube, spec)
    compared = [p for p, s in enumerate(standing) if s == COMPARED and weight[p] > 0]
    highest = max(compared, key=lambda p: rates[p], default=None)
    largest = max(compared, key=lambda p: weight[p], default=None)
    named = spec.chosen_in([names[p] for p in compared])
    fixed = highest if named is None else names.index(named)
    everyone_else = named is None and spec.reference == REST

    def against(p: int, reference: int | None) -> RateComparison:
        if p not in compared:
            why = "all its rows have weight zero" if standing[p] == COMPARED else standing[p]
            return no_comparison(f"not compared: {why}")
        if p == reference:
            return no_comparison("it is the reference")
        if len(compared) < 2:
            return no_comparison("there is no other group to compare with")
        if reference is None:
            others = cube.chosen(np.array(compared))
            return compare_pair(
                group_and_rest(others, compared.index(p)), metric, level, EVERYONE_ELSE
            )
        return compare_pair(
            cube.chosen(np.array([p, reference])), metric, level, cube.labels[reference]
        )

    rows = [
        ImpactRatio(
            names[p],
            standing[p],
            int(count[p]),
            float(favourable[p]),
            None if np.isnan(rates[p]) else float(rates[p]),
            against(p, None if everyone_else else fixed),
            against(p, largest),
            too_few_rows(cube, p, minimum_count) if standing[p] == COMPARED else None,
        )
        for p in sorted(range(len(names)), key=lambda p: (-count[p], names[p]))
    ]
    to_reference = _adjusted([item.to_reference for item in rows])
    to_largest = _adjusted([item.to_largest for item in rows])
    other = replace(spec, base="known" if spec.base == "all" else "all")
    otherwise = standings(cube, other)
    return ImpactRatios(
        cube.attributes,
        tuple(
            replace(item, to_reference=one, to_largest=two)
            for item, one, two in zip(rows, to_reference, to_largest, strict=True)
        ),
        spec,
        None if not compared else EVERYONE_ELSE if everyone_else else names[fixed or 0],
        named is not None,
        None if highest is None else names[highest],
        None if largest is None else names[largest],
        int(count.sum()),
        int(count[unknown].sum()),
        tuple(n for n, a, b in zip(names, standing, otherwise, strict=True) if a != b),
        positive_is_favourable,
    )


def impact_of(found: Assessment) -> ImpactRatios | None:
    """Make the table of an assessment, as whoever audits decided; None without its counts."""
    if found.cube is None:
        return None
    return impact_ratios(
        found.cube, positive_is_favourable=found.positive_is_favourable, spec=found.impact
    )


def _adjusted(comparisons: list[RateComparison]) -> list[RateComparison]:
    tested = [item.test.p_value for item in comparisons if item.test is not None]
    adjusted = iter(false_discovery_control(np.array(tested, dtype=np.float64)).tolist())
    return [
        item if item.test is None else replace(item, p_adjusted=next(adjusted))
        for item in comparisons
    ]


def significantly_lower(table: ImpactRatios) -> tuple[ImpactRatio, ...]:
    """Find the groups whose rate is significantly below that of the largest group.

    Groups too small to judge are not told, and nobody is where the largest one is.
    """
    if any(item.too_small for item in table.groups if item.group == table.largest):
        return ()
    return tuple(
        item
        for item in table.groups
        if not item.too_small
        and item.to_largest.test is not None
        and (item.to_largest.p_adjusted or 0.0) < SIGNIFICANT
        and item.to_largest.test.difference < 0
    )
