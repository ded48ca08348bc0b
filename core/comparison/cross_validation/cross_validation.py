"""Repeated stratified cross-validation of one or several models on the same folds.

Definition
----------
Each model is trained on the training part of every split of
:mod:`core.comparison.cross_validation.folds` by :func:`core.training.training.train`, mitigation
and balancing included, and measured on the fold: every metric of everyone and every disparity
between the groups. Two models are compared by the corrected resampled t-test (Nadeau and Bengio
2003) of their differences, with n_test / n_train of these splits. Validation rows count as not
trained on, which makes the ratio and so the interval a little larger than that of a plain K-fold.

A private learner is cross-validated with seeded noise only, as a simulation without a guarantee:
every fold would else have to be charged. Its noise is another in each fold.

A wrong answer would be caught by the same loop written with scikit-learn alone, and by the false
alarms of the test on labels that are noise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.arrays import Ints
from core.comparison.cross_validation.cross_validated import (
    CrossValidated,
    FoldResult,
    compare_cross_validated,
)
from core.comparison.cross_validation.folds import Fold, FoldSpec, make_folds
from core.data.dataset import Dataset
from core.data.persons import persons_of
from core.data.table import Repair
from core.errors import InputError
from core.fairness.assessment.assess import assess
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.metric_registry import METRICS
from core.learning.learners import LEARNERS
from core.privacy.accounting.contribution import kept_rows
from core.training.spec import TrainingSpec
from core.training.spec_checks import check_spec
from core.training.training import train

__all__ = ["CrossValidated", "FoldSpec", "compare_cross_validated", "cross_validate"]


@dataclass(frozen=True, eq=False)
class _Rows:
    """Which rows take part, whose they are, and what was left out."""

    positions: Ints
    persons: Ints | None
    repairs: tuple[Repair, ...]


def cross_validate(
    dataset: Dataset,
    specs: Sequence[TrainingSpec],
    folds: FoldSpec | None = None,
    *,
    combination: tuple[str, ...] | None = None,
    names: Sequence[str] | None = None,
    finished: Sequence[Sequence[FoldResult]] = (),
) -> Iterator[tuple[float, tuple[CrossValidated, ...]]]:
    """Train and measure every model on every fold; stop iterating to cancel.

    Parameters
    ----------
    dataset : Dataset
    specs : sequence of TrainingSpec
        At least one. ``split`` options of a spec are not used; its seed makes that of each fold.
    folds : FoldSpec, optional
        Persons stay together by its ``person``, or else by that of a spec.
    combination : tuple of str, optional
        Sensitive columns whose groups are compared, the first one if not given.
    names : sequence of str, optional
        Of the models, all different; A, B, C and so on if not given.
    finished : sequence of sequence of FoldResult, optional
        For each model, what an earlier run with the same arguments found; these folds are not
        trained again. Seeds are of each fold alone, so the others come out as if nothing had
        stopped.

    Yields
    ------
    share : float
        Part of the work done, that of earlier runs included, in (0, 1].
    results : tuple of CrossValidated
        Of all models, with the folds that are done so far.

    Raises
    ------
    InputError
        If a spec does not fit the data, a private learner's noise is fresh, specs disagree on who
        a person is, or there are too few rows. A model that one fold does not allow is no error:
        its figures there are undefined with that reason.
    """
    model_names = _check(dataset, specs, names)
    attributes = combination or (dataset.roles.sensitive[0],)
    for column in attributes:
        if column not in dataset.sensitive:
            raise InputError("it is not a sensitive column", where=f"column {column!r}")
    folds = _with_person(folds or FoldSpec(), specs)
    rows = _rows(dataset, specs, folds)
    positions = rows.positions
    made = make_folds(dataset.target[positions], folds, dataset.content[positions], rows.persons)
    known = [{_position(r): r for r in earlier} for earlier in finished or [()] * len(specs)]
    results = [
        CrossValidated(
            name, spec, folds, attributes, dataset.fingerprint,
            tuple(r for fold in made if (r := before.get((fold.repeat, fold.fold)))),
            rows.repairs, LEARNERS[spec.learner].private,
        )
        for name, spec, before in zip(model_names, specs, known, strict=True)
    ]  # fmt: skip
    total = len(made) * len(specs)
    for fold in made:
        split = fold.split.at(rows.positions)
        for position, spec in enumerate(specs):
            if (fold.repeat, fold.fold) in known[position]:
                continue
            found = _one(dataset, _of_fold(spec, fold), replace(fold, split=split), attributes)
            every = sorted((*results[position].results, found), key=_position)
            results[position] = replace(results[position], results=tuple(every))
            yield sum(len(item.results) for item in results) / total, tuple(results)


def _position(result: FoldResult) -> tuple[int, int]:
    return result.repeat, result.fold


def _one(
    dataset: Dataset, spec: TrainingSpec, fold: Fold, attributes: tuple[str, ...]
) -> FoldResult:
    split = fold.split
    try:
        trained = train(dataset, spec, with_baseline=False, split=split)
    except InputError as error:
        undefined = Figure(None, reason=f"the model could not be trained: {error}")
        figures = {item.name: undefined for registry in (METRICS, DISPARITIES) for item in registry}
    else:
        found = assess(
            dataset.target[split.test],
            trained.decisions,
            dataset.sensitive.iloc[split.test][list(attributes)].reset_index(drop=True),
            scores=trained.outcome_scores,
            weights=None if dataset.weights is None else dataset.weights[split.test],
            persons=dataset.persons_at(split.test),
            positive_is_favourable=dataset.roles.positive_is_favourable,
            draws=100,  # of indices that are not read here
        )
        figures = dict(found.overall.figures) | {d.name: d.figure for d in found.disparities}
    return FoldResult(fold.repeat, fold.fold, len(split.test), len(split.train), figures)


def _of_fold(spec: TrainingSpec, fold: Fold) -> TrainingSpec:
    """With seeds of this fold: a model's own chance, and its noise, differ from fold to fold."""

    def mixed(seed: int) -> int:
        state = np.random.SeedSequence([seed, fold.repeat, fold.fold]).generate_state(1)
        return int(state[0])

    noise = spec.seed_of_noise
    return replace(spec, seed=mixed(spec.seed), noise_seed=None if noise is None else mixed(noise))


