"""What came of a check: passed, a finding, or why it could not judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from core.audit.finding import Finding

Status = Literal["passed", "finding", "not enough evidence", "not applicable", "skipped"]
STATUSES: tuple[Status, ...] = (
    "finding",
    "not enough evidence",
    "skipped",
    "passed",
    "not applicable",
)
"""As they are listed: what asks for attention first."""


@dataclass(frozen=True)
class CheckResult:
    """What came of one check in one audit.

    Attributes
    ----------
    code, sentence, concern : str
        Of the check.
    status : Status
        "passed" only where it looked, could judge, and found nothing.
    reasons : tuple of str
        Why it could not judge, or could not judge all of it; empty where it could.
    findings : tuple of Finding
    """

    code: str
    sentence: str
    concern: str
    status: Status
    reasons: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As it stands in audit.json; the findings stand there by themselves."""
        return {
            "code": self.code,
            "concern": self.concern,
            "looks_for": self.sentence,
            "status": self.status,
            "reasons": list(self.reasons),
            "findings": len(self.findings),
        }


def in_short(statuses: Iterable[str]) -> str:
    """Count what came of checks.

    Examples
    --------
    >>> in_short(["passed", "passed", "finding", "skipped", "not enough evidence"])
    '5 checks: 1 with findings, 1 without enough evidence, 1 not run, 2 passed'
    """
    counts = Counter(statuses)
    parts = [f"{counts[status]} {_COUNTED[status]}" for status in STATUSES if counts[status]]
    total = counts.total()
    return f"{total} check{'' if total == 1 else 's'}: {', '.join(parts)}"


_COUNTED: dict[Status, str] = {
    "finding": "with findings",
    "not enough evidence": "without enough evidence",
    "skipped": "not run",
    "passed": "passed",
    "not applicable": "not applicable",
}
