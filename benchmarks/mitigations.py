"""Compare every mitigation on Adult, by sex, and print a table in Markdown.

Run by hand from the repository's root: ``.venv/bin/python benchmarks/mitigations.py [ROWS]``.
For each seed, ROWS rows are drawn to train and validate on; gaps and accuracy are measured on all
the rows left over and on the test part of the split, none of which any mitigation has seen. The
best of each family is chosen on validation rows and judged on those untouched ones.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[1]))

from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.samples import SAMPLES, load_sample
from core.fairness.assessment.assess import assess
from core.mitigation import MITIGATIONS, Decider
from core.training.spec import TrainingSpec
from core.training.training import train

ROWS = 12_000
SEEDS = (3, 4, 5)
"""Not 0, 1 and 2, on whose validation rows the mitigation combined of two was chosen."""
POINTS = 0.02
"""Accuracy that the best of a family may cost."""
GAPS = (
    "equalized_odds_difference",
    "equal_opportunity_difference",
    "false_positive_rate_difference",
    "demographic_parity_difference",
    "accuracy_difference",
)
HEADS = ("Accuracy", "Equalized odds", "TPR", "FPR", "Demographic parity", "Error rate")
Figures = npt.NDArray[np.float64]


def adult() -> Dataset:
    """Adult by sex, which is not a feature."""
    roles = replace(SAMPLES["adult"].roles, sensitive=("sex",), edges=())
    return assign(load_sample("adult"), roles)


def drawn(data: Dataset, rows: int, seed: int) -> tuple[Dataset, npt.NDArray[np.int64]]:
    """Some rows of the data, and their places."""
    chosen = np.sort(np.random.default_rng(seed).permutation(len(data))[:rows])
    return replace(
        data,
        rows=data.rows[chosen],
        features=data.features.iloc[chosen].reset_index(drop=True),
        outcome=data.target[chosen],
        content=data.content[chosen],
        sensitive=data.sensitive.iloc[chosen].reset_index(drop=True),
    ), chosen


def figures(data: Dataset, rows: npt.NDArray[np.int64], decider: Decider) -> list[float]:
    """Accuracy and GAPS of decisions about some rows."""
    sensitive = data.sensitive.iloc[rows].reset_index(drop=True)
    decisions = decider.predict(
        data.features.iloc[rows].reset_index(drop=True), sensitive["sex"].to_numpy(dtype=object)
    )
    found = assess(data.target[rows], decisions, sensitive, draws=100)
    gaps = [found.disparity(name).figure.estimate for name in GAPS]
    accuracy = float((decisions == data.target[rows]).mean())
    return [accuracy, *(float("nan") if value is None else value for value in gaps)]


def measured(data: Dataset, mitigation: str, rows: int, seed: int) -> list[list[float]]:
    """Figures on validation rows, and on rows that were not used."""
    small, chosen = drawn(data, rows, seed)
    trained = train(small, TrainingSpec("logistic_regression", mitigation, seed=seed))
    validation = chosen[trained.split.validation]
    used = np.concatenate([chosen[trained.split.train], validation])
    unseen = np.setdiff1d(np.arange(len(data)), used)
    return [figures(data, part, trained.decider) for part in (validation, unseen)]


def cells(runs: Figures, own: int | None = None) -> str:
    """Mean and range over the seeds, of figures of shape (seeds, 6)."""
    parts = [
        f"{mean:.3f} ({low:.3f}–{high:.3f})"
        for mean, low, high in zip(runs.mean(0), runs.min(0), runs.max(0), strict=True)
    ]
    if own is not None:
        parts[own] = f"**{parts[own]}**"
    return " | ".join(parts)


def main(rows: int) -> None:
    data = adult()
    start = time.perf_counter()
    print(f"{date.today()}: {rows:,} of {len(data):,} rows, seeds {SEEDS}, means (ranges)\n")
    print(f"| Family | Mitigation | {' | '.join(HEADS)} |\n|---|---|{'---|' * len(HEADS)}")
    runs: dict[str, Figures] = {}
    for item in MITIGATIONS:
        runs[item.name] = np.array([measured(data, item.name, rows, seed) for seed in SEEDS])
        own = GAPS.index(item.aim) + 1 if item.aim else None
        row = cells(runs[item.name][:, 1], own)
        print(f"| {item.family} | {item.title} | {row} |", flush=True)
    print("\nBest of each family by its own gap on validation rows, at under 2 points there:\n")
    means = {name: found.mean(axis=0) for name, found in runs.items()}
    for family in ("before", "during", "after"):
        found = [
            (means[item.name][0][GAPS.index(item.aim) + 1], item)
            for item in MITIGATIONS
            if item.family == family
            and item.aim
            and means["none"][0][0] - means[item.name][0][0] < POINTS
        ]
        gap, best = min(found, key=lambda pair: pair[0])
        left = means[best.name][1][GAPS.index(best.aim) + 1]
        cost = 100 * (means["none"][1][0] - means[best.name][1][0])
        print(
            f"- {family}: {best.title}, {best.aim}: {gap:.3f} on validation rows, "
            f"{left:.3f} on untouched ones for {cost:.1f} points"
        )
    print(f"\n{time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
