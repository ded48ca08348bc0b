"""Decisions that are the same for nearly everybody: their equal rates tell nothing.

Where the favourable decision falls on all but a few, no group can be treated much worse than
another, whatever the model knows: four fifths are passed by arithmetic, and every gap in rates is
near 0. The same holds where the unfavourable one does, but for a ratio of rare decisions, which
its own interval judges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Flags
from core.data.roles.decision_labels import DecisionLabels

NEARLY_NOBODY = 0.01
"""Decisions are nearly constant where the rarer one falls on fewer than this share of rows."""


@dataclass(frozen=True)
class ConstantDecisions:
    """Decisions of which one is given to all, or to nearly all.

    Attributes
    ----------
    decision : bool
        What nearly everybody is told: True is the positive label.
    rows : int
        Decided rows, at least 1.
    exceptions : int
        Rows that are decided otherwise, fewer than :data:`NEARLY_NOBODY` of ``rows``.
    """

    decision: bool
    rows: int
    exceptions: int

    @property
    def share(self) -> float:
        """Share of rows with the one decision, in (0.99, 1]."""
        return 1 - self.exceptions / self.rows

    @property
    def sentence(self) -> str:
        """Who is told what, with counts."""
        text = "positive" if self.decision else "negative"
        if not self.exceptions:
            return f"All {self.rows} rows get the {text} decision"
        return (
            f"{self.rows - self.exceptions} of {self.rows} rows get the {text} decision, "
            f"{self.exceptions} the other one"
        )

    def named(self, called: DecisionLabels) -> str:
        """Who is told what, by the decision's name and meaning.

        Examples
        --------
        >>> called = DecisionLabels("deny = yes", "deny = no", False, asked_for=True)
        >>> ConstantDecisions(True, 200, 1).named(called)
        '199 of 200 rows get the decision “deny = yes (refused)”, 1 the other one'
        """
        text = "positive" if self.decision else "negative"
        name = f"the decision “{called.told(self.decision)}”"
        return self.sentence.replace(f"the {text} decision", name, 1)

    def told(self, positive_is_favourable: bool) -> str:
        """Who is told what, and that it is unwelcome where the positive label is."""
        if positive_is_favourable:
            return self.sentence
        kind = "unfavourable" if self.decision else "favourable"
        return self.sentence.replace(" decision", f" decision, which is the {kind} one", 1)


def constant_decisions(decisions: Flags) -> ConstantDecisions | None:
    """Recognise decisions that are the same for nearly everybody.

    Parameters
    ----------
    decisions : ndarray of bool, shape (n,)

    Returns
    -------
    ConstantDecisions or None
        None where both decisions occur often enough, or where there are no rows.
    """
    return constant_counts(int(np.count_nonzero(decisions)), len(decisions))


def constant_counts(positive: float, rows: int) -> ConstantDecisions | None:
    """Recognise the same from counts.

    Parameters
    ----------
    positive : float
        Rows with the positive decision; a rate times rows is rounded, and noise that reaches
        beyond [0, ``rows``] is cut.
    rows : int
        Decided rows, at least 0.
    """
    held = min(max(round(positive), 0), rows)
    exceptions = min(held, rows - held)
    if not rows or exceptions >= NEARLY_NOBODY * rows:
        return None
    return ConstantDecisions(2 * held > rows, rows, exceptions)


def nearly_constant(share: float) -> bool:
    """Recognise the same from the share of positive decisions, in [0, 1].

    Examples
    --------
    >>> nearly_constant(0.995), nearly_constant(0.99), nearly_constant(0.005)
    (True, False, True)
    """
    return min(share, 1 - share) < NEARLY_NOBODY - 1e-12
