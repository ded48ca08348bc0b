"""How long a sweep is expected to take: known by own runs first, and never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tradeoff.sweep.duration import Duration, expected
from core.tradeoff.sweep.grid import RunSpec, Setting
from core.tradeoff.sweep.point import SweepPoint

FOREST, TREE = Setting("random_forest"), Setting("decision_tree")
FAIRER = Setting("random_forest", mitigation="reweighing")


def timed(
    setting: Setting, seconds: float, rows: int = 1_000, reason: str | None = None
) -> SweepPoint:
    return SweepPoint(RunSpec(setting), test_rows=rows // 5, seconds=seconds, reason=reason)


def test_own_runs_count_first_and_the_median_of_them() -> None:
    runs = [RunSpec(FOREST, seed) for seed in range(4)]
    found = expected(
        runs, 1_000, [timed(FOREST, s) for s in (2.0, 3.0, 100.0)], [timed(FOREST, 50.0)]
    )
    assert found == Duration(12.0, 4, 0, 0)


def test_what_was_timed_elsewhere_is_said_and_what_never_was_too() -> None:
    runs = [RunSpec(FOREST), RunSpec(FAIRER), RunSpec(TREE)]
    found = expected(runs, 1_000, [timed(TREE, 1.0)], [timed(FOREST, 5.0)])
    assert found == Duration(6.0, 1, 1, 1)
    sentence = found.sentence()
    assert sentence.startswith("About 6 seconds")
    assert "another machine" in sentence
    assert "1 run more of which nothing is known" in sentence
    assert expected(runs, 1_000, []) == Duration(0.0, 0, 0, 3)
    assert "isn't known yet" in expected(runs, 1_000, []).sentence()


def test_runs_that_failed_tell_nothing() -> None:
    failed = timed(FOREST, 0.1, reason="it failed")
    assert expected([RunSpec(FOREST)], 1_000, [failed]).unknown == 1


def test_epsilon_and_seeds_do_not_matter_and_rows_do() -> None:
    private = Setting("dp_naive_bayes", 1.0)
    run = RunSpec(Setting("dp_naive_bayes", 8.0), 3, 7)
    assert expected([run], 4_000, [timed(private, 2.0)]).seconds == pytest.approx(8.0)
    # A tenth of the rows, and never less than a third of the time.
    assert expected([run], 100, [timed(private, 3.0)]).seconds == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("seconds", "workers", "says"),
    [
        (0.2, 1, "About a second."),
        (60, 1, "About 60 seconds."),
        (60, 4, "About 15 seconds."),
        (600, 1, "About 10 minutes."),
        (7_200, 1, "About 2.0 hours."),
        (60, 0, "About 60 seconds."),
    ],
)
def test_it_is_said_in_plain_words(seconds: float, workers: int, says: str) -> None:
    assert Duration(seconds, 3, 0, 0).sentence(workers) == says


def test_nothing_left_to_do_takes_no_time() -> None:
    found = expected([], 1_000, [timed(FOREST, 9.0)])
    assert found == Duration(0.0, 0, 0, 0)
    assert found.sentence()


@given(
    st.lists(st.sampled_from([FOREST, TREE, FAIRER]), max_size=8),
    st.lists(st.tuples(st.sampled_from([FOREST, TREE, FAIRER]), st.floats(0, 1e4)), max_size=8),
    st.integers(1, 10**6),
)
def test_every_run_is_counted_once(
    asked: list[Setting], known: list[tuple[Setting, float]], rows: int
) -> None:
    half = len(known) // 2
    points = [timed(setting, seconds) for setting, seconds in known]
    runs = [RunSpec(setting, seed) for seed, setting in enumerate(asked)]
    found = expected(runs, rows, points[:half], points[half:])
    assert found.known + found.elsewhere + found.unknown == len(runs)
    assert found.seconds >= 0
    more = expected(runs, 2 * rows, points[:half], points[half:])
    assert more.seconds >= found.seconds
