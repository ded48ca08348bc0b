"""How sure a decision about one person is: its distance to the threshold, and models trained anew.

Two questions. How far is the score from where the decision turns? And what would a model have said
that was trained on other people of the same kind (bootstrap: Efron 1979, Annals of Statistics 7;
training rows drawn anew with replacement, validation rows as they were), or, for a private learner,
with other noise of the same ε? Neither says whether the decision is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from threadpoolctl import threadpool_limits

from core.arrays import Flags, Floats
from core.data.dataset import Dataset
from core.errors import InputError
from core.fairness.intervals.intervals import wilson
from core.fairness.metrics.assessment import Figure
from core.learning.dataset_split import resampled
from core.learning.learners import LEARNERS
from core.training.fit import fit, mitigated_column, predict
from core.training.randomised import is_randomised
from core.training.trained import Trained

REFITS = 20
"""How many models are trained again: a small sample, which the interval of the share states."""
FIRM, LIKELY = 0.8, 0.5
"""Least lower bound of the share of refits that decide the same for "firm" and "likely"."""

Verdict = Literal["firm", "likely", "a close call"]


@dataclass(frozen=True)
class Refit:
    """What one model that was trained again says of all test rows.

    Attributes
    ----------
    way : {"bootstrap", "noise"}
        Training rows were drawn anew, or privacy noise was.
    scores : ndarray, shape (test rows,)
    decisions : ndarray of bool, shape (test rows,)
    """

    way: Literal["bootstrap", "noise"]
    scores: Floats
    decisions: Flags


@dataclass(frozen=True)
class DecisionStability:
    """How sure the decision about one person is.

    Attributes
    ----------
    threshold : float or None
        The score from which on the decision is positive; None where no single one decides.
    distance : float or None
        Score less threshold.
    refits : int
    way : str
        See :class:`Refit`; empty without refits.
    low, high : float or None
        Least and greatest score of the refits.
    deviation : float or None
        Standard deviation of the refits' scores; None with fewer than two.
    same : Figure
        Share of refits that decide as the model does, with Wilson's 95 % interval.
    verdict : {"firm", "likely", "a close call"} or None
        None without refits.
    """

    threshold: float | None
    distance: float | None
    refits: int
    way: str
    low: float | None
    high: float | None
    deviation: float | None
    same: Figure
    verdict: Verdict | None


def threshold_of(dataset: Dataset, trained: Trained, position: int) -> float | None:
    """Find the score from which on people of this person's group are decided positively."""
    column = dataset.sensitive[mitigated_column(dataset, trained.spec)]
    return threshold_of_group(dataset, trained, str(column.iloc[trained.split.test[position]]))


def threshold_of_group(dataset: Dataset, trained: Trained, group: str) -> float | None:
    """Find the score from which on people of a group are decided positively.

    None where decisions are randomised or rest on more than one score. What a decider says of
    itself is believed only if it explains the decisions about all test rows of the group.

    Parameters
    ----------
    group : str
        In the column of :func:`core.training.fit.mitigated_column`; perhaps one without test rows.
    """
    if is_randomised(dataset, trained):
        return None
    groups = dataset.sensitive[mitigated_column(dataset, trained.spec)].to_numpy(dtype=object)
    own = groups[trained.split.test] == group
    threshold = getattr(trained.decider, "threshold", None)
    by_group = getattr(trained.decider, "thresholds", None)
    if threshold is None and isinstance(by_group, dict):
        others = getattr(trained.decider, "others", 0.5)
        threshold = by_group.get(group, others)
    if not isinstance(threshold, int | float):
        return None
    explained = (trained.scores[own] >= threshold) == trained.decisions[own]
    return float(threshold) if explained.all() else None


def refit(dataset: Dataset, trained: Trained, number: int) -> Refit:
    """Train once more, otherwise.

    A private learner is trained on the same rows with other noise, drawn from a seed: a simulation
    for this question, whose guarantee is void and which is charged nothing and shown as such.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
    number : int
        Tells refits apart, at least 0; the same number gives the same refit.

    Raises
    ------
    InputError
        If the drawn rows don't suffice for the mitigation.
    """
    spec, rows = trained.spec, trained.split.train
    if LEARNERS[spec.learner].external:
        raise InputError(
            "it was made elsewhere, so it can't be trained again",
            where=f"model {spec.external.name!r}" if spec.external else None,
        )
    private = LEARNERS[spec.learner].private
    state = np.random.SeedSequence([spec.seed, number, 0x5EED])
    drawn = int(state.generate_state(1)[0] >> 1)
    if private:
        spec = replace(spec, noise="seeded", noise_seed=drawn)
    else:
        rows = resampled(dataset, trained.split, np.random.default_rng(drawn))
    # On a busy machine threads that wait for each other take many times as long as one alone.
    with threadpool_limits(limits=1):
        fitted = fit(dataset, spec, rows, trained.split.validation)
        scores, decisions = predict(dataset, spec, fitted.decider, trained.split.test)
    return Refit("noise" if private else "bootstrap", scores, decisions)


def decision_stability(
    dataset: Dataset, trained: Trained, position: int, refits: Sequence[Refit] = ()
) -> DecisionStability:
    """Say how sure the decision about one test row is.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
    position : int
        Position among the test rows.
    refits : sequence of Refit
    """
    threshold = threshold_of(dataset, trained, position)
    distance = None if threshold is None else float(trained.scores[position]) - threshold
    if not refits:
        external = LEARNERS[trained.spec.learner].external
        why = "the model was made elsewhere, so it can't be trained again"
        nothing = Figure(None, reason=why if external else "no model was trained again")
        return DecisionStability(threshold, distance, 0, "", None, None, None, nothing, None)
    scores = np.array([item.scores[position] for item in refits])
    decided = np.array([item.decisions[position] for item in refits])
    share = float((decided == trained.decisions[position]).mean())
    low, high = (float(end) for end in wilson(np.array(share), np.array(len(refits)), 0.95))
    verdict: Verdict = "firm" if low >= FIRM else "likely" if low >= LIKELY else "a close call"
    return DecisionStability(
        threshold,
        distance,
        len(refits),
        refits[0].way,
        float(scores.min()),
        float(scores.max()),
        float(scores.std(ddof=1)) if len(refits) > 1 else None,
        Figure(share, low, high),
        verdict,
    )
