"""The record of an audit in progress, as it stands in its audit.json."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.errors import InputError

SCHEMA = 1
"""Version of the layout of an audit's folder."""

_LONGEST_NAME = 200


@dataclass(frozen=True)
class AuditRecord:
    """An audit in the workspace.

    Attributes
    ----------
    id : str
        Twelve characters of a–z and 2–7.
    name : str
        As a person gave it.
    created, modified : str
        ISO 8601 in UTC with microseconds; ``modified`` is of the name or the state.
    source_sha256 : str or None
        SHA-256 of the original bytes, None if the audit has none of its own.
    source_bytes : int or None
        Their length.
    state : dict
        JSON that the workspace keeps and doesn't read. Treat it as read-only.
    damaged : str or None
        Why the folder can't be used, in one sentence; None if it can.
    edited : bool
        Whether it is damaged only in that someone edited it, so that it can be accepted.
    accepted : tuple of str
        UTC times at which an edited record was accepted as it was.
    """

    id: str
    name: str
    created: str
    modified: str
    source_sha256: str | None = None
    source_bytes: int | None = None
    state: dict[str, Any] = field(default_factory=dict)
    damaged: str | None = None
    edited: bool = False
    accepted: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Write as the content of audit.json, without its signature."""
        content: dict[str, Any] = {
            "schema": SCHEMA,
            "id": self.id,
            "name": self.name,
            "created": self.created,
            "modified": self.modified,
            "source": {"sha256": self.source_sha256, "size_bytes": self.source_bytes}
            if self.source_sha256
            else None,
            "state": self.state,
        }
        return content | {"accepted": list(self.accepted)} if self.accepted else content

    @classmethod
    def from_bytes(cls, audit_id: str, content: bytes) -> AuditRecord:
        """Read the content of audit.json.

        Raises
        ------
        ValueError
            If it isn't a record of this audit; the message says why, in one sentence.
        """
        try:
            found = json.loads(content.decode("utf-8", "surrogatepass"))
        except (ValueError, RecursionError):
            raise ValueError("audit.json isn't readable as JSON") from None
        if not isinstance(found, dict):
            raise ValueError("audit.json doesn't hold an audit's record")
        if found.get("schema") != SCHEMA:
            raise ValueError(
                f"audit.json has layout version {found.get('schema')!r}, this Equipoise reads "
                f"version {SCHEMA}"
            )
        if found.get("id") != audit_id:
            raise ValueError(f"audit.json belongs to audit {found.get('id')!r}")
        source = found.get("source") or {}
        texts = [found.get(part) for part in ("name", "created", "modified")]
        accepted = found.get("accepted") or []
        if (
            not all(isinstance(text, str) for text in texts)
            or not isinstance(found.get("state"), dict)
            or not isinstance(accepted, list)
            or not isinstance(source, dict)
            or not isinstance(source.get("sha256", ""), str)
            or not isinstance(source.get("size_bytes", 0), int)
        ):
            raise ValueError("audit.json lacks a part of the audit's record")
        return cls(
            id=audit_id,
            name=found["name"],
            created=found["created"],
            modified=found["modified"],
            source_sha256=source.get("sha256"),
            source_bytes=source.get("size_bytes"),
            state=found["state"],
            accepted=tuple(map(str, accepted)),
        )


def now() -> str:
    """Return the time in UTC, ISO 8601 with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def checked_name(name: str) -> str:
    """Return an audit's name without the spaces around it.

    Raises
    ------
    InputError
        If it is empty, longer than 200 characters or holds control characters.
    """
    name = name.strip()
    if not name:
        raise InputError("an audit needs a name", remedy="Type at least one character")
    if len(name) > _LONGEST_NAME:
        raise InputError(
            f"the name has {len(name)} characters, and {_LONGEST_NAME} are the most",
            where=f"{name[:40]}…",
            remedy="Shorten it",
        )
    if not name.isprintable():
        raise InputError(
            "the name holds a character that can't be shown, such as a line break",
            where=repr(name[:40]),
            remedy="Remove it",
        )
    return name
