"""Show on Adult, by sex, on whom the lot of each mitigation falls, beside ways without a lot.

Run by hand from the repository's root: ``.venv/bin/python benchmarks/lots.py``. All are trained,
fitted and judged on the same split of all rows; figures are of its test rows.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.mitigations import adult
from core.fairness.assessment.assess import assess
from core.mitigation import MITIGATIONS
from core.training.randomised import lot_of
from core.training.spec import TrainingSpec
from core.training.training import train

SEEDS = (0, 1)
COMPARED = (
    "none",
    "threshold_optimizer",
    "relaxed_equalized_odds",
    "group_thresholds",
    "calibrated_equalized_odds",
)
HEADS = (
    "Accuracy",
    "Equalized odds",
    "Another draw changes, women",
    "men",
    "Surest women refused by lot",
    "men",
)


def row(name: str, seed: int) -> list[str]:
    """The figures of one mitigation at one seed."""
    data = adult()
    trained = train(data, TrainingSpec("logistic_regression", name, seed=seed))
    rows = trained.split.test
    sensitive = data.sensitive.iloc[rows].reset_index(drop=True)
    found = assess(data.target[rows], trained.decisions, sensitive, draws=100)
    gap = found.disparity("equalized_odds_difference").figure.estimate
    out = [f"{np.mean(trained.decisions == data.target[rows]):.4f}", f"{gap:.3f}"]
    lot = lot_of(data, trained)
    if lot is None:
        return [*out, "none", "none", "none", "none"]
    shares = [f"{100 * (item.redrawn.estimate or 0.0):.2f} %" for item in lot.groups]
    return [*out, *shares, *(f"{item.refused} of {item.surest}" for item in lot.groups)]


def main() -> None:
    print(f"{date.today()}: all rows of Adult by sex, logistic regression\n")
    print(f"| Seed | Mitigation | {' | '.join(HEADS)} |\n|---|---|{'---|' * len(HEADS)}")
    for seed in SEEDS:
        for name in COMPARED:
            told = " | ".join(row(name, seed))
            print(f"| {seed} | {MITIGATIONS[name].title} | {told} |", flush=True)


if __name__ == "__main__":
    main()
