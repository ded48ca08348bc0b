"""True and predicted classes or amounts assessed by all sensitive columns and by each alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from core.data.roles.outcome_rows import OutcomeRows
from core.fairness.assessment.class_record import classes_json
from core.fairness.assessment.multiclass import assess_classes
from core.fairness.assessment.regression import assess_regression
from core.fairness.assessment.regression_record import regression_json

Outcome = Literal["multiclass", "regression"]


def outcomes_json(
    rows: OutcomeRows,
    outcome: Outcome,
    *,
    favourable: Sequence[str] = (),
    loss_bound: float | None = None,
) -> dict[str, Any]:
    """Assess classes or amounts, as a JSON object.

    Parameters
    ----------
    rows : OutcomeRows
    outcome : {"multiclass", "regression"}
    favourable : sequence of str
        Classes that a person hopes for; all of them where none is named.
    loss_bound : float, optional
        Of amounts: the largest mean absolute error that any group may have.

    Returns
    -------
    dict
        As :func:`core.fairness.assessment.class_record.classes_json` or
        :func:`core.fairness.assessment.regression_record.regression_json` of all sensitive columns
        together, with each alone under ``by_attribute``.
    """

    def assessed(attributes: tuple[str, ...]) -> dict[str, Any]:
        given: dict[str, Any] = {"weights": rows.weights, "persons": rows.persons}
        sensitive = rows.sensitive[list(attributes)]
        if outcome == "multiclass":
            return classes_json(
                assess_classes(
                    rows.truth, rows.prediction, sensitive, favourable=favourable, **given
                )
            )
        found = assess_regression(rows.truth, rows.prediction, sensitive, **given)
        return regression_json(found, loss_bound)

    names = tuple(map(str, rows.sensitive.columns))
    together = assessed(names)
    together["by_attribute"] = {name: assessed((name,)) for name in names}
    return together
