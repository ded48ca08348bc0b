"""What too little data could have found, held against formulas of other hands."""

from __future__ import annotations

import math

import pytest

from core.fairness.intervals.two_rates import detectable_gap
from core.fairness.metrics.assessment import Figure
from core.policy.evaluate import evaluate
from core.policy.policy import Criterion
from core.policy.power import power_of
from tests.core.policy.sampled import verdicts
from tests.core.policy.tables import audit_of, decisions, one

Z, Z80 = 1.959964, 0.841621


@pytest.mark.parametrize(("hits", "size"), [(100, 200), (120, 400), (60, 400)])
def test_the_smallest_gap_is_near_that_of_two_rates(hits: int, size: int) -> None:
    criterion = Criterion(
        "c", "fairness", "selection_rate_difference", at_most=0.05, evidence="significant"
    )
    result = audit_of(decisions({"f": (hits, size), "m": (hits, size)}))
    part = evaluate(one(criterion), result).results[0].decisive
    assert part.outcome == "not enough evidence"
    expected = detectable_gap(size, size, hits / size)
    # A gap is found where it differs from none, and is clearly beyond the limit too.
    z50 = 0.674490
    assert expected is not None
    clear = 0.05 + expected * (z50 + Z80) / (Z + Z80)
    assert part.detectable == pytest.approx(max(expected, clear), rel=0.1)
    # Two samples of n rows show a gap d where n = 2 p (1 − p) (z + z80)² / d².
    p = hits / size
    rows = 2 * p * (1 - p) * (Z + Z80) ** 2 / 0.05**2
    assert part.rows_needed == pytest.approx(rows, rel=0.15)


def test_a_ratio_is_told_on_logarithms() -> None:
    figure = Figure(0.9, 0.9 * math.exp(-Z * 0.1), 1.0)
    found = power_of(figure, (400, 400), 0.95, ratio=True, from_limit=False)
    assert found.detectable == pytest.approx(math.exp(-(Z + Z80) * 0.1), rel=1e-5)
    found = power_of(figure, (400, 400), 0.8, ratio=True, from_limit=False)
    assert found.detectable == pytest.approx(0.8 * math.exp(-Z80 * 0.1), rel=1e-5)
    rows = 400 * ((Z + Z80) * 0.1 / -math.log(0.8)) ** 2
    assert found.rows_needed == math.ceil(rows)
    beyond = power_of(figure, (400, 400), 0.8, ratio=True, from_limit=True)
    assert beyond.detectable == pytest.approx(0.8 * math.exp(-(Z + Z80) * 0.1), rel=1e-5)


def test_unequal_groups_count_by_their_harmonic_mean() -> None:
    figure = Figure(0.1, 0.0, 0.1 + Z * 0.05)
    equal = power_of(figure, (500, 500), 0.1, ratio=False, from_limit=False)
    unequal = power_of(figure, (300, 1500), 0.1, ratio=False, from_limit=False)
    assert equal == unequal


def test_what_can_t_be_told_is_none() -> None:
    none = Figure(0.0, 0.0, 0.9)
    assert power_of(none, (9, 9), 0.8, ratio=True, from_limit=False).detectable is None
    wide = power_of(Figure(0.1, 0.0, 0.9), (9, 9), 0.0, ratio=False, from_limit=False)
    assert (wide.detectable, wide.rows_needed) == (None, None)
    tiny = power_of(Figure(0.1, 0.0, 0.2), (9, 9), 1e-300, ratio=False, from_limit=False)
    assert tiny.rows_needed is None
    assert tiny.detectable is not None
    bare = power_of(Figure(0.1), (9, 9), 0.1, ratio=False, from_limit=False)
    assert (bare.detectable, bare.rows_needed) == (None, None)


@pytest.mark.parametrize(
    ("hits", "other", "size"), [(60, 70, 200), (480, 530, 1_600)], ids=["from none", "clear"]
)
def test_a_gap_of_the_told_size_is_found_in_about_80_of_100_samples(hits, other, size) -> None:
    criterion = Criterion(
        "c", "fairness", "selection_rate_difference", groups="each", at_most=0.05,
        evidence="significant",
    )  # fmt: skip
    result = audit_of(decisions({"f": (hits, size), "m": (other, size)}))
    told = evaluate(one(criterion), result).results[0].decisive.detectable
    found = verdicts(one(criterion), (0.3 - told / 2, 0.3 + told / 2), size, 300, second=False)
    assert 0.7 < found["not met"] / 300 < 0.9
