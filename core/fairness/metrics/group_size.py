"""When a group is too small to judge: persons are counted, who may have several rows each."""

from __future__ import annotations

from core.fairness.counts.cube import OutcomeCube
from core.fairness.intervals.intervals import effective_size
from core.fairness.metrics.metric_definition import NEGATIVES, POSITIVES

MINIMUM_LABELS = 10
"""Fewer persons with a positive or with a negative label say too little about error rates."""


def too_few_rows(cube: OutcomeCube, position: int, minimum_count: int) -> str | None:
    """Say why a group has too few persons, or too unequal weights, to judge any rate by."""
    rows = int(cube.count[position].sum())
    persons = cube.persons_in(position)
    size = float(effective_size(cube.weight[position].sum(), cube.weight_squared[position].sum()))
    if persons < minimum_count:
        who = _counted(rows, "row")
        if cube.persons is not None:
            who = f"{_counted(persons, 'person')} ({_counted(rows, 'row')})"
        return (
            f"Only {who}, fewer than {minimum_count}: too few to judge this "
            "group by, whatever its rates are."
        )
    if size < minimum_count:
        return (
            f"{rows} rows, but their unequal weights make them worth only {size:.1f}, fewer than "
            f"{minimum_count}: too few to judge this group by, whatever its rates are."
        )
    return None


def too_small(cube: OutcomeCube, position: int, minimum_count: int) -> str | None:
    """Say in which way a group is too small to judge, and what that means."""
    few = too_few_rows(cube, position, minimum_count)
    if few is not None:
        return few
    fewest = min(MINIMUM_LABELS, minimum_count)
    parts = [
        f"only {_labelled(_persons_of(cube, position, label), kind, cube.persons is not None)}, "
        f"so its {rates} say little"
        for kind, label, rates in (
            ("positive", 1, "true positive and false negative rates"),
            ("negative", 0, "false positive and true negative rates"),
        )
        if too_few_labels(cube, position, label, minimum_count)
    ]
    if not parts:
        return None
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]} (fewer than {fewest})."


def too_few_labels(cube: OutcomeCube, position: int, label: int, minimum_count: int) -> bool:
    """Whether a group has too few positive (1) or negative (0) labels for the rates among them."""
    fewest = min(MINIMUM_LABELS, minimum_count)
    return cube.has_outcome and _persons_of(cube, position, label) < fewest


def _persons_of(cube: OutcomeCube, position: int, label: int) -> int:
    return cube.persons_in(position, POSITIVES if label else NEGATIVES)


def _labelled(count: int, kind: str, persons: bool) -> str:
    if persons:
        return f"{_counted(count, 'person')} with a {kind} label"
    return _counted(count, f"{kind} label")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
