"""Audits of predicted classes and of predicted amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from core.data.labels import near
from core.data.roles.merged_groups import MergedGroups
from core.data.roles.outcome_rows import OutcomeColumns, amount_rows, class_rows
from core.data.table import Table
from core.errors import InputError
from core.external_models.fit_to_table import FitToTable
from core.fairness.assessment.outcomes import Outcome, outcomes_json
from core.reporting.external_model_json import outcome_model_json
from equipoise._brought import Brought
from equipoise._columns import Columns, checked, label
from equipoise._external_outcomes import predicted_by
from equipoise._outcomes_result import MulticlassResult, RegressionResult
from equipoise._spending import named_in_python

NO_CHECKS = (
    "Only figures of predictions that were made elsewhere are counted: checks, findings and the "
    "report are there for decisions of two labels alone."
)


def audit_outcomes(
    table: Table,
    columns: Columns,
    task: Outcome,
    loss_bound: float | None,
    texts: Sequence[str] = (),
    model: Brought | None = None,
    frame: pd.DataFrame | None = None,
) -> MulticlassResult | RegressionResult:
    """Audit the classes or amounts that stand in a column.

    Parameters
    ----------
    table : Table
    columns : Columns
        Its ``positive_label`` is a class, or several, that a person hopes for.
    task : {"multiclass", "regression"}
    loss_bound : float, optional
    texts : sequence of str
        What else is to be known of the rows.
    model : Brought, optional
        That predicts, in the place of a column.
    frame : DataFrame, optional
        The caller's rows, which an object in memory is asked about.

    Raises
    ------
    InputError
        If something is missing or would be ignored, or the columns don't fit.
    """
    columns = checked(columns)
    _check(columns, task, loss_bound, asks=model is not None)
    assert columns.target is not None
    merged: MergedGroups = tuple(
        (name, group, tuple(values))
        for name, groups in columns.merge_groups.items()
        for group, values in groups.items()
    )
    taken = OutcomeColumns(
        columns.target,
        columns.prediction or "",
        tuple(columns.sensitive),
        columns.weight,
        tuple((name, tuple(map(float, cut))) for name, cut in columns.edges.items()),
        merged,
        tuple(columns.identifier),
    )
    told: dict[str, Any] = {}
    if model is not None:
        assert frame is not None
        with named_in_python():
            asked, spec, more = predicted_by(frame, table, taken, model, task)
        table, taken = asked.table, asked.columns
        told = outcome_model_json(asked.fit, spec)
        texts = (*texts, *more, *_fit_told(asked.fit))
    if task == "regression":
        rows = amount_rows(table, taken)
        found = outcomes_json(rows, task, loss_bound=loss_bound)
    else:
        rows = class_rows(table, taken)
        known = tuple(sorted({*map(str, rows.truth), *map(str, rows.prediction)}))
        found = outcomes_json(rows, task, favourable=_favourable(columns.positive_label, known))
    found["name"] = table.provenance.name
    found["repairs"] = [asdict(repair) for repair in rows.repairs]
    found |= told
    found["limits"] = [NO_CHECKS, *texts]
    return MulticlassResult(found) if task == "multiclass" else RegressionResult(found)


def _fit_told(fit: FitToTable) -> list[str]:
    """Say what must be known of how a model fits the rows."""
    told = [*fit.decision_notes]
    if fit.unknown_rows:
        told.append(fit.unknown_sentence)
    if fit.earlier is not None:
        told.append(fit.earlier.sentence)
    return told


def _favourable(given: object, known: Sequence[str]) -> tuple[str, ...]:
    if given is None:
        return ()
    several = given if isinstance(given, list | tuple | set | frozenset) else [given]
    hoped_for = tuple(label(each) for each in several)
    for name in hoped_for:
        if name not in known:
            raise InputError(
                "no row has this class", where=f"positive_label {name!r}", remedy=near(name, known)
            )
    return hoped_for


def _check(columns: Columns, task: Outcome, loss_bound: float | None, *, asks: bool) -> None:
    for where, named in (("target", columns.target), ("prediction", columns.prediction)):
        if named is None and not (asks and where == "prediction"):
            raise InputError(
                f"an audit of {task} compares predictions with what came true",
                where=where,
                remedy=f"Name the column: {where}=…",
            )
    ignored: dict[str, object] = {
        "score": columns.score,
        "threshold": columns.threshold,
        "positive_is_favourable": None if columns.positive_is_favourable else False,
        "positive_label": columns.positive_label if task == "regression" else None,
        "loss_bound": loss_bound if task == "multiclass" else None,
    }
    for where, value in ignored.items():
        if value is not None:
            raise InputError(
                f"{task} has no use for it, so it would be ignored",
                where=where,
                remedy="Leave it out",
            )
