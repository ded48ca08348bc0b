"""The smallest ε at which a private learner stays close to its baseline, on a public sample.

The models are trained on a shipped sample, cut to about as many rows as there are, never on the
rows that the budget protects; so nothing is spent. Noise is drawn from seeds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.samples import SAMPLES, load_sample
from core.errors import InputError
from core.learning.learners import LEARNERS
from core.tradeoff.sweep.executors import Here
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.point import SweepPoint
from core.tradeoff.sweep.point_store import PointStore
from core.tradeoff.sweep.sweep import sweep

EPSILONS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
DELTA = 1e-6


@dataclass(frozen=True)
class AccuracyQuestion:
    """Whether a private learner's accuracy stays within ``within`` of its baseline's.

    Attributes
    ----------
    sample : str
        Shipped sample that stands in.
    learner : str
        Private.
    rows : int
        About how many rows there are; all of the sample where it has fewer.
    within : float
        In (0, 1): 0.01 is one percentage point.
    seeds : tuple of int
        Each seeds a split and the noise.
    """

    sample: str
    learner: str
    rows: int
    within: float
    seeds: tuple[int, ...] = (0, 1, 2)

    def __post_init__(self) -> None:
        if not LEARNERS[self.learner].private:
            raise InputError("only a private model spends ε", where=repr(self.learner))
        if self.rows < 1 or not 0 < self.within < 1:
            raise InputError(
                "rows are at least 1 and the distance lies between 0 and 1",
                where=f"{self.rows} rows, {self.within:g}",
            )


@dataclass(frozen=True)
class LostAccuracy:
    """What a learner loses at one ε: its baseline's accuracy minus its own.

    Attributes
    ----------
    epsilon : float
    mean, low, high : float
        Over the seeds: mean, smallest and largest.
    seeds : int
    """

    epsilon: float
    mean: float
    low: float
    high: float
    seeds: int


def simulate(question: AccuracyQuestion) -> Iterator[tuple[float, list[SweepPoint]]]:
    """Train the private learner and its baseline on the stand-in.

    Yields
    ------
    share : float
        In (0, 1].
    points : list of SweepPoint
        All so far.
    """
    dataset = public_sample_rows(question.sample, question.rows)
    baseline = LEARNERS[question.learner].baseline
    assert baseline is not None
    grid = Grid(
        (baseline, question.learner),
        (None, *EPSILONS),
        ((dataset.roles.sensitive[0],),),
        split_seeds=question.seeds,
        noise_seeds=(0,),
        delta=DELTA,
        domains=SAMPLES[question.sample].domains,
    )
    for state in sweep(dataset, grid, PointStore(), Here()):
        if state.points:
            yield state.share, list(state.points)


def lost_accuracy(question: AccuracyQuestion, points: list[SweepPoint]) -> tuple[LostAccuracy, ...]:
    """Compare seed by seed, ε ascending; only ε whose every seed is there."""
    baseline = LEARNERS[question.learner].baseline
    plain = {
        p.run.split_seed: p.value("accuracy") for p in points if p.run.setting.learner == baseline
    }
    found = []
    for epsilon in EPSILONS:
        lost = [
            base - own
            for p in points
            if (p.run.setting.learner, p.run.setting.epsilon) == (question.learner, epsilon)
            if (base := plain.get(p.run.split_seed)) is not None
            if (own := p.value("accuracy")) is not None
        ]
        if len(lost) == len(question.seeds):
            mean = float(np.mean(lost))
            found.append(LostAccuracy(epsilon, mean, min(lost), max(lost), len(lost)))
    return tuple(found)


def smallest_epsilon_for(
    question: AccuracyQuestion, found: tuple[LostAccuracy, ...]
) -> float | None:
    """Return the smallest ε from which on the mean loss stays within what was asked."""
    smallest = None
    for item in reversed(found):
        if item.mean > question.within:
            break
        smallest = item.epsilon
    return smallest


def public_sample_rows(sample: str, rows: int) -> Dataset:
    """Return a shipped sample, cut at random to so many rows if it has more."""
    dataset = assign(load_sample(sample), SAMPLES[sample].roles)
    if dataset.roles.audits_existing_predictions:
        raise InputError("it holds predictions and trains no model", where=f"sample {sample!r}")
    if rows >= len(dataset):
        return dataset
    kept = np.sort(np.random.default_rng(0).permutation(len(dataset))[:rows])
    return replace(
        dataset,
        rows=dataset.rows[kept],
        features=dataset.features.iloc[kept].reset_index(drop=True),
        outcome=dataset.target[kept],
        sensitive=dataset.sensitive.iloc[kept].reset_index(drop=True),
        weights=None if dataset.weights is None else dataset.weights[kept],
        content=dataset.content[kept],
        identifiers=None
        if dataset.identifiers is None
        else dataset.identifiers.iloc[kept].reset_index(drop=True),
        markers=None
        if dataset.markers is None
        else dataset.markers.iloc[kept].reset_index(drop=True),
        fingerprint=hashlib.sha256(f"{dataset.fingerprint} {rows}".encode()).hexdigest(),
    )
