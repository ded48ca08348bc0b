"""Values of a sensitive column that name no group: none at all, and words that say "not known".

"Unknown", "prefer not to say" or "keine Angabe" is what a form writes for want of an
answer. Counted as a group it would be compared with the others, and could be their reference.
"""

from __future__ import annotations

import re
import unicodedata

from core.data.table import MISSING

_WORDS = frozenset(
    {
        "unknown", "unk", "not known", "unspecified", "not specified", "undisclosed",
        "not disclosed", "unreported", "not reported", "not recorded", "not stated", "not given",
        "not provided", "not available", "not answered", "no answer", "no response",
        "non response", "nonresponse", "missing", "declined to answer",
        "declined to state", "decline to state", "decline to answer", "declined to say",
        "refused", "refused to answer", "prefer not to say", "prefer not to answer",
        "prefer not to disclose", "prefer not to state", "do not wish to answer",
        "i do not wish to answer", "choose not to disclose", "chose not to disclose",
        "do not know", "don't know", "unknown or not reported", "unknown/not reported",
        "unbekannt", "keine angabe", "k. a.", "k.a.", "nicht angegeben", "ohne angabe",
        "inconnu", "inconnue", "non renseigne", "non precise", "non declare", "ne sait pas",
        "desconocido", "desconocida", "no especificado", "no informado", "no contesta",
        "sin especificar", "sin dato", "no sabe", "ns/nc",
        "desconhecido", "desconhecida", "nao informado", "nao informada", "nao declarado",
        "nao declarada", "ignorado", "ignorada", "sem informacao",
        "未知", "不详", "不明", "未填", "保密",
    }
)  # fmt: skip
"""In small letters without accents, of English, German, French, Spanish, Portuguese and Chinese."""
UNKNOWN_ROWS = (
    f"Rows without a value are shown apart, as {MISSING}: they enter no gap between groups, and an "
    "impact ratio only where asked."
)
"""What becomes of the rows of a sensitive column that lack a value."""

_BRACKETS = re.compile(r"^[\s(<\[{]+|[\s)>\]}.]+$")


def is_unknown_value(value: str) -> bool:
    """Whether a value of a sensitive column says that a row's group is not known.

    Examples
    --------
    >>> [is_unknown_value(v) for v in ("(missing)", "Unknown", "Prefer_not-to-say", "k. A.")]
    [True, True, True, True]
    >>> [is_unknown_value(v) for v in ("Other", "Unknown father", "none", "9")]
    [False, False, False, False]
    """
    if value == MISSING:
        return True
    plain = unicodedata.normalize("NFKD", str(value).casefold().replace("’", "'"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    spaced = " ".join(re.sub(r"[_\-]+", " ", plain).split())
    return spaced in _WORDS or _BRACKETS.sub("", spaced) in _WORDS
