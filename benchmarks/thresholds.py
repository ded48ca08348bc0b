"""Time what one drag of a threshold costs on 1,000,000 predictions.

Run by hand from the repository's root: ``.venv/bin/python benchmarks/thresholds.py [ROWS]``.
The cube is counted once for the page; a drag is everything that is computed anew from it: outcomes
at the thresholds, every metric and disparity with its interval, the cost, and the curves.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from core.fairness.counts.grouping import group_rows
from core.fairness.counts.score_cube import count_scores
from core.fairness.what_if.thresholds import CURVES, assess_at, at_thresholds, cost, curve

ROWS = 1_000_000
TARGET = 0.2


def main(rows: int) -> None:
    rng = np.random.default_rng(0)
    for groups in (2, 5, 10):
        sensitive = pd.DataFrame({"g": rng.integers(0, groups, rows).astype(str)})
        scores = rng.random(rows)
        target = rng.random(rows) < scores
        start = time.perf_counter()
        grouping = group_rows(sensitive)
        cube = count_scores(grouping, target, scores)
        counted = time.perf_counter() - start
        drags = []
        for threshold in (0.3, 0.41, 0.55, 0.62, 0.8):
            start = time.perf_counter()
            by_group = dict.fromkeys(cube.groups, threshold)
            assess_at(cube, by_group)
            cost(at_thresholds(cube, by_group), 1.0, 5.0)
            for name in CURVES:
                curve(cube, name)
            drags.append(time.perf_counter() - start)
        drag = sorted(drags)[len(drags) // 2]
        verdict = "within" if drag <= TARGET else "over"
        print(
            f"{rows:,} rows, {groups} groups: cube counted once in {counted * 1000:.0f} ms; a drag "
            f"{drag * 1000:.0f} ms (worst {max(drags) * 1000:.0f}), {verdict} {TARGET * 1000:.0f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
