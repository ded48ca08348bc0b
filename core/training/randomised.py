"""How the lot of a randomised model falls on the test rows, if any of them draws one.

A mitigation that may draw need not: where thresholds give everybody the positive decision, or meet
without a mixture, every probability is 0 or 1. Only what is drawn is reported as drawn.
"""

from __future__ import annotations

import numpy as np

from core.arrays import Flags, Floats
from core.data.dataset import Dataset
from core.mitigation.randomisation import (
    Randomisation,
    RandomisedDecider,
    describe_randomisation,
    is_drawn,
)
from core.training.fit import part_of
from core.training.trained import Trained


def lot_of(dataset: Dataset, trained: Trained) -> Randomisation | None:
    """Say by group of the mitigated attribute who bears the lot; None where nothing is drawn.

    Whose score is highest is told by the model without the mitigation, where there is one.
    """
    probabilities = _positive_probabilities(dataset, trained)
    if probabilities is None:
        return None
    part = part_of(dataset, trained.spec, trained.split.test)
    plain = trained.unmitigated
    scores = trained.scores if plain is None else plain.scores
    if scores.min() < 0 or scores.max() > 1:
        # A given score on a scale of its own says nothing of how sure anybody is.
        scores = np.full(len(scores), 0.5)
    return describe_randomisation(
        probabilities,
        trained.decisions,
        scores,
        part.groups,
        positive_is_favourable=dataset.roles.positive_is_favourable,
    )


def drawn_rows(dataset: Dataset, trained: Trained) -> Flags:
    """Whether the decision on each test row is drawn by lot, shape (n,)."""
    probabilities = _positive_probabilities(dataset, trained)
    return (
        np.zeros(len(trained.split.test), dtype=np.bool_)
        if probabilities is None
        else is_drawn(probabilities)
    )


def decides_by_lot(dataset: Dataset, trained: Trained) -> bool:
    """Whether the decision on any test row is drawn by lot."""
    return bool(drawn_rows(dataset, trained).any())


def _positive_probabilities(dataset: Dataset, trained: Trained) -> Floats | None:
    """Chance of the positive decision for each test row; None of a decider that never draws."""
    if not isinstance(trained.decider, RandomisedDecider):
        return None
    part = part_of(dataset, trained.spec, trained.split.test)
    return trained.decider.positive_probability(part.X, part.groups)
