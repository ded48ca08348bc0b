"""How large a difference of selection rates is, counted in people.

Definitions
-----------
With n people of a group, s of them selected, and r_ref = s_ref / n_ref the reference's rate, the
shortfall to parity is n r_ref − s, and the selections still needed to reach four fifths are
max(0, ⌈0.8 r_ref n − s⌉). The one-person test moves one selection from the reference to the group
and looks whether the group's rate is then the higher one: a difference that hangs on one person is
no pattern. All three are conventions; no rule prescribes them.

Counts are compared as fractions, so that 0.8 × 1/3 × 15 is 4 and never just above it. A wrong
answer would be caught by trying selections one by one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

FOUR_FIFTHS = Fraction(4, 5)
LARGEST_DENOMINATOR = 10**9
"""Weighted counts are sums of floats: taken as fractions no finer than this."""


@dataclass(frozen=True)
class Practical:
    """What would have to change for a group to be selected like the reference.

    Attributes
    ----------
    shortfall : float
        Selections between the group and the reference's rate; below 0 where its rate is higher.
    to_parity, to_four_fifths : int
        Further selections that reach the reference's rate, and four fifths of it; 0 where none are
        needed.
    hangs_on_one : bool or None
        Whether one selection moved from the reference to the group would give the group the higher
        rate; None where the group's rate isn't the lower one, or counts are weighted.
    """

    shortfall: float
    to_parity: int
    to_four_fifths: int
    hangs_on_one: bool | None

    def to_json(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "shortfall": self.shortfall,
            "selections_to_parity": self.to_parity,
            "selections_to_four_fifths": self.to_four_fifths,
            "hangs_on_one_person": self.hangs_on_one,
        }


def practical(
    selected: float, count: float, reference_selected: float, reference_count: float
) -> Practical:
    """Count how many selections lie between a group and the reference.

    Parameters
    ----------
    selected, reference_selected : float
        From 0 to the counts; weighted where rows are.
    count, reference_count : float
        Above 0.

    Examples
    --------
    >>> practical(219, 581, 842, 1729).to_parity
    64
    """
    s, n, s_ref, n_ref = map(_exact, (selected, count, reference_selected, reference_count))
    rate = s_ref / n_ref
    shortfall = n * rate - s
    whole = all(value.denominator == 1 for value in (s, n, s_ref, n_ref))
    lower = s / n < rate
    return Practical(
        float(shortfall),
        max(0, math.ceil(shortfall)),
        max(0, math.ceil(FOUR_FIFTHS * rate * n - s)),
        (s + 1) / n > (s_ref - 1) / n_ref if whole and lower else None,
    )


def _exact(value: float) -> Fraction:
    return Fraction(value).limit_denominator(LARGEST_DENOMINATOR)
