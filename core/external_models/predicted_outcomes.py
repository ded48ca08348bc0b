"""A model made elsewhere in the place of a column of predictions: its amounts, or its classes.

The rows that are judged are asked for, and what the model answers becomes one more column of the
table; from there on it is audited as any column of predictions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.arrays import Array, Flags, Floats, Ints
from core.data.labels import canonical_series, near
from core.data.roles.outcome_rows import OutcomeColumns
from core.data.roles.trained_rows import rows_marked
from core.data.table import Column, Kind, Table
from core.errors import InputError
from core.external_models.bring import Wishes, bring
from core.external_models.candidates import candidates_for_outcomes
from core.external_models.external_spec import ExternalSpec
from core.external_models.fit_to_table import FitToTable, fit_to_table, with_earlier_scores
from core.external_models.matching import model_inputs
from core.external_models.model_facts import ModelFacts
from core.external_models.opened import scorer_of
from core.external_models.scorer import NoScoreError, Scorer

NO_REGRESSION = (
    "The file says that the model gives numbers, and not that they are amounts: ranks or shares "
    "can be compared with true amounts only if they are in their unit."
)


@dataclass(frozen=True, eq=False)
class PredictedOutcomes:
    """What a model answered for the rows that judge it.

    Attributes
    ----------
    table : Table
        With its answers as one more column.
    columns : OutcomeColumns
        Which name that column.
    fit : FitToTable
        How it fits the rows that were asked.
    """

    table: Table
    columns: OutcomeColumns
    fit: FitToTable


def prediction_column(name: str, taken: Sequence[str] = ()) -> str:
    """Name the column of a model's predictions, apart from the columns that are there."""
    found = f"Predicted by {name}"
    while found in taken:
        found += "_"
    return found


def bring_for_outcomes(
    scorer: Scorer,
    name: str,
    table: Table,
    columns: OutcomeColumns,
    wishes: Wishes,
    source: Callable[[], Scorer] | None = None,
) -> ExternalSpec:
    """Settle how a model is asked for amounts or classes, and put it at hand in this process.

    Parameters
    ----------
    scorer : Scorer
    name : str
        Of its file, for people.
    table : Table
    columns : OutcomeColumns
        Of which the column of predictions is not there yet.
    wishes : Wishes
    source : callable, optional
        Opens the model anew where it was closed.

    Raises
    ------
    InputError
        Naming the input, column or class that is not settled.
    """
    offered = candidates_for_outcomes(table, columns)
    spec = bring(
        scorer, name, offered.features, "", wishes, constants=offered.constants, source=source
    )
    check_class_labels(spec, scorer.facts, true_labels(table, columns))
    return spec


def true_labels(table: Table, columns: OutcomeColumns) -> tuple[str, ...]:
    """List the labels of the column of true values, sorted as libraries do: numbers by size."""
    labels = set(canonical_series(table.frame[columns.truth].dropna()))
    try:
        return tuple(sorted(labels, key=float))
    except ValueError:
        return tuple(sorted(labels))


def check_class_labels(spec: ExternalSpec, facts: ModelFacts, known: Sequence[str]) -> None:
    """Refuse classes of which it isn't known for which label of the table they stand.

    Parameters
    ----------
    spec : ExternalSpec
    facts : ModelFacts
    known : sequence of str
        True labels in canonical text, sorted.

    Raises
    ------
    InputError
        If a class is none of the model's, two stand for one label, or what they stand for is open.
    """
    if spec.output != "class":
        return
    classes, said, where = facts.classes or (), dict(spec.class_labels), f"model {spec.name!r}"
    for name in said:
        if name not in classes:
            raise InputError(
                "the model has no such class",
                where=f"class {name!r}",
                remedy=near(name, classes),
            )
    labels = [said.get(name, name) for name in classes]
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        raise InputError(
            f"two of its classes would stand for the label {twice!r}",
            where=where,
            remedy="Name a label of its own for each",
        )
    open_labels = [label for label in known if label not in labels]
    strange = next((label for label in said.values() if label not in known), None)
    if strange is not None and open_labels:
        raise InputError(
            f"no row has this label, and none of the model's classes stands for "
            f"{', '.join(map(repr, open_labels[:10]))}",
            where=f"class label {strange!r}",
            remedy=near(strange, open_labels),
        )
    unnamed = [name for name in classes if name not in said and name not in known]
    if (unnamed and not facts.named_classes) or not set(labels) & set(known):
        how = "" if facts.named_classes else " (its file only numbers them)"
        proposal = ", ".join(f"{name}={label}" for name, label in zip(classes, known, strict=False))
        likely = (
            ""
            if facts.named_classes or len(known) != len(classes)
            else f", most often in their sorted order: {proposal}"
        )
        raise InputError(
            f"which labels its classes, {', '.join(map(repr, classes))}{how}, stand for is not "
            f"known; the table has {', '.join(map(repr, known[:10]))}",
            where=where,
            remedy=f"Say which label each stands for{likely}",
        )


