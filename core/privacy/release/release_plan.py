"""What can be released, settled before anyone looks at the data.

A plan counts rows into integers over declared cells and knows by how much one row can change them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Ints
from core.errors import InputError
from core.privacy.accounting.budget import Neighbouring, check_epsilon
from core.privacy.mechanisms.noise import sensitivity_of_counts
from core.privacy.release.axis import (
    BinAxis,
    CategoryAxis,
    ReleaseAxis,
    cells_of,
    check_bounds,
    count_cells,
    equal_bins,
    numbers,
)

GRID = 2**20
"""Values of a mean are rounded to so many steps between their bounds, so that sums are whole."""


OUTCOMES = ("label", "decision")
_FLAGS = ("0", "1")
_OUTCOME = CategoryAxis("", _FLAGS)


@dataclass(frozen=True)
class CountsPlan:
    """A histogram over one declared axis, or a contingency table over several."""

    axes: tuple[ReleaseAxis, ...]
    epsilon: float
    neighbouring: Neighbouring = "add-or-remove"

    def __post_init__(self) -> None:
        check_epsilon(self.epsilon)
        if not self.axes or len({axis.name for axis in self.axes}) < len(self.axes):
            raise InputError("choose at least one column, and each only once", where="table")
        cells_of(self.axes)

    @property
    def what(self) -> str:
        """Name in the ledger."""
        kind = "histogram" if len(self.axes) == 1 else "contingency table"
        return f"{kind} of {' × '.join(axis.name for axis in self.axes)}"

    @property
    def sensitivity(self) -> int:
        """How much one row can change the counts, in L1."""
        return sensitivity_of_counts(self.neighbouring)

    def count(self, frame: pd.DataFrame) -> Ints:
        """Rows in each declared cell, then those outside all of them."""
        return count_cells(self.axes, frame)


@dataclass(frozen=True)
class MeanPlan:
    """The mean of a column, its values clipped to declared bounds.

    Two sums are released: of the distances from the lower bound, and from the upper. A row adds
    d to the one and ``GRID`` − d to the other, so together it changes them by exactly ``GRID``,
    and their ratio gives the mean whatever the number of rows is.
    """

    column: str
    low: float
    high: float
    epsilon: float
    neighbouring: Neighbouring = "add-or-remove"

    def __post_init__(self) -> None:
        check_epsilon(self.epsilon)
        check_bounds(self.column, self.low, self.high)

    @property
    def what(self) -> str:
        """Name in the ledger."""
        return f"mean of {self.column}"

    @property
    def sensitivity(self) -> int:
        """How much one row can change the two sums, in L1."""
        return GRID * sensitivity_of_counts(self.neighbouring)

    def count(self, frame: pd.DataFrame) -> Ints:
        """Both sums in grid steps; rows without a value add nothing."""
        values = numbers(frame[self.column])
        values = np.clip(values[~np.isnan(values)], self.low, self.high)
        share = (values - self.low) / (self.high - self.low)
        steps = np.clip(np.rint(share * GRID), 0, GRID).astype(np.int64)
        return np.array([steps.sum(), GRID * len(steps) - steps.sum()], dtype=np.int64)


@dataclass(frozen=True)
class QuantilePlan:
    """Quantiles of a column among declared candidates.

    Noisy counts between the candidates give every quantile and its interval for one ε. The
    exponential mechanism finds a point with much less noise in its rank where candidates are many
    (measured: decision 0016), but nothing it gives says how far off the point is, and where values
    pile up no second draw of it does either. The fewer candidates, the less noise.

    Attributes
    ----------
    share : float
        In (0, 1): 0.5 for the median.
    candidates : int
        Cells of equal width between the bounds, whose edges are the candidates.
    """

    column: str
    low: float
    high: float
    share: float
    epsilon: float
    neighbouring: Neighbouring = "add-or-remove"
    candidates: int = 50

    def __post_init__(self) -> None:
        check_epsilon(self.epsilon)
        if not 0 < self.share < 1:
            raise InputError("a quantile lies between 0 and 1", where=f"quantile {self.share:g}")
        equal_bins(self.column, self.low, self.high, self.candidates)

    @property
    def axis(self) -> BinAxis:
        """Cells between the candidates."""
        return equal_bins(self.column, self.low, self.high, self.candidates)

    @property
    def what(self) -> str:
        """Name in the ledger."""
        name = "median" if self.share == 0.5 else f"{self.share:g} quantile"
        return f"{name} of {self.column}"

    @property
    def sensitivity(self) -> int:
        """How much one row can change the counts, in L1."""
        return sensitivity_of_counts(self.neighbouring)

    def count(self, frame: pd.DataFrame) -> Ints:
        """Rows between each two candidates; rows without a value come last."""
        return count_cells((self.axis,), frame)


@dataclass(frozen=True)
class FairnessPlan:
    """All group metrics from one cube: declared groups × label × decision.

    Attributes
    ----------
    axes : tuple of CategoryAxis
        Declared groups of each sensitive column.
    """

    axes: tuple[CategoryAxis, ...]
    epsilon: float
    neighbouring: Neighbouring = "add-or-remove"
    positive_is_favourable: bool = True

    def __post_init__(self) -> None:
        CountsPlan(self.axes, self.epsilon)
        cells_of((*self.axes, _OUTCOME, _OUTCOME))

    @property
    def what(self) -> str:
        """Name in the ledger."""
        return f"fairness report by {' × '.join(axis.name for axis in self.axes)}"

    @property
    def sensitivity(self) -> int:
        """How much one row can change the counts, in L1."""
        return sensitivity_of_counts(self.neighbouring)

    def count(self, frame: pd.DataFrame) -> Ints:
        """Rows by group, label and decision, then those outside all declared groups.

        Parameters
        ----------
        frame : DataFrame
            From :func:`core.privacy.release.release.outcome_frame`.
        """
        # By position, since a sensitive column may have any name at all.
        axes = [
            CategoryAxis(group_column(position), axis.categories)
            for position, axis in enumerate(self.axes)
        ]
        return count_cells((*axes, *(CategoryAxis(n, _FLAGS) for n in OUTCOMES)), frame)


Plan = CountsPlan | MeanPlan | QuantilePlan | FairnessPlan
PLANS: dict[str, type[Plan]] = {
    "counts": CountsPlan,
    "mean": MeanPlan,
    "quantile": QuantilePlan,
    "fairness": FairnessPlan,
}


def group_column(position: int) -> str:
    """Name of a sensitive column in the frame that a fairness plan counts."""
    return f"group {position}"


def check_columns(plan: Plan, frame: pd.DataFrame) -> None:
    """Check that a frame has every column that a plan counts.

    Raises
    ------
    InputError
        Naming one that it has not; nothing was charged then.
    """
    if isinstance(plan, FairnessPlan):
        return  # counted by position in a frame of our own
    names = [axis.name for axis in plan.axes] if isinstance(plan, CountsPlan) else [plan.column]
    for name in names:
        if name not in frame.columns:
            raise InputError(
                "the table has no such column",
                where=f"column {name!r}",
                remedy="Nothing was charged. Choose another column",
            )


def numbers_released(plan: Plan) -> int:
    """How many noisy numbers a plan releases."""
    if isinstance(plan, MeanPlan):
        return 2
    if isinstance(plan, QuantilePlan):
        return plan.candidates + 1
    outcomes = 4 if isinstance(plan, FairnessPlan) else 1
    return math.prod(len(axis.labels) for axis in plan.axes) * outcomes + 1
