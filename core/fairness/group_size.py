"""When a group is too small to judge."""

from __future__ import annotations

from core.fairness.cube import OutcomeCube
from core.fairness.intervals import effective_size

MINIMUM_LABELS = 10
"""Fewer positive or negative labels than this say too little about error rates."""


def too_few_rows(cube: OutcomeCube, position: int, minimum_count: int) -> str | None:
    """Say why a group has too few rows, or too unequal weights, to judge any of its rates by."""
    rows = int(cube.count[position].sum())
    size = float(effective_size(cube.weight[position].sum(), cube.weight_squared[position].sum()))
    if rows < minimum_count:
        return (
            f"Only {_counted(rows, 'row')}, fewer than {minimum_count}: too few to judge this "
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
    count = cube.count[position]
    parts = [
        f"only {_counted(labels, f'{kind} label')}, so its {rates} say little"
        for kind, labels, rates in (
            ("positive", int(count[1].sum()), "true positive and false negative rates"),
            ("negative", int(count[0].sum()), "false positive and true negative rates"),
        )
        if labels < MINIMUM_LABELS and cube.has_outcome
    ]
    if not parts:
        return None
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]} (fewer than {MINIMUM_LABELS})."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