def predicted_outcomes(
    table: Table, columns: OutcomeColumns, spec: ExternalSpec
) -> PredictedOutcomes:
    """Ask a model for amounts or classes of the rows that judge it.

    Parameters
    ----------
    table : Table
    columns : OutcomeColumns
        Its ``prediction`` and ``trained_on`` are set from the model.
    spec : ExternalSpec

    Raises
    ------
    InputError
        If the model sees the true values, is not at hand, or gives no number for a row.
    """
    if columns.truth in spec.matching.columns:
        raise InputError(
            f"the model {spec.name!r} sees it, so it is nothing that the model predicts",
            where=f"column {columns.truth!r}",
            remedy="Choose the column of what it predicts, or match that input to another column",
        )
    names = [column.name for column in table.columns]
    columns = replace(
        columns, prediction=prediction_column(spec.name, names), trained_on=spec.trained_on
    )
    # Whatever was matched is given to it, also what serves as a weight or names a person.
    offered = candidates_for_outcomes(table, replace(columns, weight=None, identifiers=()))
    judged = np.flatnonzero(_judging(table, columns, offered.rows)).astype(np.int64)
    if not len(judged):
        raise InputError(
            "every row that has a true value trained the model, so none is left to judge it by",
            where=f"column {columns.truth!r}",
            remedy="Bring rows that trained no model",
        )
    rows, features = offered.rows[judged], offered.features.iloc[judged].reset_index(drop=True)
    groups = offered.groups.iloc[judged].reset_index(drop=True)
    scorer = scorer_of(spec)
    facts, where = scorer.facts, f"model {spec.name!r}"
    try:
        answers = scorer.score(model_inputs(spec.matching, facts, features))
    except NoScoreError as error:
        raise NoScoreError(rows[error.rows], where) from None
    answers = np.asarray(answers, dtype=np.float64)
    gone = ~np.isfinite(answers.reshape(len(rows), -1)).all(axis=1)
    if gone.any():
        raise NoScoreError(rows[gone], where)
    fit, values = fit_to_table(facts, spec.matching, features, groups), answers
    if spec.output == "class":
        check_class_labels(spec, facts, true_labels(table, columns))
        values, ties = chosen_classes(answers, facts, spec)
        fit = replace(fit, decision_notes=class_notes(spec, facts, ties, len(rows)))
    else:
        if facts.task != "regression":
            fit = replace(fit, decision_notes=(NO_REGRESSION,))
        fit = with_earlier_scores(fit, scorer, spec, table, rows, features)
    return PredictedOutcomes(_with_column(table, columns.prediction, rows, values), columns, fit)


def chosen_classes(answers: Floats, facts: ModelFacts, spec: ExternalSpec) -> tuple[Array, Flags]:
    """Return the class with the largest score for each row, as the table calls it, and ties.

    Parameters
    ----------
    answers : ndarray of float64, shape (n, classes), or (n,) of two classes
    facts : ModelFacts
    spec : ExternalSpec

    Returns
    -------
    tuple of ndarray of object and ndarray of bool, both of shape (n,)
        Whether two classes or more share the largest score; the first of them in the model's own
        order is taken then, as scikit-learn and NumPy do.

    Raises
    ------
    InputError
        If a model that gives labels only gave one that is none of its classes.
    """
    classes = facts.classes or ()
    if answers.ndim == 1:
        other = -answers if facts.output == "margin" else 1 - answers
        answers = np.column_stack([other, answers])
    largest = answers.max(axis=1)
    if facts.output == "label" and (largest <= 0).any():
        raise InputError(
            f"for {int((largest <= 0).sum()):,} rows it answers with a label that is none of its "
            f"classes, {', '.join(map(repr, classes))}",
            where=f"model {spec.name!r}",
            remedy="Write its predictions into a column of the table",
        )
    said = dict(spec.class_labels)
    labels = np.array([said.get(name, name) for name in classes], dtype=object)
    return labels[answers.argmax(axis=1)], (answers == largest[:, None]).sum(axis=1) > 1


def class_notes(spec: ExternalSpec, facts: ModelFacts, ties: Flags, rows: int) -> tuple[str, ...]:
    """Say how the class of a row was found, and for how many it hung on nothing but an order."""
    notes = []
    if facts.output != "label":
        notes.append("The class of a row is the one with the largest score.")
    if spec.class_labels:
        told = ", ".join(f"{name!r} for {label!r}" for name, label in spec.class_labels)
        notes.append(f"Its classes stand for labels of the table: {told}.")
    count = int(ties.sum())
    if count:
        notes.append(
            f"In {count:,} of {rows:,} rows two classes or more share the largest score, and the "
            "first of them in the model's order is taken; the library that made the model may "
            "choose another."
        )
    return tuple(notes)


def _judging(table: Table, columns: OutcomeColumns, rows: Ints) -> Flags:
    """Whether each of some rows judges the model: it is not known to have trained it."""
    if columns.trained_on is None:
        return np.ones(len(rows), dtype=np.bool_)
    column, value = columns.trained_on
    return ~rows_marked(table.frame[column], value)[rows]


def _with_column(table: Table, name: str, rows: Ints, values: Array) -> Table:
    """Add a column that holds values in some rows."""
    is_number = values.dtype.kind == "f"
    column = np.full(len(table.frame), np.nan if is_number else None, dtype=values.dtype)
    column[rows] = values
    told = Column(
        name,
        Kind.NUMBER if is_number else Kind.CATEGORY,
        len(pd.unique(values)),
        len(column) - len(rows),
    )
    frame = table.frame.assign(**{name: column})
    return replace(table, frame=frame, columns=(*table.columns, told))
