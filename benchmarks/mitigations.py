"""Compare every mitigation on Adult, by sex, and print a table in Markdown.

Run by hand from the repository's root: ``.venv/bin/python benchmarks/mitigations.py [ROWS]``.
For each seed, ROWS rows are drawn to train and validate on; gaps and accuracy are measured on all
the rows left over and on the test part of the split, none of which any mitigation has seen.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.samples import SAMPLES, load_sample
from core.fairness.assess import assess
from core.fairness.mitigation import MITIGATIONS
from core.learning.training import TrainingSpec, train

ROWS = 12_000
SEEDS = (0, 1, 2)
GAPS = (
    "equalized_odds_difference",
    "equal_opportunity_difference",
    "false_positive_rate_difference",
    "demographic_parity_difference",
    "accuracy_difference",
)
HEADS = ("Accuracy", "Equalized odds", "TPR", "FPR", "Demographic parity", "Error rate")


def measured(data: Dataset, mitigation: str, rows: int, seed: int) -> list[float]:
    """Accuracy and GAPS on the rows that were not used."""
    chosen = np.sort(np.random.default_rng(seed).permutation(len(data))[:rows])
    small = replace(
        data,
        rows=data.rows[chosen],
        features=data.features.iloc[chosen].reset_index(drop=True),
        target=data.target[chosen],
        sensitive=data.sensitive.iloc[chosen].reset_index(drop=True),
    )
    trained = train(small, TrainingSpec("logistic_regression", mitigation, seed=seed))
    unseen = np.setdiff1d(
        np.arange(len(data)),
        chosen[np.concatenate([trained.split.train, trained.split.validation])],
    )
    X = data.features.iloc[unseen].reset_index(drop=True)
    sensitive, target = data.sensitive.iloc[unseen].reset_index(drop=True), data.target[unseen]
    decisions = trained.decider.decide(X, sensitive["sex"].to_numpy(dtype=object))
    found = assess(target, decisions, sensitive, draws=100)
    accuracy = float((decisions == target).mean())
    figures = [found.disparity(name).figure.estimate for name in GAPS]
    return [accuracy, *(float("nan") if value is None else value for value in figures)]


def main(rows: int) -> None:
    table = load_sample("adult")
    roles = replace(SAMPLES["adult"].roles, sensitive=("sex",), edges=())
    data = assign(table, roles)
    start = time.perf_counter()
    print(f"{date.today()}: {rows:,} of {len(data):,} rows, seeds {SEEDS}, means ± deviation\n")
    print(f"| Family | Mitigation | {' | '.join(HEADS)} |\n|---|---|{'---|' * len(HEADS)}")
    for mitigation in MITIGATIONS:
        runs = np.array([measured(data, mitigation.name, rows, seed) for seed in SEEDS])
        mean, spread = runs.mean(axis=0), runs.std(axis=0, ddof=1)
        cells = [f"{m:.3f} ± {s:.3f}" for m, s in zip(mean, spread, strict=True)]
        if mitigation.aim:
            own = GAPS.index(mitigation.aim) + 1
            cells[own] = f"**{cells[own]}**"
        print(f"| {mitigation.family} | {mitigation.title} | {' | '.join(cells)} |", flush=True)
    print(f"\n{time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
