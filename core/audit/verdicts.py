"""The verdict on each concern of an audit, from what came of its checks: one text for everybody.

The overview page, the report and audit.json take these sentences and write none of their own, so a
page can't be green over a finding in the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.audit.check_result import STATUSES, CheckResult
from core.audit.finding import SEVERITIES, Finding

Level = Literal[
    "high", "medium", "low", "not enough evidence", "not run", "nothing found", "not applicable"
]
LEVELS: dict[Level, str] = {
    "high": "Finding of high severity",
    "medium": "Finding of medium severity",
    "low": "Finding of low severity",
    "not enough evidence": "Not enough evidence",
    "not run": "Not run yet",
    "nothing found": "Nothing found",
    "not applicable": "Not applicable",
}
"""How each level is called, most pressing first."""
CONCERNS = ("data", "performance", "fairness", "mitigation", "explanation", "privacy")
"""As they are listed."""


@dataclass(frozen=True)
class Verdict:
    """What can be said of one concern.

    Attributes
    ----------
    concern : str
        One of :data:`CONCERNS`.
    level : Level
        That of the most severe finding; without any, the weakest that keeps "nothing found" from
        being true of all checks that apply.
    sentence : str
        What was found, what could not be judged, what was not run.
    """

    concern: str
    level: Level
    sentence: str

    @property
    def label(self) -> str:
        """The level in words."""
        return LEVELS[self.level]

    def to_json(self) -> dict[str, Any]:
        """As it stands in audit.json."""
        return {
            "concern": self.concern,
            "level": self.level,
            "label": self.label,
            "sentence": self.sentence,
        }


def verdicts(checks: Sequence[CheckResult]) -> tuple[Verdict, ...]:
    """Judge every concern that has checks, in the order of :data:`CONCERNS`."""
    return tuple(
        _verdict(concern, own)
        for concern in CONCERNS
        if (own := [check for check in checks if check.concern == concern])
    )


def verdict_on(concern: str, checks: Sequence[CheckResult]) -> Verdict:
    """Judge one concern.

    Raises
    ------
    KeyError
        If it has no checks.
    """
    for found in verdicts(checks):
        if found.concern == concern:
            return found
    raise KeyError(concern)


def _verdict(concern: str, checks: list[CheckResult]) -> Verdict:
    by_status: dict[str, list[CheckResult]] = {status: [] for status in STATUSES}
    for check in checks:
        by_status[check.status].append(check)
    findings = sorted(
        (f for check in checks for f in check.findings), key=lambda f: SEVERITIES.index(f.severity)
    )
    judged = [finding for finding in findings if finding.severity != "info"]
    noted = [finding for finding in findings if finding.severity == "info"]
    level = _level(judged, by_status)
    if level == "not applicable":
        reasons = dict.fromkeys(r for check in checks for r in check.reasons)
        return Verdict(concern, level, f"{_capital('; '.join(reasons))}.")
    parts = [
        _passed(by_status["passed"]) if level == "nothing found" else "",
        _found(judged),
        _noted(noted),
        _listed("Not enough evidence", by_status["not enough evidence"]),
        _listed("Not run", by_status["skipped"]),
    ]
    return Verdict(concern, level, " ".join(part for part in parts if part))


def _level(judged: list[Finding], by_status: dict[str, list[CheckResult]]) -> Level:
    """Name the worst that is true of any check."""
    if judged:
        severity: Level = judged[0].severity  # type: ignore[assignment]
        return severity
    if by_status["not enough evidence"]:
        return "not enough evidence"
    if by_status["skipped"]:
        return "not run"
    # A finding for information alone found nothing that weighs.
    return "nothing found" if by_status["passed"] or by_status["finding"] else "not applicable"


def _passed(checks: list[CheckResult]) -> str:
    return f"{len(checks)} check{'' if len(checks) == 1 else 's'} passed." if checks else ""


def _found(findings: list[Finding]) -> str:
    if not findings:
        return ""
    more = len(findings) - 1
    return f"{findings[0].title}" + (
        f", and {more} more finding{'' if more == 1 else 's'}." if more else "."
    )


def _noted(findings: list[Finding]) -> str:
    return f"For information: {'; '.join(f.title for f in findings)}." if findings else ""


def _listed(what: str, checks: list[CheckResult]) -> str:
    if not checks:
        return ""
    reasons = list(dict.fromkeys(reason for check in checks for reason in check.reasons))
    more = f"; and {len(reasons) - 2} more" if len(reasons) > 2 else ""
    return f"{what}: {'; '.join(reasons[:2])}{more}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
