"""``python -m core compare``: two audits that this program made, against each other."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from core.cli.compare_people import compare_on_same_people
from core.cli.options import write_text
from core.cli.written_audit import DAMAGES, damage, read_audit
from core.comparison.paired.paired_result import PairedComparison
from core.data.roles.group_labels import label_of_name
from core.errors import InputError
from core.fairness.metrics.assessment import Figure
from core.numerals import signed
from core.reporting.audit_comparison import BETWEEN, AuditComparison, compare_audits
from core.reporting.audit_differences import ComparedFigure
from core.reporting.paired_json import paired_json, paired_lines
from core.reporting.wording import number

WIDTH = 100
TITLE = 32


def compare(options: argparse.Namespace) -> None:
    """Run ``compare``: print how B differs from A, and write it down where asked.

    Raises
    ------
    InputError
        If a file is not an audit of this version, or the audits can't be compared.
    """
    a, b = read_audit(options.a), read_audit(options.b)
    try:
        found = compare_audits(a, b)
    except InputError:
        raise
    except DAMAGES as error:
        # Which of the two is damaged shows when each is compared with itself.
        damaged = options.a if _is_damaged(a) else options.b
        raise InputError(
            f"it isn't a whole audit.json: {damage(error)}",
            where=damaged,
            remedy="Make the audit again",
        ) from error
    paired = compare_on_same_people(options, a, b)
    if options.out is not None:
        told = None if paired is None else paired_json(paired)
        record = {"a": options.a, "b": options.b} | found.to_json() | {"same_people": told}
        text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)
        write_text(Path(options.out), text + "\n")
        print(f"wrote {options.out}", file=sys.stderr)
    print("\n".join([*comparison_text(found, options.a, options.b), *_paired_text(paired)]))


def _paired_text(paired: PairedComparison | None) -> list[str]:
    if paired is None:
        return []
    lines = ["", "ON THE SAME PEOPLE"]
    for sentence in paired_lines(paired):
        lines += _wrapped(sentence, "  ")
    return lines


def _is_damaged(audit: Mapping[str, Any]) -> bool:
    try:
        compare_audits(audit, audit)
    except DAMAGES:
        return True
    return False


def comparison_text(found: AuditComparison, a: str, b: str) -> list[str]:
    """Lay a comparison out as lines of at most 100 signs."""
    lines = [*_wrapped(f"A: {a}"), *_wrapped(f"B: {b}"), "", "PLAN"]
    if not found.plan:
        lines += _wrapped("The plans are the same.", "  ")
    for item in found.plan:
        lines += _wrapped(f"{item.entry}: A {item.a} | B {item.b}", "  ")
    lines += ["", "DATA AND TEST PEOPLE"]
    for sentence in found.people.sentences:
        lines += _wrapped(sentence, "  ")
    lines += ["", "FIGURES"]
    lines += _wrapped(
        "B − A has a 95% interval that takes the two as measured on different people (Zou and "
        "Donner 2008).",
        "  ",
    )
    lines += _wrapped(found.multiplicity, "  ")
    lines += _wrapped(
        "Of a group, getting the favourable decision more often is better for it, deserved or not; "
        "where neither end of a figure is better, the verdict says which is higher.",
        "  ",
    )
    small = {(item.by, item.group): item.reason for item in found.small_groups}
    heading = None
    for figure in found.figures:
        if _heading(figure) != heading:
            heading = _heading(figure)
            lines += ["", *_wrapped(heading), _row("", "A", "B", "B − A", "95% interval", "")]
            reason = small.get((figure.by, figure.group))
            if reason is not None:
                lines[-1:-1] = _wrapped(reason, "  ")
        lines += _figure_lines(figure)
    lines += ["", "ONLY IN ONE"]
    lines += _lone(found)
    lines += ["", "PRIVACY"]
    lines += _wrapped(f"A: {found.privacy_a}", "  ") + _wrapped(f"B: {found.privacy_b}", "  ")
    return lines


def _lone(found: AuditComparison) -> list[str]:
    parts: list[tuple[str, Iterable[str]]] = []
    for name, combinations in zip("AB", found.lone_attributes, strict=True):
        parts.append((f"Compared by in {name} alone", combinations))
    for item in found.lone_groups:
        parts.append((f"Groups of {item.by} in A alone", item.only_a))
        parts.append((f"Groups of {item.by} in B alone", item.only_b))
    for name, findings in (("A", found.findings_a), ("B", found.findings_b)):
        parts += [(f"Finding in {name} alone", [finding]) for finding in findings]
    lines = [
        line
        for what, names in parts
        if list(names)
        for line in _wrapped(f"{what}: {', '.join(names)}", "  ")
    ]
    return lines or ["  Both have the same groups and the same findings."]


def _heading(figure: ComparedFigure) -> str:
    if figure.kind == "performance":
        return "Performance"
    if figure.kind == "disparity":
        return f"Disparities by {figure.by}"
    return f"Rates of {label_of_name(figure.by.split(BETWEEN), figure.group)}, by {figure.by}"


def _figure_lines(figure: ComparedFigure) -> list[str]:
    """Write a row, and beneath it why something is not defined."""
    found = figure.difference
    # A title that is wider than its column stands on lines of its own, above its figures.
    above = _wrapped(figure.title, "  ") if len(figure.title) > TITLE else []
    star = " *" if figure.after_holm else ""
    ends = "" if found.low is None or found.high is None else _ends(found.low, found.high)
    row = _row(
        "" if above else figure.title,
        _value(figure.a),
        _value(figure.b),
        "" if found.estimate is None else _signed(found.estimate),
        ends,
        figure.verdict + star,
    )
    if found.reason is None or figure.differs:
        return [*above, row]
    return [*above, row, *_wrapped(f"{figure.verdict}, because {found.reason}", "      ")]


def _row(title: str, a: str, b: str, apart: str, ends: str, verdict: str) -> str:
    return f"  {title:<{TITLE}}{a:>7}{b:>8}{apart:>8}  {ends:<17}  {verdict}".rstrip()


def _ends(low: float, high: float) -> str:
    return f"{_signed(low)} to {_signed(high)}"


def _value(figure: Figure) -> str:
    return "–" if figure.estimate is None else f"{figure.estimate:.3f}"


def _signed(value: float) -> str:
    # Three decimals that are all zero have no sign.
    return number(0.0) if float(f"{value:.3f}") == 0 else signed(value, 3)


def _wrapped(text: str, indent: str = "") -> list[str]:
    """Break a text into lines; signs that would steer a terminal are shown and not sent."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in " ".join(text.split()))
    return textwrap.wrap(
        shown, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False
    ) or [indent]
