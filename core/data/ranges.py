"""Levels that are numbers or ranges, "< 100", "100 to 200", "3 or more", in their order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from math import inf

NUMBER = r"(-?\d+(?:\.\d+)?)"
GAP = r"(?:\.{2,}|…|x)?"
"""What stands for the value in "... < 100" and "0 <= X < 100"."""
UP_TO = r"(?:<=?|≤|less than|below|under|up to)"
FROM = r"(?:>=?|≥|greater than|more than|over|above|at least|from)"

VALUE = re.compile(rf"{NUMBER}$")
BELOW = re.compile(rf"{GAP}\s*{UP_TO}\s*{NUMBER}")
ABOVE = re.compile(rf"{GAP}\s*{FROM}\s*{NUMBER}|{NUMBER}\s*(?:\+|or more|and over)")
BETWEEN = re.compile(rf"{NUMBER}\s*(?:<=?\s*{GAP}|≤\s*{GAP}|-|–|to)\s*{UP_TO}?\s*{NUMBER}")


def by_range(levels: Sequence[str]) -> list[str] | None:
    """Sort levels that begin with the bounds of a range by these, others after them as they come.

    Returns
    -------
    list of str or None
        None unless two levels or more are ranges, none of which overlap.

    Examples
    --------
    >>> by_range(["none", "... >= 200 DM", "... < 0 DM", "0 <= ... < 200 DM"])
    ['... < 0 DM', '0 <= ... < 200 DM', '... >= 200 DM', 'none']
    >>> by_range(["rent", "own"]) is None
    True
    """
    bounds = {level: _bounds(level.strip().lower()) for level in levels}
    found = sorted((pair, level) for level, pair in bounds.items() if pair is not None)
    overlap = any(first[1] > then[0] for (first, _), (then, _) in pairwise(found))
    if len(found) < 2 or overlap or any(low > high for (low, high), _ in found):
        return None
    return [level for _, level in found] + [level for level in levels if bounds[level] is None]


def _bounds(level: str) -> tuple[float, float] | None:
    if match := VALUE.match(level):
        return float(match[1]), float(match[1])
    if match := BELOW.match(level):
        return -inf, float(match[1])
    if match := BETWEEN.match(level):
        return float(match[1]), float(match[2])
    if match := ABOVE.match(level):
        return float(match[1] or match[2]), inf
    return None
