"""Decisions with more than two classes: each class against the rest, and macro averages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import InputError
from core.fairness.assess import assess
from core.fairness.assessment import Assessment, Figure
from core.fairness.metrics import METRICS

NO_INTERVAL = "no interval: the classes' figures come from the same rows"


@dataclass(frozen=True)
class OneVersusRest:
    """Assessments of each class as the positive one.

    Attributes
    ----------
    assessments : dict of str to Assessment
        By class; a favourable class counts as the favourable decision.
    macro : dict of str to dict of str to Figure
        By group and metric of decisions: the plain mean over the classes, undefined where it is
        undefined for any of them.
    macro_overall : dict of str to Figure
        The same for everyone together.
    """

    assessments: dict[str, Assessment]
    macro: dict[str, dict[str, Figure]]
    macro_overall: dict[str, Figure]


def one_versus_rest(
    labels: npt.NDArray[Any],
    predictions: npt.NDArray[Any],
    sensitive: pd.DataFrame,
    favourable: Sequence[str] = (),
    **options: Any,
) -> OneVersusRest:
    """Assess every class that occurs against all others.

    Parameters
    ----------
    labels, predictions : array, shape (n,)
        Classes, compared as text; none may be missing.
    sensitive : DataFrame, shape (n, s)
    favourable : sequence of str
        Classes that a person hopes for; the others count as unfavourable. By default all count as
        favourable.
    options
        Of :func:`core.fairness.assess.assess`, except for ``positive_is_favourable`` and scores.

    Raises
    ------
    InputError
        If a value is missing, lengths differ, fewer than two classes occur, or a favourable one
        doesn't.
    """
    label, prediction = (
        _texts(values, name) for values, name in ((labels, "labels"), (predictions, "predictions"))
    )
    if len(label) != len(prediction):
        raise InputError(f"{len(prediction)} for {len(label)} labels", where="predictions")
    classes = sorted(set(label) | set(prediction))
    if len(classes) < 2:
        raise InputError("fewer than two classes occur", where="labels")
    for name in favourable:
        if name not in classes:
            raise InputError(
                "no row has this class", where=name, remedy=f"Choose among: {', '.join(classes)}"
            )
    found = {
        name: assess(
            label == name,
            prediction == name,
            sensitive,
            positive_is_favourable=not favourable or name in favourable,
            **options,
        )
        for name in classes
    }
    first = next(iter(found.values()))
    macro = {
        group.name: _mean(
            [next(g for g in a.groups if g.group == group.group).figures for a in found.values()]
        )
        for group in first.groups
    }
    return OneVersusRest(found, macro, _mean([a.overall.figures for a in found.values()]))


def _mean(columns: list[dict[str, Figure]]) -> dict[str, Figure]:
    out = {}
    for metric in METRICS:
        if metric.kind == "scores":
            continue
        figures = [column[metric.name] for column in columns]
        values = [f.estimate for f in figures if f.estimate is not None]
        missing = next((f.reason for f in figures if f.estimate is None), None)
        out[metric.name] = (
            Figure(float(np.mean(values)), reason=NO_INTERVAL)
            if missing is None
            else Figure(None, reason=f"{missing}, for at least one class")
        )
    return out


def _texts(values: npt.NDArray[Any], where: str) -> npt.NDArray[Any]:
    column = pd.Series(np.asarray(values))
    if column.isna().any():
        row = int(np.flatnonzero(column.isna())[0])
        raise InputError(f"row {row} has no class", where=where, remedy="Drop such rows first")
    return column.astype(str).to_numpy(dtype=object)
