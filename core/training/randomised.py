"""On whom the decisions of a randomised model fall among the test rows, if any is drawn.

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


def randomisation_of(dataset: Dataset, trained: Trained) -> Randomisation | None:
    """Describe by group of the mitigated attribute what is drawn; None where nothing is.

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
    """Whether the decision on each test row is drawn at random, shape (n,)."""
    probabilities = _positive_probabilities(dataset, trained)
    return (
        np.zeros(len(trained.split.test), dtype=np.bool_)
        if probabilities is None
        else is_drawn(probabilities)
    )


def is_randomised(dataset: Dataset, trained: Trained) -> bool:
    """Whether the decision on any test row is drawn at random."""
    return bool(drawn_rows(dataset, trained).any())


def _positive_probabilities(dataset: Dataset, trained: Trained) -> Floats | None:
    """Positive probability of each test row; None of a decider that never draws."""
    if not isinstance(trained.decider, RandomisedDecider):
        return None
    part = part_of(dataset, trained.spec, trained.split.test)
    return trained.decider.positive_probability(part.X, part.groups)
