"""Which groups are compared: those of known value. Rows of unknown value are counted apart.

A row without a sex is of no sex: its rate is shown, and it is neither the reference nor the worst
of any ratio or gap. 6 RCNY § 5-301 asks for it in bias audits (the number of unknowns is stated,
and they enter no rate and no ratio); it holds wherever a few unknowns would otherwise decide.
"""

from __future__ import annotations

import numpy as np

from core.arrays import Ints
from core.data.roles.unknown_values import is_unknown_value
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.grouping import Group


def is_unknown(group: Group) -> bool:
    """Whether any of a group's values is missing, or says that it is not known.

    Examples
    --------
    >>> is_unknown(("Female", "(missing)")), is_unknown(("Unknown", "Black"))
    (True, True)
    >>> is_unknown(("Female", "Black"))
    False
    """
    return any(is_unknown_value(value) for value in group)


def known_positions(cube: OutcomeCube) -> Ints:
    """Find the groups all of whose values are known, by their positions in the cube."""
    return np.array(
        [p for p, group in enumerate(cube.groups) if not is_unknown(group)], dtype=np.int64
    )


def unknown_count(cube: OutcomeCube) -> int:
    """Count the rows that lack a value of any of the cube's attributes."""
    known = np.zeros(len(cube.groups), dtype=np.bool_)
    known[known_positions(cube)] = True
    return int(cube.count[~known].sum())
