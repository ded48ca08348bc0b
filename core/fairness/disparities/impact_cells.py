"""A table of impact ratios as cells of text, the same on the page and on the command line."""

from __future__ import annotations

from core.fairness.disparities.impact_ratio import ImpactRatio, ImpactRatios
from core.fairness.disparities.impact_standing import COMPARED, LEFT_OUT, UNKNOWN
from core.fairness.disparities.impact_words import format_p_value, in_people
from core.fairness.disparities.rate_comparison import RateComparison
from core.fairness.metrics.assessment import Figure
from core.numerals import with_minus

NOTES = {
    COMPARED: "",
    UNKNOWN: "unknown: in no ratio",
    LEFT_OUT: "left out by the auditor: in no ratio",
}


def impact_cells(table: ImpactRatios) -> list[dict[str, str | int | float | None]]:
    """Write one row for each group.

    Parameters
    ----------
    table : ImpactRatios

    Returns
    -------
    list of dict
        Text, but for ``Rows``, ``Favourable`` and ``Rate``. Columns against the largest group are
        there only where that isn't the reference; those of the unfavourable decision only where
        the positive label is adverse.
    """
    beside = table.largest is not None and table.reference != table.largest
    rows = []
    for item in table.groups:
        row: dict[str, str | int | float | None] = {
            "Group": table.label(item.group),
            "Rows": item.count,
            "Favourable": item.favourable,
            "Rate": item.rate,
            "Impact ratio": _ratio(item, item.ratio, table.reference),
            "Note": _note(item),
        }
        if not table.positive_is_favourable:
            row["Adverse rate"] = None if item.rate is None else 1 - item.rate
            row["Adverse rate, as a multiple"] = _ratio(
                item, item.to_reference.adverse_ratio, table.reference
            )
        row |= _tested(item, item.to_reference, table.reference, "")
        row["More selections needed"] = in_people(item.to_reference) or (
            "–" if item.to_reference.test is None else "none"
        )
        if beside:
            row["Ratio to the largest"] = _ratio(item, item.ratio_to_largest, table.largest)
            row |= _tested(item, item.to_largest, table.largest, ", to the largest")
        rows.append(row)
    return rows


def _note(item: ImpactRatio) -> str:
    return f"too small to judge: {item.too_small}" if item.too_small else NOTES[item.standing]


def _tested(
    item: ImpactRatio, found: RateComparison, reference: str | None, whom: str
) -> dict[str, str]:
    names = (f"z{whom}", f"p, adjusted{whom}", f"Test{whom}")
    if item.group == reference:
        return dict.fromkeys(names, "reference")
    if found.test is None:
        return dict.fromkeys(names, "–")
    z = found.test.z
    text = "not defined" if z is None else with_minus(f"{z:.2f}")
    return dict(zip(names, (text, format_p_value(found), found.test.test), strict=True))


def _ratio(item: ImpactRatio, figure: Figure, reference: str | None) -> str:
    if item.group == reference:
        return "reference"
    if item.standing != COMPARED:
        return "–"
    if figure.estimate is None:
        return f"not defined: {figure.reason}"
    if figure.low is None or figure.high is None:
        return f"{figure.estimate:.3f}"
    return with_minus(f"{figure.estimate:.3f} ({figure.low:.3f} to {figure.high:.3f})")
