"""Train a learner under a plan: split, charge, fit, decide on the test rows, and measure.

A private fit is charged to the ledger here, before any noise is drawn; scikit-learn and fairlearn
clone estimators and would lose an accountant that lives inside one.
"""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np

from core.data.dataset import Dataset
from core.data.table import Repair
from core.errors import InputError
from core.learning.dataset_split import split_dataset
from core.learning.learners import LEARNERS
from core.learning.performance import Performance, measure
from core.learning.split import Split, SplitSpec
from core.mitigation import BaseModelCache
from core.privacy.accounting.ledger import Ledger
from core.privacy.accounting.payment import delivered, is_paid, paying
from core.training.external_split import external_split
from core.training.fit import Fitted, fit, predict
from core.training.paid_bounds import pay_bounds, stopped_before
from core.training.private_fit import bill_of, bills_of, cost_of
from core.training.rehearsal import rehearse
from core.training.spec import TrainingSpec, baseline_of
from core.training.spec_checks import check_spec, too_large
from core.training.trained import Trained, outcome_scores
from core.training.unmitigated import made_once, unmitigated

__all__ = ["Trained", "TrainingSpec", "baseline_of", "check_private", "check_spec", "train"]


def train(
    dataset: Dataset,
    spec: TrainingSpec,
    ledger: Ledger | None = None,
    *,
    with_baseline: bool = True,
    share: BaseModelCache | None = None,
    split: Split | None = None,
    number: int = 0,
) -> Trained:
    """Train, decide on the test rows, and measure.

    A private fit that was paid for and died is finished at that charge. Whoever has put its result
    where it was to go says so to :func:`core.privacy.accounting.payment.delivered`.

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
        Whoever gives one answers for which rows of a person are where, so no guarantee can hold.
    number : int
        Tells apart private fits of one spec that are each charged.

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
        split, repairs = split_of(dataset, spec)
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
        # An external model is the same under any name, and takes no time to make.
        share = None if learner.external else made_once(share)
        fitted = fit(dataset, spec, split.train, split.validation, share=share)
        baseline = _baseline(dataset, spec, split) if with_baseline else None
        trained = _judged(dataset, spec, split, fitted, baseline, repairs)
        return _beside(dataset, trained, share) if with_baseline else trained
    if ledger is None:
        raise ValueError("a private release needs a ledger to charge")
    return _paid(dataset, spec, split, repairs, ledger, with_baseline, share, number)


def split_of(dataset: Dataset, spec: TrainingSpec) -> tuple[Split, tuple[Repair, ...]]:
    """Divide the rows as :func:`train` does, and say which were left out."""
    if LEARNERS[spec.learner].external:
        return external_split(dataset, spec), ()
    return split_dataset(
        dataset,
        SplitSpec(seed=spec.seed, stratified=spec.is_stratified),
        person=spec.person,
        rows_per_person=spec.rows_per_person,
    )


def _paid(
    dataset: Dataset,
    spec: TrainingSpec,
    split: Split,
    repairs: tuple[Repair, ...],
    ledger: Ledger,
    with_baseline: bool,
    share: BaseModelCache | None,
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
            "all rows" if len(split.test) == len(dataset) else "test",
            persons,
        ),
        baseline,
        learner.baseline if baseline is not None else None,
        fitted.domains,
        cost_of(dataset, learner, spec).total if learner.private else None,
        dataset.fingerprint,
        repairs,
    )


def _beside(dataset: Dataset, trained: Trained, share: BaseModelCache | None) -> Trained:
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
