"""Which groups of an assessment are too small to judge: one count and one sentence for all pages.

Only groups of known value are counted, for rows of unknown group enter no comparison anyway, see
:mod:`core.fairness.counts.known_groups`.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.fairness.metrics.assessment import Assessment, GroupResult


@dataclass(frozen=True)
class SmallGroups:
    """Groups that are too small for the same reason.

    Attributes
    ----------
    groups : tuple of GroupResult
        At least one.
    known : int
        Groups of known value, too small or not.
    of : str
        What groups are of, "sex" or "race × sex".
    for_decisions : bool
        Whether they have too few rows for any rate; otherwise they have too few positive or too few
        negative labels for error rates, while their rates of decisions are judged.
    counted : str
        What they have too few of: "rows", or "persons" where each may have several rows.
    weighted : bool
        Whether rows have weights, so that a group may be worth fewer than it has.
    """

    groups: tuple[GroupResult, ...]
    known: int
    of: str
    for_decisions: bool
    counted: str = "rows"
    weighted: bool = False

    @property
    def sentence(self) -> str:
        """How many of how many are too small, and for what."""
        text = f"{len(self.groups)} of {self.known} groups of {self.of}"
        how = "" if self.for_decisions else " by error rates"
        if self.compares_nobody:
            how = ", so nobody can be compared by it"
        return f"{text} {'is' if len(self.groups) == 1 else 'are'} too small to judge{how}"

    @property
    def compares_nobody(self) -> bool:
        """Whether fewer than two groups have enough rows for any rate."""
        return self.for_decisions and self.known - len(self.groups) < 2

    @property
    def reason(self) -> str:
        """What they lack."""
        if self.for_decisions:
            worth = ", or worth too few by their weights," if self.weighted else ""
            return f"Too few {self.counted}{worth} for a firm figure"
        if self.counted == "persons":
            return "Too few persons with a positive or with a negative label"
        return "Too few positive or negative labels"

    @property
    def names(self) -> list[str]:
        """Their names, as people read them."""
        return [group.label for group in self.groups]


def small_groups(assessment: Assessment) -> tuple[SmallGroups, ...]:
    """Find the groups that are too small to judge: for any rate first, then for error rates.

    Returns
    -------
    tuple of SmallGroups
        Empty where all known groups are large enough.
    """
    known = [group for group in assessment.groups if not group.is_unknown]
    small = [group for group in known if group.too_small]
    of = " × ".join(name for name, _ in known[0].group) if known else ""
    parts = (
        (tuple(g for g in small if g.is_judged_by("selection_rate") is not decisions), decisions)
        for decisions in (True, False)
    )
    cube = assessment.cube
    counted = "rows" if cube is None or cube.persons is None else "persons"
    weighted = cube is not None and cube.weighted
    return tuple(
        SmallGroups(groups, len(known), of, flag, counted, weighted)
        for groups, flag in parts
        if groups
    )
