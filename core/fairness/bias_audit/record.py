"""A table under Local Law 144 as it stands in JSON and in CSV, exactly with what the rule asks."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from core.fairness.bias_audit.categories import RACES, SEXES
from core.fairness.bias_audit.table import BiasAuditTable, Family
from core.fairness.disparities.impact_ratio import ImpactRatio, ImpactRatios
from core.fairness.disparities.impact_standing import LEFT_OUT, UNKNOWN
from core.fairness.disparities.impact_words import reference_told
from core.fairness.metrics.impact_spec import BASES
from core.law.rules import rule

PRESET = "local-law-144"
RULE = "nyc-local-law-144"


def bias_audit_json(table: BiasAuditTable, today: date) -> dict[str, Any]:
    """Write a table down.

    Parameters
    ----------
    table : BiasAuditTable
    today : date
        On which it is computed.

    Returns
    -------
    dict
        Numbers, rates and ratios unrounded. The reference's ratio is 1.
    """
    auditor, impact = table.spec.auditor, table.spec.impact
    return {
        "preset": PRESET,
        "rule": rule(RULE).to_json(),
        "standing": auditor.standing,
        "self_computed": bool(auditor.missing),
        "auditor": auditor.to_json() | {"audit_date": auditor.audit_date or today.isoformat()},
        "computed_on": today.isoformat(),
        "rows": table.rows,
        "columns": {"sex": table.spec.sex, "race": table.spec.race},
        "categories": {"sex": table.sexes, "race": table.races},
        "smallest_share": impact.smallest_share,
        "base": BASES[impact.base],
        "reason": impact.reason.strip(),
        "selection": [
            {
                "selected": item.selected,
                "families": [_family(family, "selected") for family in item.families],
            }
            for item in table.selection
        ],
        "scoring": [
            {
                "median": item.median,
                "median_of": item.median_of,
                "rows": item.rows,
                **_family(item.family, "above_median"),
            }
            for item in table.scoring
        ],
    }


def _family(family: Family, hits: str) -> dict[str, Any]:
    ratios = family.ratios
    known = [item for item in ratios.groups if item.standing != UNKNOWN]
    return {
        "family": family.name,
        "unknown": ratios.unknown,
        "highest": ratios.highest,
        "reference_told": reference_told(ratios),
        "other_base": list(ratios.other_base),
        "categories": [_category(item, ratios, hits) for item in sorted(known, key=_in_order)],
    }


def _category(item: ImpactRatio, ratios: ImpactRatios, hits: str) -> dict[str, Any]:
    reference = item.group == ratios.reference
    return {
        "category": item.group,
        "count": item.count,
        hits: int(item.favourable),
        "rate": item.rate,
        "impact_ratio": 1.0 if reference and item.rate else item.ratio.estimate,
        "left_out": item.standing == LEFT_OUT,
        "reason": None if reference and item.rate else item.ratio.reason,
    }


def _in_order(item: ImpactRatio) -> tuple[int, ...]:
    """Order categories as the EEO-1 report lists them."""
    order = (*SEXES, *RACES)
    return tuple(order.index(part) for part in item.group.split(" · "))


HEAD = (
    "table", "family", "category", "applicants", "selected or above median", "rate",
    "impact ratio", "note",
)  # fmt: skip


def bias_audit_rows(record: dict[str, Any]) -> list[list[str]]:
    """Lay the table out as lines of text, from its JSON; rates and ratios rounded only here."""
    lines: list[list[str]] = []
    for item in record["selection"]:
        for family in item["families"]:
            lines += _lines(f"Selected: {item['selected']}", family, "selected")
    for item in record["scoring"]:
        title = f"Above the median {item['median']:.10g} of {item['median_of']} ({item['rows']})"
        lines += _lines(title, item, "above_median")
    return lines


def _lines(title: str, family: dict[str, Any], hits: str) -> list[list[str]]:
    lines = []
    for item in family["categories"]:
        ratio = item["impact_ratio"]
        note = "left out of the ratios" if item["left_out"] else "" if ratio is not None else (
            f"no ratio: {item['reason']}"
        )  # fmt: skip
        lines.append(
            [
                title, family["family"], item["category"], str(item["count"]), str(item[hits]),
                "" if item["rate"] is None else f"{item['rate'] * 100:.1f}%",
                "" if ratio is None else f"{ratio:.2f}", note,
            ]
        )  # fmt: skip
    unknown = "left out: category unknown"
    lines.append([title, family["family"], "Unknown", str(family["unknown"]), "", "", "", unknown])
    return lines


def bias_audit_csv(record: dict[str, Any]) -> str:
    """Write the table as CSV, headed by whose it is and how it was made."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    for line in heading(record):
        write.writerow([line])
    write.writerow([])
    write.writerow(HEAD)
    write.writerows(bias_audit_rows(record))
    return out.getvalue()


def heading(record: dict[str, Any]) -> list[str]:
    """Say whose table it is, when and of which data, and what was left out and why."""
    who = record["auditor"]
    lines = [
        f"{record['rule']['title']}, {record['rule']['citation']}",
        record["standing"],
        f"Date of the audit: {who['audit_date']}",
        f"Distribution date of the tool: {who['distribution_date'] or 'not given'}",
        f"Source and explanation of the data: {who['data_source'] or 'not given'}",
        f"Independence: {who['independence'] or 'not stated'}",
        f"Rows: {record['rows']}",
        *(
            f"{column}: {_listed(record['categories'][kind])}"
            for kind, column in record["columns"].items()
        ),
    ]
    if record["smallest_share"]:
        lines.append(
            f"Categories of less than {record['smallest_share'] * 100:.4g}% of {record['base']} "
            f"are left out of the ratios. Reason: {record['reason']}"
        )
        tables = [f for item in record["selection"] for f in item["families"]] + record["scoring"]
        other = list(dict.fromkeys(name for family in tables for name in family["other_base"]))
        if other:
            whether = "without" if record["base"] == BASES["all"] else "with"
            lines.append(
                f"Counted {whether} rows of unknown category it would be otherwise for "
                f"{', '.join(other)}"
            )
    lines.append(f"{record['rule']['says']} Checked {record['rule']['checked_on']}.")
    if record["self_computed"]:
        lines.append(f"{record['rule']['warns']}")
    return lines


def _listed(categories: dict[str, str]) -> str:
    return "; ".join(f"{value} = {category}" for value, category in categories.items())
