"""Train a learner under a plan: split, charge, fit, decide on the test rows, and measure.

A private fit is charged to the ledger here, before any noise is drawn; scikit-learn and fairlearn
clone estimators and would lose an accountant that lives inside one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.data.dataset import Dataset
from core.data.table import Repair
from core.errors import InputError
from core.fairness.mitigation import MITIGATIONS, Decider, Share
from core.learning.dataset_split import split_dataset
from core.learning.fit import Fitted, fit, predict
from core.learning.learners import LEARNERS
from core.learning.paid_bounds import pay_bounds, stopped_before
from core.learning.performance import Performance, measure
from core.learning.private_fit import bill_of, bills_of, cost_of
from core.learning.rehearsal import rehearse
from core.learning.spec_checks import check_spec, too_large
from core.learning.split import Split, SplitSpec
from core.learning.unmitigated import Unmitigated, made_once, unmitigated
from core.privacy.budget import Ledger
from core.privacy.domain import Domains
from core.privacy.pending import delivered, is_paid, paying

__all__ = ["Trained", "TrainingSpec", "baseline_of", "check_private", "check_spec", "train"]

CHANCES = (
    "the scores are chances of being drawn for the positive decision, and say nothing of how "
    "likely the positive outcome is"
)
"""Why figures of scores are not defined for a lot between models."""
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


def baseline_of(spec: TrainingSpec, learner: str) -> TrainingSpec:
    """Return the spec of an ordinary learner on the rows that a private one of a spec uses."""
    return TrainingSpec(
        learner,
        seed=spec.seed,
        stratified=spec.is_stratified,
        person=spec.person,
        rows_per_person=spec.rows_per_person,
    )


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
    unmitigated : Unmitigated or None
        The same learner on the same rows without the mitigation, beside a mitigated one.
    charged : tuple of (float, float)
        ε and δ of each charge that paid for it, which come to ``cost``.
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
    unmitigated: Unmitigated | None = None
    charged: tuple[tuple[float, float], ...] = ()

    @property
    def outcome_scores(self) -> npt.NDArray[np.float64] | str:
        """Scores for the positive outcome, or why the scores say nothing of it."""
        return outcome_scores(self.spec, self.scores)

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
    number: int = 0,
) -> Trained:
    """Train, decide on the test rows, and measure.

    A private fit that was paid for and died is finished at that charge. Whoever has put its result
    where it was to go says so to :func:`core.privacy.pending.delivered`.

    Parameters
    ----------
    dataset : Dataset
    spec : TrainingSpec
    ledger : Ledger, optional
        Charged by a private learner; required for one unless noise is seeded.
    with_baseline : bool
        Whether a private learner's baseline, and the model without a mitigation, are trained too;
        a sweep has baselines of its own.
    share : callable, optional
        Takes what makes the plain model of the training rows, and returns it, perhaps from an
        earlier call: for runs that differ only in what comes after training.
    split : Split, optional
        Rows of the three parts, for a comparison on the same splits; made from the spec if None.
        Whoever gives one answers for which rows of a person are where, so no promise can hold.
    number : int
        Tells apart private fits of one spec that are each charged.

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
        rest = np.sort(np.r_[split.validation, split.test])
        split = replace(split, validation=split.train, test=rest)
    if not (learner.private and spec.noise == "fresh"):
        if learner.private and ledger is not None:
            raise ValueError("a simulation is charged nothing")
        share = made_once(share)
        fitted = fit(dataset, spec, split.train, split.validation, share=share)
        baseline = _baseline(dataset, spec, split) if with_baseline else None
        trained = _judged(dataset, spec, split, fitted, baseline, repairs)
        return _beside(dataset, trained, share) if with_baseline else trained
    if ledger is None:
        raise ValueError("a private release needs a ledger to charge")
    return _paid(dataset, spec, split, repairs, ledger, with_baseline, share, number)


