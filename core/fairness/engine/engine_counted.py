"""What leaves an engine, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass

from core.data.roles.roles import Roles
from core.data.table import Repair
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.score_cube import ScoreCube


@dataclass(frozen=True, eq=False)
class Counted:
    """What left the engine.

    Attributes
    ----------
    cube : OutcomeCube
        By all sensitive columns together.
    scores : ScoreCube or None
    roles : Roles
        With the positive label in canonical text and the edges that were used.
    repairs : tuple of Repair
        What was left out or recoded, in rows.
    """

    cube: OutcomeCube
    scores: ScoreCube | None
    roles: Roles
    repairs: tuple[Repair, ...]
