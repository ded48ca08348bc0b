"""Points of a sweep with figures that a test plants."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.tradeoff.frontier.axes import ParetoAxis, axis_named
from core.tradeoff.sweep.grid import RunSpec, Setting
from core.tradeoff.sweep.point import Estimate, SweepPoint, figure_name

BY_SEX = (("sex",),)
GAP = figure_name("demographic_parity_difference", ("sex",))
ACCURACY: ParetoAxis = axis_named("accuracy", BY_SEX)
PARITY: ParetoAxis = axis_named(GAP, BY_SEX)

Figures = tuple[float | None, float | None]


def planted(
    settings: Sequence[Setting],
    figures: Callable[[Setting, int, int], Figures],
    splits: Sequence[int] = (0,),
    noise: Sequence[int] = (0, 1),
    error: float | None = 0.01,
) -> list[SweepPoint]:
    """One run for each split, and for each noise seed with a private learner."""
    points = []
    for setting in settings:
        for split in splits:
            for seed in noise if setting.epsilon is not None else (0,):
                accuracy, gap = figures(setting, split, seed)
                drawn = seed if setting.epsilon is not None else None
                points.append(
                    SweepPoint(
                        RunSpec(setting, split, drawn),
                        {"accuracy": _estimate(accuracy, error), GAP: _estimate(gap, error)},
                        test_rows=300,
                        train_rows=600,
                    )
                )
    return points


def _estimate(value: float | None, error: float | None) -> Estimate:
    if value is None:
        return Estimate(None, reason="no rows in group x")
    return Estimate(value, error)
