"""A model made elsewhere that a caller hands over, asked for amounts or for classes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from core.data.roles.outcome_rows import OutcomeColumns
from core.data.table import Table
from core.errors import InputError
from core.external_models.bring import Wishes
from core.external_models.candidates import Candidates, candidates_for_outcomes
from core.external_models.external_spec import AskedFor, ExternalSpec
from core.external_models.fit_to_table import earlier_scores
from core.external_models.kept_matching import read_matching
from core.external_models.matching import model_inputs
from core.external_models.objects import digest_of_scores
from core.external_models.outcome_objects import OutcomeObject
from core.external_models.predicted_outcomes import (
    PredictedOutcomes,
    check_class_labels,
    predicted_outcomes,
    true_labels,
)
from core.external_models.recomputed import SAME
from core.external_models.scorer import Scorer
from core.external_models.served.served_model import ServedModel, open_served
from equipoise._brought import Brought
from equipoise._columns import label
from equipoise._external import (
    AGAIN,
    file_model,
    matched,
    matched_before,
    named_by,
    served_spec,
    varies,
    wishes_for_any_task,
)


def predicted_by(
    frame: pd.DataFrame, table: Table, columns: OutcomeColumns, brought: Brought, task: AskedFor
) -> tuple[PredictedOutcomes, ExternalSpec, tuple[str, ...]]:
    """Ask a model for amounts or classes of the rows that judge it.

    Returns
    -------
    tuple of what it predicted, how it was asked, and what must be known of it.

    Raises
    ------
    InputError
        If it is no such model, or an input or class is not settled.
    """
    brought.check()
    said = [name for name in ("positive_class", "estimator_threshold") if name in brought.said]
    if said or (task == "regression" and brought.class_labels):
        raise InputError(
            f"{task} has no use for it, so it would be ignored",
            where=", ".join(said or ["class_labels"]),
            remedy="Leave it out",
        )
    if brought.earlier_scores is not None:
        # Before anything is asked: a column that can't be read is a mistake in the call.
        earlier_scores(table, str(brought.earlier_scores), amounts=task == "regression")
    where = f"matching {str(brought.matching)!r}"
    kept = None if brought.matching is None else read_matching(str(brought.matching), where, task)
    labels = true_labels(table, columns) if task == "multiclass" else ()
    offered = candidates_for_outcomes(table, columns)
    scorer, name = _opened(brought, kept, frame, offered, task, labels)
    if kept is None:
        spec = matched(scorer, name, offered, _wishes(brought, table, task))
    else:
        spec = matched_before(brought, kept, scorer, name, where)
    check_class_labels(spec, scorer.facts, labels)
    limits: tuple[str, ...] = ()
    if not scorer.facts.sha256 or brought.is_object:
        spec, limits = _named_by_answers(spec, scorer, offered, kept)
    return predicted_outcomes(table, columns, spec), spec, limits


def _wishes(brought: Brought, table: Table, task: AskedFor) -> Wishes:
    said = brought.class_labels or {}
    return replace(
        wishes_for_any_task(brought, table),
        asked_for=task,
        class_labels=tuple(
            (label(one, "class_labels"), label(of, "class_labels")) for one, of in said.items()
        ),
    )


def _opened(
    brought: Brought,
    kept: ExternalSpec | None,
    frame: pd.DataFrame,
    offered: Candidates,
    task: AskedFor,
    labels: tuple[str, ...],
) -> tuple[Scorer, str]:
    if brought.is_object:
        found = OutcomeObject(brought.estimator, frame, brought.features, offered, task)
        return found, found.facts.title
    if brought.is_served:
        columns = brought.inputs or {name: name for name in brought.features or ()}
        if kept is not None:
            columns = {item.input: item.column for item in kept.matching.inputs}
        wanted = labels if task == "multiclass" else None
        model = open_served(served_spec(brought), offered.features, wanted, columns)
        return model, str(brought.estimator)
    return file_model(brought, kept)


def _named_by_answers(
    spec: ExternalSpec, scorer: Scorer, offered: Candidates, kept: ExternalSpec | None
) -> tuple[ExternalSpec, tuple[str, ...]]:
    """Name a model that has no bytes here by what it answers on these rows, and say if it varies.

    Raises
    ------
    InputError
        If it answers otherwise than when a matching was written.
    """
    given = model_inputs(spec.matching, scorer.facts, offered.features)
    asked = scorer.score(given)
    limits: tuple[str, ...] = ()
    if not isinstance(scorer, ServedModel):
        first = asked[:AGAIN].reshape(len(asked[:AGAIN]), -1)
        again = scorer.score({name: values[:AGAIN] for name, values in given.items()})
        with np.errstate(invalid="ignore"):  # Rows without a number are told of with their place.
            apart = np.abs(again.reshape(first.shape) - first) > SAME * np.maximum(1, np.abs(first))
        limits = varies(np.asarray(apart.any(axis=1), dtype=np.bool_))
    return named_by(spec, scorer, digest_of_scores(asked), kept), limits
