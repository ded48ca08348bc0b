"""The table of impact ratios: a cell without a statistic says why, and is never empty."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.fairness.counts.cube import build_cube
from core.fairness.disparities.impact_cells import impact_cells
from core.fairness.disparities.impact_ratio import impact_ratios
from core.fairness.intervals.pooled_test import pooled_z


def table(counts: dict[str, tuple[int, int]]) -> pd.DataFrame:
    groups = [g for g, (yes, no) in counts.items() for _ in range(yes + no)]
    decided = [d for yes, no in counts.values() for d in [True] * yes + [False] * no]
    cube = build_cube(None, np.array(decided, dtype=bool), pd.DataFrame({"g": groups}), None)
    return pd.DataFrame(impact_cells(impact_ratios(cube))).set_index("Group")


def test_the_largest_group_is_the_reference_and_others_are_tested_against_it() -> None:
    found = table({"a": (60, 40), "b": (20, 30), "(missing)": (5, 5)})
    assert found.loc["a", "z"] == found.loc["a", "p, adjusted"] == "reference"
    z = pooled_z(20, 50, 60, 100)
    assert z is not None
    assert found.loc["b", "z"].startswith("−")
    assert float(found.loc["b", "z"].replace("−", "-")) == pytest.approx(z, abs=0.005)
    assert 0 < float(found.loc["b", "p, adjusted"]) < 0.05
    assert found.loc["g (missing)", "z"] == found.loc["g (missing)", "p, adjusted"] == "–"


def test_rates_that_are_all_one_have_no_statistic() -> None:
    found = table({"a": (60, 0), "b": (20, 0)})
    assert found.loc["b", "z"] == "not defined"
    assert float(found.loc["b", "p, adjusted"]) == 1  # Two rates that can't differ.


def test_a_small_group_says_what_it_lacks():
    groups = pd.DataFrame({"g": ["a"] * 29 + ["b"] * 30})
    cube = build_cube(None, np.arange(59) % 2 == 0, groups, None)
    shown = pd.DataFrame(impact_cells(impact_ratios(cube))).set_index("Group")
    assert shown.loc["a", "Note"].startswith("too small to judge: Only 29 rows, fewer than 30")
    assert shown.loc["b", "Note"] == ""
