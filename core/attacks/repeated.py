"""The repeated-fit audit: a learner fitted again and again with and without one worst row.

The most powerful audit there is, for a table so small that it can be fitted thousands of times: the
two inputs differ in one odd row, and what is looked at is the score of that row. The bound on ε is
that of :mod:`core.privacy.accounting.audit_mechanism`. Nothing of a person's data is needed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats
from core.learning.models import EncodedModel
from core.privacy.accounting.audit_mechanism import EpsilonBound, Mechanism, epsilon_lower_bound

Make = Callable[[], EncodedModel]


def audit_fits(
    make: Make,
    first: tuple[pd.DataFrame, Flags],
    second: tuple[pd.DataFrame, Flags],
    asked: pd.DataFrame,
    *,
    delta: float,
    choose: int,
    fresh: int,
    confidence: float = 0.999,
) -> EpsilonBound:
    """Bound the ε of a learner from below by fitting it to two neighbouring tables.

    Parameters
    ----------
    make : callable
        An untrained model that draws fresh noise.
    first, second : tuple of (DataFrame, ndarray of bool)
        Features and labels of two tables that differ in one row.
    asked : DataFrame, shape (q, p)
        Rows whose scores are looked at: the odd row, and others.
    delta : float
        In [0, 1).
    choose, fresh : int
        Fits of each table that choose what to look at, and fits that judge it.
    confidence : float
        In (0, 1).
    """

    def mechanism(table: tuple[pd.DataFrame, Flags]) -> Mechanism:
        def run(runs: int) -> Floats:
            out = np.empty((runs, len(asked)))
            for position in range(runs):
                model = make()
                model.fit(*table)
                out[position] = model.predict_score(asked)
            return out

        return run

    return epsilon_lower_bound(
        mechanism(first),
        mechanism(second),
        delta=delta,
        choose=choose,
        fresh=fresh,
        confidence=confidence,
    )
