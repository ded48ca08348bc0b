"""Checks of the data: rows that were left out, and what the model sees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.audit.checks.registry import registered
from core.audit.finding import Finding

if TYPE_CHECKING:
    from core.audit.result import AuditResult


@registered("DATA-01", "Rows that were dropped on the way.")
def _dropped(result: AuditResult) -> Iterable[Finding]:
    lost = len(result.table.frame) - len(result.dataset)
    if lost:
        share = lost / len(result.table.frame)
        yield Finding(
            "DATA-01",
            "medium" if share > 0.05 else "low",
            f"{lost} of {len(result.table.frame)} rows were dropped",
            "; ".join(
                f"{repair.what} ({repair.count}, {repair.column})"
                for repair in result.dataset.repairs
                if repair.what.startswith("Rows ")
            )
            or "They lack the target, a prediction or a score",
            "Check whether they are missing by chance or belong to one group",
        )


@registered(
    "DATA-04", "Rows that were left out so that one person counts for no more than promised."
)
def _left_out(result: AuditResult) -> Iterable[Finding]:
    for repair in () if result.trained is None else result.trained.repairs:
        yield Finding(
            "DATA-04",
            "info",
            f"{repair.count} rows were left out of training and testing",
            f"{repair.what} ({repair.column})",
            "Keep more rows of each person, at the price of more noise for each",
        )


@registered("DATA-03", "Sensitive columns that the model sees.")
def _sensitive_features(result: AuditResult) -> Iterable[Finding]:
    seen = [c for c in result.dataset.roles.sensitive if c in result.dataset.roles.features]
    if seen and result.trained is not None:
        yield Finding(
            "DATA-03",
            "medium",
            "The model sees a sensitive attribute",
            f"Among its features: {', '.join(seen)}",
            "Leave it out of the features unless there is a reason to keep it",
        )
