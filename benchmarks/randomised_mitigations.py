"""Show on Adult, by sex, on whom randomised decisions fall, beside ways without them.

Run by hand from the repository's root: ``.venv/bin/python benchmarks/randomised_mitigations.py``.
All are trained, fitted and judged on the same split of all rows; figures are of its test rows.
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
from core.training.randomised import randomisation_of
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
    "Surest women refused at random",
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
    randomisation = randomisation_of(data, trained)
    if randomisation is None:
        return [*out, "none", "none", "none", "none"]
    shares = [f"{100 * (item.redrawn.estimate or 0.0):.2f} %" for item in randomisation.groups]
    return [*out, *shares, *(f"{item.refused} of {item.surest}" for item in randomisation.groups)]


def main() -> None:
    print(f"{date.today()}: all rows of Adult by sex, logistic regression\n")
    print(f"| Seed | Mitigation | {' | '.join(HEADS)} |\n|---|---|{'---|' * len(HEADS)}")
    for seed in SEEDS:
        for name in COMPARED:
            text = " | ".join(row(name, seed))
            print(f"| {seed} | {MITIGATIONS[name].title} | {text} |", flush=True)


if __name__ == "__main__":
    main()
