"""Train a learner under a plan: the one place where a model is fitted.

A private fit is charged to the ledger here, before any noise is drawn; scikit-learn and fairlearn
clone estimators and would lose an accountant that lives inside one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.data.dataset import Dataset
from core.data.table import Repair
from core.errors import InputError
from core.fairness.mitigation import MITIGATIONS, Decider, Part, Share, Task, scores_of
from core.learning.balancing import balanced
from core.learning.dataset_split import split_dataset
from core.learning.given_score import scale_of
from core.learning.learners import LEARNERS, Build
from core.learning.performance import Performance, measure
from core.learning.private_fit import charge, cost_of, counting_for
from core.learning.spec_checks import check_spec, too_large
from core.learning.split import Split, SplitSpec
from core.privacy.budget import Ledger
from core.privacy.domain import Domains

__all__ = ["Trained", "TrainingSpec", "check_spec", "train"]

ABSENT_AT_DEFAULT = {"absent_at_default": True}
Noise = Literal["none", "fresh", "seeded"]


@dataclass(frozen=True)
class TrainingSpec:
    """How to train.

    Attributes
    ----------
    learner, mitigation : str
        Registered names.
    mitigate_for : str or None
        The sensitive column a mitigation looks at, the first one if None.
    epsilon, delta : float or None
        Of a private learner; None for an ordinary one.
    domains : Domains or None
        Declared domains. None with a private learner: estimated, paid from ε.
    seed : int
        Of the split and of every random choice but privacy noise.
    noise : {"fresh", "seeded"}
        "seeded" repeats privacy noise: a simulation, whose promise is void.
    stratified : bool or None
        How rows are split, see :class:`core.learning.split.SplitSpec`; None is stratified for an
        ordinary learner only. A sweep splits its baselines as it splits private learners.
    person : str or None
        Identifier column whose persons a private learner's promise is for; None is for rows. An
        ordinary learner takes it with ``stratified=False`` only, as a baseline on the same rows.
    rows_per_person : int
        How many rows of each person are kept at most.
    strength : float
        Of the mitigation, in (0, 1]; 1 is in full. Only where the mitigation has degrees.
    balancing : str
        Registered name, of :data:`core.learning.balancing.BALANCINGS`.
    noise_seed : int or None
        Of seeded privacy noise; None is ``seed``.
    """

    learner: str
    mitigation: str = "none"
    mitigate_for: str | None = None
    epsilon: float | None = None
    delta: float | None = None
    domains: Domains | None = None
    seed: int = 0
    noise: Literal["fresh", "seeded"] = "fresh"
    stratified: bool | None = None
    person: str | None = None
    rows_per_person: int = 1
    # A field that came later leaves the keys of older results as they are, see canonical.
    strength: float = field(default=1.0, metadata=ABSENT_AT_DEFAULT)
    balancing: str = field(default="none", metadata=ABSENT_AT_DEFAULT)
    noise_seed: int | None = field(default=None, metadata=ABSENT_AT_DEFAULT)

    @property
    def is_stratified(self) -> bool:
        """Whether each part of the split gets the same share of positives."""
        return not LEARNERS[self.learner].private if self.stratified is None else self.stratified

    @property
    def seed_of_noise(self) -> int | None:
        """What repeats privacy noise; None where it is drawn afresh."""
        if self.noise == "fresh":
            return None
        return self.seed if self.noise_seed is None else self.noise_seed


@dataclass(frozen=True)
class Trained:
    """A trained decider with its figures on untouched test rows.

    Attributes
    ----------
    spec : TrainingSpec
    split : Split
    decider : Decider
    scores : ndarray of float, shape (test rows,)
        On which decisions rest, with each person's group known to the mitigation.
    decisions : ndarray of bool, shape (test rows,)
    performance : Performance
    baseline : Performance or None
        Of the learner without privacy, trained on the same rows, beside a private one.
    baseline_learner : str or None
    domains : Domains or None
        The domains a private learner used.
    cost : tuple of (float, float) or None
        The ε and δ that were charged for a private learner.
    fingerprint : str
        Of the dataset it was trained on.
    repairs : tuple of Repair
        Rows that were left out to bound what one person contributes.
    """

    spec: TrainingSpec
    split: Split
    decider: Decider
    scores: npt.NDArray[np.float64]
    decisions: npt.NDArray[np.bool_]
    performance: Performance
    baseline: Performance | None
    baseline_learner: str | None
    domains: Domains | None
    cost: tuple[float, float] | None
    fingerprint: str
    repairs: tuple[Repair, ...] = ()

    @property
    def noise(self) -> Noise:
        """Whether privacy noise was drawn afresh, repeated from a seed, or there is none."""
        return self.spec.noise if LEARNERS[self.spec.learner].private else "none"


def train(
    dataset: Dataset,
    spec: TrainingSpec,
    ledger: Ledger | None = None,
    *,
    with_baseline: bool = True,
    share: Share | None = None,
    split: Split | None = None,
) -> Trained:
    """Train, decide on the test rows, and measure.

    Parameters
    ----------
    dataset : Dataset
    spec : TrainingSpec
    ledger : Ledger, optional
        Charged by a private learner; required for one unless noise is seeded.
    with_baseline : bool
        Whether a private learner's baseline is trained too; a sweep has baselines of its own.
    share : callable, optional
        Takes what makes the plain model of the training rows, and returns it, perhaps from an
        earlier call: for runs that differ only in what comes after training.
    split : Split, optional
        Rows of the three parts, for a comparison on the same splits; made from the spec if None.
        Whoever gives one answers for which rows of a person are where, so no promise can hold.

    Returns
    -------
    Trained

    Raises
    ------
    InputError
        If the spec does not fit the data.
    BudgetExceededError
        If the ledger refuses; nothing was run then.
    """
    learner = check_spec(dataset, spec)
    repairs: tuple[Repair, ...] = ()
    if split is None:
        split, repairs = split_dataset(
            dataset,
            SplitSpec(seed=spec.seed, stratified=spec.is_stratified),
            person=spec.person,
            rows_per_person=spec.rows_per_person,
        )
    elif learner.private and spec.noise == "fresh":
        raise ValueError("a private release makes its own split; a given one is for simulations")
    _check_weights(dataset, split)
    if learner.given:
        # Nothing is trained, so the training rows can show what to do with the score, and all
        # others what comes of it.
        split = Split(split.train, split.train, np.sort(np.r_[split.validation, split.test]))
    column = spec.mitigate_for or dataset.roles.sensitive[0]
    train_part, validation, test = (
        _part(dataset, rows, column) for rows in (split.train, split.validation, split.test)
    )
    train_part = _balanced(train_part, spec)
    build = Build(seed=spec.seed, noise_seed=spec.seed_of_noise)
    cost = counting = None
    if learner.private:
        cost = cost_of(dataset, learner, spec)
        build = charge(learner, spec, cost, train_part, build, ledger)
        counting = counting_for(spec, cost, column, dataset.roles.together)
    task = Task(
        train_part,
        validation,
        lambda: learner.build(build),
        spec.seed,
        counting,
        spec.strength,
        share,
    )
    decider = _fitted(task, spec, dataset)
    scores = scores_of(decider, test.X, test.groups)
    decisions = decider.decide(test.X, test.groups)
    if learner.given:
        scores = scale_of(dataset).given(scores)
    baseline = None
    if learner.baseline is not None and with_baseline and too_large(dataset) is None:
        plain = LEARNERS[learner.baseline].build(Build(seed=spec.seed))
        plain.fit(train_part.X, train_part.positive)
        plain_scores = plain.score(test.X)
        baseline = measure(test.positive, plain_scores >= 0.5, plain_scores, None, "test")
    return Trained(
        spec,
        split,
        decider,
        scores,
        decisions,
        measure(test.positive, decisions, scores, test.weights, "test"),
        baseline,
        learner.baseline if baseline is not None else None,
        build.domains,
        cost.total if cost is not None else None,
        dataset.fingerprint,
        repairs,
    )


def _check_weights(dataset: Dataset, split: Split) -> None:
    if dataset.weights is None:
        return
    for name, rows in (
        ("training", split.train),
        ("validation", split.validation),
        ("test", split.test),
    ):
        if not dataset.weights[rows].any():
            raise InputError(
                f"all {len(rows)} rows of the {name} part have the weight 0",
                where=f"column {dataset.roles.weight!r}",
                remedy="Use another seed, or leave the weight column out",
            )


def _fitted(task: Task, spec: TrainingSpec, dataset: Dataset) -> Decider:
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


def _balanced(part: Part, spec: TrainingSpec) -> Part:
    if spec.balancing == "none":
        return part
    found = balanced(spec.balancing, part.positive, part.weights, spec.seed)
    return Part(
        part.X.iloc[found.rows].reset_index(drop=True),
        part.positive[found.rows],
        part.groups[found.rows],
        found.weights,
    )


def _part(dataset: Dataset, rows: npt.NDArray[np.int64], column: str) -> Part:
    return Part(
        dataset.features.iloc[rows].reset_index(drop=True),
        dataset.target[rows],
        dataset.sensitive[column].to_numpy(dtype=object)[rows],
        None if dataset.weights is None else dataset.weights[rows],
    )
