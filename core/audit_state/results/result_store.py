"""The one store of an audit's results: each is computed once for its key, and written as data.

A result lies in ``results/<key>.data`` (:mod:`core.storage.signed_data`). Earlier builds pickled
it among the models or wrote JSON; what is found there is moved here when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from core.errors import InputError
from core.storage import layout, signed_data
from core.storage.disk import disk_errors
from core.storage.signed_data import OtherVersionError, ResultKind
from core.storage.signed_pickle import secret
from core.storage.workspace import Workspace

T = TypeVar("T")


class ResultStore:
    """Results of one audit.

    Parameters
    ----------
    workspace : Workspace
    audit : str
        Its id.
    """

    def __init__(self, workspace: Workspace, audit: str):
        self._workspace, self._audit = workspace, audit

    def load(
        self, kind: ResultKind, key: str, from_json: Callable[[Any], Any] | None = None
    ) -> Any | None:
        """Return a result, None if there is none, or its file was changed.

        Parameters
        ----------
        kind : ResultKind
        key : str
            From :func:`core.storage.canonical.key`.
        from_json : callable, optional
            Reads what earlier builds wrote as JSON.

        Raises
        ------
        OtherVersionError
            If it is there and this version can't open it.
        """
        path, where = self._path(key), f"results/{key}.data of this audit"
        with disk_errors():
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                return self._earlier(kind, key, from_json)
            secret_key = secret(self._workspace.root)
        try:
            return signed_data.load_data(secret_key, (self._audit, key), content, (kind,), where)
        except OtherVersionError:
            raise
        except InputError:  # changed, or of another workspace: it is computed again
            return None

    def keep(self, kind: ResultKind, key: str, value: object) -> None:
        """Write a result in place of the one that was there, if any."""
        self._write(kind, key, value)

    def _write(self, kind: ResultKind, key: str, value: object) -> None:
        with disk_errors():
            secret_key = secret(self._workspace.root)
        content = signed_data.sign_data(secret_key, (self._audit, key), kind, value)
        self._workspace.write_in(self._audit, f"results/{key}.data", content)

    def load_or_compute(self, kind: ResultKind, key: str, compute: Callable[[], T]) -> T:
        """Return a result from disk, or compute and keep it."""
        found: T | None = self.load(kind, key)
        if found is None:
            found = compute()
            self.keep(kind, key, found)
        return found

    def load_or_follow(
        self, kind: ResultKind, key: str, steps: Iterable[tuple[float, T]]
    ) -> Iterator[tuple[float, T]]:
        """Return a result from disk, or compute it step by step, and keep what the last one gives.

        Yields
        ------
        share : float
            In (0, 1].
        result
            So far; it is kept where the share is 1 before it is yielded.
        """
        found: T | None = self.load(kind, key)
        if found is not None:
            yield 1.0, found
            return
        for share, result in steps:
            if share >= 1 and result is not None:
                self.keep(kind, key, result)
            yield share, result

    def _earlier(
        self, kind: ResultKind, key: str, from_json: Callable[[Any], Any] | None
    ) -> Any | None:
        """Take over what an earlier build kept under a key."""
        found, old = None, layout.model_path(self._folder, key)
        if from_json is not None:
            record = self._workspace.get_result(self._audit, key)
            old = layout.result_path(self._folder, key)
            with suppress(TypeError, KeyError, ValueError):  # an earlier build knew other fields
                found = None if record is None else from_json(record)
        elif old.exists():
            found = self._workspace.get_model(self._audit, key, kind)
        if found is None or not kind.fits(found):
            return None
        with suppress(InputError, OSError):  # a disk that is full or can't be written to
            self._write(kind, key, found)
            old.unlink(missing_ok=True)
        return found

    @property
    def _folder(self) -> Any:
        return self._workspace.path_in(self._audit, "")

    def _path(self, key: str) -> Any:
        return layout.result_path(self._folder, key).with_suffix(".data")
