"""Features that tell the outcome by themselves, as what is known only after it does.

A feature's ROC AUC is that of its numbers, whichever way they point, or, for a category, of the
share of positive outcomes among the training rows of the same category.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from core.arrays import Flags, Floats, Ints

TELLING_AUC = 0.9
"""A single feature with a ROC AUC above this is rarely known before the outcome."""


def telling_features(
    features: pd.DataFrame, outcome: Flags, train: Ints, test: Ints
) -> tuple[tuple[str, float], ...]:
    """Find the features that tell the outcome of test rows by themselves, the surest first.

    Parameters
    ----------
    features : DataFrame, shape (n, p)
        Numbers with NaN for missing, or text.
    outcome : ndarray of bool, shape (n,)
    train, test : ndarray of int64
        Positions of rows.

    Returns
    -------
    tuple of (str, float)
        Names and ROC AUC; none where the test rows have one outcome only.
    """
    if len(np.unique(outcome[test])) < 2:
        return ()
    found = []
    for position, name in enumerate(features.columns):
        column = features.iloc[:, position]
        if column.dtype.kind == "f":
            values = column.to_numpy()
            # What is missing tells as much as any value: it is put at either end.
            areas = [
                _area(np.nan_to_num(values, nan=end), outcome, test) for end in (-1e300, 1e300)
            ]
            area = max(areas)
        else:
            shares = pd.Series(outcome[train]).groupby(column.iloc[train].to_numpy()).mean()
            scores = column.map(shares).fillna(float(outcome[train].mean())).to_numpy(np.float64)
            area = float(roc_auc_score(outcome[test], scores[test]))
        if area > TELLING_AUC:
            found.append((str(name), area))
    return tuple(sorted(found, key=lambda item: -item[1]))


def _area(values: Floats, outcome: Flags, test: Ints) -> float:
    area = float(roc_auc_score(outcome[test], values[test]))
    return max(area, 1 - area)
