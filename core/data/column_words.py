"""The words of a column's name, by which roles are suggested."""

from __future__ import annotations

import re


def column_words(name: str) -> list[str]:
    """Words of a column's name: at capitals, digits and signs, in lower case.

    Examples
    --------
    >>> column_words("applicantAge_2")
    ['applicant', 'age']
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[a-z]+", spaced.casefold())
