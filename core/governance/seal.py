"""Seals on trained models: only what this workspace wrote itself is ever unpickled.

Unpickling runs code that the file chooses, so a model file that someone copied into the folder
must not be opened. Each file carries an HMAC-SHA256 (RFC 2104) under a secret of the workspace
over the bytes, the audit and key they belong to, and the versions of the libraries that wrote
them: a file that was changed, moved or made by another version doesn't verify.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import pickle
import platform
import secrets
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.governance.disk import locked, write_atomic

_MAGIC = b"EQUIPOISE-MODEL-1\n"
_SEAL_BYTES = hashlib.sha256().digest_size
_SECRET_BYTES = 32
_LIBRARIES = ("numpy", "pandas", "scikit-learn", "diffprivlib", "interpret-core", "fairlearn")


def secret(root: Path) -> bytes:
    """Return the workspace's secret, made on first use in ``root/secret.key`` (mode 0600).

    Raises
    ------
    InputError
        If the file is damaged, belongs to another user or can be read by others: whoever knows
        the secret could seal a file that runs their code.
    """
    path = root / "secret.key"
    with locked(root / ".lock"):
        if not path.exists():
            write_atomic(path, secrets.token_bytes(_SECRET_BYTES))
        status = path.stat()
        content = path.read_bytes()
    if status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise InputError(
            "the workspace's secret isn't this user's alone",
            where=str(path),
            remedy="Delete the file: a new one is made, and models are trained again when needed",
        )
    if len(content) != _SECRET_BYTES:
        raise InputError(
            "the workspace's secret is damaged",
            where=str(path),
            remedy="Delete the file: a new one is made, and models are trained again when needed",
        )
    return content


def sealed(secret_key: bytes, belongs_to: tuple[str, ...], thing: object) -> bytes:
    """Pickle a thing and seal it.

    Parameters
    ----------
    secret_key : bytes
    belongs_to : tuple of str
        Names of the place it is kept in; it can be opened under the same names only.
    thing : object
        Anything that can be pickled.
    """
    payload = pickle.dumps(thing, protocol=5)
    return _MAGIC + _seal(secret_key, belongs_to, payload) + payload


def unsealed(secret_key: bytes, belongs_to: tuple[str, ...], content: bytes) -> Any | None:
    """Open what :func:`sealed` returned, or return None if the seal doesn't verify."""
    start = len(_MAGIC) + _SEAL_BYTES
    if not content.startswith(_MAGIC) or len(content) <= start:
        return None
    payload = content[start:]
    if not hmac.compare_digest(
        content[len(_MAGIC) : start], _seal(secret_key, belongs_to, payload)
    ):
        return None
    try:
        return pickle.loads(payload)
    except Exception:  # our own file, but a class in it has changed since: train again
        return None


def _seal(secret_key: bytes, belongs_to: tuple[str, ...], payload: bytes) -> bytes:
    context = json.dumps([list(belongs_to), _versions()]).encode("ascii")
    message = len(context).to_bytes(8, "big") + context + payload
    return hmac.new(secret_key, message, hashlib.sha256).digest()


@cache
def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found