def _paid(
    dataset: Dataset,
    spec: TrainingSpec,
    split: Split,
    repairs: tuple[Repair, ...],
    ledger: Ledger,
    with_baseline: bool,
    share: Share | None,
    number: int,
) -> Trained:
    """Train under a ledger: bounds that are paid for first, then the model."""
    bills = bills_of(dataset, spec, number)
    plan, bill = bills[-1]
    if stopped_before(dataset, spec, ledger, number) is not None:
        # It stops again, before the cap is asked for what would not be charged.
        pay_bounds(dataset, spec, split, ledger, number)
    if not is_paid(ledger, plan):
        due = [part for name, part in bills if not is_paid(ledger, name)]
        for part in due if len(due) < len(bills) else [bill_of(dataset, spec), *due]:
            ledger.check(**asdict(part))
        rehearse(dataset, spec, split)
    # Before the charge, like everything else that may fail.
    baseline = _baseline(dataset, spec, split) if with_baseline else None
    made = isinstance(ledger.pending.result_of(plan), Trained)
    domains = None if made else pay_bounds(dataset, spec, split, ledger, number)
    with paying(ledger, plan, **asdict(bill)) as payment:
        if isinstance(payment.result, Trained):
            trained = payment.result
        else:
            rows = split.train, split.validation
            fitted = fit(dataset, spec, *rows, noise_key=payment.key, domains=domains, share=share)
            trained = _judged(dataset, spec, split, fitted, baseline, repairs)
            trained = _beside(dataset, trained, share) if with_baseline else trained
            charged = tuple((part.epsilon, part.delta) for _, part in bills)
            trained = replace(trained, charged=charged)
            payment.keep(trained)
    for name, _ in bills[:-1]:
        # They are part of the model from here on.
        delivered(ledger, name)
    return trained


def check_private(dataset: Dataset, spec: TrainingSpec) -> None:
    """Refuse a private plan as :func:`train` would, and charge nothing.

    Raises
    ------
    InputError
        Naming what does not fit.
    """
    check_spec(dataset, spec)
    split, _ = split_dataset(
        dataset,
        SplitSpec(seed=spec.seed, stratified=spec.is_stratified),
        person=spec.person,
        rows_per_person=spec.rows_per_person,
    )
    _check_weights(dataset, split)
    rehearse(dataset, spec, split)


def _baseline(dataset: Dataset, spec: TrainingSpec, split: Split) -> Performance | None:
    """Measure the ordinary like of a private learner on the same rows."""
    name = LEARNERS[spec.learner].baseline
    if name is None or too_large(dataset) is not None:
        return None
    plain = baseline_of(spec, name)
    fitted = fit(dataset, plain, split.train, split.validation)
    scores, decisions = predict(dataset, plain, fitted.decider, split.test)
    persons = dataset.persons_at(split.test)
    return measure(dataset.target[split.test], decisions, scores, None, "test", persons)


def _judged(
    dataset: Dataset,
    spec: TrainingSpec,
    split: Split,
    fitted: Fitted,
    baseline: Performance | None,
    repairs: tuple[Repair, ...],
) -> Trained:
    """Decide on the test rows, and measure."""
    learner, persons = LEARNERS[spec.learner], dataset.persons_at(split.test)
    scores, decisions = predict(dataset, spec, fitted.decider, split.test)
    weights = None if dataset.weights is None else dataset.weights[split.test]
    return Trained(
        spec,
        split,
        fitted.decider,
        scores,
        decisions,
        measure(
            dataset.target[split.test],
            decisions,
            outcome_scores(spec, scores),
            weights,
            "test",
            persons,
        ),
        baseline,
        learner.baseline if baseline is not None else None,
        fitted.domains,
        cost_of(dataset, learner, spec).total if learner.private else None,
        dataset.fingerprint,
        repairs,
    )


def outcome_scores(
    spec: TrainingSpec, scores: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64] | str:
    """Return scores that a spec's model gave, or why they are none of the outcome."""
    return CHANCES if MITIGATIONS[spec.mitigation].score_is_chance else scores


def _beside(dataset: Dataset, trained: Trained, share: Share | None) -> Trained:
    """Put the model without its mitigation beside a mitigated one."""
    plain = unmitigated(dataset, trained.spec, trained.split, trained.scores, share)
    return replace(trained, unmitigated=plain)


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
