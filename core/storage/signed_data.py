"""Signed files of data: what an audit keeps and can't, or needn't, be made again.

A file is a line that names its form, an HMAC-SHA256 (RFC 2104) under the workspace's secret over
the rest and the place it belongs to, and the rest: the kind of what it holds, that kind's version,
and the content (:mod:`core.storage.data_format`). The signature tells that this workspace wrote
it, and covers no version of anything else: whichever Python and libraries are there, it can be
read, and reading it runs nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from core.errors import InputError
from core.storage.data_format import UnreadableError, from_data, to_data
from core.storage.names import name_of

_MAGIC = b"EQUIPOISE-DATA-1\n"
_START = len(_MAGIC) + hashlib.sha256().digest_size
CHANGED = "its file was changed since it was written, or comes from another workspace"


@dataclass(frozen=True)
class ResultKind:
    """A kind of result or model.

    Attributes
    ----------
    name : str
        Stands in the files, and is never given to another kind.
    holds : str
        Recorded name of its class.
    several : bool
        Whether it is a tuple of such.
    version : int
        Raised when the content changes its meaning, or in more than fields that have a default.
    """

    name: str
    holds: str
    several: bool = field(default=False, kw_only=True)
    version: int = field(default=1, kw_only=True)

    def fits(self, value: object) -> bool:
        """Whether a value is of this kind."""
        parts = value if self.several else (value,)
        return isinstance(parts, tuple) and all(name_of(type(p)) == self.holds for p in parts)


class OtherVersionError(InputError):
    """A result is there, and this version can't open it."""


def is_data(content: bytes) -> bool:
    """Whether a file has this form, signed or not."""
    return content.startswith(_MAGIC)


def sign_data(
    secret_key: bytes, belongs_to: tuple[str, ...], kind: ResultKind, value: object
) -> bytes:
    """Write a signed file.

    Parameters
    ----------
    secret_key : bytes
    belongs_to : tuple of str
        Names of the place it is kept in; it can be read under the same names only.
    kind : ResultKind
    value : object

    Raises
    ------
    NotDataError
        If a part of the value has no form as data.
    """
    if not kind.fits(value):
        raise ValueError(f"a {type(value).__qualname__} is no {kind.name}")
    record = {"schema": kind.name, "version": kind.version, "content": value}
    payload = to_data(record)
    return _MAGIC + _signature(secret_key, belongs_to, payload) + payload


def load_data(
    secret_key: bytes,
    belongs_to: tuple[str, ...],
    content: bytes,
    kinds: tuple[ResultKind, ...],
    what: str,
) -> Any:
    """Read what :func:`sign_data` returned.

    Parameters
    ----------
    secret_key : bytes
    belongs_to : tuple of str
    content : bytes
    kinds : tuple of ResultKind
        Of which it is to be one.
    what : str
        Name of the thing in an error.

    Raises
    ------
    InputError
        If it was changed or moved.
    OtherVersionError
        If it is of a later version, or of a kind that isn't known here.
    """
    payload = content[_START:]
    expected = _signature(secret_key, belongs_to, payload)
    if not (is_data(content) and hmac.compare_digest(content[len(_MAGIC) : _START], expected)):
        raise InputError(
            CHANGED,
            where=what,
            remedy="Restore the file from a backup, with the workspace's secret",
        )
    try:
        record = from_data(payload)
        kind = next((kind for kind in kinds if kind.name == record["schema"]), None)
        version, value = record["version"], record["content"]
        if kind is None:
            raise UnreadableError(
                f"it is of the kind {record['schema']!r}, which is not known here"
            )
        if version > kind.version:
            raise UnreadableError(f"its form is {version}, and {kind.version} is the latest known")
        if not kind.fits(value):
            raise UnreadableError(f"what is in it is no {kind.name}")
    except (UnreadableError, KeyError, TypeError) as error:
        raise OtherVersionError(
            f"it is a result that this version can't open: {error}",
            where=what,
            remedy="Open it with the version of Equipoise that wrote it, or delete its file",
        ) from error
    return value


def _signature(secret_key: bytes, belongs_to: tuple[str, ...], payload: bytes) -> bytes:
    context = json.dumps(["data", *belongs_to]).encode("ascii")
    message = len(context).to_bytes(8, "big") + context + payload
    return hmac.new(secret_key, message, hashlib.sha256).digest()
