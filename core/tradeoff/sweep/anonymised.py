"""A dataset whose features were k-anonymised before anything is learned from them.

Mondrian (:mod:`core.anonymity.mondrian`) halves all rows until classes would fall below k;
every quasi-identifier becomes the range or set of its class, numbers its middle. Training and test
rows alike are seen that way, as a model would be used by whoever only has the anonymised table.
Groups and outcomes stay the true ones, as in :mod:`core.anonymity.price`.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from core.anonymity.release import anonymise, finished
from core.anonymity.spec import Anonymisation
from core.data.dataset import Dataset


def anonymised(dataset: Dataset, quasi: tuple[str, ...], k: int) -> Dataset:
    """Generalise features until every row is alike k − 1 others in them.

    Parameters
    ----------
    dataset : Dataset
    quasi : tuple of str
        Features that are generalised.
    k : int
        1 or more; 1 returns the dataset itself.

    Returns
    -------
    Dataset
        With a fingerprint of its own.

    Raises
    ------
    InputError
        If a column isn't a feature, or k is larger than the number of rows.
    """
    if k == 1:
        return dataset
    columns = dataset.features.reset_index(drop=True)
    released = finished(anonymise(columns, Anonymisation("mondrian", quasi, k=k)))
    features = columns.copy()
    for name in quasi:
        learned = released.learned[name]
        features[name] = (
            learned.astype(np.float64) if name in dataset.numbers else learned.astype(object)
        )
    text = f"{dataset.fingerprint} mondrian {k} {quasi!r}"
    return replace(
        dataset, features=features, fingerprint=hashlib.sha256(text.encode()).hexdigest()
    )
