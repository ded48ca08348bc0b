"""Hierarchies proposed by simple rules, for a person to edit.

Numbers: ranges of about a twentieth of the data's range, then each twice as wide. Dates: day,
month, year. Postcodes (digits of one length, or a column named like one): masked from the right.
Categories: values that share the part before a "-", "/" or "(" are put together; then all that
are under 5 %, then under 20 %, become "(other)". Frequencies are read from the data.
"""

from __future__ import annotations

import re

import numpy as np

from core.anonymity.equivalence_classes import Coded
from core.anonymity.hierarchies import Dates, Digits, Hierarchy, Ranges, Tree
from core.data.table import MISSING

OTHER = "(other)"
RARE = (0.05, 0.2)
"""Shares of rows under which values become "(other)", level by level."""
_POSTCODE_NAME = re.compile(r"(^|[^a-z])(zip|plz|post.?code|postal)", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]{4,6}")


def infer(coded: Coded) -> Hierarchy:
    """Propose a hierarchy for a column."""
    values = [label for label in coded.labels if label != MISSING]
    longest = max((len(value) for value in values), default=1)
    if coded.dates is not None:
        return Dates(coded.name)
    if _POSTCODE_NAME.search(coded.name) and longest <= 10:
        return Digits(coded.name, longest)
    if coded.numbers is not None:
        return _ranges(coded)
    if values and all(_DIGITS.fullmatch(value) for value in values):
        return Digits(coded.name, longest)
    return _tree(coded)


def _ranges(coded: Coded) -> Ranges:
    assert coded.numbers is not None
    known = coded.numbers[~np.isnan(coded.numbers)]
    extent = float(known.max() - known.min()) if len(known) else 0.0
    if extent <= 0:
        return Ranges(coded.name, ())
    least = extent / 20
    power = 10.0 ** np.floor(np.log10(least))
    width = float(next(step * power for step in (1, 2, 5, 10) if step * power >= least * 0.999))
    if (known == np.round(known)).all():
        width = max(width, 2.0)
    widths = []
    while width < extent:
        widths.append(width)
        width *= 2
    return Ranges(coded.name, tuple(widths))


def _tree(coded: Coded) -> Tree:
    share = np.bincount(coded.codes, minlength=len(coded.labels)) / max(len(coded.codes), 1)
    parts = list(coded.labels)
    levels: list[list[str]] = []
    heads = [re.split(r"[-/(]", label)[0].strip() for label in parts]
    joined = {head for head in heads if head and heads.count(head) > 1}
    if joined and not any(f"{head}…" in parts for head in joined):
        parts = [f"{h}…" if h in joined else v for v, h in zip(parts, heads, strict=True)]
        levels.append(parts)
    for limit in RARE:
        of: dict[str, float] = {}
        for name, part in zip(parts, share, strict=True):
            of[name] = of.get(name, 0.0) + float(part)
        rare = {name for name, part in of.items() if part < limit or name == OTHER}
        if len(rare) < 2 or len(rare) == len(of):
            continue
        parts = [OTHER if name in rare else name for name in parts]
        levels.append(parts)
    pairs = [tuple(zip(coded.labels, level, strict=True)) for level in levels]
    return Tree(coded.name, tuple(tuple((v, g) for v, g in level if v != g) for level in pairs))
