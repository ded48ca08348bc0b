"""Front matter: the YAML that stands at the top of a card, and what the Hub reads of it.

It is written in the part of YAML that every version reads in the same way: texts in double quotes,
numbers with a point, nothing folded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from core.reporting import wording

MODEL_INDEX = ("accuracy", "balanced_accuracy", "roc_auc", "brier")
"""Measures of performance, those of the report."""
DISPARITIES_SHOWN = (
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equal_opportunity_difference",
    "equalized_odds_difference",
)
TASK = {"type": "tabular-classification", "name": "Tabular classification"}
BETWEEN = " and "
HUB_LIBRARIES = {
    "skops": "sklearn",
    "onnx": "onnx",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "catboost": "catboost",
}
"""Names that the Hub has for what opens a file, by its format."""
# Beyond these a sign is written by its number (YAML 1.2, section 5.1, and its line breaks).
_HIDDEN = re.compile(
    "[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def front_matter(audit: Mapping[str, Any], *, name: str, licence: str | None = None) -> str:
    """Write the YAML block of a card, its fences included.

    Parameters
    ----------
    audit : mapping
        The content of audit.json.
    name : str
        Of the model.
    licence : str, optional
        Of the model, where it is known.
    """
    plan, external = audit.get("plan") or {}, audit.get("external_model") or {}
    private = wording.is_number((audit.get("privacy") or {}).get("epsilon"))
    record: dict[str, Any] = {}
    if plan.get("learner"):
        library = HUB_LIBRARIES.get(external.get("format", "")) if external else "equipoise"
        if library:
            record["library_name"] = library
    if licence:
        record["license"] = licence
    record["tags"] = [
        *(["tabular-classification"] if plan.get("learner") else []),
        "fairness",
        "audit",
        "equipoise",
        *(["differential-privacy"] if private else []),
    ]
    index = model_index(audit, name) if plan.get("learner") else None
    if index:
        record["model-index"] = index
    return "\n".join(["---", *_block(record), "---"])


def model_index(audit: Mapping[str, Any], name: str) -> list[dict[str, Any]] | None:
    """List what was measured as the Hub reads it; None where no figure is defined.

    An interval stands in the name of its figure, as the Hub has no other place for it. What is not
    defined is left out: the Hub has no place for a reason either.
    """
    performance, data = audit.get("performance") or {}, audit.get("dataset") or {}
    metrics = [
        _metric(metric, wording.term(metric), value, ends)
        for metric in MODEL_INDEX
        for value, ends, _ in (wording.figure_of(performance, metric),)
        if value is not None
    ]
    fairness = audit.get("fairness") or {}
    several = len(fairness.get("attributes") or ()) > 1
    alone = wording.in_order(fairness.get("by_attribute"), fairness.get("attributes"))
    for part in [fairness, *(part for _, part in alone if several)]:
        by = BETWEEN.join(part.get("attributes") or ())
        if not judged(part):
            continue
        for disparity in DISPARITIES_SHOWN:
            item = (part.get("disparities") or {}).get(disparity) or {}
            if wording.is_number(item.get("estimate")):
                title = f"{wording.term(disparity)} by {by}"
                ends = [item.get("low"), item.get("high")]
                level = part.get("level") or 0.95
                metrics.append(_metric(disparity, title, item["estimate"], ends, level))
    if not metrics:
        return None
    about = {
        "name": str(data.get("name") or "a data set"),
        # The Hub takes a type for the address of a data set of its own, and this is none.
        "type": "other",
        "split": str(performance.get("evaluated_on") or "not stated"),
        "args": {"sha256": str(data.get("sha256") or "not stated")},
    }
    return [{"name": name, "results": [{"task": TASK, "dataset": about, "metrics": metrics}]}]


def judged(assessment: Mapping[str, Any]) -> bool:
    """Whether at least two groups are large enough to be judged by.

    In a table a figure of others stands beside what it rests on; alone it would be taken for one.
    """
    groups = assessment.get("by_group") or ()
    return sum(not group.get("too_small") for group in groups) >= 2


def _metric(
    kind: str, title: str, value: float, ends: object, level: float = 0.95
) -> dict[str, Any]:
    told = wording.interval(ends)
    known = f"{title} ({level:.0%} interval {told})" if told else f"{title} (no interval)"
    return {"type": kind, "value": value, "name": known}


def _block(value: Mapping[str, Any], indent: str = "") -> list[str]:
    lines = []
    for key, item in value.items():
        if isinstance(item, Mapping):
            lines += [f"{indent}{key}:", *_block(item, f"{indent}  ")]
        elif isinstance(item, list):
            lines.append(f"{indent}{key}:")
            for each in item:
                inner = _block(each, f"{indent}  ") if isinstance(each, Mapping) else None
                if inner is None:
                    lines.append(f"{indent}- {_scalar(each)}")
                else:
                    lines += [f"{indent}- {inner[0].strip()}", *inner[1:]]
        else:
            lines.append(f"{indent}{key}: {_scalar(item)}")
    return lines


def _scalar(value: str | float) -> str:
    if isinstance(value, str):
        return _HIDDEN.sub(_numbered, json.dumps(value, ensure_ascii=False))
    text = repr(value)
    # "1e-06" is a text to YAML 1.1, "1.0e-06" a number.
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def _numbered(sign: re.Match[str]) -> str:
    number = ord(sign[0])
    if 0xD800 <= number < 0xE000 or number in (0xFFFE, 0xFFFF):
        return "\N{REPLACEMENT CHARACTER}"
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"
