"""The report of an audit: one HTML file that opens offline, and the same as JSON.

Everything in it comes from the audit's dictionary, as it stands in audit.json; nothing is computed
here but wording, order and the drawing of charts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from markupsafe import Markup

from core.audit.check_result import in_short
from core.explanation.person.person import format_value
from core.fairness.bias_audit.record import bias_audit_rows, heading
from core.fairness.disparities.disparities import lower
from core.law.rules import FOUR_FIFTHS, rule
from core.reporting import explanation_charts, fairness_charts, frontier_charts, wording
from core.reporting.glossary import GLOSSARY

_TEMPLATES = Path(__file__).parent / "templates"

_SEVERITIES = ("high", "medium", "low", "info")

# Characters that HTML can't hold (and half characters, which UTF-8 can't) come out as U+FFFD.
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def render(audit: Mapping[str, Any]) -> str:
    """Write an audit as one self-contained HTML file.

    Parameters
    ----------
    audit : mapping
        The content of audit.json. Sections that are absent or null are said to be so.

    Returns
    -------
    str
        HTML 5 with its style and charts inside; it loads nothing and runs no script.
    """
    return filled(audit, page, "report.html.j2")


def filled(audit: Mapping[str, Any], fill: Callable[..., str], template: str) -> str:
    """Fill a template with the parts of an audit, which report and card have in common.

    Parameters
    ----------
    audit : mapping
    fill : callable
        Such as :func:`page`: takes the template's name, and its fields by name.
    template : str
    """
    privacy = _part(audit, "privacy")
    fairness = _part(audit, "fairness")
    return fill(
        template,
        audit=audit,
        about=_part(audit, "equipoise"),
        plan=_part(audit, "plan"),
        roles=_part(_part(audit, "plan"), "roles"),
        data=_part(audit, "dataset"),
        external_model=_part(audit, "external_model"),
        performance=_part(audit, "performance"),
        mitigation=_part(audit, "mitigation"),
        policy=audit.get("policy"),
        privacy=privacy,
        guaranteed=wording.is_number(privacy.get("epsilon")),
        fairness=fairness,
        assessments=_assessments(fairness),
        adverse=_adverse(audit),
        explanations=_part(audit, "explanations"),
        tradeoffs=_part(audit, "tradeoffs"),
        findings=_findings(audit),
        checks=audit.get("checks") or [],
        verdicts=audit.get("verdicts") or [],
        verdict=_verdict(_findings(audit)),
        glossary=GLOSSARY,
        bias_audit=_part(audit, "bias_audit"),
        charts={
            "rates": fairness_charts.rates,
            "importance": explanation_charts.importance,
            "local": explanation_charts.local,
            "frontier": frontier_charts.frontier,
        },
    )


def page(template: str, **fields: Any) -> str:
    """Fill a template with the style of reports; what HTML can't hold is replaced."""
    style = Markup((_TEMPLATES / "report.css").read_text("utf-8"))
    html = environment().get_template(template).render(style=style, **fields)
    return fit(html)


def fit(text: str) -> str:
    """Replace what HTML and Markdown can't hold."""
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)


def to_json(audit: Mapping[str, Any]) -> str:
    """Write an audit as JSON with sorted keys, indented, ASCII only.

    Raises
    ------
    ValueError
        If a number is NaN or infinite: what is undefined is null with its reason.
    TypeError
        If something in it isn't JSON.
    """
    return json.dumps(audit, allow_nan=False, sort_keys=True, indent=2) + "\n"


@cache
def environment(finalize: Callable[[Any], Any] | None = None) -> Environment:
    """Return the environment of templates; ``finalize`` is what is done to each value written."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        finalize=finalize,
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=wording.number,
        p_value=wording.p_value,
        whole=wording.whole,
        plain=wording.plain,
        interval=wording.interval,
        term=wording.term,
        value=format_value,
        group_name=wording.group_name,
        group_label=wording.label_of_group,
        label_of=wording.label_of,
        in_order=wording.in_order,
        size=wording.size,
        moment=wording.moment,
        lines=lambda items: [str(item) for item in items or []],
        checks_in_short=lambda checks: in_short(check.get("status") for check in checks),
    )
    environment.globals.update(
        format_privacy=wording.format_privacy,
        is_number=wording.is_number,
        bias_audit_rows=bias_audit_rows,
        bias_audit_heading=heading,
        four_fifths_told=rule(FOUR_FIFTHS).sentence,
        figure_of=wording.figure_of,
        lower=lower,
        metrics_of=wording.metrics_of,
    )
    return environment


def _part(audit: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return audit.get(name) or {}


def _adverse(audit: Mapping[str, Any]) -> str | None:
    """Name the positive decision where it is adverse; None where it isn't."""
    roles = _part(_part(audit, "plan"), "roles")
    if roles.get("positive_is_favourable", True):
        return None
    called = _part(_part(_part(audit, "dataset"), "decision_labels"), "positive")
    return str(called.get("label") or "")


def _assessments(fairness: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the assessment of all attributes together, then each alone where there are several."""
    if not fairness:
        return []
    attributes = fairness.get("attributes") or []
    if len(attributes) < 2:
        return [fairness]
    alone = wording.in_order(fairness.get("by_attribute"), attributes)
    return [fairness, *(part for _, part in alone if part)]


def _findings(audit: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    def rank(finding: Mapping[str, Any]) -> int:
        severity = finding.get("severity")
        return _SEVERITIES.index(severity) if severity in _SEVERITIES else 0

    return sorted(audit.get("findings") or [], key=rank)


def _verdict(findings: list[Mapping[str, Any]]) -> str:
    if not findings:
        return (
            "No check of this audit found anything to report. That isn't proof that there is "
            "nothing to find"
        )
    counts = {
        severity: sum(finding.get("severity") == severity for finding in findings)
        for severity in _SEVERITIES
    }
    parts = [
        f"{count} {'for information' if severity == 'info' else f'of {severity} severity'}"
        for severity, count in counts.items()
        if count
    ]
    noun = "finding" if len(findings) == 1 else "findings"
    if len(parts) == 1:
        return f"{len(findings)} {noun} {parts[0].partition(' ')[2]}"
    return f"{len(findings)} {noun}: {', '.join(parts)}"
