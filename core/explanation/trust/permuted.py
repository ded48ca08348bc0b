"""Permutation importance of one person: what the score loses when one value is exchanged.

Casalicchio, Molnar and Bischl (2018, "Visualizing the feature importance for black box models")
break permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019) down to single rows.
Here the score itself is followed rather than a loss, so that its sign can be compared with that
of SHAP and LIME: f(x) minus the mean of f over exchanges of x_j for background rows' values.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from core.arrays import Floats
from core.explanation.attribution.codes import Codes


def permuted(
    score: Callable[[pd.DataFrame], Floats], rows: pd.DataFrame, background: pd.DataFrame
) -> Floats:
    """Exchange each feature of each row alone.

    Parameters
    ----------
    score : callable
        From n raw rows to scores of shape (n,).
    rows : DataFrame, shape (n, p)
    background : DataFrame, shape (m, p)

    Returns
    -------
    ndarray, shape (n, p)
        In units of the score; positive where the person's own value raises it.
    """
    codes = Codes(rows, background)
    people, behind = codes.encode(rows), codes.encode(background)
    (n, p), m = people.shape, len(behind)
    mixed = np.repeat(people, p * m, axis=0).reshape(n, p, m, p)
    for j in range(p):
        mixed[:, j, :, j] = behind[:, j]
    exchanged = score(codes.decode(mixed.reshape(-1, p))).reshape(n, p, m).mean(axis=2)
    own: Floats = score(rows)
    return np.asarray(own[:, None] - exchanged, dtype=np.float64)
