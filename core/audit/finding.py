"""Coded findings: what an auditor should know, with evidence and a remedy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low", "info")


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes
    ----------
    code : str
        Stable, such as "FAIR-01".
    severity : {"high", "medium", "low", "info"}
    title : str
        The finding in a few words.
    evidence : str
        The numbers behind it, in one sentence.
    remedy : str
        What can be done, in one sentence.
    """

    code: str
    severity: Severity
    title: str
    evidence: str
    remedy: str

    def to_json(self) -> dict[str, Any]:
        """As it stands in audit.json."""
        return asdict(self)
