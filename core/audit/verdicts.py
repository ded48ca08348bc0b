"""The verdict on each concern of an audit, from what came of its checks: one text for everybody.

The overview page, the report and audit.json take these sentences and write none of their own, so a
page can't be green over a finding in the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.audit.check_result import CheckResult
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
    findings = sorted(
        (f for check in checks for f in check.findings), key=lambda f: SEVERITIES.index(f.severity)
    )
    open_ = {
        status: [check for check in checks if check.status == status]
        for status in ("not enough evidence", "skipped", "passed", "not applicable")
    }
    judged = [f for f in findings if f.severity != "info"]
    level: Level
    if judged:
        level = judged[0].severity  # type: ignore[assignment]
    elif open_["not enough evidence"]:
        level = "not enough evidence"
    elif open_["skipped"]:
        level = "not run"
    elif open_["passed"] or findings:
        level = "nothing found"
    else:
        level = "not applicable"
    parts = [
        _found(judged),
        _noted([f for f in findings if f.severity == "info"]),
        _listed("Not enough evidence", open_["not enough evidence"]),
        _listed("Not run", open_["skipped"]),
    ]
    sentence = " ".join(part for part in parts if part)
    if level == "nothing found":
        count = len(open_["passed"])
        checked = f"{count} check{'' if count == 1 else 's'} passed." if count else ""
        sentence = " ".join(part for part in (checked, sentence) if part)
    if level == "not applicable":
        reasons = dict.fromkeys(r for check in open_["not applicable"] for r in check.reasons)
        sentence = f"{_capital('; '.join(reasons))}."
    return Verdict(concern, level, sentence)


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
