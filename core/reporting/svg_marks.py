"""What charts are drawn with: marks, text and axes as SVG markup, all text escaped."""

from __future__ import annotations

import math
import sys
import unicodedata
from dataclasses import dataclass

from markupsafe import Markup, escape

from core.numerals import with_minus

WIDTH = 360.0
LEFT, RIGHT = 10.0, 350.0

CHARACTER = 6.0
"""Width of a usual character of the charts' 11 px type; wide East Asian ones take twice that."""


@dataclass(frozen=True)
class ChartPoint:
    """A value with the ends of its interval or spread, None where there is none."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Row:
    """A category: its name, what is written at its right, and a point for each series.

    ``faint`` draws hollow marks, for what is too small to judge.
    """

    label: str
    value: str
    points: tuple[ChartPoint | None, ...]
    faint: bool = False


@dataclass(frozen=True)
class ChartAxis:
    """An axis: its label with units, and the numbers at its ends."""

    label: str
    low: float
    high: float


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers from ``low`` to ``high``, at most so many (steps of 1, 2 or 5)."""
    span = high - low
    raw = span / (most - 1)
    if raw < sys.float_info.min:
        # Too short to be divided in floating point.
        return [low]
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= raw * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def fit(text: str, width: float) -> str:
    """Shorten a text with an ellipsis so that it takes at most so many units of width."""
    text = " ".join(text.split())
    room = width / CHARACTER
    if sum(map(_wide, text)) <= room:
        return text
    used, kept = 1.0, ""
    for character in text:
        used += _wide(character)
        if used > room:
            break
        kept += character
    return kept.rstrip() + "…"


def _wide(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def across_axis(value: float, axis: ChartAxis) -> float:
    """Place a value along a horizontal axis; what lies beyond it stands at its end."""
    share = (value - axis.low) / (axis.high - axis.low)
    return LEFT + min(max(share, 0.0), 1.0) * (RIGHT - LEFT)


def mark(x: float, y: float, series: int, faint: bool) -> Markup:
    """Draw a mark; shape and colour together tell eighteen series apart."""
    kind = f"mark s{series % 6}" + (" faint" if faint else "")
    shape = (series + series // 6) % 3
    if shape == 0:
        return Markup('<circle class="{}" cx="{}" cy="{}" r="4"/>').format(
            kind, digits(x), digits(y)
        )
    if shape == 1:
        corners = [(x - 3.5, y - 3.5), (x + 3.5, y - 3.5), (x + 3.5, y + 3.5), (x - 3.5, y + 3.5)]
    else:
        corners = [(x, y - 5), (x + 4.5, y + 3.5), (x - 4.5, y + 3.5)]
    path = " ".join(f"{digits(a)},{digits(b)}" for a, b in corners)
    return Markup('<polygon class="{}" points="{}"/>').format(kind, path)


def tick_text(value: float) -> str:
    """Write an axis's number."""
    return with_minus(f"{value:.4g}")


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """Draw a straight line of a class of the style sheet."""
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        kind, digits(x1), digits(y1), digits(x2), digits(y2)
    )


def text_mark(x: float, y: float, text: str, kind: str, full: str | None = None) -> Markup:
    """Write text; where it was shortened, the full text is its tooltip."""
    tip = Markup("<title>{}</title>").format(full) if full and full != text else Markup("")
    return Markup('<text class="{}" x="{}" y="{}">{}{}</text>').format(
        kind, digits(x), digits(y), text, tip
    )


def drawing(name: str, title: str, description: str, height: float, parts: list[Markup]) -> Markup:
    """Put parts together as an image with a title and a description for those who can't see it."""
    return Markup(
        '<svg role="img" aria-labelledby="{0}-t {0}-d" viewBox="0 0 {1} {2}" '
        'preserveAspectRatio="xMinYMin meet"><title id="{0}-t">{3}</title>'
        '<desc id="{0}-d">{4}</desc>{5}</svg>'
    ).format(
        escape(name), digits(WIDTH), digits(height), title, description, Markup("").join(parts)
    )


def digits(value: float) -> str:
    """Write a coordinate."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
