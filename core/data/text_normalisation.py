"""Text as it is seen: what looks the same is the same.

A zero-width space behind a group's name, a non-breaking space within it, or an accent written as a
character of its own make two groups of one that nobody can tell apart on a screen. Each text is
normalised by itself, whatever else the column holds, so that no row changes another one's value.
Letters of another case are seen, and stay apart.
"""

from __future__ import annotations

import re
import unicodedata

_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
"""Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties, without the two joiners."""

_JOINER = re.compile("(?<![^\x00-\u024f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\u024f])")
"""Zero-width joiners beside Latin text; between other letters they change what is seen."""

_SEEN_ALIKE = ("<wide>", "<narrow>", "<noBreak>", "<compat>", "<initial>", "<medial>", "<final>",
               "<isolated>")  # fmt: skip
"""Compatibility mappings to what looks alike; superscripts, fractions and circles do not."""

_SPACES = re.compile(r"\s+")
_PLAIN = re.compile(r"(?:[!-~]+(?: [!-~]+)*)?")


def normalise_text(text: str) -> str:
    r"""Write text in one way for all that look the same.

    Invisible characters are dropped, every run of space becomes one plain space and none is left at
    the ends, full-width and half-width forms and ligatures become plain letters, and accents are
    composed (Unicode's normalization form C).

    Examples
    --------
    >>> normalise_text("M\u200b"), normalise_text(" New\u00a0York "), normalise_text("e\u0301")
    ('M', 'New York', 'é')
    >>> normalise_text("m²")
    'm²'
    """
    if _PLAIN.fullmatch(text):
        return text
    if not text.isascii():
        text = _JOINER.sub("", _IGNORABLE.sub("", text))
        text = unicodedata.normalize("NFC", "".join(map(_plain, text)))
    return _SPACES.sub(" ", text).strip()


def _plain(character: str) -> str:
    if character.isascii():
        return character
    kind, _, mapped = unicodedata.decomposition(character).partition(" ")
    if kind not in _SEEN_ALIKE:
        return character
    points = [chr(int(point, 16)) for point in mapped.split()]
    # Accents that stand alone are mapped to a space and the accent: they are seen as they are.
    if len(points) > 1 and points[0] == " ":
        return character
    return "".join(map(_plain, points))
