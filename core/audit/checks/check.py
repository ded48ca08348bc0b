"""A check, what it needs, and why it may not judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from core.audit.finding import Finding

if TYPE_CHECKING:
    from core.audit.result import AuditResult

CONCERNS = {
    "CHECK": "checks",
    "DATA": "data",
    "PERF": "performance",
    "FAIR": "fairness",
    "MIT": "mitigation",
    "EXPL": "explanation",
    "PRIV": "privacy",
}
"""What the checks of a family look after, by the first part of their codes."""


@dataclass(frozen=True)
class NotJudged:
    """Why a check says neither that it found something nor that there is nothing.

    Attributes
    ----------
    status : {"not enough evidence", "not applicable", "skipped"}
        Whether the rows are too few, the question does not arise in this audit, or what would
        answer it was not run.
    reason : str
        In one clause, without a full stop.
    """

    status: Literal["not enough evidence", "not applicable", "skipped"]
    reason: str


Look = Callable[["AuditResult"], Iterable[Finding | NotJudged]]
Lack = Callable[["AuditResult"], NotJudged | None]


@dataclass(frozen=True)
class Check:
    """A registered check.

    Attributes
    ----------
    name : str
        Its code, "FAIR-01".
    sentence : str
        What is looked for, as a noun phrase with a full stop.
    look : callable
        Yields findings, or why it can't judge; nothing where it looked and found nothing.
    needs : tuple of callable
        Each says what is missing in an audit, or None; see :mod:`core.audit.checks.needs`.
    """

    name: str
    sentence: str
    look: Look
    needs: tuple[Lack, ...] = ()

    @property
    def family(self) -> str:
        """The first part of its code."""
        return self.name.partition("-")[0]

    @property
    def concern(self) -> str:
        """What it looks after, one of :data:`CONCERNS`."""
        return CONCERNS[self.family]
