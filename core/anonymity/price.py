"""What a release costs a model: its ROC AUC, its accuracy and the gaps between groups.

The same learner is trained on the same rows twice, on plain and on transformed features, and both
judge the same test rows. Rows that the release leaves out can't train; as test rows they stay,
their quasi-identifiers unknown, since those people are decided about all the same. Groups are the
true ones in both: this is the view of whoever holds the data, not of who gets the release.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from core.anonymity.release import Released
from core.arrays import Flags, Floats, Ints
from core.data.dataset import Dataset
from core.errors import InputError
from core.fairness.counts.cube import as_persons
from core.fairness.counts.ranking import by_person, effective
from core.fairness.intervals.intervals import effective_size, normal_quantile
from core.fairness.metrics.assessment import Figure
from core.learning.dataset_split import split_dataset
from core.learning.learners import LEARNERS
from core.learning.performance import measure
from core.learning.split import SplitSpec
from core.mitigation.effect import Effect, effect
from core.training.fit import fit, predict
from core.training.spec import TrainingSpec


@dataclass(frozen=True, eq=False)
class AnonymisationPrice:
    """A model before and after.

    Attributes
    ----------
    learner : str
        Registered name.
    changed : tuple of str
        Features that the release changed; a quasi-identifier that is no feature costs the model
        nothing.
    trained_on : tuple of (int, int)
        Training rows before and after.
    auroc_before, auroc_after, auroc_change : Figure
        On test rows; the change is after less before, its interval takes the two as paired.
    effect : Effect
        Decisions, accuracy and gaps of the two.
    groups : str
        The sensitive column of the gaps.
    test_rows, unknown_rows : int
        Test rows, and those among them that the release leaves out.
    """

    learner: str
    changed: tuple[str, ...]
    trained_on: tuple[int, int]
    auroc_before: Figure
    auroc_after: Figure
    auroc_change: Figure
    effect: Effect
    groups: str
    test_rows: int
    unknown_rows: int


def price(
    dataset: Dataset, released: Released, learner: str, seed: int = 0, groups: str | None = None
) -> Iterator[tuple[float, AnonymisationPrice | None]]:
    """Train before and after, and compare.

    Parameters
    ----------
    dataset : Dataset
        Made from the table that was released.
    released : Released
    learner : str
        Registered name of an ordinary learner.
    seed : int
        Of the split and the learner.
    groups : str, optional
        Sensitive column, the first one if not given.

    Yields
    ------
    tuple of (float, Price or None)

    Raises
    ------
    InputError
        If the learner is private, or a class is absent among the rows that may train.
    """
    chosen = LEARNERS[learner]
    if chosen.private:
        raise InputError(
            "the price is measured with ordinary models, so that no noise hides it",
            where=f"model {learner!r}",
            remedy=f"Choose {chosen.baseline!r}",
        )
    if not dataset.features.shape[1]:
        raise InputError("there is no feature to learn from", where="features")
    split, _ = split_dataset(dataset, SplitSpec(seed=seed))
    kept = released.classes[dataset.rows] >= 0
    rows = split.train[kept[split.train]]
    if len(set(dataset.target[rows].tolist())) < 2:
        raise InputError(
            "the rows that are left to train on are all of one class",
            where="the release",
            remedy="Lower k, or choose a method that leaves no rows out",
        )
    plain = dataset.features.reset_index(drop=True)
    changed = tuple(name for name in released.spec.quasi if name in plain.columns)
    transformed = plain.copy()
    for name in changed:
        values = released.learned[name].iloc[dataset.rows].reset_index(drop=True)
        transformed[name] = values
    scores = []
    spec = TrainingSpec(learner, seed=seed)
    for share, X, train in ((0.5, plain, split.train), (0.95, transformed, rows)):
        data = replace(dataset, features=X)
        fitted = fit(data, spec, train, split.validation)
        scores.append(predict(data, spec, fitted.decider, split.test)[0])
        yield share, None
    yield (
        1.0,
        _compared(
            dataset, released, learner, changed, split.test, scores, groups, rows, len(split.train)
        ),
    )


def _compared(
    dataset: Dataset,
    released: Released,
    learner: str,
    changed: tuple[str, ...],
    test: Ints,
    scores: list[Floats],
    groups: str | None,
    trained: Ints,
    before_rows: int,
) -> AnonymisationPrice:
    target = dataset.target[test]
    weights = None if dataset.weights is None else dataset.weights[test]
    persons = dataset.persons_at(test)
    column = groups or dataset.roles.sensitive[0]
    figures = [
        measure(target, score >= 0.5, score, weights, "test", persons).figures["roc_auc"]
        for score in scores
    ]
    return AnonymisationPrice(
        learner,
        changed,
        (before_rows, len(trained)),
        figures[0],
        figures[1],
        auroc_change(target, scores[0], scores[1], weights, persons=persons),
        effect(
            target,
            dataset.sensitive[column].to_numpy(dtype=object)[test],
            scores[0] >= 0.5,
            scores[1] >= 0.5,
            weights=weights,
            persons=persons,
            positive_is_favourable=dataset.roles.positive_is_favourable,
        ),
        column,
        len(test),
        int((released.classes[dataset.rows[test]] < 0).sum()),
    )


def auroc_change(
    target: Flags,
    before: Floats,
    after: Floats,
    weights: Floats | None = None,
    level: float = 0.95,
    persons: Ints | None = None,
) -> Figure:
    """Difference of two areas under the ROC curve on the same rows.

    DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44: the variance of the difference of
    structural components, so that what moves both areas alike cancels.

    Parameters
    ----------
    target : ndarray of bool, shape (n,)
    before, after : ndarray of float64, shape (n,)
    weights : ndarray of float64, shape (n,), optional
    level : float
        In (0, 1).
    persons : ndarray of int, shape (n,), optional
        Equal for rows of one person, within whom components are summed (Obuchowski 1997).

    Returns
    -------
    Figure
        In [-1, 1].
    """
    weight = np.ones(len(target)) if weights is None else weights
    ids = as_persons(persons, len(target))
    change, variance, moved = 0.0, 0.0, np.zeros(len(target))
    for label in (True, False):
        rows = target == label
        own, other = weight[rows], weight[~rows]
        sizes = [
            float(effective_size(np.array(w.sum()), np.array(np.square(w).sum())))
            for w in (own, other)
        ]
        if min(sizes) < 1 + 1e-9:
            return Figure(None, None, None, "it needs at least two rows of each label")
        shares = [_below(score, rows, other) for score in (before, after)]
        gap = shares[1] - shares[0]
        mean = float(np.average(gap, weights=own))
        if label:
            change = mean
        moved[rows] = own * (gap - mean) / own.sum()
        spread = float((np.square(own * (gap - mean))).sum() / own.sum() ** 2)
        variance += spread * sizes[0] / (sizes[0] - 1)
    error = float(np.sqrt(variance))
    if ids is not None:
        number = min(effective(ids[target == label], weight[target == label]) for label in (0, 1))
        found = by_person(change, ids, moved, number)
        if found.standard_error is None:
            return Figure(change, reason="it needs at least two persons with each label")
        error = found.error(level)
    half = normal_quantile(level) * error
    return Figure(change, max(-1.0, change - half), min(1.0, change + half))


def _below(score: Floats, rows: Flags, other_weight: Floats) -> Floats:
    """For each of some rows, the share of the others' weight at lower scores, ties half."""
    mine, others = score[rows], score[~rows]
    order = np.argsort(others, kind="stable")
    ahead = np.concatenate([[0.0], np.cumsum(other_weight[order])])
    low = ahead[np.searchsorted(others[order], mine, side="left")]
    high = ahead[np.searchsorted(others[order], mine, side="right")]
    out: Floats = (low + high) / 2 / ahead[-1]
    return out
