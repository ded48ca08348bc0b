"""Points of a sweep whose figures and groups a test plants."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.tradeoff.sweep.grid import RunSpec, Setting
from core.tradeoff.sweep.point import Estimate, GroupCounts, SweepPoint, figure_name

GAP = figure_name("equalized_odds_difference", ("sex",))
PLAIN = Setting("logistic_regression")
FAIR = Setting("logistic_regression", mitigation="reweighing")
PRIVATE = tuple(Setting("dp_logistic_regression", epsilon) for epsilon in (0.5, 2.0, 8.0))

Figures = tuple[float | None, float | None]
TOLD: dict[Setting, Figures] = {
    PLAIN: (0.9, 0.3),
    FAIR: (0.85, 0.1),
    PRIVATE[0]: (0.6, 0.4),
    PRIVATE[1]: (0.7, 0.35),
    PRIVATE[2]: (0.8, 0.25),
}


def planted_point(
    run: RunSpec, figures: Figures, groups: Sequence[str] = ("female", "male")
) -> SweepPoint:
    """Make a run whose noise and splits move it by up to 0.006, the last group too small."""
    shift = 0.003 * (run.split_seed - 1) + 0.002 * (run.noise_seed or 0)
    performance, gap = figures

    def estimate(value: float | None) -> Estimate:
        return Estimate(None, reason="one class only") if value is None else Estimate(value, 0.01)

    moved = None if performance is None else performance + shift
    share = moved or 0.5
    return SweepPoint(
        run,
        {
            "roc_auc": estimate(moved),
            "accuracy": estimate(moved),
            GAP: estimate(None if gap is None else gap + shift),
        },
        tuple(
            GroupCounts(
                "sex",
                name,
                100 if n < len(groups) - 1 else 12,
                50 * share,
                50 * (1 - share),
                50 * (1 - share) - min(n, 1),
                50 * share + min(n, 1),
                None if n < len(groups) - 1 else "12 rows are too few",
            )
            for n, name in enumerate(groups)
        ),
        300,
        600,
        0.5,
    )


def planted_points(
    record: dict[Setting, Figures] | None = None,
    splits: Sequence[int] = (0, 1, 2),
    noise: Sequence[int] = (0, 1),
    make: Callable[..., SweepPoint] = planted_point,
) -> list[SweepPoint]:
    """One run for each split, and for each noise seed with a private learner."""
    return [
        make(RunSpec(setting, split, seed if setting.epsilon is not None else None), figures)
        for setting, figures in (record or TOLD).items()
        for split in splits
        for seed in (noise if setting.epsilon is not None else (0,))
    ]
