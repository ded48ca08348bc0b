"""A threshold at the median: selected is who scores strictly above it.

A decision is ``score >= threshold``. The lowest score strictly above the median decides as
"strictly above the median" does, and can be written down and repeated.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.data.table import Repair
from core.errors import InputError


@dataclass(frozen=True)
class MedianThreshold:
    """The median of a sample's scores, and the threshold that selects whoever is above it.

    Attributes
    ----------
    median : float
    threshold : float
        The lowest score strictly above the median.
    rows, above : int
        Rows that the median is of, and those among them that are selected.
    of_outcome : bool
        Whether they are the rows with an outcome too.
    """

    median: float
    threshold: float
    rows: int
    above: int
    of_outcome: bool = False

    def repair(self, score: str) -> Repair:
        """Say what was made of the word median."""
        of = "rows with a score" + " and an outcome" * self.of_outcome
        what = (
            f"Selected is who scores strictly above the median, {self.median:.10g}, of all "
            f"{self.rows:,} {of}: {self.threshold:.10g} or more."
        )
        return Repair(what, self.above, score)


def nothing_above(score: str) -> InputError:
    """Say that the median selects nobody, as half of all scores or more are the highest."""
    return InputError(
        "no score lies strictly above the median",
        where=f"column {score!r}",
        remedy="Give a number as the threshold",
    )
