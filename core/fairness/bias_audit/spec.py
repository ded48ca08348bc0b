"""What a table under Local Law 144 is made of, as whoever audits declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.fairness.bias_audit.auditor import Auditor
from core.fairness.metrics.impact_spec import DEFAULT, ImpactSpec
from core.storage.json_format import fields_json, json_form

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


def _by_value(spec: BiasAuditSpec) -> dict[str, Any]:
    return fields_json(spec) | {"sexes": dict(spec.sexes), "races": dict(spec.races)}


def _as_pairs(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **record,
        "sexes": [*record.get("sexes", {}).items()],
        "races": [*record.get("races", {}).items()],
    }


json_form(BiasAuditSpec, write=_by_value, read=_as_pairs)
