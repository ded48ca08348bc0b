"""What a fairness assessment finds: frozen results, undefined figures with their reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.data.roles.group_labels import EVERYONE, SEPARATOR, group_label, label_of_name
from core.data.roles.unknown_values import is_unknown_value
from core.fairness.counts.cube import OutcomeCube
from core.fairness.metrics.impact_spec import DEFAULT, ImpactSpec


@dataclass(frozen=True)
class Figure:
    """A number with its interval, or the reason why it is not defined.

    Attributes
    ----------
    estimate : float or None
        None where undefined.
    low, high : float or None
        Ends of the 95 % interval.
    reason : str or None
        Why the figure, or its interval, is not defined.
    """

    estimate: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As it stands in audit.json: ``reason`` only where there is one."""
        out: dict[str, Any] = {"estimate": self.estimate, "low": self.low, "high": self.high}
        if self.reason is not None:
            out["reason"] = self.reason
        return out


@dataclass(frozen=True)
class GroupResult:
    """Metrics of one group.

    Attributes
    ----------
    group : tuple of (str, str)
        Pairs of sensitive column and value; empty for everyone together.
    count : int
        Rows in the group.
    weight : float
        Their summed weight; equals ``count`` without weights.
    figures : dict of str to Figure
        By metric name, for each metric of :data:`core.fairness.metrics.metric_registry.METRICS`.
    too_small : str or None
        In which way the group is too small to judge, None if it is not.
    persons : int or None
        How many persons its rows are about, where persons have several rows: intervals and the
        verdict on its size count them. None where rows are persons.
    not_judged_by : frozenset of str
        The metrics that it is too small for: all of them with too few rows, else those among
        labels that it has too few of.
    beside_columns : bool or None
        Whether it and the groups around it are called "region = s" instead of "s"; None goes by its
        own values.
    """

    group: tuple[tuple[str, str], ...]
    count: int
    weight: float
    figures: dict[str, Figure]
    too_small: str | None = None
    persons: int | None = None
    not_judged_by: frozenset[str] = frozenset()
    beside_columns: bool | None = field(default=None, compare=False)

    def is_judged_by(self, metric: str) -> bool:
        """Whether the group is large enough to be compared with others in a metric."""
        if self.too_small is None:
            return True
        return bool(self.not_judged_by) and metric not in self.not_judged_by

    @property
    def is_unknown(self) -> bool:
        """Whether a value is missing or says it is not known: the group enters no comparison."""
        return any(is_unknown_value(value) for _, value in self.group)

    @property
    def name(self) -> str:
        """The group's values joined, "Female · Black": what keys go by."""
        return SEPARATOR.join(value for _, value in self.group) or EVERYONE

    @property
    def label(self) -> str:
        """The group as people read it, "afam = yes, sex = Female"."""
        return group_label(self.group, self.beside_columns)


@dataclass(frozen=True)
class Disparity:
    """A difference or ratio between groups.

    Attributes
    ----------
    name : str
        Registered name, "equalized_odds_difference".
    figure : Figure
        Undefined if any group's rate that it needs is undefined.
    among_defined : Figure or None
        The same over the groups in which it is defined, where ``figure`` is undefined and at
        least two such groups exist.
    between : tuple of str
        Names of the two groups that make the gap in ``figure``, or in ``among_defined`` where only
        that is defined; the worse treated first. Empty without a gap.
    left_out : tuple of str
        Names of the groups that are too small to be compared.
    """

    name: str
    figure: Figure
    among_defined: Figure | None = None
    between: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class FourFifths:
    """The four-fifths rule, on the favourable decision.

    Attributes
    ----------
    verdict : {"passes", "fails", "unclear", "undefined"}
        "passes" or "fails" only where the whole interval lies on one side of 0.8 and at least two
        groups are large enough to judge; "undefined" also where nearly everybody gets the
        favourable decision and the ratio, though defined, tells nothing.
    ratio : Figure
        Lowest over highest rate of the favourable decision.
    sentence : str
        The verdict in plain words, with groups and numbers.
    """

    verdict: str
    ratio: Figure
    sentence: str


@dataclass(frozen=True)
class Inequality:
    """How unequal the benefits of decisions are.

    Attributes
    ----------
    name : str
        In :data:`core.fairness.metrics.inequality.INEQUALITIES`.
    individual : Figure
        Over all people, 0 or more.
    between_groups : Figure
        The part that is there because groups' mean benefits differ; the rest is within groups.
    """

    name: str
    individual: Figure
    between_groups: Figure


@dataclass(frozen=True)
class Assessment:
    """Fairness of one set of decisions for one combination of sensitive attributes.

    Attributes
    ----------
    attributes : tuple of str
        The combined sensitive columns.
    overall : GroupResult
    groups : tuple of GroupResult
        Ordered by count, largest first, then by name.
    disparities : tuple of Disparity
        One for each of :data:`core.fairness.disparities.disparities.DISPARITIES`.
    four_fifths : FourFifths
    weighted : bool
    level : float
        Of the intervals, 0.95.
    inequality : tuple of Inequality
        One for each of :data:`core.fairness.metrics.inequality.INEQUALITIES`.
    cube : OutcomeCube or None
        The counts it was made from.
    rate_interval : str
        Kind of the rates' intervals, in
        :data:`core.fairness.intervals.rate_intervals.RATE_INTERVALS`.
    positive_is_favourable : bool
        Whether the positive decision is what a person hopes for.
    impact : ImpactSpec
        How impact ratios and the four-fifths rule compare groups.
    decision : str
        The positive decision as people read it, "deny = yes"; empty where nobody said.
    """

    attributes: tuple[str, ...]
    overall: GroupResult
    groups: tuple[GroupResult, ...]
    disparities: tuple[Disparity, ...]
    four_fifths: FourFifths
    weighted: bool
    level: float = 0.95
    inequality: tuple[Inequality, ...] = ()
    cube: OutcomeCube | None = field(default=None, compare=False, repr=False)
    rate_interval: str = "wilson"
    positive_is_favourable: bool = True
    impact: ImpactSpec = DEFAULT
    decision: str = field(default="", compare=False)

    def label(self, group: str) -> str:
        """Write a group's name as people read it."""
        return label_of_name(self.attributes, group, [item.name for item in self.groups])

    def disparity(self, name: str) -> Disparity:
        """Look a disparity up by its name; KeyError if there is none."""
        for item in self.disparities:
            if item.name == name:
                return item
        raise KeyError(name)
