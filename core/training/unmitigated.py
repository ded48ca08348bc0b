"""The model without its mitigation: what every mitigated one is judged beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from core.arrays import Floats
from core.data.dataset import Dataset
from core.learning.learners import LEARNERS
from core.learning.models import EncodedModel
from core.learning.performance import measure
from core.learning.split import Split
from core.mitigation import MITIGATIONS, BaseModelCache
from core.mitigation.effect import Effect, effect
from core.training.fit import fit, mitigated_column, predict
from core.training.trained import Unmitigated

if TYPE_CHECKING:
    from core.training.spec import TrainingSpec
    from core.training.trained import Trained


def unmitigated_spec(spec: TrainingSpec) -> TrainingSpec:
    """Return the spec without its mitigation, alike in everything else."""
    return replace(spec, mitigation="none", mitigate_for=None, strength=1.0)


def unmitigated(
    dataset: Dataset,
    spec: TrainingSpec,
    split: Split,
    scores: Floats,
    share: BaseModelCache | None = None,
) -> Unmitigated | None:
    """Train a mitigated spec once more without its mitigation, on the same rows.

    A private learner is never trained again, which would be charged: where only thresholds were
    chosen, its own scores say what 0.5 would have decided.

    Parameters
    ----------
    dataset : Dataset
    spec : TrainingSpec
    split : Split
        Of the mitigated model.
    scores : ndarray of float, shape (test rows,)
        Of the mitigated model.
    share : callable, optional
        Gives the plain model of the training rows where it was made already.

    Returns
    -------
    Unmitigated or None
        None if there is no mitigation, or no private model without it.
    """
    if spec.mitigation == "none":
        return None
    if LEARNERS[spec.learner].private:
        if MITIGATIONS[spec.mitigation].counts != "validation":
            return None
        found, decisions = scores, scores >= 0.5
    else:
        plain = unmitigated_spec(spec)
        fitted = fit(dataset, plain, split.train, split.validation, share=share)
        found, decisions = predict(dataset, plain, fitted.decider, split.test)
    weights = None if dataset.weights is None else dataset.weights[split.test]
    persons = dataset.persons_at(split.test)
    performance = measure(dataset.target[split.test], decisions, found, weights, "test", persons)
    return Unmitigated(found, decisions, performance)


def made_once(share: BaseModelCache | None) -> BaseModelCache:
    """Keep the plain model that a mitigation trained, so that it is not trained twice."""
    kept: list[EncodedModel] = []

    def once(make: Callable[[], EncodedModel]) -> EncodedModel:
        if not kept:
            kept.append(make() if share is None else share(make))
        return kept[0]

    return once


def effect_of_mitigation(dataset: Dataset, trained: Trained) -> Effect | None:
    """Compare decisions with and without the mitigation, on the same untouched test rows.

    Returns
    -------
    Effect or None
        None where there is nothing to compare with.
    """
    if trained.unmitigated is None:
        return None
    rows, column = trained.split.test, mitigated_column(dataset, trained.spec)
    return effect(
        dataset.target[rows],
        dataset.sensitive[column].to_numpy(dtype=object)[rows],
        trained.unmitigated.decisions,
        trained.decisions,
        weights=None if dataset.weights is None else dataset.weights[rows],
        persons=dataset.persons_at(rows),
        positive_is_favourable=dataset.roles.positive_is_favourable,
        column=column,
    )
