"""Coded findings: what an auditor should know, with evidence and a remedy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low", "info")


@dataclass(frozen=True)
class Harm:
    """Who fares worse than whom, by which rate, by how much, and how sure that is.

    Attributes
    ----------
    figure : str
        The rate or figure that is compared, "true_positive_rate".
    attributes : tuple of str
        The sensitive columns whose groups are compared.
    group, reference : str
        Who is harmed, and beside whom.
    rate, reference_rate : float or None
        Theirs.
    comparison : {"ratio", "difference"}
    estimate, low, high : float or None
        Of the comparison, with its 95 % interval.
    criterion : str
        What it breaks, in a few words.
    label, reference_label : str
        The two groups as people read them beside the others of their columns.
    """

    figure: str
    attributes: tuple[str, ...]
    group: str
    reference: str
    rate: float | None
    reference_rate: float | None
    comparison: Literal["ratio", "difference"]
    estimate: float | None
    low: float | None
    high: float | None
    criterion: str
    label: str = ""
    reference_label: str = ""


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
    harm : Harm or None
        Of a finding on groups: the worst of what it tells, in figures.
    """

    code: str
    severity: Severity
    title: str
    evidence: str
    remedy: str
    harm: Harm | None = None

    def to_json(self) -> dict[str, Any]:
        """As it stands in audit.json: ``harm`` only where there is one."""
        out = asdict(self)
        if self.harm is None:
            del out["harm"]
        return out
