"""Try a private plan before it is charged: whatever can be refused is refused while it is free.

The whole path is walked with the real rows: domains, encoders, counts of the mitigation, the
learner's library, scores and figures of the test rows. Only a few training rows are fitted, with
noise from a seed that nobody keeps, and nothing of it is shown: what it tells is that the plan can
be run, or the sentence why not, which depends on raw rows as any refusal does.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import Ints
from core.data.dataset import Dataset
from core.errors import InputError
from core.learning.learners import LEARNERS
from core.learning.performance import measure
from core.training.fit import fit, part_of, predict

if TYPE_CHECKING:
    from core.learning.split import Split
    from core.training.spec import TrainingSpec


ROWS = 200
"""Training rows that are fitted, of each label half where there are so many."""


def rehearse(dataset: Dataset, spec: TrainingSpec, split: Split) -> None:
    """Walk the path of a private plan without spending anything.

    Parameters
    ----------
    dataset : Dataset
    spec : TrainingSpec
        Of a private learner, checked against the dataset already.
    split : Split

    Raises
    ------
    InputError
        If the plan can't be run on these rows.
    """
    trial = replace(spec, noise="seeded", noise_seed=secrets.randbits(32))
    try:
        fitted = fit(dataset, trial, _few(dataset, split.train), _few(dataset, split.validation))
        for rows in (split.train, split.validation):
            fitted.decider.predict_score(part_of(dataset, spec, rows).X)
        scores, decisions = predict(dataset, spec, fitted.decider, split.test)
        persons = dataset.persons_at(split.test)
        measure(dataset.target[split.test], decisions, scores, None, "test", persons)
    except (InputError, MemoryError, OSError):
        raise
    except Exception as error:
        raise InputError(
            "it can't be fitted to these rows, or to any that a part of the split holds",
            where=LEARNERS[spec.learner].title,
            remedy="Nothing was charged. Choose another model, another seed, or more rows",
        ) from error


def _few(dataset: Dataset, rows: Ints) -> Ints:
    """Take some rows of each label, spread over all."""
    taken = []
    for label in (False, True):
        own = rows[dataset.target[rows] == label]
        positions = np.unique(np.linspace(0, len(own) - 1, min(len(own), ROWS // 2)).astype(int))
        taken.append(own[positions])
    return np.sort(np.concatenate(taken))
