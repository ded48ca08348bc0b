"""Watching the gap between two groups under one model, as outcomes come in with no fixed end.

Definition
----------
The same e-process and confidence sequence as of two arms
(:mod:`core.comparison.monitoring.two_rates`), for one of three questions: whether there is a gap,
whether it is above a limit, whether it is no more what it was. It is decided once the e-value
against "no", the smallest over all gaps that are no alarm, reaches 1/α (an infimum of martingales
is an e-process: Ramdas, Grünwald, Vovk and Shafer 2023, Statistical Science 38). Who comes next
from which group may hang on all that came before. That a gap is not above a limit is decided once
the whole band lies within it, as in a test of equivalence.

Each group's rate is taken to stay the same. A gap of before is taken as exact; one that was itself
measured has an interval of its own, and the change has to be judged with that in mind.

A wrong answer would be caught by false alarms over whole simulated paths: with no gap, with a gap
at the limit and with that of before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.arrays import Flags
from core.comparison.monitoring.sequential import watch_two_rates
from core.comparison.monitoring.sequential_test import SequentialTest
from core.comparison.monitoring.stream import as_labels, make_stream
from core.errors import InputError
from core.fairness.counts.cube import as_flags


def watch_gap(
    outcomes: Any,
    decisions: Flags,
    groups: Any,
    pair: tuple[str, str],
    *,
    figure: str = "true_positive_rate",
    limit: float | None = None,
    before: float | None = None,
    level: float = 0.95,
) -> SequentialTest:
    """Watch the gap between two groups under one model, second minus first.

    Parameters
    ----------
    outcomes : array, shape (n,)
        In order of arrival: true or false, 1 or 0; None, NaN or NA where it has not come.
    decisions : ndarray of bool, shape (n,)
    groups : array of str, shape (n,)
    pair : tuple of (str, str)
        The two groups; people of others are left out and counted.
    figure : str
        In :data:`core.comparison.monitoring.stream.AMONG`.
    limit : float, optional
        In (0, 1): ask whether the gap is above it, whichever group is ahead.
    before : float, optional
        In (−1, 1), second minus first: ask whether the gap is another now.
    level : float
        In (0, 1).

    Raises
    ------
    InputError
        If lengths differ, values are not usable, the groups are the same, a limit or gap is out of
        range, or both are given.
    """
    allowed = _allowed(limit, before)
    n = len(decisions)
    decision, group = as_flags(decisions, "decisions", n), as_labels(groups, "groups", n)
    if pair[0] == pair[1]:
        raise InputError("it can't be compared with itself", where=f"group {pair[0]!r}")
    second = group == pair[1]
    found = make_stream(outcomes, figure, (group == pair[0]) | second)
    return replace(watch_two_rates(found, decision, second, pair, level, allowed), groups=True)


def _allowed(limit: float | None, before: float | None) -> tuple[float, float]:
    """Differences that are no alarm."""
    if limit is not None and before is not None:
        raise InputError(
            "these are two questions", where="limit and earlier gap", remedy="Ask one at a time"
        )
    if limit is not None:
        if not 0 < limit < 1:
            raise InputError("it must lie between 0 and 1", where=f"limit {limit:g}")
        return -limit, limit
    if before is None:
        return 0.0, 0.0
    if not -1 < before < 1:
        raise InputError("it must lie between −1 and 1", where=f"earlier gap {before:g}")
    return before, before
