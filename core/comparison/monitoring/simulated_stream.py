"""Synthetic incoming outcomes from a seed, so that watching a model can be tried without a file.

Of n people whose outcome is positive with chance 0.4, two models decide: one is right with chance
0.70, the other with 0.82, independently. Each person is also dealt to one of two arms at random.
The last outcomes have not come yet. Nothing of it is about real people.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

PEOPLE = 1500
WAITING = 60
"""People at the end whose outcome has not come."""
RIGHT = (0.70, 0.82)
"""True accuracies: the difference to be found is 12 points."""


def synthetic_stream(seed: int = 0) -> pd.DataFrame:
    """Make incoming outcomes up.

    Parameters
    ----------
    seed : int
        0 or more.

    Returns
    -------
    DataFrame of str, shape (1500, 6)
        outcome (yes, no or missing), model_in_use, challenger, arm (A or B), decision (of the arm's
        model) and group.
    """
    rng = np.random.default_rng(seed)
    outcome = rng.random(PEOPLE) < 0.4
    decisions = [np.where(rng.random(PEOPLE) < right, outcome, ~outcome) for right in RIGHT]
    second = rng.random(PEOPLE) < 0.5
    group = np.where(rng.random(PEOPLE) < 0.3, "younger", "older")

    def texts(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> pd.Series:
        return pd.Series(np.where(flags, "yes", "no"), dtype=object)

    seen = texts(outcome)
    seen.iloc[-WAITING:] = None
    return pd.DataFrame(
        {
            "outcome": seen,
            "model_in_use": texts(decisions[0]),
            "challenger": texts(decisions[1]),
            "arm": np.where(second, "B", "A"),
            "decision": texts(np.where(second, decisions[1], decisions[0])),
            "group": group,
        }
    )
