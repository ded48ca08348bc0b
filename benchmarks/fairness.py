"""Time the fairness engine against fairlearn on the same work, in one run.

Run by hand from the repository's root: ``.venv/bin/python benchmarks/fairness.py [ROWS]``.
The figures that matter are the ratios: both sides run on the same machine in the same minutes.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, precision_score

sys.path.insert(0, str(Path(__file__).parents[1]))

from fairlearn.metrics import (
    MetricFrame,
    false_negative_rate,
    false_positive_rate,
    mean_prediction,
    selection_rate,
    true_negative_rate,
    true_positive_rate,
)

from core.fairness.assessment.assess import assess
from core.fairness.counts.cube import build_cube
from core.fairness.intervals.intervals import cell_draws
from core.fairness.metrics.metric_registry import METRICS, GroupMetric

ROWS = 1_000_000
GROUPS = 10
REPLICATES = 1000
PEER_REPLICATES = 1

PEERS = {
    "selection_rate": selection_rate,
    "true_positive_rate": true_positive_rate,
    "false_positive_rate": false_positive_rate,
    "true_negative_rate": true_negative_rate,
    "false_negative_rate": false_negative_rate,
    "precision": precision_score,
    "negative_predictive_value": lambda y, p: precision_score(1 - y, 1 - p),
    "accuracy": accuracy_score,
    "prevalence": lambda y, p: mean_prediction(p, y),
    "balanced_accuracy": balanced_accuracy_score,
    "f1": f1_score,
}


def timed(work: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def best_of(times: int, work: Callable[[], object]) -> tuple[float, object]:
    return min((timed(work) for _ in range(times)), key=lambda pair: pair[0])


def main(rows: int) -> None:
    rng = np.random.default_rng(0)
    names = np.array([f"group {i}" for i in range(GROUPS)], dtype=object)
    sensitive = pd.DataFrame({"g": pd.Series(names[rng.integers(0, GROUPS, rows)], dtype=object)})
    target, prediction = rng.random(rows) < 0.4, rng.random(rows) < 0.5
    scores = rng.random(rows)
    metrics = [m for m in METRICS if isinstance(m, GroupMetric)]

    def table() -> dict[str, np.ndarray]:
        cube = build_cube(target, prediction, sensitive)
        return {m.name: m.value(cube.weight) for m in metrics}

    def peer_table(n_boot: int | None = None) -> MetricFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = MetricFrame(
                metrics=PEERS,
                y_true=target.astype(int),
                y_pred=prediction.astype(int),
                sensitive_features=sensitive,
                n_boot=n_boot,
                ci_quantiles=[0.025, 0.975] if n_boot else None,
                random_state=0 if n_boot else None,
            )
            frame.by_group  # noqa: B018  computed on first use
        return frame

    def replicates() -> dict[str, np.ndarray]:
        cube = build_cube(target, prediction, sensitive)
        cells = cell_draws(cube.weight, cube.weight_squared, REPLICATES, np.random.default_rng(0))
        return {m.name: np.quantile(m.value(cells), [0.025, 0.975], axis=0) for m in metrics}

    print(f"{rows:,} rows, {GROUPS} groups, {len(metrics)} metrics")
    ours, values = best_of(5, table)
    peers, frame = timed(peer_table)
    for name in PEERS:
        np.testing.assert_allclose(values[name], frame.by_group[name], rtol=0, atol=1e-12)
    print(
        f"metric table: {ours:.3f} s against fairlearn's {peers:.1f} s: {peers / ours:,.0f} times"
    )

    ours, _ = best_of(3, replicates)
    with_boot, _ = timed(lambda: peer_table(PEER_REPLICATES))
    each = max(with_boot - peers, 0.0) / PEER_REPLICATES
    whole = peers + each * REPLICATES
    print(
        f"with {REPLICATES:,} replicates: {ours:.3f} s against {whole:,.0f} s, extrapolated from "
        f"{PEER_REPLICATES} of fairlearn's replicates at {each:.1f} s: {whole / ours:,.0f} times"
    )
    whole_assessment, _ = best_of(3, lambda: assess(target, prediction, sensitive))
    with_scores, _ = best_of(3, lambda: assess(target, prediction, sensitive, scores=scores))
    print(
        f"whole assessment, every interval and disparity: {whole_assessment:.3f} s; with the area "
        f"under the curve by exact ranks: {with_scores:.3f} s"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
