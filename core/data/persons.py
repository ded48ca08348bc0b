"""Which rows belong to the same person, by the columns that the roles declare as identifiers.

Rows that share the value of any declared identifier belong together, and so do rows that are linked
through others (connected components of the graph of rows and identifier values). Every part of a
split, every fold, every resample and every interval goes by these persons: rows of one person are
no independent evidence, and a model that has seen one of them has seen the person.

A wrong answer would be caught by a brute force over small tables, and by a table of persons with
several rows each whose labels are coins: nothing can be learned of them (ROC AUC 0.5).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from core.arrays import Ints


def persons_of(identifiers: pd.DataFrame | None) -> Ints | None:
    """Give each row the number of the person that it is about.

    Parameters
    ----------
    identifiers : DataFrame of str, shape (n, k), or None
        As in :attr:`core.data.dataset.Dataset.identifiers`; None in a cell without a value.

    Returns
    -------
    ndarray of int64, shape (n,), or None
        Equal for rows of one person, counted from 0 in the order in which persons first occur. A
        row that names no person is a person of its own. None where no person has two rows, so that
        rows are persons and nothing has to be kept together.

    Examples
    --------
    >>> import pandas as pd
    >>> persons_of(pd.DataFrame({"id": ["b", "a", "b", None, None]})).tolist()
    [0, 1, 0, 2, 3]
    >>> persons_of(pd.DataFrame({"id": ["b", "a"]})) is None
    True
    """
    if identifiers is None or not len(identifiers):
        return None
    n, offset = len(identifiers), len(identifiers)
    rows: list[Ints] = []
    values: list[Ints] = []
    for position in range(identifiers.shape[1]):
        codes = np.asarray(pd.factorize(identifiers.iloc[:, position])[0], dtype=np.int64)
        named = np.flatnonzero(codes >= 0)
        rows.append(named)
        values.append(codes[named] + offset)
        offset += int(codes.max(initial=-1)) + 1
    start, end = np.concatenate(rows), np.concatenate(values)
    graph = coo_matrix((np.ones(len(start), dtype=np.int8), (start, end)), shape=(offset, offset))
    component = connected_components(graph, directed=False)[1][:n]
    persons = np.asarray(pd.factorize(component)[0], dtype=np.int64)
    return None if int(persons.max()) + 1 == n else persons
