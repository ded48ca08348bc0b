"""What conditional parity finds: strata, standardised figures, and what changes by them."""

from __future__ import annotations

from dataclasses import dataclass

from core.data.roles.group_labels import label_of_name
from core.fairness.disparities.disparities import lower
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.metric_registry import METRICS
from core.numerals import signed

Pair = tuple[str, str]


@dataclass(frozen=True)
class Stratum:
    """People who are alike in the control features.

    Attributes
    ----------
    name : str
        "department law".
    rows : int
    figures : dict of str to Figure
        By group; undefined ones carry their reason.
    difference : Figure
        Between the compared pair, first minus second; its interval holds together over all pairs
        of groups in this stratum, not over the strata.
    too_small : tuple of str
        Groups with fewer rows here than are needed to judge them.
    compared : bool
        Whether all groups have the figure here, so that the stratum counts in the standardised.
    """

    name: str
    rows: int
    figures: dict[str, Figure]
    difference: Figure
    too_small: tuple[str, ...]
    compared: bool


@dataclass(frozen=True)
class ConditionalParity:
    """A metric by group, within strata and standardised over them.

    Attributes
    ----------
    metric : str
    controls : tuple of str
    strata : tuple of Stratum
        Most rows first; ordered controls (bins of a number) keep their order.
    standardised : dict of str to Figure
        By group: mean over the strata in which every group has the metric, weighted by the
        stratum's share of everyone, so that all groups are given the same mix.
    gap : Figure
        Largest gap between groups' standardised figures, with simultaneous bounds over all pairs.
    left_out : tuple of str
        Strata in which some group has no such figure.
    unconditional : dict of str to Figure
        By group: the figure over the rows of the same strata, whatever their mix.
    pair : tuple of (str, str) or None
        The two groups that are furthest apart unconditionally, the higher first.
    difference, unconditional_difference : Figure
        Of the pair, first minus second; intervals hold together over all pairs.
    change : Figure
        ``difference`` − ``unconditional_difference``; the interval is that of this pair alone.
    rows, rows_left_out : int
        Compared, and in strata that were left out.
    groups_left_out : tuple of str
        Groups with too few rows in all.
    of_unknown : int
        Rows that lack a value of the sensitive attributes: they are in no figure.
    """

    metric: str
    controls: tuple[str, ...]
    strata: tuple[Stratum, ...]
    standardised: dict[str, Figure]
    gap: Figure
    left_out: tuple[str, ...]
    unconditional: dict[str, Figure]
    pair: Pair | None
    difference: Figure
    unconditional_difference: Figure
    change: Figure
    rows: int
    rows_left_out: int
    groups_left_out: tuple[str, ...] = ()
    of_unknown: int = 0
    attributes: tuple[str, ...] = ()
    called: str = ""

    @property
    def title(self) -> str:
        """What the metric is called."""
        return self.called or METRICS[self.metric].title

    def label(self, group: str) -> str:
        """Write a group's name as people read it."""
        return label_of_name(self.attributes, group, self.unconditional)

    @property
    def sentence(self) -> str:
        """What comparing within strata changes, in plain words without a full stop."""
        title, controls_text = lower(self.title), " and ".join(self.controls)
        crude, like = self.unconditional_difference, self.difference
        if self.pair is None or crude.estimate is None or like.estimate is None:
            return f"People alike in {controls_text} can't be compared: {self.gap.reason}"
        first, second = map(self.label, self.pair)
        among = f"among people alike in {controls_text}"
        seen = f"by {crude.estimate:.2f}" + (" (may be chance)" if _holds_zero(crude) else "")
        start = f"{self.title} is higher for {first} than for {second} {seen}"
        if crude.estimate < 0.0005 and abs(like.estimate) < 0.0005:
            return f"The {title} is the same in all groups, also {among}"
        if _holds_zero(like):
            ends = " to ".join(signed(end, 2) for end in (like.low, like.high) if end is not None)
            return (
                f"{start}; {among} the gap is {signed(like.estimate, 2)}, which may be chance "
                f"({ends})"
            )
        if like.estimate < 0:
            return (
                f"{start}, but {among} it is higher for {second}, by {-like.estimate:.2f}: the "
                "order turns round (Simpson's paradox)"
            )
        if self.change.low is None or _holds_zero(self.change):
            return f"{start}; {among} by {like.estimate:.2f}: no sure change"
        verb = "grows" if like.estimate > crude.estimate else "shrinks"
        return f"{start}; {among} the gap {verb} to {like.estimate:.2f}, but significantly remains"


def _holds_zero(figure: Figure) -> bool:
    return figure.low is not None and figure.high is not None and figure.low <= 0 <= figure.high
