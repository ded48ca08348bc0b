"""The words of a column's name and of its values, by which roles are suggested."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable


def split_words(name: str) -> list[str]:
    """Words of a column's name: at capitals, digits and signs, in lower case, without accents.

    Chinese characters that stand together are one word.

    Examples
    --------
    >>> split_words("applicantAge_2")
    ['applicant', 'age']
    >>> split_words("Âge du père")
    ['age', 'du', 'pere']
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", without_accents(name))
    return re.findall(r"[a-z]+|[\u4e00-\u9fff]+", spaced.casefold())


def without_accents(text: str) -> str:
    """Leave accents away: "é" becomes "e" and "ü" becomes "u"."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))


def value_words(value: str) -> str:
    """Return a value as it is compared: words in lower case, without a code before them.

    Examples
    --------
    >>> value_words("1. Never Married"), value_words("0_no"), value_words("2")
    ('never married', 'no', '2')
    """
    return " ".join(split_words(value)) or value.strip().casefold()


def is_made_of(
    word: str, stem: str, before: Collection[str] = (), after: Collection[str] = ()
) -> bool:
    """Whether a word is a stem alone, or with one of some letters written before or after it.

    Examples
    --------
    >>> is_made_of("momage", "age", {"mom"}), is_made_of("mileage", "age", {"mom"})
    (True, False)
    """
    at = word.find(stem)
    while at >= 0:
        head, tail = word[:at], word[at + len(stem) :]
        if (not head or head in before) and (not tail or tail in after):
            return True
        at = word.find(stem, at + 1)
    return False


def contains_any(words: Iterable[str], parts: Collection[str]) -> bool:
    """Whether one of the words holds one of the parts, as words of Chinese do."""
    return any(part in word for word in words for part in parts)
