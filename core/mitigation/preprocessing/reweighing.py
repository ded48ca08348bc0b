"""Row weights set before training."""

from __future__ import annotations

import numpy as np

from core.arrays import Flags, Floats, Objects
from core.mitigation.registry import (
    MITIGATIONS,
    Decider,
    Mitigation,
    MitigationContext,
    ThresholdDecider,
)


def reweighing_weights(
    positive: Flags, groups: Objects, weights: Floats | None = None, strength: float = 1.0
) -> Floats:
    """Weights under which group and label are independent.

    w(a, y) = P(A = a) · P(Y = y) / P(A = a, Y = y), after Kamiran and Calders 2012, "Data
    preprocessing techniques for classification without discrimination", section 4.3. At a strength
    s below 1 the weight is (1 - s) + s w, and the share of each cell of group and label is the
    same mixture of what was counted and of independence.

    Parameters
    ----------
    positive : ndarray of bool, shape (n,)
    groups : ndarray of str, shape (n,)
    weights : ndarray of float, shape (n,), optional
        Weights that rows have already; the result multiplies them.
    strength : float
        In (0, 1]; towards 0 all rows weigh what they did.

    Returns
    -------
    ndarray of float, shape (n,)
        Sums to the sum of the weights given wherever each group has both labels.
    """
    base = np.ones(len(positive)) if weights is None else weights
    total = base.sum()
    out = base.astype(np.float64)
    for group in np.unique(groups):
        of_group = groups == group
        for label in (False, True):
            cell = of_group & (positive == label)
            joint = base[cell].sum()
            if joint > 0:
                full = base[of_group].sum() * base[positive == label].sum() / (total * joint)
                out[cell] *= (1 - strength) + strength * full
    return out


def _reweighing(task: MitigationContext) -> Decider:
    part = task.train
    weights = reweighing_weights(part.positive, part.groups, part.weights, task.strength)
    model = task.build()
    model.fit(part.X, part.positive, weights)
    return ThresholdDecider(model)


MITIGATIONS.add(
    Mitigation(
        "reweighing",
        "Reweighing",
        "Gives training rows weights under which group and outcome are independent, so that the "
        "model sees a world without the gap in base rates.",
        "before",
        _reweighing,
        source="Kamiran and Calders 2012",
        assumes="The gap in base rates is an injustice or an error in the data, not something "
        "that decisions should follow.",
        aim="demographic_parity_difference",
        degrees="At half strength every row's weight lies halfway between 1 and its full weight.",
    )
)
