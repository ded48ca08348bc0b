"""Noise at the source against noise in training, at equal ε: a simulation on the data at hand.

For each seed the rows are split once, as for private learners (:mod:`core.learning.split`). The
*plain* model is trained on the true training records; the *central* one is a private learner that
sees the true records and spends ε in training; the *local* one is an ordinary learner that sees
only records to which noise was added before they left the person, spending the same ε in all. All
are judged on the same true test records. Differences are taken seed by seed, so that the luck of a
split cancels.

Labels are sent by randomised response and so flipped with equal chance either way: that moves
scores towards 1/2 and leaves the side of 1/2 that they are on (Natarajan et al. 2013, "Learning
with noisy labels").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from core.data.dataset import Dataset
from core.data.domains import Domains
from core.errors import InputError
from core.fairness.metrics.assessment import Figure
from core.learning.dataset_split import split_dataset
from core.learning.learners import LEARNERS
from core.learning.performance import Performance, measure
from core.learning.split import Split, SplitSpec
from core.mitigation import TrainingData
from core.privacy.local_dp.records import RecordPlan, Records, send_records
from core.privacy.local_dp.uniforms import SeededUniforms
from core.training.fit import fit
from core.training.spec import TrainingSpec
from core.training.training import train

LABEL = (
    "A simulation: noise is drawn from seeds, on the true records of this table, and nothing is "
    "spent. It is not covered by any privacy guarantee; keep it within the team that may see the "
    "data."
)
Treatment = Literal["plain", "central", "local"]
TREATMENTS: dict[Treatment, str] = {
    "plain": "No noise",
    "central": "Noise in training",
    "local": "Local differential privacy",
}


@dataclass(frozen=True)
class LocalSpec:
    """What to compare.

    Attributes
    ----------
    plan : RecordPlan
        Its ε is that of the central learner too.
    learner : str
        Ordinary learner, trained on noisy records and on true ones.
    central : str
        Private learner.
    delta : float
        Of the central learner, where it needs one; noise at the source has none.
    domains : Domains
        Declared domains.
    seeds : tuple of int
        Each seeds a split and the noise.
    """

    plan: RecordPlan
    learner: str
    central: str
    delta: float
    domains: Domains
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class LocalPoint:
    """One trained model.

    Attributes
    ----------
    treatment : {"plain", "central", "local"}
    seed : int
    roc_auc, accuracy, majority : float or None
        On test rows; the accuracy of always deciding for the more frequent label beside it.
    reason : str or None
        Why it could not be trained or a figure is not defined.
    """

    treatment: Treatment
    seed: int
    roc_auc: float | None = None
    accuracy: float | None = None
    majority: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class SimulationTask:
    """One model to train: its treatment and seed."""

    treatment: Treatment
    seed: int


def tasks(spec: LocalSpec) -> tuple[SimulationTask, ...]:
    """List the models of a comparison, seed by seed.

    Raises
    ------
    InputError
        If there is no seed, or a learner is not of its kind.
    """
    if not spec.seeds:
        raise InputError("a comparison needs at least one seed", where="seeds")
    if LEARNERS[spec.learner].private or not LEARNERS[spec.central].private:
        raise InputError(
            "noisy records are given to an ordinary model, true ones to a private model",
            where=f"{spec.learner!r} and {spec.central!r}",
        )
    return tuple(SimulationTask(treatment, seed) for seed in spec.seeds for treatment in TREATMENTS)


def compare(
    dataset: Dataset,
    spec: LocalSpec,
    *,
    known: Callable[[SimulationTask], LocalPoint | None] = lambda task: None,
) -> Iterator[tuple[float, SimulationTask, LocalPoint]]:
    """Train every model of a comparison, one after the other.

    Yields
    ------
    share : float
        Part done, in (0, 1].
    task : SimulationTask
    point : LocalPoint
        A model that can't be trained is a point with its reason.
    """
    todo = tasks(spec)
    for done, task in enumerate(todo, 1):
        yield done / len(todo), task, known(task) or train_point(dataset, spec, task)


def train_point(dataset: Dataset, spec: LocalSpec, task: SimulationTask) -> LocalPoint:
    """Train and measure one model."""
    point = LocalPoint(task.treatment, task.seed)
    try:
        found = _performance(dataset, spec, task)
    except InputError as error:
        return replace(point, reason=str(error))
    area, accuracy = found.figures["roc_auc"], found.figures["accuracy"]
    return replace(
        point,
        roc_auc=area.estimate,
        accuracy=accuracy.estimate,
        majority=found.majority_class_accuracy,
        reason=area.reason if area.estimate is None else None,
    )


def noisy_records(dataset: Dataset, spec: LocalSpec, seed: int) -> Records:
    """Return the training records of a seed as they were sent."""
    rows = _parts(dataset, seed).train
    features = dataset.features.iloc[rows].reset_index(drop=True)
    *_, (_, records) = send_records(features, dataset.target[rows], spec.plan, SeededUniforms(seed))
    return records


def _parts(dataset: Dataset, seed: int) -> Split:
    return split_dataset(dataset, SplitSpec(seed=seed, stratified=False))[0]


def _performance(dataset: Dataset, spec: LocalSpec, task: SimulationTask) -> Performance:
    if task.treatment == "plain":
        return train(dataset, _plain(spec, task.seed), with_baseline=False).performance
    if task.treatment == "central":
        private = LEARNERS[spec.central]
        delta = spec.delta if private.needs_delta else None
        central = TrainingSpec(
            spec.central, epsilon=spec.plan.epsilon, delta=delta, domains=spec.domains,
            seed=task.seed, noise="seeded",
        )  # fmt: skip
        return train(dataset, central, with_baseline=False).performance
    records = noisy_records(dataset, spec, task.seed)
    if records.positive.all() or not records.positive.any():
        raise InputError("all labels were sent alike", where=f"seed {task.seed}")
    # Groups are not sent and nothing is mitigated, so that all are in one.
    sent = TrainingData(
        records.features, records.positive, np.full(len(records.positive), "", dtype=object)
    )
    fitted = fit(dataset, _plain(spec, task.seed), sent, sent)
    rows = _parts(dataset, task.seed).test
    scores = fitted.decider.predict_score(dataset.features.iloc[rows][list(records.features)])
    weights = None if dataset.weights is None else dataset.weights[rows]
    persons = dataset.persons_at(rows)
    return measure(dataset.target[rows], scores >= 0.5, scores, weights, "test", persons)


def _plain(spec: LocalSpec, seed: int) -> TrainingSpec:
    return TrainingSpec(spec.learner, seed=seed, noise="seeded", stratified=False)


def mean_over_seeds(points: list[LocalPoint], treatment: Treatment, figure: str) -> Figure:
    """Average a figure over the seeds, with Student's 95 % interval.

    Parameters
    ----------
    points : list of LocalPoint
    treatment : {"plain", "central", "local"}
    figure : {"roc_auc", "accuracy", "majority"}
    """
    values = [getattr(p, figure) for p in points if p.treatment == treatment]
    return _student([value for value in values if value is not None], lowest=0.0)


def mean_difference(
    points: list[LocalPoint], first: Treatment, second: Treatment, figure: str
) -> Figure:
    """Average the first minus the second over the seeds that have both, with its interval."""
    by = {(p.treatment, p.seed): getattr(p, figure) for p in points}
    pairs = [(by.get((first, p.seed)), p) for p in points if p.treatment == second]
    return _student(
        [
            one - getattr(p, figure)
            for one, p in pairs
            if one is not None and getattr(p, figure) is not None
        ]
    )


def _student(values: list[float], lowest: float = -1.0) -> Figure:
    if not values:
        return Figure(None, reason="no model has it")
    mean = float(np.mean(values))
    if len(values) < 2:
        return Figure(mean, reason="one seed shows no spread")
    reach = float(stdtrit(len(values) - 1, 0.975) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return Figure(mean, max(lowest, mean - reach), min(1.0, mean + reach))
