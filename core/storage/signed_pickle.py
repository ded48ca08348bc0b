"""Signatures on trained models: only what this workspace wrote itself is ever unpickled.

Unpickling runs code that the file chooses, so a model file that someone copied into the folder
must not be opened. Each file carries an HMAC-SHA256 (RFC 2104) under a secret of the workspace
over the bytes, the audit and key they belong to, and the versions of the libraries that wrote
them. A file that was changed or moved doesn't verify; one that other versions wrote does, and says
which, and is not unpickled either.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import pickle
import platform
import secrets
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.storage.disk import locked, make_folder, write_atomic
from core.storage.keys import renewed
from core.storage.old_pickles import unpickled

_MAGIC = b"EQUIPOISE-MODEL-2\n"
_FIRST_MAGIC = b"EQUIPOISE-MODEL-1\n"
_SIGNATURE_BYTES = hashlib.sha256().digest_size
_SECRET_BYTES = 32
_LIBRARIES = ("numpy", "pandas", "scikit-learn", "diffprivlib", "interpret-core", "fairlearn")
_FIRST = _LIBRARIES


def secret(root: Path) -> bytes:
    """Return the workspace's secret, made on first use in ``root/secret.key`` (mode 0600).

    Raises
    ------
    InputError
        If the file is damaged, belongs to another user or can be read by others: whoever knows
        the secret could sign a file that runs their code.
    """
    return key_file(root / "secret.key", "the workspace's secret", renewed("secret.key"))


def key_file(path: Path, what: str, remedy: str) -> bytes:
    """Return the 32 random bytes of a file of mode 0600, made on first use.

    Parameters
    ----------
    path : Path
    what : str
        What the file holds, at the beginning of a sentence about it.
    remedy : str
        What to do where it can't be used.

    Raises
    ------
    InputError
        If it is damaged, belongs to another user or can be read by others.
    """
    make_folder(path.parent)
    with locked(path.parent / ".lock"):
        if not path.exists():
            write_atomic(path, secrets.token_bytes(_SECRET_BYTES))
        status = path.stat()
        content = path.read_bytes()
    if status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise InputError(f"{what} isn't this user's alone", where=str(path), remedy=remedy)
    if len(content) != _SECRET_BYTES:
        raise InputError(f"{what} is damaged", where=str(path), remedy=remedy)
    return content


def sign_pickle(secret_key: bytes, belongs_to: tuple[str, ...], thing: object) -> bytes:
    """Pickle a thing and sign it, with the versions that wrote it.

    Parameters
    ----------
    secret_key : bytes
    belongs_to : tuple of str
        Names of the place it is kept in; it can be opened under the same names only.
    thing : object
        Anything that can be pickled.
    """
    header = json.dumps(_versions()).encode("ascii")
    content = len(header).to_bytes(4, "big") + header + pickle.dumps(thing, protocol=5)
    return _MAGIC + _signature(secret_key, belongs_to, content) + content


def load_pickle(
    secret_key: bytes,
    belongs_to: tuple[str, ...],
    content: bytes,
    what: str,
    *,
    other_versions: bool = False,
) -> Any:
    """Open what :func:`sign_pickle` returned.

    Parameters
    ----------
    secret_key : bytes
    belongs_to : tuple of str
    content : bytes
    what : str
        Name of the thing in an error.
    other_versions : bool
        Whether it is tried where other versions wrote it: what can't be made again for nothing.

    Raises
    ------
    InputError
        If it was changed or moved, or other versions wrote it, and which.
    """
    start = len(_MAGIC) + _SIGNATURE_BYTES
    payload = content[start:]
    if content.startswith(_FIRST_MAGIC):
        return _load_first(secret_key, belongs_to, content, what)
    authentic = content.startswith(_MAGIC) and hmac.compare_digest(
        content[len(_MAGIC) : start], _signature(secret_key, belongs_to, payload)
    )
    if not authentic:
        raise InputError(
            "its file was changed since it was written, or comes from another workspace",
            where=what,
            remedy="Restore the file from a backup, with the workspace's secret",
        )
    size = int.from_bytes(payload[:4], "big")
    wrote: dict[str, str] = json.loads(payload[4 : 4 + size])
    others = {
        name: version for name, version in wrote.items() if _versions().get(name, "") != version
    }
    if not others or other_versions:
        try:
            return unpickled(payload[4 + size :])
        except Exception:  # our own file, but a class in it has changed since
            pass
    text = ", ".join(f"{name} {version}" for name, version in (others or wrote).items())
    raise InputError(
        f"it was written by {text}, and this version "
        + (f"has {_versions_here(others)}" if others else "of Equipoise holds other classes"),
        where=what,
        remedy=f"Open the workspace with {text}"
        + ("" if others else " and the version of Equipoise that wrote it"),
    )


def _load_first(secret_key: bytes, belongs_to: tuple[str, ...], content: bytes, what: str) -> Any:
    """Open a file of the first form, whose signature holds its versions and doesn't name them."""
    start = len(_FIRST_MAGIC) + _SIGNATURE_BYTES
    payload = content[start:]
    versions = {"python": platform.python_version()} | {name: _versions()[name] for name in _FIRST}
    context = json.dumps([list(belongs_to), versions]).encode("ascii")
    message = len(context).to_bytes(8, "big") + context + payload
    seal = hmac.new(secret_key, message, hashlib.sha256).digest()
    if hmac.compare_digest(content[len(_FIRST_MAGIC) : start], seal):
        with suppress(Exception):  # a class in it has changed since
            return unpickled(payload)
    raise InputError(
        "an earlier version of Equipoise wrote it, with libraries or classes that this one does "
        "not have, or its file was changed",
        where=what,
        remedy="Open the workspace with the versions that wrote it",
    )


def _versions_here(names: Iterable[str]) -> str:
    here = _versions()
    return ", ".join(f"{name} {here.get(name) or 'not at all'}" for name in names)


def signature(secret_key: bytes, belongs_to: tuple[str, ...], payload: bytes) -> str:
    """Sign bytes that any version may read, unlike a pickle: 64 hexadecimal digits.

    Parameters
    ----------
    secret_key : bytes
    belongs_to : tuple of str
        Names of the place they are kept in; the signature holds under the same names only.
    payload : bytes
    """
    context = json.dumps(["signature", *belongs_to]).encode("ascii")
    message = len(context).to_bytes(8, "big") + context + payload
    return hmac.new(secret_key, message, hashlib.sha256).hexdigest()


def _signature(secret_key: bytes, belongs_to: tuple[str, ...], payload: bytes) -> bytes:
    context = json.dumps(list(belongs_to)).encode("ascii")
    message = len(context).to_bytes(8, "big") + context + payload
    return hmac.new(secret_key, message, hashlib.sha256).digest()


@cache
def _versions() -> dict[str, str]:
    # Pickles and compiled code are the same over all patches of one Python.
    found = {"Python": ".".join(platform.python_version_tuple()[:2])}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found
