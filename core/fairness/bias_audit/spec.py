"""What a table under Local Law 144 is made of, as whoever audits declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.fairness.bias_audit.auditor import Auditor, auditor_from_json
from core.fairness.metrics.impact_spec import DEFAULT, ImpactSpec, impact_spec_from_json

Declared = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class BiasAuditSpec:
    """Which columns hold sex and race or ethnicity, and what was decided.

    Attributes
    ----------
    sex, race : str
        Columns.
    sexes, races : tuple of (str, str)
        Declared categories by value; a value written like a category needs none.
    impact : ImpactSpec
        Only its smallest share, reason and base are used: the reference is the highest rate.
    auditor : Auditor
    """

    sex: str
    race: str
    sexes: Declared = ()
    races: Declared = ()
    impact: ImpactSpec = DEFAULT
    auditor: Auditor = field(default_factory=Auditor)

    def to_json(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return asdict(self) | {
            "sexes": dict(self.sexes),
            "races": dict(self.races),
            "impact": self.impact.to_json(),
        }


def bias_audit_from_json(record: Mapping[str, Any]) -> BiasAuditSpec:
    """Read a spec back."""
    return BiasAuditSpec(
        record["sex"],
        record["race"],
        tuple(dict(record.get("sexes", {})).items()),
        tuple(dict(record.get("races", {})).items()),
        impact_spec_from_json(record.get("impact", {})),
        auditor_from_json(record.get("auditor", {})),
    )
