"""What a table of impact ratios says in sentences, for page, report and command line alike."""

from __future__ import annotations

from core.fairness.disparities.impact_ratio import (
    EVERYONE_ELSE,
    SIGNIFICANT,
    ImpactRatio,
    ImpactRatios,
)
from core.fairness.disparities.rate_comparison import RateComparison
from core.fairness.intervals.p_values import format_p
from core.fairness.metrics.impact_spec import BASES
from core.numerals import with_minus


def reference_told(table: ImpactRatios) -> str:
    """Say against whom rates are compared."""
    if table.reference is None:
        return "Nothing is compared: no known group is left."
    if table.reference == EVERYONE_ELSE:
        return "Reference: everyone else, that is all other compared groups together."
    rows = next(item.count for item in table.groups if item.group == table.reference)
    of = f"{table.label(table.reference)} ({rows:,} {'row' if rows == 1 else 'rows'})"
    told = f"{of}, chosen." if table.chosen else f"the group with the highest rate, {of}."
    few = (
        " It is too small to be evidence: ratios to it are shown, and no verdict rests on them."
        if table.small_reference
        else ""
    )
    return f"Reference: {told}{few}"


def left_out_told(table: ImpactRatios) -> str:
    """Say who is in no ratio, and why; empty where everybody is compared."""
    parts = []
    if table.unknown:
        rows = "row is" if table.unknown == 1 else "rows are"
        how = (
            "compared as if that were a group, as asked"
            if table.spec.compare_unknown
            else "counted apart and in no ratio"
        )
        parts.append(f"{table.unknown:,} {rows} of unknown group: {how}.")
    if table.smallest_share:
        names = [table.label(item.group) for item in table.groups if item.standing == "left out"]
        parts.append(
            f"Groups with less than {table.smallest_share * 100:.4g}% of {BASES[table.spec.base]} "
            f"are left out of the ratios ({', '.join(names) or 'none is'}). Reason given: "
            f"{table.reason.rstrip('.')}."
        )
        if table.other_base:
            other = BASES["known" if table.spec.base == "all" else "all"]
            parts.append(
                f"With the share taken of {other} it would be otherwise for "
                f"{', '.join(map(table.label, table.other_base))}."
            )
    return " ".join(parts)


def against_largest(table: ImpactRatios, item: ImpactRatio) -> str:
    """Say how a group's rate compares with that of the largest group."""
    largest = next(other for other in table.groups if other.group == table.largest)
    own, other, ratio = item.rate or 0.0, largest.rate or 0.0, item.ratio_to_largest
    text = (
        f"{table.label(item.group)} {own * 100:.1f}% against {other * 100:.1f}% of "
        f"{table.label(largest.group)}"
    )
    test = item.to_largest.test
    if ratio.estimate is None or test is None:
        return text
    z = "" if test.z is None else with_minus(f", z = {test.z:.2f}")
    return (
        f"{text}: ratio {ratio.estimate:.3f} (95% interval {ratio.low:.3f} to "
        f"{ratio.high:.3f}){z}{_apart(item.to_largest)}"
    )


def in_people(found: RateComparison) -> str:
    """Say how many further selections would close a difference; empty where none would."""
    if found.practical is None or found.practical.to_parity == 0:
        return ""
    text = f"{found.practical.to_parity:,} more to parity"
    if found.practical.to_four_fifths:
        text += f", {found.practical.to_four_fifths:,} to four fifths"
    if found.practical.hangs_on_one:
        text += "; hangs on one person"
    return text


def adverse_told(table: ImpactRatios, item: ImpactRatio) -> str:
    """Say at which multiple of the reference's rate a group meets the unfavourable decision."""
    figure = item.to_reference.adverse_ratio
    if figure.estimate is None or item.rate is None:
        return ""
    whom = table.label(table.reference)
    return f"{table.label(item.group)} refused at {figure.estimate:.2f} times the rate of {whom}"


def format_p_value(found: RateComparison) -> str:
    """Write the adjusted p-value, "–" where there is none."""
    return "–" if found.p_adjusted is None else format_p(found.p_adjusted)


def _apart(found: RateComparison) -> str:
    """Say so where the test is significant and the interval, made apart from it, reaches 1."""
    p, high = found.p_adjusted, found.ratio.high
    lower = found.test is not None and found.test.difference < 0
    if p is None or high is None or p >= SIGNIFICANT or high < 1 or not lower:
        return ""
    return (
        "; the test finds a difference and the interval just does not, being made in another way "
        "(on the logarithm, and without taking the two rates for one): a close call"
    )
