"""Comparing models in use, person by person as outcomes come in, with no fixed end.

Definition
----------
An ordinary test is valid at one moment that was fixed beforehand. Looked at after every person and
stopped once it is below 5 %, its p-value raises a false alarm far more often than in 5 % of cases.
What is used here may be looked at whenever one likes and stopped for any reason.

- :func:`watch_paired`: both models decide on each person (the one in use and its challenger). Only
  those count for the test about whom exactly one is right (or positive); if both are so equally
  often, each of these is for either with chance 1/2, and the e-process of
  :func:`core.comparison.monitoring.always_valid.log_e_even` is exact. It is decided once that
  reaches 1/α. The difference has a confidence sequence of its own: d in {−1, 0, 1}, moved to [0,
  1].
- :func:`watch_arms`: each person is decided on by one of two models. The e-process and the
  confidence sequence of their difference are one process
  (:mod:`core.comparison.monitoring.two_rates`): it is decided once the e-value reaches 1/α, which
  is the moment at which the band leaves out 0. Two groups under one model:
  :mod:`core.comparison.monitoring.sequential_gap`.

All take chances to stay the same over time. That they did not shows in the end as an empty interval
(``changed``); until then a slow change goes unnoticed, and the interval is that of no one moment.

A wrong answer would be caught by the share of false alarms and the coverage over whole paths in
simulations with a look after every person.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.arrays import Flags
from core.comparison.monitoring.always_valid import log_e_even, mean_sequence
from core.comparison.monitoring.moments import thinned
from core.comparison.monitoring.sequential_test import SequentialTest
from core.comparison.monitoring.stream import Stream, as_labels, make_stream
from core.comparison.monitoring.two_rates import difference_sequence, log_e_apart
from core.errors import InputError
from core.fairness.counts.cube import as_flags

__all__ = ["SequentialTest", "watch_arms", "watch_paired", "watch_two_rates"]


def watch_paired(
    outcomes: Any,
    decisions_a: Flags,
    decisions_b: Flags,
    *,
    figure: str = "accuracy",
    groups: Any = None,
    group: str | None = None,
    names: tuple[str, str] = ("A", "B"),
    level: float = 0.95,
) -> SequentialTest:
    """Compare two models that both decide on each person.

    Parameters
    ----------
    outcomes : array, shape (n,)
        In order of arrival: true or false, 1 or 0; None, NaN or NA where it has not come.
    decisions_a, decisions_b : ndarray of bool, shape (n,)
    figure : str
        In :data:`core.comparison.monitoring.stream.AMONG`.
    groups : array of str, shape (n,), optional
    group : str, optional
        Count only the people of this group.
    names : tuple of (str, str)
    level : float
        In (0, 1).

    Raises
    ------
    InputError
        If lengths differ, values are not usable, or nobody is of that group.
    """
    _check(level)
    n = len(decisions_a)
    a, b = as_flags(decisions_a, "decisions of A", n), as_flags(decisions_b, "decisions of B", n)
    found = make_stream(outcomes, figure, _of_group(groups, group, n))
    first, second = found.value(a), found.value(b)
    rows = np.flatnonzero(found.counted)
    count = np.arange(1.0, len(rows) + 1)
    only_a, only_b = np.cumsum(first > second), np.cumsum(second > first)
    log_e = log_e_even(only_b.astype(np.float64), only_a.astype(np.float64))
    low, high = mean_sequence((second - first + 1) / 2, 1 - level)
    ends = (2 * low - 1, 2 * high - 1)
    marks = (log_e >= -np.log(1 - level), ends[0] > ends[1])
    path, (decided, changed) = thinned(rows, (only_b - only_a) / count, ends, log_e, marks)
    counted = (len(rows), len(rows))
    return SequentialTest(
        figure, names, level, path, counted, found.skipped, found.left_out, decided, changed,
        paired=True,
    )  # fmt: skip


def watch_arms(
    outcomes: Any,
    decisions: Flags,
    arms: Any,
    *,
    pair: tuple[str, str] | None = None,
    figure: str = "accuracy",
    groups: Any = None,
    group: str | None = None,
    level: float = 0.95,
) -> SequentialTest:
    """Compare two models each of which decides on some of the people, chosen at random.

    Parameters
    ----------
    outcomes : array, shape (n,)
        As for :func:`watch_paired`.
    decisions : ndarray of bool, shape (n,)
        Of the model that each person got.
    arms : array of str, shape (n,)
        Which model that was.
    pair : tuple of (str, str), optional
        The two that are compared, second minus first; in the order of names if there are two.
    figure, groups, group, level
        As for :func:`watch_paired`.

    Raises
    ------
    InputError
        As :func:`watch_paired`, and if ``pair`` is not given and there are not two arms.
    """
    n = len(decisions)
    decision, arm = as_flags(decisions, "decisions", n), as_labels(arms, "arms", n)
    if pair is None:
        there = sorted(set(arm.tolist()))
        if len(there) != 2:
            raise InputError(
                f"there are {len(there)} of them, and two are compared",
                where="arms",
                remedy="Say which two",
            )
        pair = there[0], there[1]
    if pair[0] == pair[1]:
        raise InputError("it can't be compared with itself", where=repr(pair[0]))
    in_either = (arm == pair[0]) | (arm == pair[1])
    found = make_stream(outcomes, figure, in_either & _of_group(groups, group, n))
    return watch_two_rates(found, decision, arm == pair[1], pair, level)


def watch_two_rates(
    found: Stream,
    decision: Flags,
    second: Flags,
    names: tuple[str, str],
    level: float,
    allowed: tuple[float, float] = (0.0, 0.0),
) -> SequentialTest:
    """Watch how far apart the rates of two arms or groups are.

    Parameters
    ----------
    found : Stream
        Of n people.
    decision, second : ndarray of bool, shape (n,)
        What was decided, and who is of the second arm; the others are of the first.
    names : tuple of (str, str)
    level : float
        In (0, 1).
    allowed : tuple of (float, float)
        As in :class:`core.comparison.monitoring.sequential_test.SequentialTest`.
    """
    _check(level)
    value, in_second = found.value(decision) > 0, second[found.counted]
    a, b = (
        (
            np.cumsum(value & member).astype(np.float64),
            np.cumsum(~value & member).astype(np.float64),
        )
        for member in (~in_second, in_second)
    )
    low, high = difference_sequence(a, b, 1 - level)
    log_e = log_e_apart(a, b, allowed)
    empty = low > high
    inside = (allowed[0] <= low) & (high <= allowed[1]) & ~empty & (allowed[0] < allowed[1])
    rates = []
    for hits, misses in (a, b):
        n = hits + misses
        rates.append(np.divide(hits, n, out=np.full(len(n), np.nan), where=n > 0))
    path, (decided, changed, within) = thinned(
        np.flatnonzero(found.counted),
        rates[1] - rates[0],
        (low, high),
        log_e,
        (log_e >= -np.log(1 - level), empty, inside),
    )
    sizes = (int((~in_second).sum()), int(in_second.sum()))
    return SequentialTest(
        found.figure, names, level, path, sizes, found.skipped, found.left_out, decided, changed,
        allowed=allowed, within=within,
    )  # fmt: skip


def _of_group(groups: Any, group: str | None, n: int) -> Flags:
    if group is None:
        return np.ones(n, dtype=np.bool_)
    if groups is None:
        raise InputError("no groups were given", where=f"group {group!r}")
    member: Flags = as_labels(groups, "groups", n) == group
    if not member.any():
        raise InputError("nobody is of this group", where=f"group {group!r}")
    return member


def _check(level: float) -> None:
    if not 0 < level < 1:
        raise InputError("it must lie between 0 and 1", where=f"level {level}")
