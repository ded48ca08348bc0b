"""How the lot of a randomised model falls on the test rows."""

from __future__ import annotations

import numpy as np

from core.data.dataset import Dataset
from core.fairness.mitigation.lot import Lot, RandomisedDecider, describe_lot
from core.learning.fit import part_of
from core.learning.training import Trained


def lot_of(dataset: Dataset, trained: Trained) -> Lot | None:
    """Say by group of the mitigated attribute who bears the lot; None where nothing is drawn.

    Whose score is highest is told by the model without the mitigation, where there is one.
    """
    if not isinstance(trained.decider, RandomisedDecider):
        return None
    part = part_of(dataset, trained.spec, trained.split.test)
    plain = trained.unmitigated
    scores = trained.scores if plain is None else plain.scores
    if scores.min() < 0 or scores.max() > 1:
        # A given score on a scale of its own says nothing of how sure anybody is.
        scores = np.full(len(scores), 0.5)
    return describe_lot(
        trained.decider.chance(part.X, part.groups),
        trained.decisions,
        scores,
        part.groups,
        positive_is_favourable=dataset.roles.positive_is_favourable,
    )