def _check(
    dataset: Dataset, specs: Sequence[TrainingSpec], names: Sequence[str] | None
) -> tuple[str, ...]:
    if not specs:
        raise InputError("there is no model to cross-validate", where="specs")
    if not dataset.roles.sensitive:
        raise InputError("there is no sensitive column to compare groups by", where="roles")
    model_names = (
        tuple(names) if names is not None else tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(specs)])
    )
    if len(set(model_names)) != len(specs) or len(model_names) != len(specs):
        raise InputError(
            f"{len(specs)} models need as many different names", where=f"names {model_names}"
        )
    for name, spec in zip(model_names, specs, strict=True):
        learner = check_spec(dataset, spec)
        if learner.private and spec.noise == "fresh":
            raise InputError(
                "each fold would be a release of its own and have to be charged, so a private "
                "model is cross-validated with seeded noise only",
                where=f"model {name}, model {learner.name!r}",
                remedy="Set its noise to 'seeded', which makes it a simulation without a guarantee",
            )
    return model_names


def _with_person(folds: FoldSpec, specs: Sequence[TrainingSpec]) -> FoldSpec:
    """Fix who stays together, and refuse models that disagree on it."""
    bound = {(spec.person, spec.rows_per_person) for spec in specs if spec.person is not None}
    columns = {person for person, _ in bound} | ({folds.person} if folds.person else set())
    if len(bound) > 1 or len(columns) > 1:
        raise InputError(
            "the models' guarantees are for different persons or numbers of rows, so they can't "
            "learn from the same rows",
            where=", ".join(repr(name) for name in sorted(str(c) for c in columns)),
            remedy="Give all the same person column and rows per person",
        )
    return replace(folds, person=columns.pop() if columns else None)


def _rows(dataset: Dataset, specs: Sequence[TrainingSpec], folds: FoldSpec) -> _Rows:
    if folds.person is None:
        return _Rows(np.arange(len(dataset)), persons_of(dataset.identifiers), ())
    if dataset.identifiers is None or folds.person not in dataset.identifiers:
        raise InputError(
            "it has not the role of an identifier, so it can't say which rows are one person's",
            where=f"column {folds.person!r}",
            remedy="Make it an identifier, or leave it out",
        )
    persons = dataset.identifiers[folds.person].to_numpy(dtype=object)
    named = ~pd.isna(persons)
    repairs = [Repair("Rows that name no person are left out.", int((~named).sum()), folds.person)]
    bound = [spec for spec in specs if spec.person is not None]
    kept = named
    if bound:
        most = bound[0].rows_per_person
        kept = kept_rows(persons, dataset.content, dataset.target, most, folds.seed)
        repairs.append(
            Repair(
                f"Of each person {most} rows are used at most, by all models.",
                int(named.sum() - kept.sum()),
                folds.person,
            )
        )
    positions = np.flatnonzero(kept)
    codes = np.asarray(pd.factorize(persons[positions])[0], dtype=np.int64)
    return _Rows(positions, codes, tuple(item for item in repairs if item.count))
