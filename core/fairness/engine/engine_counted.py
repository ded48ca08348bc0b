"""What leaves an engine, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass

from core.data.roles.roles import Roles
from core.data.table import Repair
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.score_cube import ScoreCube
from core.fairness.engine.engine_scoring import NearMedian


@dataclass(frozen=True, eq=False)
class Counted:
    """What left the engine.

    Attributes
    ----------
    cube : OutcomeCube
        By all sensitive columns together.
    scores : ScoreCube or None
        Without true outcomes all stand under the negative label.
    roles : Roles
        With the positive label in canonical text and the edges that were used.
    repairs : tuple of Repair
        What was left out or recoded, in rows.
    near : NearMedian or None
        The scores near the median one by one; None without scores.
    no_scoring : str
        Why there are no scoring rates although there are scores.
    """

    cube: OutcomeCube
    scores: ScoreCube | None
    roles: Roles
    repairs: tuple[Repair, ...]
    near: NearMedian | None = None
    no_scoring: str = ""

    @property
    def ranked_scores(self) -> ScoreCube | None:
        """The scores, where true outcomes say how well they rank; None otherwise."""
        return self.scores if self.cube.has_outcome else None
