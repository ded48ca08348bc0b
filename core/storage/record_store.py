"""The one store of an audit's records: what a person put down, and lists that sessions add to.

A record lies in ``results/<key>.json`` as JSON (:mod:`core.storage.json_format`) with its kind and
that kind's version. A result can be made again, so one that can't be read counts as absent
(:mod:`core.audit_state.results.result_store`). A record can't: if it is damaged, or of a version
that isn't known, that is said, and nothing is written over it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.errors import InputError
from core.storage.json_format import from_json, to_json
from core.storage.workspace import Workspace

RECORD_KINDS: dict[str, RecordKind] = {}
"""All kinds that were made, by name."""


@dataclass(frozen=True)
class RecordKind:
    """A kind of record.

    Attributes
    ----------
    name : str
        Stands in the files, and is never given to another kind.
    holds : type or annotation
    what : str
        Name of it in an error: "the operating points of this audit".
    version : int
        Raised when the content changes its meaning, or in more than fields that were renamed or
        have a default.
    earlier : callable, optional
        From what builds wrote that knew no kinds to the content as it was at version 1.
    """

    name: str
    holds: Any
    what: str = field(kw_only=True)
    version: int = field(default=1, kw_only=True)
    earlier: Callable[[Any], Any] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        assert self.name not in RECORD_KINDS
        RECORD_KINDS[self.name] = self

    def to_json(self, value: Any) -> dict[str, Any]:
        """Write a record with its kind and version."""
        return {"kind": self.name, "version": self.version, "content": to_json(value)}

    def from_json(self, record: Any) -> Any:
        """Read a record; what earlier builds wrote has neither kind nor version.

        Raises
        ------
        InputError
            If it is of a later version or another kind, or isn't as it was written.
        """
        if isinstance(record, dict) and record.keys() == {"kind", "version", "content"}:
            if record["kind"] != self.name:
                raise self._unread(f"it is of the kind {record['kind']!r}, not {self.name!r}")
            version, record = record["version"], record["content"]
            if type(version) is not int or not 1 <= version <= self.version:
                raise self._unread(
                    f"its form is {version!r}, and 1 to {self.version} are known"
                    if self.version > 1
                    else f"its form is {version!r}, and only 1 is known"
                )
        elif self.earlier is not None:
            try:
                record = self.earlier(record)
            except (TypeError, ValueError, KeyError, AttributeError):
                raise self._unread("it is not what is written there") from None
        try:
            return from_json(self.holds, record, self.what)
        except InputError as error:
            raise self._unread(error.problem) from error

    def _unread(self, why: str) -> InputError:
        return InputError(
            f"the record is damaged, or was written by another version ({why})",
            where=self.what,
            remedy="Restore the audit's folder from a copy, or use the version that wrote it; "
            "nothing was changed",
        )


class RecordStore:
    """Records of one audit.

    Parameters
    ----------
    workspace : Workspace
    audit : str
        Its id.
    """

    def __init__(self, workspace: Workspace, audit: str):
        self._workspace, self._audit = workspace, audit

    def load(self, kind: RecordKind, key: str) -> Any | None:
        """Return a record, None only if there is none.

        Raises
        ------
        InputError
            If it is there and can't be read.
        """
        record = self._workspace.get_record(self._audit, key)
        return None if record is None else kind.from_json(record)

    def revise(self, kind: RecordKind, key: str, change: Callable[[Any | None], Any]) -> Any:
        """Replace a record by a function of it (None if there is none), under the audit's lock.

        Two sessions never undo each other's; where it raises, nothing is written.

        Returns
        -------
        object
            As it is on disk now.

        Raises
        ------
        InputError
            As :meth:`load`, and whatever the function raises.
        """
        after: Any = None

        def revised(record: Any | None) -> Any:
            nonlocal after
            after = change(None if record is None else kind.from_json(record))
            return kind.to_json(after)

        self._workspace.revise_record(self._audit, key, revised)
        return after

    def keep(self, kind: RecordKind, key: str, value: object) -> None:
        """Write a record in place of the one that was there, if any."""
        self._workspace.put_result(self._audit, key, kind.to_json(value))
