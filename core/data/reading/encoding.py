"""Which encoding a text file is in: certain where it can be, a visible guess where it cannot."""

from __future__ import annotations

import codecs

from core.data.table import Repair
from core.errors import InputError

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes, encoding: str | None, where: str) -> tuple[str, str, tuple[Repair, ...]]:
    """Turn bytes into text.

    Tried in order: byte order marks, UTF-16 by its pattern of NUL bytes, UTF-8, GB18030, and
    Windows-1252 or Latin-1. Only the last three steps can be wrong without an error, so they are
    reported as a guess.

    Parameters
    ----------
    data : bytes
    encoding : str or None
        What a person chose; None to detect it.
    where : str
        Name of the file, for messages.

    Returns
    -------
    tuple of (str, str, tuple of Repair)
        The text, the encoding's Python name, and the guess if it was one.

    Raises
    ------
    InputError
        If the text is not in the encoding chosen, or in the one its byte order mark announces.
    """
    if encoding is not None:
        return _strict(data, encoding, where), encoding, ()
    for mark, marked in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _strict(data, marked, where), marked, ()
    unmarked = _utf16_without_mark(data)
    if unmarked is not None:
        return _guessed(data.decode(unmarked), unmarked)
    try:
        return data.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError:
        pass
    if _is_gb18030(data):
        return _guessed(data.decode("gb18030"), "gb18030")
    try:
        # Bytes 0x80–0x9F are control characters in Latin-1 and typographic ones in its superset.
        if any(0x80 <= byte <= 0x9F for byte in set(data)):
            return _guessed(data.decode("cp1252"), "cp1252")
    except UnicodeDecodeError:
        pass
    return _guessed(data.decode("latin-1"), "latin-1")


def _strict(data: bytes, encoding: str, where: str) -> str:
    try:
        text = data.decode(encoding)
        text.encode("utf-8")  # Some codecs make lone surrogates, which are no characters.
    except LookupError:
        raise InputError(
            f"there is no text encoding named {encoding!r}",
            where=where,
            remedy="Choose one such as utf-8, utf-16, gb18030 or latin-1",
        ) from None
    except UnicodeError as error:
        # The codec may have cut a byte order mark off, so its own bytes are the ones to count in.
        before = error.object[: error.start] if isinstance(error, UnicodeDecodeError) else b""
        line = before.count(b"\n") + 1
        raise InputError(
            f"the text is not in {encoding}: a byte near line {line} does not fit",
            where=where,
            remedy="Choose another encoding, or save the file as UTF-8",
        ) from None
    return text.removeprefix("\ufeff")


def _guessed(text: str, encoding: str) -> tuple[str, str, tuple[Repair, ...]]:
    foreign = sum(not character.isascii() for character in text)
    what = (
        f"The encoding was guessed as {encoding}: check accents and names, "
        "and choose another encoding if they look wrong."
    )
    return text, encoding, (Repair(what, foreign),)


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16 if NUL bytes stand on one side of the pairs only, as they do beside ASCII."""
    sample = data[:8192]
    if len(data) % 2 or not sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    pairs = len(sample) / 2
    for encoding, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        # Delimiters, digits and line ends alone make a tenth of any table.
        if zeros > 0.1 * pairs and others == 0:
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\0" not in text:
                return encoding
    return None


def _is_gb18030(data: bytes) -> bool:
    """Whether at least half of the foreign characters are common (GB 2312 level 1) ideographs.

    Strict decoding alone proves nothing: "Müller" in Latin-1 is valid GB18030 for a rare
    ideograph. Level 1 holds the 3755 characters that make up almost all Chinese text; its lead
    bytes 0xB0–0xD7 followed by another high byte hardly occur in Latin-1 words.
    """
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    foreign = common = 0
    for character in text:
        if character.isascii():
            continue
        foreign += 1
        pair = character.encode("gb18030")
        common += len(pair) == 2 and 0xB0 <= pair[0] <= 0xD7 and pair[1] >= 0xA1
    return foreign > 0 and common >= 0.5 * foreign
