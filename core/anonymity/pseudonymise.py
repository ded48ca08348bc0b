"""Identifiers replaced by keyed hashes: alike values stay alike, and only the key tells which.

HMAC-SHA-256 (RFC 2104, FIPS 198-1) of the column's name and the value's canonical text. Without
a key anyone could hash all possible values and look them up. A pseudonym is still personal data:
whoever has the key, or knows a person by other columns, finds them again.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

import pandas as pd

from core.data.labels import canonical_series
from core.errors import InputError

DIGITS = 32
"""Hexadecimal digits that are kept: 128 bits, so that two values never meet by chance."""


def new_key() -> str:
    """Draw a key, 64 hexadecimal digits."""
    return secrets.token_hex(32)


def read_key(text: str) -> bytes:
    """Read a key.

    Raises
    ------
    InputError
        If it isn't 64 hexadecimal digits.
    """
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        # The text itself is a secret, or nearly one: it isn't repeated.
        raise InputError(
            "a key is 64 hexadecimal digits", where="the key", remedy="Copy it whole, or draw one"
        )
    return key


def key_check(key: bytes) -> str:
    """Compute what a recipe keeps of its key: enough to recognise it, nothing to find it by."""
    return hmac.new(key, b"equipoise key check", hashlib.sha256).hexdigest()[:16]


def pseudonyms(series: pd.Series, key: bytes) -> pd.Series:
    """Hash every value of a column; missing values stay missing.

    Parameters
    ----------
    series : Series, shape (n,)
    key : bytes
        32 of them.

    Returns
    -------
    Series of object, shape (n,)
        32 hexadecimal digits each, None where missing.
    """
    texts = canonical_series(series)
    name = str(series.name).encode() + b"\0"
    known = {
        text: hmac.new(key, name + text.encode(), hashlib.sha256).hexdigest()[:DIGITS]
        for text in texts.dropna().unique()
    }
    return texts.map(known).where(texts.notna(), None).astype(object)
