"""Comparisons with a reference and among people alike, as they stand in JSON."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import InputError
from core.fairness.counts.cube import OutcomeCube
from core.fairness.disparities.conditional import conditional_parity
from core.fairness.disparities.reference import BEST, compare_with
from core.fairness.metrics.metric_registry import METRICS, GroupMetric
from core.fairness.metrics.metric_titles import metric_title

Floats = npt.NDArray[np.float64]

CONTROLLED = ("selection_rate", "true_positive_rate", "false_positive_rate")
"""Metrics that are compared among people who are alike in control columns."""


def reference_json(
    cube: OutcomeCube, reference: str, *, positive_is_favourable: bool = True
) -> dict[str, Any]:
    """Compare every group with a reference in every metric of decisions.

    Parameters
    ----------
    cube : OutcomeCube
    reference : str
        "overall", "rest", "best", or the name of a group; see
        :func:`core.fairness.disparities.reference.compare_with`.

    Returns
    -------
    dict
        ``against``, ``metrics`` (by name, a list of ``group``, ``reference``, ``difference`` and
        ``ratio``) and ``not_compared`` (by name, why there is no best group).

    Raises
    ------
    InputError
        If there is no such group.
    """
    found: dict[str, Any] = {}
    skipped: dict[str, str] = {}
    for metric in METRICS:
        if not isinstance(metric, GroupMetric):
            continue
        try:
            gaps = compare_with(
                cube, metric.name, reference, positive_is_favourable=positive_is_favourable
            )
        except InputError as error:
            if reference != BEST:
                raise
            skipped[metric.name] = error.problem
            continue
        found[metric.name] = [
            {
                "group": gap.group,
                "reference": gap.reference,
                "difference": gap.difference.to_json(),
                "ratio": gap.ratio.to_json(),
            }
            for gap in gaps
        ]
    return {"against": reference, "metrics": found, "not_compared": skipped}


def control_json(
    target: npt.NDArray[np.bool_] | None,
    prediction: npt.NDArray[np.bool_],
    sensitive: pd.DataFrame,
    control: pd.DataFrame,
    weights: Floats | None = None,
    persons: npt.NDArray[np.int64] | None = None,
    *,
    positive_is_favourable: bool = True,
) -> dict[str, Any]:
    """Compare groups among people who are alike in control columns, for :data:`CONTROLLED`.

    Parameters and errors are those of
    :func:`core.fairness.disparities.conditional.conditional_parity`.

    Returns
    -------
    dict
        ``columns``, and under ``metrics`` for each its ``sentence``, ``standardised`` and
        ``unconditional`` figures by group, ``gap``, ``strata``, and what was left out. Without
        true outcomes only metrics that need none are there.
    """
    out: dict[str, Any] = {}
    for metric in CONTROLLED:
        if target is None and METRICS[metric].needs_outcome:
            continue
        found = conditional_parity(
            target,
            prediction,
            sensitive,
            control,
            metric,
            weights=weights,
            persons=persons,
            title=metric_title(metric, positive_is_favourable),
        )
        out[metric] = {
            "sentence": found.sentence,
            "standardised": {name: f.to_json() for name, f in found.standardised.items()},
            "unconditional": {name: f.to_json() for name, f in found.unconditional.items()},
            "gap": found.gap.to_json(),
            "strata": [
                {
                    "stratum": stratum.name,
                    "rows": stratum.rows,
                    "compared": stratum.compared,
                    "by_group": {name: f.to_json() for name, f in stratum.figures.items()},
                }
                for stratum in found.strata
            ],
            "left_out": list(found.left_out),
            "rows": found.rows,
            "rows_left_out": found.rows_left_out,
            "rows_of_unknown_group": found.of_unknown,
        }
    return {"columns": [str(name) for name in control.columns], "metrics": out}
