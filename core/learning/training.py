"""Train a learner under a plan: the one place where a model is fitted.

A private fit is charged to the ledger here, before any noise is drawn; scikit-learn and fairlearn
clone estimators and would lose an accountant that lives inside one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.data.dataset import Dataset
from core.errors import InputError
from core.fairness.mitigation import MITIGATIONS, Decider, Part, Task
from core.learning.learners import LEARNERS, Build, Learner
from core.learning.performance import Performance, measure
from core.learning.split import Split, SplitSpec, split_rows
from core.privacy.budget import Ledger
from core.privacy.domain import Domains
from core.privacy.domain_estimate import SHARE_OF_EPSILON, estimate_domains

LARGEST = 1e30
"""Larger features overflow the single precision of trees, or squares in double precision."""

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


@dataclass(frozen=True)
class Trained:
    """A trained decider with its figures on untouched test rows.

    Attributes
    ----------
    spec : TrainingSpec
    split : Split
    decider : Decider
    scores : ndarray of float, shape (test rows,)
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

    @property
    def noise(self) -> Noise:
        """Whether privacy noise was drawn afresh, repeated from a seed, or there is none."""
        return self.spec.noise if LEARNERS[self.spec.learner].private else "none"


def check_spec(dataset: Dataset, spec: TrainingSpec) -> Learner:
    """Check a spec against the data before anything runs; return its learner.

    Raises
    ------
    InputError
        Naming the option that does not fit.
    """
    learner, mitigation = LEARNERS[spec.learner], MITIGATIONS[spec.mitigation]
    for name in dataset.numbers:
        largest = float(dataset.features[name].abs().max())
        if largest > LARGEST:
            raise InputError(
                f"it holds a value of size {largest:.3g}, too large to compute with",
                where=f"column {name!r}",
                remedy=f"Rescale it below {LARGEST:g}, correct the value, or leave the column out",
            )
    if dataset.features.shape[1] == 0:
        raise InputError("there is no feature to learn from", where="features")
    if learner.private:
        if spec.epsilon is None:
            raise InputError(
                "a private learner needs an epsilon",
                where=learner.name,
                remedy="Give one, or choose a learner that is not private",
            )
        if learner.needs_delta and not spec.delta:
            raise InputError("this learner's promise needs a delta above 0", where=learner.name)
        if not mitigation.keeps_privacy:
            raise InputError(
                f"it looks at the rows without noise, so the promise of {learner.name!r} would "
                "no longer hold",
                where=f"mitigation {mitigation.name!r}",
                remedy="Choose 'none', or a learner that is not private",
            )
        if dataset.weights is not None:
            raise InputError(
                "a private learner takes no row weights",
                where=f"column {dataset.roles.weight!r}",
                remedy="Leave the weight column out, or choose a learner that is not private",
            )
        if spec.domains is None and not spec.delta and dataset.categories:
            raise InputError(
                "to estimate categories under the budget a delta above 0 is needed",
                where="delta",
                remedy="Give one such as 0.000001, or declare the categories",
            )
    elif spec.epsilon is not None:
        private = [item.name for item in LEARNERS if item.private]
        raise InputError(
            "this learner is not private and would ignore epsilon",
            where=f"learner {learner.name!r}",
            remedy=f"Leave epsilon out, or choose one of: {', '.join(private)}",
        )
    if spec.mitigate_for is not None and spec.mitigate_for not in dataset.roles.sensitive:
        raise InputError(
            "only a sensitive column can be mitigated for", where=f"column {spec.mitigate_for!r}"
        )
    return learner


def train(
    dataset: Dataset,
    spec: TrainingSpec,
    ledger: Ledger | None = None,
    *,
    with_baseline: bool = True,
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
    stratified = not learner.private if spec.stratified is None else spec.stratified
    split = split_rows(
        dataset.target, SplitSpec(seed=spec.seed, stratified=stratified), dataset.content
    )
    _check_weights(dataset, split)
    column = spec.mitigate_for or dataset.roles.sensitive[0]
    train_part, validation, test = (
        _part(dataset, rows, column) for rows in (split.train, split.validation, split.test)
    )
    build = Build(seed=spec.seed, noise_seed=spec.seed if spec.noise == "seeded" else None)
    cost = None
    if learner.private:
        cost = _cost(dataset, learner, spec)
        build = _charge(learner, spec, cost, train_part, build, ledger)
    task = Task(train_part, validation, lambda: learner.build(build), spec.seed)
    decider = MITIGATIONS[spec.mitigation].fit(task)
    scores, decisions = decider.score(test.X), decider.decide(test.X, test.groups)
    baseline = None
    if learner.baseline is not None and with_baseline:
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


def _part(dataset: Dataset, rows: npt.NDArray[np.int64], column: str) -> Part:
    return Part(
        dataset.features.iloc[rows].reset_index(drop=True),
        dataset.target[rows],
        dataset.sensitive[column].to_numpy(dtype=object)[rows],
        None if dataset.weights is None else dataset.weights[rows],
    )


@dataclass(frozen=True)
class _Cost:
    """What a private fit spends on bounds and categories, and on the model."""

    epsilon_bounds: float
    delta_bounds: float
    epsilon: float
    delta: float

    @property
    def total(self) -> tuple[float, float]:
        """ε and δ of the whole, which is what is charged and promised."""
        return self.epsilon_bounds + self.epsilon, self.delta_bounds + self.delta


def _cost(dataset: Dataset, learner: Learner, spec: TrainingSpec) -> _Cost:
    assert spec.epsilon is not None
    delta = spec.delta or 0.0
    if spec.domains is not None:
        return _Cost(0.0, 0.0, spec.epsilon, delta if learner.needs_delta else 0.0)
    bounds = SHARE_OF_EPSILON * spec.epsilon
    for_categories = delta if dataset.categories else 0.0
    if learner.needs_delta and dataset.categories:
        for_categories = delta / 2
    fit = delta - for_categories if learner.needs_delta else 0.0
    return _Cost(bounds, for_categories, spec.epsilon - bounds, fit)


def _charge(
    learner: Learner,
    spec: TrainingSpec,
    cost: _Cost,
    part: Part,
    build: Build,
    ledger: Ledger | None,
) -> Build:
    """Charge everything that the private fit will spend, then make what it is built from.

    Charging comes first, all of it: nothing is drawn for bounds if training would be refused.
    """
    assert learner.neighbouring is not None
    if ledger is None and spec.noise == "fresh":
        raise ValueError("a private release needs a ledger to charge")
    # Built once before anything is charged, so that a budget it can't work with costs nothing.
    learner.build(
        replace(build, epsilon=cost.epsilon, delta=cost.delta, domains=spec.domains or Domains(()))
    )
    if ledger is not None:
        paying = "" if spec.domains is not None else "bounds and categories, then "
        ledger.charge(
            f"{paying}training {learner.name}",
            epsilon=cost.total[0],
            delta=cost.total[1],
            neighbouring=learner.neighbouring,
        )
    domains = spec.domains or estimate_domains(
        part.X,
        epsilon=cost.epsilon_bounds,
        # Without categories there is nothing that a delta would be spent on.
        delta=cost.delta_bounds or 1e-300,
        neighbouring=learner.neighbouring,
        rng=np.random.default_rng(build.noise_seed),
    )
    return replace(build, epsilon=cost.epsilon, delta=cost.delta, domains=domains)
