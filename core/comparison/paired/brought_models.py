"""Two models made elsewhere, champion and challenger, on the same people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.arrays import Ints
from core.comparison.paired.paired_models import compare_trained
from core.comparison.paired.paired_result import PairedComparison
from core.data.assign import assign
from core.data.roles.roles import Roles
from core.data.table import Table
from core.errors import InputError
from core.external_models.bring import markers_of
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from core.training.training import train


def compare_brought(
    table: Table,
    roles: Roles,
    pair: tuple[TrainingSpec, TrainingSpec],
    combination: tuple[str, ...],
) -> PairedComparison:
    """Compare two models made elsewhere on the rows that judge both.

    Each sees its own columns. A row that trained one of them, or that a mitigation of one was
    fitted on, judges neither.

    Parameters
    ----------
    table : Table
    roles : Roles
        Whose features have no say.
    pair : tuple of (TrainingSpec, TrainingSpec)
        Of models made elsewhere that are at hand. Differences are the second minus the first.
    combination : tuple of str
        Sensitive columns whose groups are compared.

    Raises
    ------
    InputError
        If no row judges both, or as the models.
    """
    models = [spec.external for spec in pair if spec.external is not None]
    seen = dict.fromkeys(name for model in models for name in model.matching.columns)
    dataset = assign(table, replace(roles, features=tuple(seen), markers=markers_of(*models)))
    first, second = (train(dataset, spec, with_baseline=False) for spec in pair)
    shared = np.intersect1d(first.split.test, second.split.test)
    if not len(shared):
        raise InputError(
            "no row judges both: each was trained on the rows that are left for the other",
            where="the two models",
            remedy="Bring a table with rows that trained neither",
        )
    return compare_trained(dataset, _on(first, shared), _on(second, shared), combination)


def _on(trained: Trained, rows: Ints) -> Trained:
    """Take what a model says of some of the rows that judge it."""
    kept = np.isin(trained.split.test, rows)
    return replace(
        trained,
        split=replace(trained.split, test=trained.split.test[kept]),
        scores=trained.scores[kept],
        decisions=trained.decisions[kept],
    )
