"""How a model made elsewhere fits a table: what was matched, what it doesn't know, what it gave.

One result for the page, the command line, audit.json and the report, so that all count alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.arrays import Floats, Ints
from core.data.labels import near
from core.data.roles.group_labels import label_of_name
from core.data.table import MISSING, Table
from core.errors import InputError
from core.external_models.external_spec import ExternalSpec, class_position
from core.external_models.matching import (
    Matching,
    UnknownValues,
    model_inputs,
    unknown_values,
)
from core.external_models.model_facts import ModelFacts
from core.external_models.recomputed import Recomputed, compare_scores, rows_at_splits, same_amounts
from core.external_models.scorer import Scorer


@dataclass(frozen=True, eq=False)
class FitToTable:
    """A model's file beside a table.

    Attributes
    ----------
    facts : ModelFacts
    matching : Matching
    unused : tuple of str
        Columns that may be inputs and that the model doesn't see.
    rows : int
    column : str
        The sensitive column by whose groups rows are counted.
    groups : mapping of str to int
        Rows of each group.
    unknown : tuple of UnknownValues
        By input, values that the model's list lacks and missing ones that it may not take.
    unknown_rows : int
        Rows with at least one of them.
    unknown_by_group : mapping of str to int
    earlier_column : str or None
        Column of earlier scores.
    earlier : Recomputed or None
        Scores beside earlier ones; rows that are named go by their number in the table, from 0.
    decision_notes : tuple of str
        What must be known of how it decides here: ties, more than two classes.
    """

    facts: ModelFacts
    matching: Matching
    unused: tuple[str, ...]
    rows: int
    column: str
    groups: Mapping[str, int]
    unknown: tuple[UnknownValues, ...] = ()
    unknown_rows: int = 0
    unknown_by_group: Mapping[str, int] | None = None
    earlier_column: str | None = None
    earlier: Recomputed | None = None
    decision_notes: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[str, ...]:
        """Name inputs of which the model refuses such a value, and with it all rows."""
        takes = {item.name: item for item in self.facts.inputs}
        return tuple(
            item.input
            for item in self.unknown
            for missing in [{value == MISSING for value, _ in item.values}]
            if (True in missing and takes[item.input].missing == "refused")
            or (False in missing and takes[item.input].unseen == "refused")
        )

    @property
    def unknown_sentence(self) -> str:
        """Say how many rows hold what the model doesn't know, by group where there are any."""
        if not self.unknown_rows:
            return f"No value of the {self.rows:,} rows is unknown to the model."
        counted = self.unknown_by_group or {}
        by_group = "; ".join(
            f"{label_of_name((self.column,), name, self.groups)}: "
            f"{counted.get(name, 0):,} of {count:,}"
            for name, count in self.groups.items()
        )
        return (
            f"{self.unknown_rows:,} of {self.rows:,} rows "
            f"{'holds' if self.unknown_rows == 1 else 'hold'} a value that the model does not "
            f"know, or a blank that it may not take ({by_group})."
        )


def fit_to_table(
    facts: ModelFacts, matching: Matching, features: pd.DataFrame, groups: pd.Series
) -> FitToTable:
    """Count what a model doesn't know of rows.

    Parameters
    ----------
    facts : ModelFacts
    matching : Matching
        Of all its inputs, or of those that are matched so far.
    features : DataFrame, shape (n, p)
        As a dataset holds them.
    groups : Series of str, shape (n,)
        Of one sensitive column, by whose name it goes.

    Raises
    ------
    InputError
        If a column is gone, or a value can't be given to an input that takes numbers.
    """
    unknown, strange = unknown_values(matching, facts, features, groups)
    seen = set(matching.columns)
    return FitToTable(
        facts,
        matching,
        tuple(str(name) for name in features if str(name) not in seen),
        len(features),
        str(groups.name),
        _counts(groups),
        unknown,
        int(strange.sum()),
        _counts(groups[strange]),
    )


