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
    from core.external_models.external_spec import ExternalSpec
    from core.training.trained import Trained


def external_fit(
    table: Table,
    dataset: Dataset,
    trained: Trained | None,
    decided_by: ExternalSpec | None = None,
) -> FitToTable | None:
    """Count what an audited model doesn't know of a table; None where it was not made elsewhere.

    Parameters
    ----------
    table : Table
    dataset : Dataset
    trained : Trained or None
    decided_by : ExternalSpec, optional
        A model whose decisions are audited as existing ones.

    Raises
    ------
    InputError
        If the model is not at hand, or as :func:`core.external_models.fit_to_table.fit_to_table`.
    """
    external = decided_by if trained is None else trained.spec.external
    if external is None:
        return None
    features = dataset.features
    scorer = scorer_of(external)
    groups = dataset.sensitive[dataset.roles.sensitive[0]]
    fit = fit_to_table(scorer.facts, external.matching, features, groups)
    scores = dataset.scores
    if trained is not None:
        plain = trained.unmitigated
        scores = trained.scores if plain is None else plain.scores
    if scores is not None:
        fit = replace(fit, decision_notes=decision_notes(external, scorer.facts, scores))
    return with_earlier_scores(fit, scorer, external, table, dataset.rows, features)
