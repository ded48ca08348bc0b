"""What a sweep was asked for, as an audit keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.grid import Grid


@dataclass(frozen=True)
class SweepPlan:
    """A sweep: its grid, and the rows it runs on."""

    grid: Grid
    basis: Basis

    @property
    def label(self) -> str:
        """What must be known of every picture that is made from it."""
        return self.basis.label_of(self.grid)
