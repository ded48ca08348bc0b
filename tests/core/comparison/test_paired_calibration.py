"""The difference of two models' calibration gaps at equal score, against resampled rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.comparison.paired.paired_bootstrap import compare_paired
from core.comparison.paired.paired_calibration import (
    _Bins,
    _contrasts,
    _covariance,
    calibration_gap_difference,
)
from core.fairness.counts.grouping import group_rows
from core.fairness.metrics.score_quality import BINS

Shifts = tuple[float, ...]


def world(
    n: int, a: Shifts, b: Shifts, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Groups, outcomes, and two models' scores, off by a shift in each group."""
    g = rng.integers(len(a), size=n)
    chance = rng.uniform(0.1, 0.9, n)
    noisy = chance + 0.1 * rng.normal(size=n)
    scores = tuple(np.clip(noisy + np.array(s)[g], 0, 1) for s in (a, b))
    return g, rng.random(n) < chance, (scores[0], scores[1])


def means(
    g: np.ndarray, y: np.ndarray, score: np.ndarray, groups: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean of outcome less score by group and bin, and how many there are."""
    out, size = np.zeros((groups, BINS)), np.zeros((groups, BINS))
    for k in range(groups):
        for b in range(BINS):
            low, high = b / BINS, (b + 1) / BINS if b < BINS - 1 else 2
            of = (g == k) & (score >= low) & (score < high)
            size[k, b] = of.sum()
            out[k, b] = (y[of] - score[of]).mean() if of.any() else 0
    return out, size


def gap(mean: np.ndarray, size: np.ndarray) -> float:
    return max(
        mean[i, b] - mean[j, b]
        for b in range(BINS)
        for i in range(len(mean))
        for j in range(len(mean))
        if i != j and min(size[i, b], size[j, b]) >= 10
    )


def test_bins_vary_together_as_in_resampled_rows() -> None:
    g, y, scores = world(900, (0.0, 0.1), (0.05, 0.0), np.random.default_rng(0))
    a, b = (_Bins.of(g, 2, y, score) for score in scores)
    found, rng = _covariance(a, b), np.random.default_rng(1)
    drawn = []
    for _ in range(2000):
        rows = rng.integers(0, 900, 900)
        one = [_Bins.of(g[rows], 2, y[rows], score[rows]).mean for score in scores]
        drawn.append(np.concatenate(one))
    full = np.r_[a.number, b.number] >= 30
    brute = np.cov(np.array(drawn).T)[np.ix_(full, full)]
    found = found[np.ix_(full, full)]
    assert np.sqrt(np.diag(found)) == pytest.approx(np.sqrt(np.diag(brute)), rel=0.12)
    scale = np.sqrt(np.outer(np.diag(brute), np.diag(brute)))
    assert found / scale == pytest.approx(brute / scale, abs=0.15)
    assert np.linalg.eigvalsh(found).min() > -1e-12
    first, second = means(g, y, scores[0], 2), means(g, y, scores[1], 2)
    assert a.mean.reshape(2, BINS) == pytest.approx(first[0])
    assert b.number.reshape(2, BINS) == pytest.approx(second[1])
    apart = _contrasts(a.mean, a.number, 2)
    assert np.nanmax(apart) == pytest.approx(gap(*first))


def test_a_clear_difference_of_gaps_is_found_among_those_of_a_comparison() -> None:
    g, y, (a, b) = world(20_000, (0.0, 0.2), (0.0, 0.0), np.random.default_rng(2))
    found = compare_paired(
        y, a > 0.5, b > 0.5, pd.DataFrame({"g": g.astype(str)}), scores_a=a, scores_b=b
    ).disparities["calibration_gap"]
    truth = gap(*means(g, y, b, 2)) - gap(*means(g, y, a, 2))
    assert found.difference.estimate == pytest.approx(truth)
    assert found.difference.low is not None
    assert found.difference.high is not None
    assert -0.4 < found.difference.low < found.difference.estimate < found.difference.high < 0


def test_models_of_equal_scores_are_not_told_apart() -> None:
    g, y, (a, _) = world(400, (0.0, 0.2), (0.0, 0.2), np.random.default_rng(3))
    grouping = group_rows(pd.DataFrame({"g": g.astype(str)}))
    ends = calibration_gap_difference(grouping, y, (a, a), 500, np.random.default_rng(0), 0.95)
    assert not isinstance(ends, str)
    assert ends[0] <= 0 <= ends[1]


def test_too_many_groups_have_a_reason() -> None:
    g = np.arange(300) % 15
    grouping = group_rows(pd.DataFrame({"g": g.astype(str)}))
    scores = np.full(300, 0.4)
    result = calibration_gap_difference(
        grouping, g > 7, (scores, scores), 100, np.random.default_rng(0), 0.95
    )
    assert "15 groups" in str(result)


WORLDS = {
    "no gap in either": ((0.0, 0.0), (0.0, 0.0)),
    "only A has a gap": ((0.0, 0.2), (0.0, 0.0)),
    "the same gap": ((0.0, 0.2), (0.0, 0.2)),
    "opposite gaps": ((0.15, 0.0), (0.0, 0.15)),
    "three groups": ((0.0, 0.1, 0.2), (0.1, 0.0, 0.0)),
}


def held(name: str, n: int, worlds: int) -> float:
    """Share of worlds whose interval holds the difference of the gaps in these bins."""
    rng = np.random.default_rng(4)
    groups = len(WORLDS[name][0])
    g, y, scores = world(400_000, *WORLDS[name], rng)
    true = [means(g, y, score, groups)[0] for score in scores]
    found = 0
    for _ in range(worlds):
        g, y, scores = world(n, *WORLDS[name], rng)
        sizes = [means(g, y, score, groups)[1] for score in scores]
        grouping = group_rows(pd.DataFrame({"g": g.astype(str)}))
        ends = calibration_gap_difference(grouping, y, scores, 300, rng, 0.95)
        assert not isinstance(ends, str)
        found += ends[0] <= gap(true[1], sizes[1]) - gap(true[0], sizes[0]) <= ends[1]
    return found / worlds


@pytest.mark.parametrize("name", ["no gap in either", "only A has a gap"])
def test_the_interval_holds_the_true_difference(name: str) -> None:
    assert held(name, 500, 40) >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("n", [300, 2000])
def test_the_interval_holds_the_true_difference_in_many_worlds(name: str, n: int) -> None:
    # The standard error of a share of 200 worlds is 1.5 points.
    assert held(name, n, 200) >= 0.91
