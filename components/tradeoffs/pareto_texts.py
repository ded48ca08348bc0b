"""Where ε is written in a Pareto chart: nowhere over another text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDE, HIGH = 250, 300
"""Pixels between the axes on a phone. On a larger screen marks lie further apart and texts are no
larger, so that what finds room here finds it there."""
LETTER, LINE = 7.0, 15.0
"""Pixels of a letter and of a line."""
NEAR = 7.0
"""Pixels from a mark's middle to its text."""
SIDES = {
    "top right": (1, 1),
    "top left": (-1, 1),
    "top center": (0, 1),
    "bottom right": (1, -1),
    "bottom left": (-1, -1),
    "bottom center": (0, -1),
    "middle right": (1, 0),
    "middle left": (-1, 0),
}
"""Where plotly writes beside a mark: across and up. Corners go first, off the bars."""


class Box(NamedTuple):
    """What covers a part of the picture, in its pixels, and the mark that it belongs to."""

    x: float
    y: float
    left: float
    right: float
    low: float
    high: float

    def apart(self, other: Box) -> bool:
        """Whether the two don't overlap, in this picture or in any larger one.

        They lie as their marks do, so that what moves the marks apart moves them apart.
        """
        return (
            (self.x <= other.x and self.right <= other.left)
            or (other.x <= self.x and other.right <= self.left)
            or (self.y <= other.y and self.high <= other.low)
            or (other.y <= self.y and other.high <= self.low)
        )


def sides(at: Sequence[tuple[float, float]], texts: Sequence[str]) -> list[str | None]:
    """Find a side of each mark on which its text covers no other text.

    A side on which it covers no mark either goes first; sides above and below take turns.

    Parameters
    ----------
    at : sequence of (float, float), length n
        Marks, those that matter most first: shares of the picture's width from the left and of
        its height from below.
    texts : sequence of str, length n
        Of one line each; tags take no room.

    Returns
    -------
    list of str or None, length n
        In :data:`SIDES`; None where there is no room, so that nothing is to be written.
    """
    marks = [box_of(x, y, 0.0, (0, 0)) for x, y in at]
    parts: list[Box] = []
    found: list[str | None] = []
    for (x, y), text in zip(at, texts, strict=True):
        width = LETTER * len(re.sub("<[^>]*>", "", text))
        turn = -1 if len(parts) % 2 else 1
        free = [
            (side, box)
            for side, way in sorted(SIDES.items(), key=lambda item: -turn * item[1][1])
            if _inside(box := box_of(x, y, width, way)) and all(map(box.apart, parts))
        ]
        clear = (item for item in free if all(map(item[1].apart, marks)))
        chosen = next(clear, free[0] if free else None)
        found.append(chosen[0] if chosen else None)
        if chosen:
            parts.append(chosen[1])
    return found


def box_of(x: float, y: float, width: float, way: tuple[int, int], scale: float = 1.0) -> Box:
    """Return what a text covers beside a mark; without width, what the mark itself does.

    Parameters
    ----------
    x, y : float
        Of the mark, shares of the picture.
    width : float
        Of the text, in pixels.
    way : tuple of (int, int)
        Across and up, each −1, 0 or 1.
    scale : float
        Size of the picture in that of a phone.
    """
    x, y = x * WIDE * scale, y * HIGH * scale
    if not width:
        half = NEAR - 2
        # A mark is in nobody's way beside itself.
        return Box(x, y, x - half, x + half, y - half, y + half)
    middle = x + way[0] * (NEAR + width / 2)
    height = y + way[1] * (NEAR + LINE / 2)
    return Box(x, y, middle - width / 2, middle + width / 2, height - LINE / 2, height + LINE / 2)


def _inside(box: Box) -> bool:
    return box.left >= 0 and box.low >= 0 and box.right <= WIDE and box.high <= HIGH
