"""The options of the table of Local Law 144, for ``audit`` and ``impact-ratios`` alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from core.audit.audit_option import Asked, AuditOption
from core.audit.audit_options import listed
from core.fairness.bias_audit.record import PRESET
from core.fairness.bias_audit.spec import Declared


def _told(field: str) -> Callable[[Asked], Iterable[str]]:
    """Print a field of the table's auditor, where it is filled in."""

    def texts(asked: Asked) -> Iterable[str]:
        text = "" if asked.bias_audit is None else getattr(asked.bias_audit.auditor, field)
        return (text,) if text else ()

    return texts


def _categories(asked: Asked) -> Iterable[str]:
    spec = asked.bias_audit
    if spec is None:
        return []
    return [*_of(spec.sex, spec.sexes), *_of(spec.race, spec.races)]


def _of(column: str, declared: Declared) -> Iterable[str]:
    by: dict[str, list[str]] = {}
    for value, category in declared:
        by.setdefault(category, []).append(value)
    return [f"{column}={category}:{listed(values)}" for category, values in by.items()]


BIAS_AUDIT_OPTIONS = (
    AuditOption(
        field="bias_audit", of="", flag="--preset", choices=((PRESET, PRESET),),
        label="Preset of impact ratios", help="the table of New York City's Local Law 144",
        texts=lambda asked: () if asked.bias_audit is None else (PRESET,),
    ),
    AuditOption(
        field="sex", of="bias_audit", flag="--sex", metavar="COL", label="Column of sex",
        help="preset: column of sex",
    ),
    AuditOption(
        field="race", of="bias_audit", flag="--race", metavar="COL",
        label="Column of race or ethnicity", help="preset: column of race or ethnicity",
    ),
    AuditOption(
        field="categories", of="bias_audit", flag="--category", repeated=True,
        metavar="COL=CATEGORY:A,B", label="Declared categories",
        help="preset: values that belong to a category of the EEO-1 report, or to unknown",
        texts=_categories,
    ),
    AuditOption(
        field="name", of="auditor", flag="--auditor", metavar="NAME", label="Independent auditor",
        help="preset: name of the independent auditor", texts=_told("name"),
    ),
    AuditOption(
        field="organisation", of="auditor", flag="--organisation", metavar="NAME",
        label="Organisation", help="preset: the auditor's organisation",
        texts=_told("organisation"),
    ),
    AuditOption(
        field="independence", of="auditor", flag="--independence", metavar="TEXT",
        label="Statement of independence", help="preset: the auditor's statement of independence",
        texts=_told("independence"),
    ),
    AuditOption(
        field="distribution_date", of="auditor", flag="--distribution-date", metavar="DATE",
        label="Distribution date of the tool",
        help="preset: when the employer first used the tool", texts=_told("distribution_date"),
    ),
    AuditOption(
        field="audit_date", of="auditor", flag="--audit-date", metavar="DATE",
        label="Date of the audit", help="preset: of the audit; today by default",
        texts=_told("audit_date"),
    ),
    AuditOption(
        field="data_source", of="auditor", flag="--data-source", metavar="TEXT",
        label="Source of the data", help="preset: source and explanation of the data",
        texts=_told("data_source"),
    ),
)  # fmt: skip
"""The preset, and what it is made of; small groups are left out by the options of ratios."""
