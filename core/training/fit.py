"""The one way from a training spec and rows to a classifier.

Training, models that are trained again to see how sure a decision is, shadow models of an attack,
simulations of what privacy costs: all fit here, so that each trains what the spec says and no part
of it is forgotten in one of them. What a fit spends is charged before it is called, by
:func:`core.training.training.train` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import Flags, Floats, Ints, Objects
from core.data.dataset import Dataset
from core.data.row_hashing import in_order
from core.errors import InputError
from core.learning.balancing import balanced
from core.learning.external_model import own_scale
from core.learning.given_score import scale_of
from core.learning.learners import LEARNERS, LearnerConfiguration
from core.mitigation import (
    MITIGATIONS,
    BaseModelCache,
    Decider,
    MitigationContext,
    TrainingData,
    scores_of,
)
from core.mitigation.registry import ThresholdDecider
from core.training.private_fit import build_and_counting

if TYPE_CHECKING:
    import pandas as pd

    from core.data.domains import Domains
    from core.privacy.accounting.noise_key import NoiseKey
    from core.training.spec import TrainingSpec


@dataclass(frozen=True)
class Fitted:
    """A fitted classifier.

    Attributes
    ----------
    decider : Decider
    domains : Domains or None
        The domains that a private learner used, declared or estimated.
    """

    decider: Decider
    domains: Domains | None


def fit(
    dataset: Dataset,
    spec: TrainingSpec,
    train: Ints | TrainingData,
    validation: Ints | TrainingData,
    *,
    noise_key: NoiseKey | None = None,
    domains: Domains | None = None,
    share: BaseModelCache | None = None,
) -> Fitted:
    """Fit a spec on rows of a dataset, or on rows in its form, such as noisy records of them.

    Parameters
    ----------
    dataset : Dataset
        Says which features are categories and which groups are put together.
    spec : TrainingSpec
        Checked against the dataset already.
    train, validation : ndarray of int64 or TrainingData
        Positions of rows, of which one may be there several times; or rows before balancing.
    noise_key : NoiseKey, optional
        Of noise that is drawn afresh and paid for; without one noise must come from a seed.
    domains : Domains, optional
        That an earlier fit of the spec used: none is estimated again then, and the learner spends
        what it spent.
    share : callable, optional
        Takes what makes the plain model of the training rows, and returns it, perhaps from an
        earlier call.

    Raises
    ------
    InputError
        If the rows don't suffice for the learner or the mitigation.
    """
    train, validation = (
        rows if isinstance(rows, TrainingData) else part_of(dataset, spec, in_order(dataset, rows))
        for rows in (train, validation)
    )
    learner = LEARNERS[spec.learner]
    train = _balanced(train, spec)
    build = LearnerConfiguration(
        seed=spec.seed, external=spec.external, mitigated=spec.mitigation != "none"
    )
    counting = None
    if learner.private:
        if spec.noise == "fresh" and noise_key is None:
            raise ValueError("a private release needs a ledger to charge")
        build, counting = build_and_counting(dataset, learner, spec, train, domains, noise_key)
    task = MitigationContext(
        train, validation, lambda: learner.build(build), spec.seed, counting, spec.strength, share
    )
    return Fitted(_mitigated(task, spec, dataset), build.domains)


def predict(
    dataset: Dataset, spec: TrainingSpec, decider: Decider, rows: Ints
) -> tuple[Floats, Flags]:
    """Score rows whose groups are known, and decide on them.

    Returns
    -------
    scores : ndarray of float64, shape (rows,)
        On which the decisions rest; on its own scale where the score was given.
    decisions : ndarray of bool, shape (rows,)
    """
    part = part_of(dataset, spec, rows)
    return predict_people(dataset, spec, decider, part.X, part.groups)


def predict_people(
    dataset: Dataset, spec: TrainingSpec, decider: Decider, X: pd.DataFrame, groups: Objects
) -> tuple[Floats, Flags]:
    """Score people who need be no rows of the dataset, and decide on them, as :func:`predict` does.

    Parameters
    ----------
    X : DataFrame, shape (n, p)
        Raw features, as the dataset has them.
    groups : ndarray of str, shape (n,)
        In the column of :func:`mitigated_column`.
    """
    scores = scores_of(decider, X, groups)
    if isinstance(decider, ThresholdDecider):  # need not score them once more
        decisions = scores >= decider.threshold
    else:
        decisions = decider.predict(X, groups)
    if LEARNERS[spec.learner].given:
        scores = scale_of(dataset).given(scores)
    if spec.external is not None and spec.mitigation != "none":
        scores = own_scale(scores, spec.external.threshold)
    return scores, decisions


def mitigated_column(dataset: Dataset, spec: TrainingSpec) -> str:
    """Name the sensitive column that a mitigation looks at."""
    return spec.mitigate_for or dataset.roles.sensitive[0]


def part_of(dataset: Dataset, spec: TrainingSpec, rows: Ints) -> TrainingData:
    """Take rows as a mitigation takes them."""
    return TrainingData(
        dataset.features.iloc[rows].reset_index(drop=True),
        dataset.target[rows],
        dataset.sensitive[mitigated_column(dataset, spec)].to_numpy(dtype=object)[rows],
        None if dataset.weights is None else dataset.weights[rows],
    )


def rows_used(dataset: Dataset, spec: TrainingSpec, rows: Ints) -> Ints:
    """Return those of some training rows that balancing leaves in, ascending, each once."""
    if spec.balancing == "none":
        return np.unique(rows)
    rows = in_order(dataset, rows)
    weights = None if dataset.weights is None else dataset.weights[rows]
    found = balanced(spec.balancing, dataset.target[rows], weights, spec.seed)
    return np.unique(rows[found.rows])


def _balanced(part: TrainingData, spec: TrainingSpec) -> TrainingData:
    if spec.balancing == "none":
        return part
    found = balanced(spec.balancing, part.positive, part.weights, spec.seed)
    return TrainingData(
        part.X.iloc[found.rows].reset_index(drop=True),
        part.positive[found.rows],
        part.groups[found.rows],
        found.weights,
    )


def _mitigated(task: MitigationContext, spec: TrainingSpec, dataset: Dataset) -> Decider:
    try:
        return MITIGATIONS[spec.mitigation].fit(task)
    except InputError as error:
        if error.where != "weights" or dataset.weights is not None:
            raise
        # The weights are of our own making, and there is no column to leave out.
        raise InputError(
            f"it gives rows weights, and with the mitigation {spec.mitigation!r} {error.problem}",
            where=f"balancing {spec.balancing!r}",
            remedy="Choose over- or undersampling, no balancing, or another mitigation",
        ) from None
