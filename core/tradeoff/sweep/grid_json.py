"""A sweep as it stands in audit.json and in tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.point import SweepPoint


def sweep_json(grid: Grid, basis: Basis, points: Sequence[SweepPoint]) -> dict[str, Any]:
    """As a sweep stands in audit.json under ``tradeoffs``: one flat object for each run.

    ``epsilon`` is null without privacy. Figures that are not defined are null.
    """
    return {
        "label": basis.label_of(grid),
        "basis": asdict(basis),
        "attributes": [list(combination) for combination in grid.attributes],
        "points": [flat(point) for point in points],
    }


def flat(point: SweepPoint) -> dict[str, Any]:
    """Write a point as one row of a table: what was chosen, seeds, figures and standard errors."""
    run = point.run
    return {
        **asdict(run.setting),
        "split_seed": run.split_seed,
        "noise_seed": run.noise_seed,
        "repeat": run.repeat,
        "train_rows": point.train_rows,
        "test_rows": point.test_rows,
        "seconds": point.seconds,
        "charged_epsilon": None if point.charged is None else point.charged[0],
        "charged_delta": None if point.charged is None else point.charged[1],
        "reason": point.reason,
        **{name: figure.value for name, figure in point.figures.items()},
        **{f"error of {name}": figure.error for name, figure in point.figures.items()},
    }
