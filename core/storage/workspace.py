"""The workspace: audits in progress, on disk, so that they outlive a browser and a server.

Each audit is a folder ``root/audits/<id>/``::

    audit.json              name, times and state
    source/<sha256>         the original bytes, written once
    results/<key>.data      a finished result, see core.audit_state.results.result_store
    results/<key>.json      a note or a record, <key>.bin beside it where it has bytes
    models/<key>.sealed     a trained model: a private one as data, see core.storage.signed_data,
                            any other as a signed pickle, see core.storage.signed_pickle

Every change is made under the audit's lock and replaces a file in one step.
"""

from __future__ import annotations

import builtins
import hmac
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.installation import default_workspace
from core.storage import layout, signed_data
from core.storage.canonical import key
from core.storage.data_format import NotDataError
from core.storage.disk import disk_errors, locked, make_folder, write_atomic
from core.storage.kinds import MODEL
from core.storage.record import AuditRecord, checked_name, now
from core.storage.signed_data import ResultKind
from core.storage.signed_pickle import load_pickle, secret, sign_pickle, signature
from core.storage.signed_record import take_over_records

__all__ = ["AuditRecord", "Workspace", "default_root", "key"]

_ID = re.compile(r"[a-z2-7]{12}")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_ABANDONED_SECONDS = 3600


def default_root() -> Path:
    """Return the folder EQUIPOISE_WORKSPACE names, or the default one of this copy."""
    given = os.environ.get("EQUIPOISE_WORKSPACE", "").strip()
    return Path(given) if given else default_workspace()


class NoAuditError(InputError):
    """There is no audit of that id."""


