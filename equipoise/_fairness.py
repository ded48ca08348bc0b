"""The function of ``import equipoise`` that compares groups from arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from core.data.assign import assign
from core.data.frames import table_of
from core.errors import InputError
from core.fairness.assessment.assess import fairness_json
from equipoise._columns import Columns, roles_of
from equipoise._result import FairnessResult


def fairness(
    y_true: Any,
    y_pred: Any,
    *,
    sensitive: Any,
    positive_label: object = 1,
    positive_is_favourable: bool = True,
    y_score: Any = None,
    weight: Any = None,
    person: Any = None,
) -> FairnessResult:
    """Compare decisions between groups, from arrays.

    Parameters
    ----------
    y_true : array of shape (n,), or None
        True outcomes. Without them what needs the truth is not defined and says so.
    y_pred : array of shape (n,)
        Decisions.
    sensitive : Series, DataFrame or array of shape (n,)
        What treatment is compared by.
    positive_label : object
        The label counted as positive.
    positive_is_favourable : bool
        Whether the positive decision is what a person hopes for.
    y_score : array of shape (n,), optional
        Larger for more likely positive.
    weight : array of shape (n,), optional
        Of rows.
    person : array of shape (n,), optional
        Equal for rows of one person: intervals then count persons.

    Raises
    ------
    InputError
        If lengths differ, or values can't be used.

    Examples
    --------
    >>> import equipoise
    >>> found = equipoise.fairness(
    ...     [1, 0] * 100, [1, 1, 0, 0] * 50, sensitive=["a", "a", "b", "b"] * 50
    ... )
    >>> gaps = found.disparities().set_index("disparity")
    >>> float(gaps.loc["demographic_parity_difference", "estimate"])
    1.0
    """
    groups = _groups(sensitive)
    given = {"y_true": y_true, "y_pred": y_pred, "y_score": y_score}
    given |= {"weight": weight, "person": person}
    columns = {what: values for what, values in given.items() if values is not None}
    for what, values in columns.items():
        if np.ndim(values) != 1 or len(values) != len(groups):
            raise InputError(
                f"it has the shape {np.shape(values)}, and sensitive has {len(groups)} rows",
                where=what,
                remedy="Give one value for each row",
            )
        if not _same_index(values, sensitive):
            raise InputError(
                "its index is another than that of sensitive, so it is not known which value is of "
                "which row",
                where=what,
                remedy="Bring both into one order, or give .to_numpy() of both to go by position",
            )
        if what in groups:
            raise InputError(
                f"a sensitive column has the name {what!r}, which is needed for another",
                where="sensitive",
                remedy="Rename it",
            )
    frame = groups.assign(**{what: np.asarray(values) for what, values in columns.items()})
    table = table_of(frame, "arrays")
    roles, _ = roles_of(
        table,
        Columns(
            "y_true" if y_true is not None else None,
            positive_label,
            list(groups.columns),
            positive_is_favourable,
            "y_pred",
            "y_score" if y_score is not None else None,
            None,
            None,
            "person" if person is not None else (),
            "weight" if weight is not None else None,
            {},
            {},
        ),
    )
    dataset = assign(table, roles)
    assert dataset.predictions is not None
    return FairnessResult(
        fairness_json(
            dataset.outcome,
            dataset.predictions,
            dataset.sensitive,
            scores=dataset.scores,
            weights=dataset.weights,
            persons=dataset.persons,
            positive_is_favourable=positive_is_favourable,
        )
    )


def _groups(sensitive: Any) -> pd.DataFrame:
    if isinstance(sensitive, pd.DataFrame):
        return sensitive.reset_index(drop=True).rename(columns=str)
    if isinstance(sensitive, pd.Series):
        return sensitive.reset_index(drop=True).to_frame(str(sensitive.name or "group"))
    if np.ndim(sensitive) != 1:
        raise InputError(
            f"it has the shape {np.shape(sensitive)}",
            where="sensitive",
            remedy="Give a Series, a DataFrame, or one value for each row",
        )
    return pd.DataFrame({"group": np.asarray(sensitive)})


def _same_index(values: Any, others: Any) -> bool:
    """Whether two things that both have an index have the same one."""
    own, other = getattr(values, "index", None), getattr(others, "index", None)
    if not isinstance(own, pd.Index) or not isinstance(other, pd.Index):
        return True
    return bool(own.equals(other))
