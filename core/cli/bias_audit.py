"""The table of Local Law 144 as options ask for it."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence

from core.audit.bias_audit_options import BIAS_AUDIT_OPTIONS
from core.cli.options import refuse_ignored
from core.data.labels import near
from core.errors import InputError
from core.fairness.bias_audit.auditor import Auditor
from core.fairness.bias_audit.record import PRESET
from core.fairness.bias_audit.spec import BiasAuditSpec
from core.fairness.metrics.impact_spec import ImpactSpec


def bias_audit_told(
    options: argparse.Namespace, columns: Sequence[str], impact: ImpactSpec
) -> BiasAuditSpec | None:
    """Read who audits, and which of the rule's categories each value is; None without the preset.

    Parameters
    ----------
    options : Namespace
    columns : sequence of str
        Of the table.
    impact : ImpactSpec
        Its smallest share, reason and base count.

    Raises
    ------
    InputError
        If a column is missing, or an option would be ignored.
    """
    if options.preset != PRESET:
        for option in BIAS_AUDIT_OPTIONS:
            if option.is_given(options):
                refuse_ignored(option.flag, "without --preset nothing uses it")
        return None
    for flag, column in (("--sex", options.sex), ("--race", options.race)):
        if column is None:
            raise InputError("the preset needs this column", where=flag)
        if column not in columns:
            raise InputError(
                "there is no column of that name",
                where=f"{flag} {column}",
                remedy=near(column, columns),
            )
    others = {name for name, _, _ in map(_entry, options.category)} - {options.sex, options.race}
    if others:
        raise InputError(
            "categories are declared for a column that is neither --sex nor --race",
            where=f"--category {sorted(others)[0]}",
            remedy="Leave it out",
        )
    return BiasAuditSpec(
        options.sex,
        options.race,
        _declared(options.category, options.sex, "--sex"),
        _declared(options.category, options.race, "--race"),
        impact.shares,
        Auditor(
            options.auditor or "",
            options.organisation or "",
            options.independence or "",
            options.distribution_date or "",
            options.audit_date or "",
            options.data_source or "",
        ),
    )


def _entry(text: str) -> tuple[str, str, tuple[str, ...]]:
    """Read ``COL=CATEGORY:VALUE,VALUE``, values quoted as in CSV where they hold a comma."""
    column, _, rest = text.partition("=")
    category, _, values = rest.partition(":")
    named = tuple(
        value.strip() for value in next(csv.reader([values], skipinitialspace=True), [])
        if value.strip()
    )  # fmt: skip
    if not column or not category or not named:
        raise InputError(
            "it is no column, category and values",
            where=f"--category {text}",
            remedy="Write it as race=Asian:3,4",
        )
    return column, category.strip(), named


def _declared(texts: list[str], column: str, flag: str) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for of, category, values in map(_entry, texts):
        if of != column:
            continue
        for value in values:
            if value in found:
                raise InputError(
                    "it has two categories",
                    where=f"{flag} {column}, value {value!r}",
                    remedy="Give it one",
                )
            found[value] = category
    return tuple(found.items())
