"""Who made a bias audit: without them a table is self-computed, and no bias audit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from core.errors import InputError

SELF_COMPUTED = "Self-computed, not a bias audit"


@dataclass(frozen=True)
class Auditor:
    """What § 5-300 and § 5-303 ask to be recorded.

    Attributes
    ----------
    name, organisation : str
        Of the independent auditor.
    independence : str
        Their statement that they never took part in using, developing or distributing the tool,
        were not employed by the employer or the vendor during the audit, and have no direct or
        material indirect financial interest in them.
    distribution_date : str
        ISO date on which the employer first used the tool.
    audit_date : str
        ISO date of the audit; empty for the day on which the table is computed.
    data_source : str
        Source and explanation of the data.
    """

    name: str = ""
    organisation: str = ""
    independence: str = ""
    distribution_date: str = ""
    audit_date: str = ""
    data_source: str = ""

    def __post_init__(self) -> None:
        for field, told in (
            ("distribution date", self.distribution_date),
            ("date of the audit", self.audit_date),
        ):
            try:
                if told:
                    date.fromisoformat(told)
            except ValueError:
                raise InputError(
                    "it is no date",
                    where=f"{field} {told!r}",
                    remedy="Write it as 2026-01-31",
                ) from None

    @property
    def missing(self) -> tuple[str, ...]:
        """What is not filled in, of that without which a table is self-computed."""
        needed = {
            "the auditor's name": self.name,
            "the auditor's organisation": self.organisation,
            "a statement of independence": self.independence,
            "the tool's distribution date": self.distribution_date,
        }
        return tuple(what for what, told in needed.items() if not told.strip())

    @property
    def standing(self) -> str:
        """Whose table it is, in one sentence."""
        if self.missing:
            return f"{SELF_COMPUTED}: {', '.join(self.missing)} not given."
        return (
            f"Figures of the bias audit by {self.name.strip()}, {self.organisation.strip()}, as "
            "they declare it."
        )

    def to_json(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return asdict(self) | {"missing": list(self.missing)}