class Workspace:
    """Audits on disk.

    Parameters
    ----------
    root : Path, optional
        Where; :func:`default_root` if not given. It is made if it isn't there.

    Raises
    ------
    InputError
        By every method: if the disk is full or forbids it, and for an audit that isn't there.
    """

    def __init__(self, root: Path | None = None):
        self.root = (default_root() if root is None else Path(root)).absolute()
        self._audits = self.root / "audits"
        with disk_errors():
            make_folder(self.root)
            make_folder(self._audits)
            take_over_records(self.root)
            self._sweep()

    def create(self, name: str, data: bytes | None = None) -> AuditRecord:
        """Begin an audit, with the bytes of its data if it has some of its own."""
        moment = now()
        audit_id = "".join(secrets.choice(_ALPHABET) for _ in range(12))
        record = AuditRecord(audit_id, checked_name(name), created=moment, modified=moment)
        with disk_errors():
            # Made under another name and moved when complete: a half-made audit is never listed.
            staging = self._audits / f".new-{audit_id}"
            try:
                make_folder(staging)
                if data is not None:
                    record = layout.write_source(staging, record, data)
                layout.write_record(staging, record)
                staging.rename(self._audits / audit_id)
            except BaseException:
                shutil.rmtree(staging, ignore_errors=True)
                raise
        return record

    def list(self) -> builtins.list[AuditRecord]:
        """Return all audits, last modified first; a damaged one says so in ``damaged``."""
        with disk_errors():
            found = [
                layout.examined(folder)
                for folder in self._audits.iterdir()
                if _ID.fullmatch(folder.name)
            ]
        return sorted(found, key=lambda record: (record.modified, record.id), reverse=True)

    def open(self, audit_id: str) -> AuditRecord:
        """Return an audit; InputError if there is none of that id or it is damaged."""
        folder = self._folder(audit_id)
        with disk_errors():
            if not folder.is_dir():
                raise _no_audit(audit_id)
            record = layout.examined(folder)
        if record.damaged:
            raise InputError(
                f"this audit is damaged: {record.damaged}",
                where=audit_id,
                remedy="Look at the first page, where it can be accepted as it is, or restore it "
                "from a backup"
                if record.edited
                else "Restore its folder from a backup, or delete it and start again",
            )
        return record

    def save_state(self, audit_id: str, state: dict[str, Any]) -> AuditRecord:
        """Replace an audit's whole state; TypeError or ValueError if it isn't JSON."""
        return self._change(audit_id, lambda record: replace(record, state=dict(state)))

    def update_state(self, audit_id: str, /, **changes: Any) -> AuditRecord:
        """Set some keys of an audit's state and leave the others as they are on disk."""
        return self._change(
            audit_id, lambda record: replace(record, state={**record.state, **changes})
        )

    def revise_state(
        self, audit_id: str, changes: Callable[[AuditRecord], dict[str, Any]]
    ) -> AuditRecord:
        """Set the keys of an audit's state that a function of its record returns.

        The function is called under the audit's lock, so that what it saw is what it changes; where
        it raises, nothing is written.
        """
        return self._change(
            audit_id, lambda record: replace(record, state={**record.state, **changes(record)})
        )

    def rename(self, audit_id: str, name: str, *, seen: str | None = None) -> AuditRecord:
        """Give an audit another name; InputError if it no longer has the name that was seen."""
        name = checked_name(name)

        def change(record: AuditRecord) -> AuditRecord:
            if seen not in (None, record.name):
                raise InputError(
                    f"it was renamed to {record.name!r} in the meantime, so nothing was saved",
                    where=str(seen),
                    remedy="Look at the list again",
                )
            return replace(record, name=name)

        return self._change(audit_id, change)

    def accept(self, audit_id: str) -> AuditRecord:
        """Take a record that was edited outside of Equipoise as it is; that it was is kept in it.

        Raises
        ------
        InputError
            If it wasn't edited, or can't be read either.
        """
        folder = self._folder(audit_id)
        with disk_errors(), self._lock(audit_id):
            record = layout.accepted(folder)
            layout.write_record(folder, record)
        return record

    def delete(self, audit_id: str, *, seen: AuditRecord | None = None) -> None:
        """Remove an audit, damaged or not, with all its data, results and models.

        Parameters
        ----------
        audit_id : str
        seen : AuditRecord, optional
            As whoever deletes it saw it.

        Raises
        ------
        InputError
            If it was changed since it was seen; nothing is removed then.
        """
        folder = self._folder(audit_id)
        # Out of the list in one step, so that no reader ever meets half an audit; what an
        # interrupted removal leaves behind is removed when the workspace is next opened.
        trash = self._audits / f".trash-{audit_id}-{secrets.token_hex(4)}"
        with disk_errors():
            with self._lock(audit_id):
                now = layout.examined(folder)
                if seen and not now.damaged and now.modified != seen.modified:
                    raise InputError(
                        "it was changed in another tab or by another person in the meantime, so "
                        "nothing was removed",
                        where=now.name,
                        remedy="Look at it, and delete it again if it is to go all the same",
                    )
                folder.rename(trash)
            with suppress(FileNotFoundError):  # another process opened the workspace and swept
                shutil.rmtree(trash)

    def read_source(self, audit_id: str) -> bytes:
        """Return an audit's original bytes; InputError if it has none or they have changed."""
        record = self.open(audit_id)
        with disk_errors():
            return layout.read_source(self._folder(audit_id), record)

    def put_result(
        self, audit_id: str, result_key: str, value: Any, blob: bytes | None = None
    ) -> None:
        """Keep a finished result.

        Parameters
        ----------
        audit_id : str
        result_key : str
            From :func:`key`.
        value : JSON value
            Not None, which would be told apart from "no result" by no one.
        blob : bytes, optional
            Bytes that belong to it.

        Raises
        ------
        TypeError, ValueError
            If the value isn't JSON (NaN and infinities aren't) or is None.
        """
        if value is None:
            raise ValueError("None stands for 'no result' and can't be kept as one")
        path = self._folder(audit_id)
        with disk_errors(), self._lock(audit_id):
            layout.write_result(path, result_key, value, blob)

    def revise_record(
        self, audit_id: str, result_key: str, change: Callable[[Any | None], Any]
    ) -> Any:
        """Replace what a person put down, or a list that several sessions add to, by a function.

        The function gets the value on disk (None if there is none) under the audit's lock, so that
        two sessions never undo each other's; where it raises, nothing is written.

        Returns
        -------
        JSON value
            As it is on disk now.

        Raises
        ------
        InputError
            As :meth:`get_record`, and whatever the function raises.
        """
        path = self._folder(audit_id)
        with disk_errors(), self._lock(audit_id):
            value = change(self.get_record(audit_id, result_key))
            if value is None:
                raise ValueError("None stands for 'no result' and can't be kept as one")
            layout.write_result(path, result_key, value, None)
        return value

    def get_result(self, audit_id: str, result_key: str) -> Any | None:
        """Return a result's value (tuples as lists), None if there is none that can be read."""
        found = layout.read_result(self._folder(audit_id), result_key)
        return None if found is None else found[0]

    def get_record(self, audit_id: str, result_key: str) -> Any | None:
        """Return what a person put down, None only if nothing was.

        Raises
        ------
        InputError
            If it is there and can't be read: it can't be made again, so nothing may take its place.
        """
        path = layout.result_path(self._folder(audit_id), result_key)
        found = layout.read_result(self._folder(audit_id), result_key)
        if found is None and path.exists():
            raise InputError(
                "it is there and can't be read",
                where=f"results/{path.name} of this audit",
                remedy="Restore it from a copy; what a person decided can't be made again, so "
                "nothing is written over it",
            )
        return None if found is None else found[0]

    def get_blob(self, audit_id: str, result_key: str) -> bytes | None:
        """Return a result's bytes, None if it has none or there is no result."""
        found = layout.read_result(self._folder(audit_id), result_key)
        return None if found is None else found[1]

    def put_model(
        self, audit_id: str, model_key: str, model: object, kind: ResultKind | None = None
    ) -> None:
        """Keep a trained model under the workspace's signature.

        Parameters
        ----------
        audit_id, model_key : str
        model : object
        kind : ResultKind, optional
            Of a model that can't be made again for nothing: it is written as data, which every
            version can read. Any other is pickled.

        Raises
        ------
        NotDataError
            If it has no form as data.
        pickle.PicklingError, AttributeError, TypeError
            If it can't be pickled.
        """
        path = layout.model_path(self._folder(audit_id), model_key)
        with disk_errors():
            secret_key, belongs_to = secret(self.root), (audit_id, model_key)
            content = (
                sign_pickle(secret_key, belongs_to, model)
                if kind is None
                else signed_data.sign_data(secret_key, belongs_to, kind, model)
            )
            with self._lock(audit_id):
                make_folder(path.parent)
                write_atomic(path, content)

    def get_model(
        self, audit_id: str, model_key: str, kind: ResultKind | None = None
    ) -> Any | None:
        """Return a model, None if there is none whose signature verifies; no other is unpickled.

        With a kind it is tried too where other versions of libraries pickled it.
        """
        content = self._sealed(audit_id, model_key)
        if content is None:
            return None
        secret_key = secret(self.root)
        try:
            return _opened(secret_key, (audit_id, model_key), content, "it", kind)
        except InputError:
            return None

    def open_model(
        self, audit_id: str, model_key: str, what: str, kind: ResultKind | None = None
    ) -> Any | None:
        """Return a model, None only if there is none.

        Parameters
        ----------
        audit_id, model_key : str
        what : str
            Name of the model in an error.
        kind : ResultKind, optional
            Of what can't be made again for nothing. An earlier build pickled it: then it is tried
            whichever versions did, and rewritten as data.

        Raises
        ------
        InputError
            If it is there and can't be opened: which versions wrote it, and what to do.
        """
        content = self._sealed(audit_id, model_key)
        if content is None:
            return None
        secret_key, belongs_to = secret(self.root), (audit_id, model_key)
        found = _opened(
            secret_key, belongs_to, content, f"{what} (models/{model_key}.sealed)", kind
        )
        if kind is not None and not signed_data.is_data(content) and kind.fits(found):
            # Equal content in one step needs no lock, and whoever calls may hold it. A disk that
            # can't be written to must not keep the model from being opened.
            with suppress(OSError, NotDataError):
                content = signed_data.sign_data(secret_key, belongs_to, kind, found)
                write_atomic(layout.model_path(self._folder(audit_id), model_key), content)
        return found

    def _sealed(self, audit_id: str, model_key: str) -> bytes | None:
        path = layout.model_path(self._folder(audit_id), model_key)
        with disk_errors():
            try:
                return path.read_bytes()
            except FileNotFoundError:
                return None

    def sign_note(self, audit_id: str, name: str, value: Any) -> None:
        """Keep JSON in an audit's folder so that an edit of it is noticed."""
        text = json.dumps(value, sort_keys=True, allow_nan=False)
        with disk_errors():
            seal = signature(secret(self.root), (audit_id, name), text.encode("ascii"))
            with self._lock(audit_id):
                content = json.dumps({"value": text, "signature": seal})
                write_atomic(self._folder(audit_id) / name, content.encode("ascii"))

    def signed_note(self, audit_id: str, name: str) -> Any | None:
        """Return JSON that :meth:`sign_note` kept, None if there is none or it was edited."""
        with disk_errors():
            try:
                record = json.loads((self._folder(audit_id) / name).read_bytes())
                text, seal = record["value"].encode("ascii"), record["signature"].encode("ascii")
                expected = signature(secret(self.root), (audit_id, name), text)
                if not hmac.compare_digest(expected.encode("ascii"), seal):
                    return None
                return json.loads(text)
            except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
                return None

    def write_in(self, audit_id: str, name: str, content: bytes) -> None:
        """Write a file that a part of an audit looks after itself, under the audit's lock."""
        with disk_errors(), self._lock(audit_id):
            path = self.path_in(audit_id, name)
            make_folder(path.parent)
            write_atomic(path, content)

    def path_in(self, audit_id: str, name: str) -> Path:
        """Path of a file that a part of an audit looks after itself; InputError for a wrong id."""
        return self._folder(audit_id) / name

    def _folder(self, audit_id: str) -> Path:
        # Ids come from URLs: nothing but the strict pattern reaches the file system.
        if not isinstance(audit_id, str) or not _ID.fullmatch(audit_id):
            raise NoAuditError(
                "this isn't the id of an audit",
                where=repr(audit_id)[:60],
                remedy="Choose one from the list",
            )
        return self._audits / audit_id

    @contextmanager
    def _lock(self, audit_id: str) -> Iterator[None]:
        folder = self._folder(audit_id)
        if not folder.is_dir():
            raise _no_audit(audit_id)
        with locked(folder / ".lock"):
            # Who waited for a deletion holds the lock of a folder that is gone.
            if not folder.is_dir():
                raise _no_audit(audit_id)
            yield

    def _change(self, audit_id: str, change: Callable[[AuditRecord], AuditRecord]) -> AuditRecord:
        with disk_errors(), self._lock(audit_id):
            record = replace(change(self.open(audit_id)), modified=now())
            layout.write_record(self._folder(audit_id), record)
        return record

    def _sweep(self) -> None:
        for folder in self._audits.glob(".trash-*"):
            shutil.rmtree(folder, ignore_errors=True)
        for folder in self._audits.glob(".new-*"):
            with suppress(FileNotFoundError):
                if time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)


def _opened(
    secret_key: bytes,
    belongs_to: tuple[str, ...],
    content: bytes,
    what: str,
    kind: ResultKind | None,
) -> Any:
    if signed_data.is_data(content):
        return signed_data.load_data(secret_key, belongs_to, content, (kind or MODEL,), what)
    return load_pickle(secret_key, belongs_to, content, what, other_versions=kind is not None)


def _no_audit(audit_id: str) -> NoAuditError:
    return NoAuditError(
        "there is no audit of that id", where=audit_id, remedy="Choose one from the list"
    )
