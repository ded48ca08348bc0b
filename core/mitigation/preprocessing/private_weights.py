"""Row weights for private training, from noisy counts of training rows.

Definition
----------
Training rows are counted by declared group × outcome, with a last group for values that were not
declared, and discrete Laplace noise of a part of ε. From these counts alone each group and
outcome gets the weight of reweighing (Kamiran and Calders 2012), P(A = a) · P(Y = y) / P(A = a,
Y = y), no more than :data:`LARGEST_WEIGHT`; at a strength s below 1 that weight w becomes
(1 - s) + s w, which looks at no more than w does. All are then divided by the largest. So the
weight of a row is decided by its own group and outcome and by what was released before, and is at
most 1: in a learner that multiplies the row's residual by it, one row does no more than without
weights.

Counts and training see the same rows, so their ε add up (basic composition); the ledger is
charged the sum before either.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.arrays import Floats
from core.learning.models import PrivateBinnedModel
from core.mitigation.registry import (
    MITIGATIONS,
    Decider,
    Mitigation,
    MitigationContext,
    NoisyCounting,
    ThresholdDecider,
    TrainingData,
    counting_of,
)
from core.privacy.mechanisms.noise import noisy

LARGEST_WEIGHT = 4.0
"""Before division by the largest. Rare groups would else silence everyone else."""


def private_weights(part: TrainingData, counting: NoisyCounting, strength: float = 1.0) -> Floats:
    """Weights under which declared group and outcome are about independent.

    Parameters
    ----------
    part : TrainingData
        Training rows.
    counting : NoisyCounting
    strength : float
        In (0, 1]; towards 0 all weights are 1, and the learner is as it would be with the rest of
        its ε alone.

    Returns
    -------
    ndarray of float, shape (n,)
        In (0, 1].
    """
    group = pd.Index(counting.groups, dtype=object).get_indexer(pd.Index(part.groups))
    group[group < 0] = len(counting.groups)
    shape = (len(counting.groups) + 1, 2)
    cell = np.ravel_multi_index((group, part.positive.astype(np.int64)), shape)
    counts = np.bincount(cell, minlength=shape[0] * 2)
    found = noisy(counts, epsilon=counting.epsilon, sensitivity=1, source=counting.source)
    joint = np.maximum(np.array(found, dtype=np.float64).reshape(shape), 1.0)
    expected = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True) / joint.sum()
    weights = (1 - strength) + strength * np.minimum(expected / joint, LARGEST_WEIGHT)
    return np.asarray((weights / weights.max()).ravel()[cell])


def _private_reweighing(task: MitigationContext) -> Decider:
    weights = private_weights(task.train, counting_of(task), task.strength)
    model = task.build()
    assert isinstance(model, PrivateBinnedModel)
    model.take_weights()
    model.fit(task.train.X, task.train.positive, weights)
    return ThresholdDecider(model)


MITIGATIONS.add(
    Mitigation(
        "private_reweighing",
        "Private reweighing",
        "Gives training rows weights under which group and outcome are about independent, from "
        "noisy counts of training rows paid with a twentieth of ε.",
        "before",
        _private_reweighing,
        keeps_privacy=True,
        counts="training",
        declared_groups=True,
        learners=("dp_binned_regression",),
        source="Kamiran and Calders 2012, on discrete Laplace counts",
        assumes="The gap in base rates is an injustice or an error in the data, not something "
        "that decisions should follow.",
        aim="demographic_parity_difference",
        degrees="At half strength every row's weight lies halfway between 1 and its full weight, "
        "before all are divided by the largest.",
        takes_weights=False,
    )
)
