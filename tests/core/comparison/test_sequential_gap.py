"""The gap between two groups of one model while it is in use: three questions."""

from __future__ import annotations

import numpy as np
import pytest

from core.comparison.monitoring.sequential import watch_arms
from core.comparison.monitoring.sequential_gap import watch_gap
from core.errors import InputError

PAIR = ("f", "m")


def people(
    n: int, right: tuple[float, float], seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y, group = rng.random(n) < 0.5, np.where(rng.random(n) < 0.4, "f", "m")
    return y, np.where(rng.random(n) < np.where(group == "m", right[1], right[0]), y, ~y), group


def test_whether_there_is_a_gap_is_the_question_of_two_arms() -> None:
    y, d, g = people(1500, (0.6, 0.8))
    gap, arms = (
        watch_gap(y, d, g, PAIR, figure="accuracy"),
        watch_arms(y, d, g, figure="accuracy"),
    )
    assert (gap.path, gap.decided) == (arms.path, arms.decided)
    assert gap.decided is not None
    assert gap.decided.log_e >= np.log(20)
    assert gap.decided.p_value <= 0.05
    assert gap.within is None
    text = gap.sentence()
    assert "m less f is" in text
    assert "is right" not in text  # a group is not what is right
    assert f"That there is a gap in accuracy was decided after {gap.decided.count:,}" in text
    assert "is right" in arms.sentence()


def test_a_limit_is_above_within_or_open() -> None:
    y, d, g = people(3000, (0.55, 0.85))
    above = watch_gap(y, d, g, PAIR, figure="accuracy", limit=0.1)
    assert above.decided is not None
    assert "the gap in accuracy is above 10.0 points" in above.finding()
    assert (above.decided.low or 0) > 0.1
    earlier = watch_gap(y, d, g, PAIR, figure="accuracy").decided
    assert earlier is not None
    assert earlier.count < above.decided.count
    # Whichever group is ahead.
    turned = watch_gap(y, d, g, ("m", "f"), figure="accuracy", limit=0.1)
    assert turned.decided is not None
    assert turned.decided.count == above.decided.count
    within = watch_gap(y, d, g, PAIR, figure="accuracy", limit=0.5)
    assert within.decided is None
    assert within.within is not None
    assert within.within in within.path
    assert "is not above 50.0 points was decided" in within.sentence()
    open_ = watch_gap(y, d, g, PAIR, figure="accuracy", limit=0.3)
    assert open_.decided is open_.within is None
    assert "whether the gap in accuracy is above 30.0 points is open" in open_.finding()


def test_a_gap_that_is_no_more_what_it_was_is_told() -> None:
    y, d, g = people(3000, (0.55, 0.85))
    same = watch_gap(y, d, g, PAIR, figure="accuracy", before=0.3)
    assert same.decided is None
    assert "no change of the gap in accuracy from 30.0 points is shown yet" in same.sentence()
    other = watch_gap(y, d, g, PAIR, figure="accuracy", before=-0.05)
    assert other.decided is not None
    assert "the gap in accuracy is no longer −5.0 points" in other.sentence()
    none = watch_gap(y, d, g, PAIR, figure="accuracy", before=0.0)
    assert none.path == watch_gap(y, d, g, PAIR, figure="accuracy").path


def test_verdicts_are_rarely_wrong_however_often_one_looks() -> None:
    """A look after every person of 500, with the gap just at the limit: neither should come."""
    worlds, wrong = 60, 0
    for seed in range(worlds):
        found = watch_gap(*people(500, (0.6, 0.75), seed), PAIR, figure="accuracy", limit=0.15)
        wrong += found.decided is not None
        wrong += found.within is not None
    assert wrong <= 0.05 * worlds


def test_what_is_out_of_range_is_refused() -> None:
    y, d, g = people(20, (0.5, 0.5))
    for options in ({"limit": 0.0}, {"limit": 1.0}, {"before": -1.0}, {"limit": 0.1, "before": 0}):
        with pytest.raises(InputError):
            watch_gap(y, d, g, PAIR, **options)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="itself"):
        watch_gap(y, d, g, ("f", "f"))
