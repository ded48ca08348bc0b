"""When a group is too small to judge: persons are counted, who may have several rows each."""

from __future__ import annotations

from core.fairness.cube import OutcomeCube
from core.fairness.intervals import effective_size
from core.fairness.metric import NEGATIVES, POSITIVES

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
    parts = [
        f"only {_labelled(labels, kind, cube.persons is not None)}, so its {rates} say little"
        for kind, labels, rates in (
            (
                "positive",
                cube.persons_in(position, POSITIVES),
                "true positive and false negative rates",
            ),
            (
                "negative",
                cube.persons_in(position, NEGATIVES),
                "false positive and true negative rates",
            ),
        )
        if labels < MINIMUM_LABELS and cube.has_outcome
    ]
    if not parts:
        return None
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]} (fewer than {MINIMUM_LABELS})."


def _labelled(count: int, kind: str, persons: bool) -> str:
    if persons:
        return f"{_counted(count, 'person')} with a {kind} label"
    return _counted(count, f"{kind} label")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
