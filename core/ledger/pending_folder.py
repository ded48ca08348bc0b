"""What was paid for and is not delivered yet, on disk beside the ledger.

``root/ledgers/<identity>/pending/<audit>/<plan>.key`` holds a key of noise and the id of the charge
that pays for it, ``<plan>.result`` a result that was drawn and not delivered. Both have mode 0600
and are authenticated with the workspace's secret. A key is overwritten before it is unlinked; a
file system that copies on write, or a backup, may hold it longer, which no program can help. While
it is there it tells no more than the rows themselves, which lie in the same workspace or with the
same person.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.privacy.accounting.noise_key import NoiseKey
from core.privacy.accounting.payment import KeptKey
from core.storage import signed_data
from core.storage.disk import disk_errors, flush_folder, locked, make_folder, write_atomic
from core.storage.kinds import PAID
from core.storage.signed_pickle import load_pickle, secret

_PLAN = re.compile(r"[0-9a-f]{64}")


class FolderPending:
    """Keys and results of one data set's plans.

    Parameters
    ----------
    root : Path
        Of the workspace.
    data : str
        The data set's identity.
    folder : Path
        Where they lie; made when it is needed.
    """

    def __init__(self, root: Path, data: str, folder: Path):
        self._root, self._data, self._folder = root, data, folder

    @contextmanager
    def held(self, plan: str) -> Iterator[None]:
        """Hold a plan alone among all who may run it, on this machine."""
        with disk_errors():
            make_folder(self._folder)
            handle = locked(self._path(plan, "lock"))
            handle.__enter__()
        try:
            yield
        finally:
            handle.__exit__(None, None, None)

    def key_of(self, plan: str) -> KeptKey | None:
        """Return the plan's key, None if there is none.

        Raises
        ------
        InputError
            If it is there and is not as it was written.
        """
        path = self._path(plan, "key")
        with disk_errors():
            if not path.exists():
                return None
            content = path.read_bytes()
            try:
                record = json.loads(content)
                key = bytes.fromhex(record["key"])
                authentic = hmac.compare_digest(
                    self._mac(plan, record["charge"], key), str(record["mac"])
                )
                if authentic:
                    return KeptKey(record["charge"], NoiseKey(key))
            except (ValueError, TypeError, KeyError, RecursionError):
                pass
        raise InputError(
            "the key of a private run that was paid for and not finished is damaged, or the "
            "workspace's secret is another one",
            where=f"pending/{path.parent.name}/{path.name} beside the ledger",
            remedy="Restore it from a copy. Without it the run can't be finished: delete the file "
            "to give up what was paid, and the same plan is charged again",
        )

    def put_key(self, plan: str, kept: KeptKey) -> None:
        """Keep the plan's key, on disk before it returns."""
        mac = self._mac(plan, kept.charge, kept.key.secret)
        fields = {"charge": kept.charge, "key": kept.key.secret.hex(), "mac": mac}
        with disk_errors():
            write_atomic(self._path(plan, "key"), json.dumps(fields).encode("ascii"))

    def result_of(self, plan: str) -> Any | None:
        """Return the plan's result, None if there is none.

        Raises
        ------
        InputError
            If it is there and can't be opened, saying which versions wrote it.
        """
        path = self._path(plan, "result")
        with disk_errors():
            if not path.exists():
                return None
            content = path.read_bytes()
            secret_key = secret(self._root)
        what, belongs_to = "a private result that is paid for", self._belongs(plan)
        if signed_data.is_data(content):
            return signed_data.load_data(secret_key, belongs_to, content, PAID, what)
        return load_pickle(secret_key, belongs_to, content, what, other_versions=True)

    def put_result(self, plan: str, result: object) -> None:
        """Keep the plan's result, on disk before it returns."""
        with disk_errors():
            kind = next(kind for kind in PAID if kind.fits(result))
            content = signed_data.sign_data(secret(self._root), self._belongs(plan), kind, result)
            write_atomic(self._path(plan, "result"), content)

    def erase_key(self, plan: str) -> None:
        """Overwrite and unlink the plan's key, if there is one."""
        self._erase(self._path(plan, "key"))

    def erase_result(self, plan: str) -> None:
        """Unlink the plan's result, if there is one."""
        self._erase(self._path(plan, "result"))

    def _erase(self, path: Path) -> None:
        with disk_errors(), suppress(FileNotFoundError):
            handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
            try:
                os.write(handle, bytes(os.fstat(handle).st_size))
                os.fsync(handle)
            finally:
                os.close(handle)
            path.unlink()
            flush_folder(path.parent)

    def _belongs(self, plan: str) -> tuple[str, ...]:
        return "pending", self._data, plan

    def _mac(self, plan: str, charge: str, key: bytes) -> str:
        message = json.dumps(["pending key", self._data, plan, charge, key.hex()]).encode("ascii")
        return hmac.new(secret(self._root), message, hashlib.sha256).hexdigest()

    def _path(self, plan: str, kind: str) -> Path:
        if not _PLAN.fullmatch(plan):
            raise ValueError(f"no name of a plan: {plan!r}")
        return self._folder / f"{plan}.{kind}"