def with_earlier_scores(
    fit: FitToTable,
    scorer: Scorer,
    spec: ExternalSpec,
    table: Table,
    rows: Ints,
    features: pd.DataFrame,
) -> FitToTable:
    """Compare a model's scores with those it gave before, if a spec names their column.

    Parameters
    ----------
    fit : FitToTable
    scorer : Scorer
    spec : ExternalSpec
    table : Table
    rows : ndarray of int64, shape (n,)
        Positions in the table of the rows that are audited.
    features : DataFrame, shape (n, p)

    Raises
    ------
    InputError
        If the column is not there or holds no probabilities, or as the model.
    """
    if spec.earlier_scores is None:
        return fit
    past = earlier_scores(table, spec.earlier_scores, amounts=spec.output == "number")[rows]
    found = _compared(scorer, spec, features, past, rows)
    return replace(fit, earlier_column=spec.earlier_scores, earlier=found)


def decision_notes(spec: ExternalSpec, facts: ModelFacts, scores: Floats) -> tuple[str, ...]:
    """Say where a decision by a threshold need not be the one that the model itself would take.

    Parameters
    ----------
    spec : ExternalSpec
    facts : ModelFacts
    scores : ndarray of float64, shape (n,)
        Of the rows that are judged, as the model gives them.
    """
    notes = []
    if facts.classes is not None and len(facts.classes) > 2:
        notes.append(
            f"The model tells {len(facts.classes)} classes apart. Here it decides positively where "
            f"the score of {spec.positive_class!r} reaches {spec.threshold:g}, whichever class it "
            "would choose itself."
        )
    # An object's own decisions were compared with those by the threshold, and labels have none.
    compared = spec.format == "object" or spec.output == "label"
    ties = 0 if compared else int((scores == spec.threshold).sum())
    if ties:
        notes.append(
            f"{ties:,} of {len(scores):,} scores are exactly {spec.threshold:g} and are decided "
            "positively here; the library that made the model may decide such ties otherwise."
        )
    return tuple(notes)


def earlier_scores(table: Table, column: str, *, amounts: bool = False) -> Floats:
    """Read a column of scores that a model gave before, NaN where there is none, shape (n,).

    Parameters
    ----------
    table : Table
    column : str
    amounts : bool
        Whether they are amounts, of any size.

    Raises
    ------
    InputError
        If it is not there, or holds anything but probabilities, or numbers where they are amounts.
    """
    names = [str(name) for name in table.frame.columns]
    where = f"column {column!r}"
    if column not in names:
        raise InputError(
            "it is to hold earlier scores, and the table has no such column",
            where=where,
            remedy=near(column, names),
        )
    try:
        found = table.frame[column].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise InputError(
            "it is to hold earlier scores, and holds something else than numbers",
            where=where,
            remedy="Name the column with the numbers that the model gave before",
        ) from None
    if amounts:
        return found
    outside = (found < 0) | (found > 1)
    if outside.any():
        raise InputError(
            f"{int(outside.sum()):,} of its values lie outside of 0 and 1, such as "
            f"{found[outside][0]:.6g}, so they are no probabilities",
            where=where,
            remedy="Name the column with the probabilities that the model gave before",
        )
    return found


def _compared(
    scorer: Scorer, spec: ExternalSpec, features: pd.DataFrame, past: Floats, rows: Ints
) -> Recomputed:
    given = model_inputs(spec.matching, scorer.facts, features)
    answers = np.asarray(scorer.score(given), dtype=np.float64)
    positive = None
    if answers.ndim == 2:
        positive = class_position(scorer.facts.classes, spec)
        answers = answers[:, positive]
    amounts = spec.output == "number"
    same = same_amounts(past) if amounts else None
    at_split = rows_at_splits(scorer, given, positive, same)
    found = compare_scores(answers, past, None if amounts else spec.threshold, at_split)
    named = tuple((int(rows[at]), before, now) for at, before, now in found.shown)
    return replace(found, shown=named)


def _counts(groups: pd.Series) -> dict[str, int]:
    return {str(name): int(count) for name, count in groups.value_counts().items()}
