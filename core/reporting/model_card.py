"""An audit as a card: Markdown beneath front matter that the Hugging Face Hub reads.

Everything in it comes from the audit's dictionary, by the report's own words and filters; nothing
is computed here. What people typed is escaped wherever it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from markupsafe import Markup

from core.audit.finding import SEVERITIES
from core.reporting import wording
from core.reporting.front_matter import MODEL_INDEX, front_matter
from core.reporting.markdown import finalize
from core.reporting.report import environment, filled, fit

_GAP = re.compile(r"\n{3,}")


def render_card(
    audit: Mapping[str, Any], *, intended_use: str | None = None, licence: str | None = None
) -> str:
    """Write an audit as a model card, or as a decision card where no model was audited.

    Parameters
    ----------
    audit : mapping
        The content of audit.json.
    intended_use : str, optional
        As whoever answers for the model declares it.
    licence : str, optional
        Of the model, by the Hub's identifier, such as "apache-2.0".

    Returns
    -------
    str
        YAML front matter with what was measured (``model-index``), then Markdown.
    """
    name = card_name(audit)
    front = front_matter(audit, name=name, licence=licence)
    use = " ".join((intended_use or "").split())
    fill = partial(_page, name=name, front=Markup(front), intended_use=use)
    return filled(audit, fill, "card.md.j2")


def card_name(audit: Mapping[str, Any]) -> str:
    """Name what a card is of: a model and its data, or the decisions."""
    plan, data = audit.get("plan") or {}, audit.get("dataset") or {}
    roles, brought = plan.get("roles") or {}, plan.get("external_model") or {}
    on = str(data.get("name") or "a data set")
    if plan.get("learner"):
        model = brought.get("name") or plan.get("learner_title") or plan["learner"]
        return f"{model} on {on}"
    if brought.get("name"):
        return f"decisions of {brought['name']} on {on}"
    column = roles.get("prediction") or roles.get("score")
    return f"decisions in {column} of {on}" if column else f"decisions in {on}"


def card_file(audit: Mapping[str, Any]) -> str:
    """Name the file of a card."""
    return "model_card.md" if (audit.get("plan") or {}).get("learner") else "decision_card.md"


def _page(template: str, **fields: Any) -> str:
    """Fill a template of Markdown; gaps that absent parts leave are closed."""
    own = {
        "shown": MODEL_INDEX,
        "severities": SEVERITIES,
        "defined_metrics": _defined_metrics,
        "defined_disparities": _defined_disparities,
    }
    text = environment(finalize).get_template(template).render(**own, **fields)
    return _GAP.sub("\n\n", fit(text)).strip() + "\n"


def _defined_metrics(groups: list[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Part the usual metrics of groups: those that any of them has, and those that none has."""
    usual = [metric for metric in wording.metrics_of(groups) if metric in wording.METRIC_ORDER]
    found = [m for m in usual if any(wording.is_number(group.get(m)) for group in groups)]
    return found, [metric for metric in usual if metric not in found]


def _defined_disparities(
    assessment: Mapping[str, Any],
) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """Part disparities: those that have an estimate, and those that have a reason."""
    items = wording.in_order(assessment.get("disparities"))
    found = [item for item in items if wording.is_number(item[1].get("estimate"))]
    return found, [item for item in items if item not in found]
