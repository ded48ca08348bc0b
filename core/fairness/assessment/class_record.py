"""An assessment over classes as it stands in JSON."""

from __future__ import annotations

from typing import Any

from core.fairness.assessment.multiclass import ClassAssessment, ClassGap
from core.fairness.assessment.record import group_json, to_json


def classes_json(found: ClassAssessment) -> dict[str, Any]:
    """Make a JSON object; undefined figures are null with their reason beside them.

    Returns
    -------
    dict
        ``attributes``, ``classes``, ``level``, ``weighted``, ``overall``, ``by_group``,
        ``disparities`` (by metric), ``class_gaps`` (by class and metric), ``largest_class_gaps``
        (by metric, the class with the largest) and ``by_class`` (each as in
        :func:`core.fairness.assessment.record.to_json`).
    """
    gaps: dict[str, dict[str, Any]] = {}
    for item in found.class_gaps:
        gaps.setdefault(str(item.label), {})[item.metric] = _gap_json(item)
    return {
        "attributes": list(found.attributes),
        "classes": list(found.classes),
        "level": found.level,
        "weighted": found.weighted,
        "overall": group_json(found.overall),
        "by_group": [group_json(group) for group in found.groups],
        "disparities": {item.metric: _gap_json(item) for item in found.gaps},
        "class_gaps": gaps,
        "largest_class_gaps": {
            item.metric: {"class": item.label, **_gap_json(item)} for item in largest_gaps(found)
        },
        "by_class": {name: to_json(item) for name, item in found.by_class.items()},
    }


def largest_gaps(found: ClassAssessment) -> list[ClassGap]:
    """For each metric the class with the largest gap, among those that have one."""
    best: dict[str, ClassGap] = {}
    for item in found.class_gaps:
        value = item.figure.estimate
        if value is None:
            continue
        seen = best.get(item.metric)
        if seen is None or value > (seen.figure.estimate or 0.0):
            best[item.metric] = item
    return list(best.values())


def _gap_json(item: ClassGap) -> dict[str, Any]:
    return {
        **item.figure.to_json(),
        "between": list(item.between),
        "left_out": list(item.left_out),
    }
