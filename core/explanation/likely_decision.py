"""Scores and decisions of many rows at once; where it is randomised, the likelier decision."""

from __future__ import annotations

import pandas as pd

from core.arrays import Flags, Floats, Objects
from core.mitigation import MITIGATIONS, scores_of
from core.mitigation.randomisation import RandomisedDecider
from core.mitigation.registry import ThresholdDecider
from core.training.trained import Trained


def _may_draw(trained: Trained) -> bool:
    """Whether the mitigation may draw decisions, be it that none is drawn on the test rows."""
    return MITIGATIONS[trained.spec.mitigation].randomised and not left_as_is(trained)


def needs_group(trained: Trained) -> bool:
    """Whether a person's group must be known to decide about them."""
    return MITIGATIONS[trained.spec.mitigation].needs_group_to_decide and not left_as_is(trained)


def left_as_is(trained: Trained) -> bool:
    """Whether a mitigation that decides by groups found nothing to do: one threshold for all."""
    mitigation = MITIGATIONS[trained.spec.mitigation]
    one = isinstance(trained.decider, ThresholdDecider)
    return one and mitigation.family == "after" and mitigation.needs_group_to_decide


def group_column(trained: Trained, sensitive: tuple[str, ...]) -> str:
    """Name of the sensitive column that the model's mitigation looks at."""
    return trained.spec.mitigate_for or sensitive[0]


def likely_decisions(trained: Trained, X: pd.DataFrame, groups: Objects) -> tuple[Floats, Flags]:
    """Score rows, and decide each as is likelier.

    A draw hangs on all features of a row, so a change of any feature draws again. Who looks for
    changes that matter must therefore ask for the probability of a positive decision.

    Parameters
    ----------
    trained : Trained
    X : DataFrame, shape (n, p)
    groups : ndarray of str, shape (n,)
        In the column of :func:`group_column`.

    Returns
    -------
    scores : ndarray of float, shape (n,)
        Of a mixture of models the probability of a positive decision; otherwise the model's score.
    decisions : ndarray of bool, shape (n,)
        The decision; of a randomised model, whether the probability of a positive one is at least
        one half.
    """
    decider = trained.decider
    if isinstance(decider, ThresholdDecider):
        scores = decider.predict_score(X)
        return scores, scores >= decider.threshold
    if not _may_draw(trained):
        return scores_of(decider, X, groups), decider.predict(X, groups)
    if not isinstance(decider, RandomisedDecider):
        raise TypeError(f"{type(decider).__name__} is randomised in a way that is not known here")
    return decider.predict_score(X), decider.positive_probability(X, groups) >= 0.5
