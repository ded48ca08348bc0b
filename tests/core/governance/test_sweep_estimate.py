"""What is said of a sweep before it runs: whether a split by lot gives uneven parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.assign import assign, default_roles
from core.governance.sweep_estimate import UNEVEN, splits_unevenly
from core.learning.split import SplitSpec, split_rows
from core.tradeoff.sweep.grid import Grid
from tests.core.worlds import dataset, table

GRID = Grid(("logistic_regression",), (None,), (("sex",),))


def narrow(levels: int, n: int = 4000):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "level": rng.integers(0, levels, n),
            "sex": rng.choice(["f", "m"], n),
            "paid": rng.choice(["yes", "no"], n),
        }
    )
    read = table(frame)
    return assign(read, default_roles(read, "paid", "yes", ("sex",))[0])


@pytest.mark.parametrize(("levels", "uneven"), [(40, True), (100, True), (1000, False)])
def test_it_goes_by_how_far_test_parts_vary(levels: int, uneven: bool) -> None:
    rows = narrow(levels)
    assert splits_unevenly(rows, GRID) is uneven
    sizes = [
        len(split_rows(rows.target, SplitSpec(seed=seed, stratified=False), rows.content).test)
        for seed in range(150)
    ]
    foreseen = np.sqrt(4 * ((np.unique(rows.content, return_counts=True)[1] / 4000) ** 2).sum())
    assert np.std(sizes) / 800 == pytest.approx(foreseen, rel=0.25)
    assert bool(foreseen > np.sqrt(4 / UNEVEN)) is uneven


def test_rows_that_differ_are_split_evenly_and_strata_need_no_lots() -> None:
    assert not splits_unevenly(dataset(600), GRID)
    assert not splits_unevenly(narrow(10), replace(GRID, learners=("given_score",)))
    assert not splits_unevenly(narrow(10), replace(GRID, person="level"))
