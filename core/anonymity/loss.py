"""What a transform costs in information.

- Generalised information loss: for each cell the share of the column's range, or of its other
  values, that the cell may have been; Iyengar 2002, "Transforming data to satisfy privacy
  constraints", KDD (LM), also called normalised certainty penalty. 0 is untouched, 1 says nothing;
  a row that is left out costs 1 in each cell. The range is cut to that of the data.
- Discernibility: sum over rows of the size of their class, n for a row left out; Bayardo and
  Agrawal 2005, "Data privacy through optimal k-anonymization", ICDE.
- Average class size over k: (rows released / classes) / k; LeFevre et al. 2006. 1 is best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Floats, Ints


@dataclass(frozen=True)
class Loss:
    """What was lost.

    Attributes
    ----------
    information : float
        In [0, 1], mean over the cells of quasi-identifiers.
    by_column : tuple of (str, float)
        The same for each quasi-identifier.
    discernibility : float
        From n (all rows differ) to n².
    average_class : float or None
        Average class size over k; None if no row is left.
    """

    information: float
    by_column: tuple[tuple[str, float], ...]
    discernibility: float
    average_class: float | None


def measure_loss(names: tuple[str, ...], cells: Floats, classes: Ints, k: int) -> Loss:
    """Measure the loss.

    Parameters
    ----------
    names : tuple of str
        The q quasi-identifiers.
    cells : ndarray of float64, shape (n, q)
        Loss of each cell, 1 in rows left out.
    classes : ndarray of int64, shape (n,)
        Class of each row in the release, from 0 without gaps; -1 for rows left out.
    k : int
        What was asked for, 1 or more.
    """
    kept = classes[classes >= 0]
    size = np.bincount(kept).astype(np.float64)
    left_out = len(classes) - len(kept)
    return Loss(
        float(cells.mean()),
        tuple((name, float(value)) for name, value in zip(names, cells.mean(axis=0), strict=True)),
        float((size**2).sum() + left_out * len(classes)),
        len(kept) / len(size) / k if len(kept) else None,
    )
