"""An assessment as it stands in audit.json."""

from __future__ import annotations

from typing import Any

from core.fairness.assessment.impact_record import impact_json
from core.fairness.disparities.impact_ratio import impact_of
from core.fairness.metrics.assessment import Assessment, Disparity, FourFifths, GroupResult


def to_json(assessment: Assessment) -> dict[str, Any]:
    """Make a JSON object; undefined figures are null with their reason beside them.

    Never holds NaN or infinity, so ``json.dumps(..., allow_nan=False)`` accepts it.

    Returns
    -------
    dict
        ``attributes``, ``level``, ``rate_interval``, ``weighted``, ``intervals_count``,
        ``overall``, ``by_group``, ``disparities``, ``four_fifths``, ``inequality`` and, where the
        counts are known, ``impact_ratios``.
    """
    out = {
        "attributes": list(assessment.attributes),
        "level": assessment.level,
        "rate_interval": assessment.rate_interval,
        "weighted": assessment.weighted,
        "intervals_count": "rows" if assessment.overall.persons is None else "persons",
        "overall": group_json(assessment.overall),
        "by_group": [group_json(group) for group in assessment.groups],
        "disparities": {item.name: disparity_json(item) for item in assessment.disparities},
        "four_fifths": four_fifths_json(assessment.four_fifths),
        "inequality": {
            item.name: {
                "individual": item.individual.to_json(),
                "between_groups": item.between_groups.to_json(),
            }
            for item in assessment.inequality
        },
    }
    table = impact_of(assessment)
    if table is not None:
        out["impact_ratios"] = impact_json(table)
    return out


def four_fifths_json(rule: FourFifths) -> dict[str, Any]:
    """Write the four-fifths rule: verdict, ratio with its interval, and the sentence."""
    return {"verdict": rule.verdict, **rule.ratio.to_json(), "sentence": rule.sentence}


def group_json(result: GroupResult) -> dict[str, Any]:
    """One group: its figures by metric, their intervals, and why any of them is missing.

    ``label`` is the group as people read it. ``unknown`` is true, and there only, where a value of
    the group is missing: it is compared with no other group. ``not_judged_by``, only where it is
    ``too_small``, names the metrics for which. ``undefined`` has a reason for each figure that is
    null; ``no_interval``, where it is present, for each figure that is defined but has no interval.
    """
    figures = result.figures
    out: dict[str, Any] = {
        "group": dict(result.group),
        "label": result.label,
        "count": result.count,
        "weight": result.weight,
        **{name: figure.estimate for name, figure in figures.items()},
        "intervals": {
            name: [figure.low, figure.high]
            for name, figure in figures.items()
            if figure.low is not None
        },
        "undefined": {
            name: figure.reason for name, figure in figures.items() if figure.estimate is None
        },
        "too_small": result.too_small,
    }
    if result.too_small is not None:
        out["not_judged_by"] = sorted(result.not_judged_by)
    if result.is_unknown:
        out["unknown"] = True
    without = {
        name: figure.reason
        for name, figure in figures.items()
        if figure.estimate is not None and figure.low is None
    }
    if without:
        out["no_interval"] = without
    if result.persons is not None:
        out["persons"] = result.persons
    return out


def disparity_json(disparity: Disparity) -> dict[str, Any]:
    """One disparity, with the two groups that make it.

    ``left_out``, where it is present, names groups too small to be compared.
    """
    out = {**disparity.figure.to_json(), "between": list(disparity.between)}
    if disparity.left_out:
        out["left_out"] = list(disparity.left_out)
    if disparity.among_defined is not None:
        out["among_defined"] = disparity.among_defined.to_json()
    return out
