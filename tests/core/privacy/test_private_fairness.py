from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from core.fairness.assessment.assess import assess_cube
from core.fairness.counts.cube import OutcomeCube
from core.fairness.disparities.contrasts import gap, ratio
from core.fairness.disparities.disparities import DISPARITIES, compare
from core.fairness.metrics.group_measurement import Sampling
from core.fairness.metrics.metric_registry import METRICS, GroupMetric
from core.privacy.mechanisms.noise import simulated_noise
from core.privacy.release.axis import CategoryAxis
from core.privacy.release.noisy_measure import NoisyCube, NoisyMeasured
from core.privacy.release.noisy_share import NoiseSize
from core.privacy.release.private_fairness import assess_noisy_cube, read_fairness
from core.privacy.release.release import Release
from core.privacy.release.release_plan import FairnessPlan

CELLS = np.array([[[0.30, 0.15], [0.10, 0.45]], [[0.45, 0.10], [0.15, 0.30]]])
SHARES = np.array([0.6, 0.4])
RATES = [metric for metric in METRICS if isinstance(metric, GroupMetric)]
COMPARED = (
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equal_opportunity_difference",
    "accuracy_difference",
)
GRID = [(n, e) for n in (500, 5_000, 50_000) for e in (0.1, 0.5, 1.0, 4.0)]


def noisy_counts(rng: np.random.Generator, n: int, epsilon: float) -> np.ndarray:
    cell = CELLS * SHARES[:, None, None]
    counts = rng.multinomial(n, cell.ravel()).reshape(cell.shape)
    return (counts + simulated_noise(epsilon, cell.shape, rng)).astype(float)


def covered_rates(n: int, epsilon: float, runs: int) -> dict[str, tuple[float, float]]:
    """Share of intervals that are defined, and that hold the truth among those, by metric.

    All runs stand as groups of one cube, since each group is measured for itself.
    """
    rng = np.random.default_rng(n)
    counts = np.concatenate([noisy_counts(rng, n, epsilon) for _ in range(runs)])
    names = tuple((str(k),) for k in range(len(counts)))
    cube = NoisyCube(("g",), names, counts, 1, NoiseSize.of(epsilon, 1))
    out = {}
    for metric in RATES:
        measured = NoisyMeasured(metric, cube.shown(), counts=cube)
        low, high = measured.intervals(0.95)
        truth = np.tile(metric.value(CELLS), runs)
        defined = np.array([reason is None for reason in measured.reasons()])
        held = ((low <= truth + 1e-12) & (truth <= high + 1e-12))[defined]
        out[metric.name] = (float(defined.mean()), float(held.mean()) if len(held) else np.nan)
    return out


def covered_disparities(n: int, epsilon: float, runs: int) -> dict[str, tuple[float, float]]:
    rng = np.random.default_rng(n + 1)
    held = defaultdict(list)
    for _ in range(runs):
        counts = noisy_counts(rng, n, epsilon)
        cube = NoisyCube(("g",), (("a",), ("b",)), counts, 1, NoiseSize.of(epsilon, 1))
        for name in COMPARED:
            definition = DISPARITIES[name]
            metric = METRICS[definition.metrics[0]]
            assert isinstance(metric, GroupMetric)
            found = compare(
                definition,
                [NoisyMeasured(metric, cube.shown(), counts=cube)],
                ("a", "b"),
                0.95,
                Sampling(),
            ).figure
            if found.low is None or found.high is None:
                continue
            far = gap if definition.comparison == "difference" else ratio
            truth = far(metric.value(CELLS)).value  # type: ignore[union-attr]
            held[name].append(found.low - 1e-12 <= truth <= found.high + 1e-12)
    return {name: (len(held[name]) / runs, float(np.mean(held[name] or [np.nan])))
            for name in COMPARED}  # fmt: skip


@pytest.mark.parametrize(("n", "epsilon"), [(500, 1.0), (5_000, 0.1), (50_000, 4.0)])
def test_intervals_of_rates_cover_the_population_s(n: int, epsilon: float) -> None:
    found = covered_rates(n, epsilon, 1000)
    for name, (defined, held) in found.items():
        assert defined == 1.0, name
        assert 0.93 <= held <= 0.975, (name, held)
    assert 0.93 <= np.mean([held for _, held in found.values()]) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize(("n", "epsilon"), GRID)
