"""Records of what a person put a name to: read whole or not at all, and never replaced unread.

A result can be made again, so one that can't be read counts as absent. What a person decided
can't: if its record is damaged, or of a version that isn't known, that is said, and nothing is
written over it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import InputError

MOST_LETTERS = 2_000


@contextmanager
def readable(what: str) -> Iterator[None]:
    """Turn what goes wrong in reading a record's fields into a sentence.

    Parameters
    ----------
    what : str
        "the operating points of this audit".
    """
    try:
        yield
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError(
            "the record is damaged, or was written by another version",
            where=what,
            remedy="Restore the audit's folder from a copy, or use the version that wrote it; "
            "nothing was changed",
        ) from None


def check_sign_off(
    what: str, reason: str, name: str, remedy: str, most_letters: int = MOST_LETTERS
) -> None:
    """Refuse what a person answers for without a reason or a name that can be read.

    Raises
    ------
    InputError
        If there is none, the reason is longer than said or the name than 200 letters, or one
        holds characters that no text has.
    """
    for part, text, most in (("reason", reason, most_letters), ("name", name, 200)):
        kinds = {unicodedata.category(letter)[0] for letter in text}
        if not kinds & {"L", "N", "P", "S"}:
            raise InputError(
                f"{what} is kept with its {part}, and there is none", where=part, remedy=remedy
            )
        odd = [c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t"]
        if odd:
            raise InputError(
                f"it holds the character U+{ord(odd[0]):04X}, which can't be shown",
                where=part,
                remedy="Type it anew",
            )
        if len(text) > most:
            raise InputError(f"it is longer than {most:,} letters", where=part)
