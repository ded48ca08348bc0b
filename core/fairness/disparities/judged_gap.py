"""The gap that a headline may name: among the groups that are large enough to judge."""

from __future__ import annotations

from dataclasses import dataclass

from core.data.roles.group_labels import listed_labels
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.metrics.assessment import Assessment, Disparity, Figure
from core.fairness.metrics.judged_groups import judged_positions, left_out

TOO_FEW = "fewer than two groups are large enough to judge"
NAMED = 3
"""So many groups are named, the others counted."""


@dataclass(frozen=True)
class JudgedGap:
    """A disparity among the groups that are large enough to judge.

    Attributes
    ----------
    disparity : Disparity
        Undefined with fewer than two such groups.
    left_out : tuple of str
        Names of the groups that are too small.
    """

    disparity: Disparity
    left_out: tuple[str, ...]

    @property
    def figure(self) -> Figure:
        """The gap among those of the groups in which it is defined."""
        among = self.disparity.among_defined
        return self.disparity.figure if among is None else among


def judged_gap(assessment: Assessment, name: str, minimum_count: int = 30) -> JudgedGap:
    """Compare the groups of an assessment that are large enough.

    Parameters
    ----------
    assessment : Assessment
        With its cube.
    name : str
        Of a disparity.
    minimum_count : int
        That of the assessment: a smaller group is left out.
    """
    definition = DISPARITIES[name]
    assert assessment.cube is not None
    judged = judged_positions(assessment.cube, definition.metrics, minimum_count)
    apart = left_out(assessment.cube, judged)
    if len(judged) < 2 and apart:
        return JudgedGap(Disparity(name, Figure(None, reason=TOO_FEW)), apart)
    return JudgedGap(assessment.disparity(name), apart)


def compared_note(assessment: Assessment, name: str, minimum_count: int = 30) -> str:
    """Say which groups a gap leaves out, for use behind it; empty where it leaves out none."""
    definition = DISPARITIES[name]
    assert assessment.cube is not None
    judged = judged_positions(assessment.cube, definition.metrics, minimum_count)
    apart = tuple(map(assessment.label, left_out(assessment.cube, judged)))
    if not apart:
        return ""
    if len(judged) < 2:
        return "among all groups, as no two are large enough to judge"
    listed = [*apart[:NAMED], *([f"{len(apart) - NAMED} more"] if len(apart) > NAMED else [])]
    named = " and ".join(filter(None, (listed_labels(listed[:-1]), listed[-1])))
    return f"among groups large enough to judge, which {named} {_are(apart)} not"


def _are(names: tuple[str, ...]) -> str:
    return "is" if len(names) == 1 else "are"
