"""Decisions of a model made elsewhere for rows whose outcomes are not known.

Its decisions become one more column of the table, and its scores another where it gives any; from
there on they are audited as existing decisions without outcomes are. Until the model is matched the
column is there and says nothing: whatever is asked of a table with decisions can then be asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from core.arrays import Array, Ints
from core.data.assign import assign
from core.data.labels import canonical
from core.data.roles.roles import Roles
from core.data.table import Column, Kind, Table
from core.errors import InputError
from core.external_models.external_spec import ExternalSpec
from core.external_models.matching import model_inputs
from core.external_models.opened import scorer_of
from core.learning.external_model import positive_score


def with_room_for_decisions(table: Table, positive: object) -> tuple[Table, str]:
    """Add the column that a model's decisions will stand in, and name it.

    Parameters
    ----------
    table : Table
    positive : object
        The positive label.
    """
    name = _free("Decision of the model", [column.name for column in table.columns])
    filler = np.full(len(table.frame), canonical(positive), dtype=object)
    return _with_column(table, name, filler), name


def with_decisions(table: Table, roles: Roles, spec: ExternalSpec) -> tuple[Table, Roles]:
    """Ask a model for its decisions on all rows.

    Parameters
    ----------
    table : Table
        With room for them.
    roles : Roles
        Whose prediction is that column, and whose features are what the model sees.
    spec : ExternalSpec
        Of a model that is at hand.

    Returns
    -------
    tuple of the table with its decisions, and its scores where it gives probabilities, and the
    roles that name both.

    Raises
    ------
    InputError
        If rows are said to have trained it, or as the model.
    """
    if spec.trained_on is not None:
        raise InputError(
            "without true outcomes no row judges the model, so which rows trained it would be "
            "ignored",
            where=f"column {spec.trained_on[0]!r}",
            remedy="Leave it out, or name the column of true outcomes",
        )
    assert roles.prediction is not None
    scorer = scorer_of(spec)
    dataset = assign(table, roles)
    given = model_inputs(spec.matching, scorer.facts, dataset.features)
    scores = positive_score(scorer.score(given), scorer.facts.classes, spec)
    positive = dataset.roles.positive_label
    others = [name for name in scorer.facts.classes or () if name != spec.positive_class]
    negative = others[0] if len(others) == 1 and others[0] != positive else f"not {positive}"
    said = np.where(scores >= spec.threshold, positive, negative).astype(object)
    found = _with_column(table, roles.prediction, _spread(table, dataset.rows, said))
    if spec.output == "label":
        return found, roles
    name = _free("Score of the model", [column.name for column in found.columns])
    found = _with_column(found, name, _spread(table, dataset.rows, scores))
    return found, replace(roles, score=name)


def _spread(table: Table, rows: Ints, values: Array) -> Array:
    """Put values of some rows at their places among all, which are missing else."""
    is_number = values.dtype.kind == "f"
    found = np.full(len(table.frame), np.nan if is_number else None, dtype=values.dtype)
    found[rows] = values
    return found


def _with_column(table: Table, name: str, values: Array) -> Table:
    """Put a column into a table, in the place of one of its name."""
    is_number = values.dtype.kind == "f"
    missing = int(pd.isna(values).sum())
    distinct = int(pd.Series(values).nunique())
    told = Column(name, Kind.NUMBER if is_number else Kind.CATEGORY, distinct, missing)
    kept = tuple(column for column in table.columns if column.name != name)
    return replace(table, frame=table.frame.assign(**{name: values}), columns=(*kept, told))


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name
