"""How the model made elsewhere that an audit asks fits the audit's table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.external_models.fit_to_table import FitToTable, fit_to_table, with_earlier_scores
from core.external_models.opened import scorer_of

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.data.table import Table
    from core.training.spec import TrainingSpec


def external_fit(table: Table, dataset: Dataset, spec: TrainingSpec | None) -> FitToTable | None:
    """Count what the model of a spec doesn't know of a table; None where none was made elsewhere.

    Raises
    ------
    InputError
        If the model is not at hand, or as :func:`core.external_models.fit_to_table.fit_to_table`.
    """
    if spec is None or spec.external is None:
        return None
    external, features = spec.external, dataset.features
    scorer = scorer_of(external)
    groups = dataset.sensitive[dataset.roles.sensitive[0]]
    fit = fit_to_table(scorer.facts, external.matching, features, groups)
    return with_earlier_scores(fit, scorer, external, table, dataset.rows, features)
