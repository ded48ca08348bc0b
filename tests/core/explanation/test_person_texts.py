"""How scores are written beside their thresholds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.explanation.person.person_texts import distance_sentence, format_score


@pytest.mark.parametrize(
    ("score", "threshold", "written"),
    [
        (0.4997, 0.5, "0.4997"),
        (0.49999996, 0.5, "0.49999996"),
        (0.5, 0.5, "0.500"),
        (0.50004, 0.5, "0.500"),
        (0.4994, 0.5, "0.499"),
        # A threshold of more digits has scores on both sides that three digits would mix.
        (0.50041, 0.5004, "0.5004"),
        (0.50039, 0.5004, "0.500"),
        (0.4997, None, "0.500"),
    ],
)
def test_a_score_is_written_on_its_side_of_the_threshold(
    score: float, threshold: float | None, written: str
) -> None:
    assert format_score(score, threshold) == written
    if threshold is not None:
        assert (float(written) >= threshold) == (score >= threshold)


@given(st.floats(0, 1), st.floats(0.01, 0.99))
def test_no_written_score_crosses_its_threshold(score: float, threshold: float) -> None:
    assert (float(format_score(score, threshold)) >= threshold) == (score >= threshold)


@pytest.mark.parametrize(
    ("distance", "written"),
    [(0.00005, "0.00005 above"), (-0.0003, "0.0003 below"), (0.001, "0.001 above"),
     (0.0, "0.000 above"), (-2e-9, "0.000000002 below")],
)  # fmt: skip
def test_a_small_distance_is_written_without_powers_of_ten(distance: float, written: str) -> None:
    assert f"is {written} 0.500" in distance_sentence(0.5, distance)
