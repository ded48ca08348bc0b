"""How the model made elsewhere that an audit asks fits the audit's table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.external_models.fit_to_table import (
    FitToTable,
    decision_notes,
    fit_to_table,
    with_earlier_scores,
)
from core.external_models.opened import scorer_of

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.data.table import Table
    from core.training.trained import Trained


def external_fit(table: Table, dataset: Dataset, trained: Trained | None) -> FitToTable | None:
    """Count what an audited model doesn't know of a table; None where it was not made elsewhere.

    Raises
    ------
    InputError
        If the model is not at hand, or as :func:`core.external_models.fit_to_table.fit_to_table`.
    """
    if trained is None or trained.spec.external is None:
        return None
    external, features = trained.spec.external, dataset.features
    scorer = scorer_of(external)
    groups = dataset.sensitive[dataset.roles.sensitive[0]]
    fit = fit_to_table(scorer.facts, external.matching, features, groups)
    plain = trained.unmitigated
    scores = trained.scores if plain is None else plain.scores
    fit = replace(fit, decision_notes=decision_notes(external, scorer.facts, scores))
    return with_earlier_scores(fit, scorer, external, table, dataset.rows, features)
