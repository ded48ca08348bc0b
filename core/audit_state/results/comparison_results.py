"""Cross-validated candidates, kept on disk: a stopped comparison goes on where it was.

A candidate is kept by its spec and the folds alone, so that it is found again whatever it is
compared with. Its folds are written one by one as they are finished. After a stop, or a restart of
the server, they are taken from disk and only the others are trained. Each fold has seeds of its
own, so the figures are those of a run that nothing stopped.

A wrong answer would be caught by a run that is killed after every fold, against one that is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from core.audit_state.results.result_store import ResultStore
from core.audit_state.state import AuditState
from core.comparison.cross_validation.cross_validated import CrossValidated, FoldResult
from core.comparison.cross_validation.cross_validation import cross_validate
from core.comparison.cross_validation.folds import FoldSpec
from core.data.dataset import Dataset
from core.data.table import Repair
from core.errors import InputError
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.metric_registry import METRICS
from core.learning.learners import LEARNERS
from core.learning.split import SPLIT_RULE
from core.storage.canonical import key
from core.storage.kinds import FOLDS
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from core.training.spec_checks import check_spec

FEWEST, MOST = 2, 4
"""Candidates that are compared: with more, hardly a pair would stand out from chance."""


@dataclass(frozen=True)
class ComparisonPlan:
    """What is compared, and on which folds.

    Attributes
    ----------
    names : tuple of str
        Of the candidates, all different.
    specs : tuple of TrainingSpec
        Two to four, all different; private ones with seeded noise and no person column.
    folds : FoldSpec
    combination : tuple of str
        Sensitive columns whose groups the disparities compare.
    """

    names: tuple[str, ...]
    specs: tuple[TrainingSpec, ...]
    folds: FoldSpec
    combination: tuple[str, ...]

    @property
    def models(self) -> int:
        """How many are trained in all."""
        return len(self.specs) * self.folds.folds * self.folds.repeats


def check_plan(dataset: Dataset, plan: ComparisonPlan) -> None:
    """Check a plan before anything runs.

    Raises
    ------
    InputError
        Naming what does not fit: the number of candidates, two that are equal, groups, or a spec.
    """
    if not FEWEST <= len(plan.specs) <= MOST or len(plan.names) != len(plan.specs):
        raise InputError(
            f"from {FEWEST} to {MOST} of them are compared", where=f"{len(plan.specs)} candidates"
        )
    for (i, a), (j, b) in combinations(zip(plan.names, plan.specs, strict=True), 2):
        if a == b:
            raise InputError(
                "they are the same, so there is nothing to compare",
                where=f"candidates {i} and {j}",
                remedy="Change the model, the mitigation or ε of one of them",
            )
    if not plan.combination:
        raise InputError("choose at least one sensitive column", where="groups")
    for column in plan.combination:
        if column not in dataset.sensitive:
            raise InputError("it is not a sensitive column", where=f"column {column!r}")
    for name, spec in zip(plan.names, plan.specs, strict=True):
        if spec.person is not None:
            raise InputError(
                "which rows it learns from would hang on the person column of its guarantee, so "
                "other candidates would have other folds",
                where=f"candidate {name}",
                remedy="Leave the person column out; rows of a person can be kept in one fold",
            )
        learner = check_spec(dataset, spec)
        if learner.private and spec.noise == "fresh":
            raise InputError(
                "each fold would be charged, so noise is drawn from seeds here",
                where=f"candidate {name}",
                remedy="Set its noise to 'seeded'",
            )


def load_or_compare(
    workspace: Workspace, state: AuditState, dataset: Dataset, plan: ComparisonPlan
) -> Iterator[tuple[float, tuple[CrossValidated, ...]]]:
    """Cross-validate all candidates fold by fold, taking finished folds from disk.

    Yields
    ------
    share : float
        In (0, 1].
    results : tuple of CrossValidated
        Of all candidates, with the folds that are done; each is on disk before it is yielded.

    Raises
    ------
    InputError
        As :func:`check_plan`, or if there are too few rows for the folds.
    """
    found = load_comparison(workspace, state, dataset, plan)
    if sum(len(item.results) for item in found) < plan.models:
        work = cross_validate(
            dataset, plan.specs, plan.folds, combination=plan.combination, names=plan.names,
            finished=[item.results for item in found],
        )  # fmt: skip
        for share, now in work:
            for before, item in zip(found, now, strict=True):
                if len(item.results) > len(before.results):
                    _keep(workspace, state, item)
            found = now
            yield share, found
    yield 1.0, found


def load_comparison(
    workspace: Workspace, state: AuditState, dataset: Dataset, plan: ComparisonPlan
) -> tuple[CrossValidated, ...]:
    """Return every candidate with the folds that are on disk; nothing is trained.

    Raises
    ------
    InputError
        As :func:`check_plan`.
    """
    check_plan(dataset, plan)
    out = []
    for name, spec in zip(plan.names, plan.specs, strict=True):
        empty = CrossValidated(
            name, spec, plan.folds, plan.combination, dataset.fingerprint,
            private=LEARNERS[spec.learner].private,
        )  # fmt: skip
        out.append(_kept(ResultStore(workspace, state.id), empty))
    # What all folds leave out hangs on the data and the folds, so it is one for all.
    repairs = next((item.repairs for item in out if item.results), ())
    return tuple(item if item.results else replace(item, repairs=repairs) for item in out)


def _cache_key(found: CrossValidated) -> str:
    asked = ("cross-validation", found.spec, found.folds, found.attributes, SPLIT_RULE)
    return key(found.fingerprint, asked)


def _keep(workspace: Workspace, state: AuditState, found: CrossValidated) -> None:
    store = ResultStore(workspace, state.id)
    if len(_kept(store, found).results) < len(found.results):
        # Another session may be further with the same folds: none of its work is written over.
        store.keep(FOLDS, _cache_key(found), found)


def _kept(store: ResultStore, asked: CrossValidated) -> CrossValidated:
    """Return a candidate with the folds that are on disk.

    A fold that an earlier version kept without a figure of today is trained again.
    """
    found = store.load(FOLDS, _cache_key(asked), lambda record: _from_json(asked, record))
    if found is None:
        return replace(asked, results=(), repairs=())
    wanted = {*METRICS.names(), *DISPARITIES.names()}
    results = tuple(item for item in found.results if wanted <= item.figures.keys())
    return replace(asked, results=results, repairs=found.repairs)


def _from_json(asked: CrossValidated, record: Mapping[str, Any]) -> CrossValidated:
    """Read folds that an earlier build wrote as JSON."""
    results = tuple(
        FoldResult(**(item | {"figures": {n: Figure(**f) for n, f in item["figures"].items()}}))
        for item in record["results"]
    )
    return replace(
        asked, results=results, repairs=tuple(Repair(**item) for item in record["repairs"])
    )
