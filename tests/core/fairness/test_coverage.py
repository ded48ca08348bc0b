from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.fairness.assessment.assess import assess
from core.fairness.counts.ranking import roc_auc
from tests.core.fairness.worlds import NAMES, coverage, intervals, true_cells, truth

SLOW_WORLDS = 1000


@pytest.mark.parametrize(("sizes", "distance"), [((40, 400), 0.3), ((40, 100, 400), 0.1)])
def test_intervals_hold_the_true_gap(sizes, distance):
    names = ("demographic_parity_difference", "equalized_odds_difference")
    cells = true_cells(distance, len(sizes))
    for name, ends in intervals(cells, sizes, 200, names).items():
        value = truth(name, cells)
        assert not np.isnan(ends).any()
        assert coverage(ends, value) >= 0.91, name
        # The simulation has teeth: intervals half as wide would not pass.
        middle = ends.mean(axis=1, keepdims=True)
        assert coverage(middle + (ends - middle) / 2, value) < 0.91, name


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(40, 400), (40, 100, 400)])
@pytest.mark.parametrize("distance", [0.0, 0.1, 0.3])
def test_coverage_in_a_thousand_worlds(sizes, distance):
    cells = true_cells(distance, len(sizes))
    found = intervals(cells, sizes, SLOW_WORLDS, draws=4000)
    shares = {name: coverage(found[name], truth(name, cells)) for name in NAMES}
    print(f"\n{sizes} {distance}: " + ", ".join(f"{k} {v:.3f}" for k, v in shares.items()))
    assert all(np.isnan(ends).any(axis=1).mean() < 0.01 for ends in found.values())
    assert min(shares.values()) >= 0.93, shares


@pytest.mark.slow
@pytest.mark.parametrize("distance", [0.0, 0.3])
def test_coverage_with_unequal_weights(distance):
    """Weights of 0.5, 1 and 4, which leave about half of the rows' worth."""
    sizes, cells = (100, 600), true_cells(distance, 2)
    rng = np.random.default_rng(1)
    names = ("demographic_parity_difference", "equalized_odds_difference", "accuracy_difference")
    found = {name: np.full((SLOW_WORLDS, 2), np.nan) for name in names}
    group = np.repeat(["g0", "g1"], sizes)
    for world in range(SLOW_WORLDS):
        cell = np.concatenate(
            [rng.choice(4, size=n, p=p.ravel()) for n, p in zip(sizes, cells, strict=True)]
        )
        result = assess(
            cell >= 2,
            cell % 2 == 1,
            pd.DataFrame({"g": group}),
            weights=rng.choice([0.5, 1.0, 4.0], len(cell)),
            draws=1000,
            seed=world,
        )
        for name in names:
            figure = result.disparity(name).figure
            found[name][world] = figure.low, figure.high
    shares = {name: coverage(ends, truth(name, cells)) for name, ends in found.items()}
    print(f"\nweighted {distance}: {shares}")
    assert min(shares.values()) >= 0.93, shares


@pytest.mark.slow
@pytest.mark.parametrize(("positives", "negatives"), [(10, 30), (40, 160), (200, 200)])
@pytest.mark.parametrize("separation", [0.0, 1.0, 2.5])
def test_coverage_of_the_area_under_the_curve(positives, negatives, separation):
    from scipy.stats import norm

    rng = np.random.default_rng(0)
    target = np.arange(positives + negatives) < positives
    codes = np.zeros(len(target), dtype=np.int64)
    ends = [
        roc_auc(codes, 1, target, rng.normal(target * separation))[0].interval(0.95)
        for _ in range(SLOW_WORLDS)
    ]
    share = coverage(np.array(ends), float(norm.cdf(separation / np.sqrt(2))))
    print(f"\n{positives}/{negatives} {separation}: {share:.3f}")
    assert share >= 0.93