def test_intervals_cover_in_a_thousand_simulations(n: int, epsilon: float) -> None:
    rates = covered_rates(n, epsilon, 1000)
    gaps = covered_disparities(n, epsilon, 1000)
    print(n, epsilon, {name: f"{d:.2f} {h:.3f}" for name, (d, h) in (rates | gaps).items()})
    for kind in (rates, gaps):
        # Where the noise swamps some of the runs, the others are those with upward noise.
        fields = {name: held for name, (defined, held) in kind.items() if defined > 0.95}
        assert fields
        assert 0.93 <= np.mean(list(fields.values())) <= 0.975
        assert min(fields.values()) >= 0.925, fields
    # Never does more than one statement in twenty or so miss, defined or not.
    for name, (defined, held) in (rates | gaps).items():
        assert defined * (1 - np.nan_to_num(held, nan=1.0)) <= 0.075, name


def test_without_noise_it_is_the_plain_assessment() -> None:
    rng = np.random.default_rng(0)
    count = rng.multinomial(900, (CELLS * SHARES[:, None, None]).ravel()).reshape(2, 2, 2)
    groups = (("a",), ("b",))
    cube = NoisyCube(("g",), groups, count.astype(float), 1, NoiseSize.of(1e6, 1))
    private = assess_noisy_cube(cube)
    weight = count.astype(float)
    plain = assess_cube(OutcomeCube(("g",), groups, count, weight, weight))
    assert [g.count for g in private.groups] == [g.count for g in plain.groups]
    for ours, theirs in zip((*private.groups, private.overall), (*plain.groups, plain.overall),
                            strict=True):  # fmt: skip
        for metric in RATES:
            one, other = ours.figures[metric.name], theirs.figures[metric.name]
            assert one.estimate == pytest.approx(other.estimate, abs=1e-12), metric.name
            assert one.low == pytest.approx(other.low, abs=1e-9), metric.name
            assert one.high == pytest.approx(other.high, abs=1e-9), metric.name
    for ours, theirs in zip(private.disparities, plain.disparities, strict=True):
        assert ours.between == theirs.between
        for end in ("estimate", "low", "high"):
            expected = getattr(theirs.figure, end)
            found = getattr(ours.figure, end)
            assert found == pytest.approx(expected, abs=1e-9), (ours.name, end)
    assert private.four_fifths.verdict == plain.four_fifths.verdict


def test_a_marginal_adds_counts_and_noise() -> None:
    groups = tuple((a, b) for a in "xy" for b in "pqr")
    noisy = np.arange(24, dtype=float).reshape(6, 2, 2)
    cube = NoisyCube(("a", "b"), groups, noisy, 1, NoiseSize.of(1.0, 1))
    by_a = cube.marginal(("a",))
    assert by_a.groups == (("x",), ("y",))
    assert by_a.noisy.tolist() == [noisy[:3].sum(axis=0).tolist(), noisy[3:].sum(axis=0).tolist()]
    assert by_a.merged == 3
    everyone = cube.marginal(())
    assert (everyone.merged, everyone.noisy.sum()) == (6, noisy.sum())


def test_a_group_that_the_noise_swamps_is_undefined_with_the_reason() -> None:
    plan = FairnessPlan((CategoryAxis("g", ("a", "b", "c")),), 0.5)
    counts = (100, 50, 40, 200, 90, 60, 50, 180, -2, 1, 3, -1, 7)
    found = read_fairness(Release(plan, counts, "fresh"))
    assert (found.negative, found.outside, found.cells) == (2, 7, 13)
    (assessment,) = found.assessments.values()
    smallest = assessment.groups[-1]
    assert smallest.name == "c"
    assert smallest.count == 1
    assert smallest.too_small is not None
    rate = smallest.figures["true_positive_rate"]
    assert rate.estimate is None
    assert rate.reason == "noise swamps the 2 positive labels in this group"
    assert "scores are not in" in (smallest.figures["roc_auc"].reason or "")
    parity = assessment.disparity("demographic_parity_difference")
    assert parity.figure.estimate is None
    assert parity.among_defined is not None
    assert "Left out: 1 group" in assessment.four_fifths.sentence
    assert assessment.four_fifths.verdict in {"passes", "fails", "unclear"}


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ((800, 0, 0, 200), (400, 0, 0, 600), "fails"),
        ((10, 0, 0, 19), (4000, 0, 0, 6000), "unclear"),
        ((9, 0, 0, 991), (0, 0, 0, 1000), "undefined"),
        ((21, 0, 0, 979), (0, 0, 0, 1000), "passes"),
    ],
)
def test_the_four_fifths_rule_concludes_nothing_from_few_rows_or_equal_decisions(
    first: tuple[int, ...], second: tuple[int, ...], verdict: str
) -> None:
    noisy = np.array([first, second], dtype=float)
    cube = NoisyCube(("g",), (("a",), ("b",)), noisy.reshape(2, 2, 2), 1, NoiseSize.of(1e6, 1))
    assert assess_noisy_cube(cube).four_fifths.verdict == verdict
