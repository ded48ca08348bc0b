"""One run of a sweep: the path of a single audit, from training to fairness.

:func:`core.training.training.train`, then :func:`core.audit.pipeline.assess_fairness`. Runs of a
*batch* differ only in what comes after training, so they share one plain model: with seeds it would
be the same each time. Private models with fresh noise are never shared.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from threadpoolctl import threadpool_limits

from core.audit.pipeline import assess_fairness
from core.data.dataset import Dataset
from core.errors import InputError
from core.fairness.metrics.assessment import Assessment, Figure
from core.fairness.metrics.metric_definition import EVERYONE, FN, FP, TN, TP
from core.learning.models import EncodedModel
from core.mitigation import MITIGATIONS, BaseModelCache
from core.privacy.accounting.budget import BudgetExceededError
from core.privacy.accounting.ledger import Ledger
from core.privacy.accounting.payment import delivered, is_paid
from core.tradeoff.sweep.anonymised import anonymised
from core.tradeoff.sweep.grid import Grid, RunSpec
from core.tradeoff.sweep.point import (
    Estimate,
    GroupCounts,
    SweepPoint,
    combination_name,
    figure_name,
)
from core.tradeoff.sweep.runs import training_spec
from core.training.external_split import mitigation_split
from core.training.paid_bounds import NothingLearnedError
from core.training.private_fit import bills_of, plan_of
from core.training.trained import Trained
from core.training.training import train

Batch = tuple[RunSpec, ...]
SHARING = ("none", "after")
"""Families of mitigations that begin from the plain model."""


def batches(runs: Sequence[RunSpec]) -> tuple[Batch, ...]:
    """Put runs together that share a plain model; each other run is a batch of its own."""
    found: dict[object, list[RunSpec]] = {}
    for number, run in enumerate(runs):
        family = MITIGATIONS[run.setting.mitigation].family
        fresh = _is_paid(run)
        base = replace(run, setting=replace(run.setting, mitigation="none", strength=1.0))
        alone = fresh or family not in SHARING
        found.setdefault(number if alone else base, []).append(run)
    return tuple(tuple(batch) for batch in found.values())


def evaluate_batch(
    dataset: Dataset, grid: Grid, batch: Batch, ledger: Ledger | None = None
) -> Iterator[SweepPoint]:
    """Train and measure the runs of a batch, one after the other.

    Parameters
    ----------
    dataset : Dataset
        As it was before anonymisation.
    grid : Grid
    batch : tuple of RunSpec
    ledger : Ledger, optional
        Charged by private learners with fresh noise.

    Yields
    ------
    SweepPoint
        A run that can't be trained is a point with its reason.
    """
    try:
        prepared = anonymised(dataset, grid.quasi, batch[0].setting.k)
    except InputError as error:
        yield from (SweepPoint(run, reason=str(error)) for run in batch)
        return
    share = _shared() if len(batch) > 1 else None
    for run in batch:
        yield evaluate(prepared, grid, run, ledger, share)


def evaluate(
    dataset: Dataset,
    grid: Grid,
    run: RunSpec,
    ledger: Ledger | None = None,
    share: BaseModelCache | None = None,
) -> SweepPoint:
    """Train and measure one run on a dataset that is anonymised already where it is to be.

    Raises
    ------
    BudgetExceededError
        If the ledger refuses. A run that can't be trained for another reason is a point with it.
    InputError
        If it was charged and fails, as on a full disk: it is finished at that charge, and no point.
    """
    began = time.perf_counter()
    spec = training_spec(grid, run)
    try:
        trained = train(
            dataset,
            spec,
            ledger if _is_paid(run) else None,
            with_baseline=False,
            share=share,
            # Without a mitigation it is judged on the rows that judge it with each of them.
            split=None if spec.external is None else mitigation_split(dataset, spec),
            number=run.repeat,
        )
    except BudgetExceededError:
        raise
    except NothingLearnedError as error:
        # Its bounds were paid for and told nothing; the model was not charged.
        bounds = bills_of(dataset, spec, run.repeat)[0][1]
        charged = (bounds.epsilon, bounds.delta) if _is_paid(run) and ledger else None
        seconds = time.perf_counter() - began
        return SweepPoint(run, seconds=seconds, reason=str(error), charged=charged)
    except InputError as error:
        if _is_paid(run) and ledger and is_paid(ledger, plan_of(dataset, spec, run.repeat)):
            raise
        return SweepPoint(run, seconds=time.perf_counter() - began, reason=str(error))
    assessed = assess_fairness(dataset, trained, [*grid.attributes])
    return SweepPoint(
        run,
        _figures(trained, assessed),
        _groups(assessed),
        len(trained.split.test),
        len(trained.split.train),
        time.perf_counter() - began,
        trained.cost if ledger is not None and trained.noise == "fresh" else None,
    )


def forget(dataset: Dataset, grid: Grid, points: Sequence[SweepPoint], ledger: Ledger) -> None:
    """Forget what was kept of paid runs, so that it could be finished, once their points are."""
    for point in points:
        if _is_paid(point.run):
            spec = training_spec(grid, point.run)
            delivered(ledger, plan_of(dataset, spec, point.run.repeat))


def _is_paid(run: RunSpec) -> bool:
    """Whether privacy is spent on a run where there is a ledger."""
    return run.setting.epsilon is not None and run.noise_seed is None


def evaluate_alone(dataset: Dataset, grid: Grid, batch: Batch) -> list[SweepPoint]:
    """Do a batch in a process that others work beside: with one thread of its own."""
    with threadpool_limits(limits=1):
        return list(evaluate_batch(dataset, grid, batch))


def _shared() -> BaseModelCache:
    kept: list[EncodedModel] = []

    def share(make: Callable[[], EncodedModel]) -> EncodedModel:
        if not kept:
            kept.append(make())
        return kept[0]

    return share


def _figures(trained: Trained, assessed: dict[tuple[str, ...], Assessment]) -> dict[str, Estimate]:
    overall = next(iter(assessed.values())).overall
    found = {name: _estimate(figure) for name, figure in overall.figures.items()}
    if "brier" in trained.performance.figures:
        found["brier"] = _estimate(trained.performance.figures["brier"])
    for combination, assessment in assessed.items():
        for disparity in assessment.disparities:
            found[figure_name(disparity.name, combination)] = _estimate(disparity.figure)
    return found


def _estimate(figure: Figure) -> Estimate:
    if figure.estimate is None:
        return Estimate(None, reason=figure.reason)
    if figure.low is None or figure.high is None:
        return Estimate(figure.estimate)
    return Estimate(figure.estimate, (figure.high - figure.low) / (2 * 1.96))


def _groups(assessed: dict[tuple[str, ...], Assessment]) -> tuple[GroupCounts, ...]:
    found = []
    for combination, assessment in assessed.items():
        cube = assessment.cube
        assert cube is not None
        positions = {cube.named(position): position for position in range(len(cube.groups))}
        # Of rows that are all or none a share of nothing: a person counts as one row.
        sizes = cube.sizes(EVERYONE, EVERYONE, 0.95)
        for group in assessment.groups:
            position = positions[group.group]
            table, counted = cube.weight[position], cube.weighted or cube.persons is not None
            found.append(
                GroupCounts(
                    combination_name(combination),
                    group.name,
                    group.count,
                    float(table[TP]),
                    float(table[FN]),
                    float(table[FP]),
                    float(table[TN]),
                    group.too_small,
                    float(sizes[position]) if counted and sizes[position] else None,
                )
            )
    return tuple(found)
