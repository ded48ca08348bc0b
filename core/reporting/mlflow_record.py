"""An audit as MLflow keeps runs: metrics, parameters and tags, by names that MLflow takes.

Nothing is computed: figures are those of audit.json. What is not defined is a tag with its reason
and no metric, as MLflow would draw a 0 as if it had been measured. So is what is not to be judged
by: alone, it would be taken for evidence.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.audit.finding import SEVERITIES
from core.privacy.accounting.budget import Budget, Charge, compose
from core.reporting import wording
from core.reporting.front_matter import judged
from core.reporting.model_card import card_name
from core.reporting.report import fit

PERFORMANCE = ("accuracy", "balanced_accuracy", "roc_auc", "brier", "f1", "precision")
LONGEST_NAME = 80
"""Signs of one part of a name, of which there are two; MLflow takes 250 for all of it."""
LONGEST_TEXT = 5000
"""Signs of a parameter or tag; what is longer stands whole in audit.json."""
TOO_FEW = "fewer than two groups are large enough to judge"
CUT = " … (cut; audit.json has all of it)"
_READABLE = {
    "≥": "ge", "≤": "le", "<": "lt", ">": "gt", "=": "is", "·": "and", "×": "x", "–": "to",
    ",": "", "(": "", ")": "",
}  # fmt: skip
_UNSAFE = re.compile(r"[^\w -]+")
_TOGETHER = " × "


@dataclass(frozen=True)
class MlflowRecord:
    """What is logged of an audit.

    Attributes
    ----------
    name : str
        Of the run.
    metrics : dict of str to float
    params, tags : dict of str to str
    names : dict of str to dict
        By metric or tag of a group, the columns and the group as the table has them.
    """

    name: str
    metrics: dict[str, float]
    params: dict[str, str]
    tags: dict[str, str]
    names: dict[str, dict[str, str]]


def mlflow_record(audit: Mapping[str, Any]) -> MlflowRecord:
    """Write an audit down as MLflow keeps it.

    Parameters
    ----------
    audit : mapping
        The content of audit.json.
    """
    record = MlflowRecord(card_name(audit), {}, {}, {}, {})
    _performance(record, audit.get("performance") or {})
    _fairness(record, audit.get("fairness") or {})
    for severity in SEVERITIES:
        found = [item for item in audit.get("findings") or [] if item.get("severity") == severity]
        record.metrics[f"findings/{severity}"] = float(len(found))
    _privacy(record, audit.get("privacy") or {})
    for key, value in _flat(audit.get("plan") or {}):
        record.params[key] = _cut(value)
    _tags(record, audit)
    return record


def safe_names(texts: Iterable[str]) -> dict[str, str]:
    """Give each text a name that MLflow takes on every system, and no two the same.

    MLflow takes letters, digits, ``_``, ``-``, ``.``, blanks and ``/``, a colon on some systems
    only, and its database may not tell large letters from small, or "é" from "e". Texts that would
    come out alike get eight digits of their SHA-256 behind them.
    """
    plain = {text: _plain(text) for text in texts}
    counts = Counter(map(_folded, plain.values()))
    return {
        text: name
        if counts[_folded(name)] == 1 and name.strip("_ -")
        else f"{name or 'group'}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"
        for text, name in plain.items()
    }


def _folded(name: str) -> str:
    apart = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    for sign, word in _READABLE.items():
        text = text.replace(sign, f" {word} ")
    return " ".join(_UNSAFE.sub("_", text).split())[:LONGEST_NAME].strip()


def _performance(record: MlflowRecord, performance: Mapping[str, Any]) -> None:
    if wording.is_number(performance.get("count")):
        record.metrics["performance/rows"] = float(performance["count"])
    for metric in PERFORMANCE:
        if metric in performance:
            value, ends, reason = wording.figure_of(performance, metric)
            _figure(record, f"performance/{metric}", value, ends, reason)


def _fairness(record: MlflowRecord, fairness: Mapping[str, Any]) -> None:
    """Log gaps and ratios of all attributes together and of each alone, and rates of groups."""
    attributes = fairness.get("attributes") or []
    alone = wording.in_order(fairness.get("by_attribute"), attributes)
    parts = [fairness, *(part for _, part in alone if len(attributes) > 1)] if attributes else []
    columns = [_TOGETHER.join(map(str, part.get("attributes") or ())) for part in parts]
    names = safe_names(columns)
    for by, part in zip(columns, parts, strict=True):
        place = f"fairness/{names[by]}"
        for disparity, item in wording.in_order(part.get("disparities")):
            key = f"{place}/{disparity}"
            record.names[key] = {"by": by}
            if not judged(part):
                record.tags[f"undefined/{key}"] = TOO_FEW
                continue
            ends = [item.get("low"), item.get("high")]
            _figure(record, key, item.get("estimate"), ends, item.get("reason") or "")
        groups = part.get("by_group") or []
        labels = [wording.label_of_group(g, part.get("attributes")) for g in groups]
        keys = safe_names(labels)
        for label, group in zip(labels, groups, strict=True):
            _group(record, f"{place}/{keys[label]}", group, {"by": by, "group": label})


def _group(
    record: MlflowRecord, place: str, group: Mapping[str, Any], told: dict[str, str]
) -> None:
    record.names[place] = told
    if group.get("too_small"):
        record.tags[f"undefined/{place}"] = _cut(group["too_small"])
        return
    for metric in wording.metrics_of([group]):
        if metric in wording.METRIC_ORDER:
            # A group's intervals stand in audit.json: here they would be three curves for one.
            value, _, reason = wording.figure_of(group, metric)
            _figure(record, f"{place}/{metric}", value, None, reason)


def _figure(record: MlflowRecord, key: str, value: object, ends: Any, reason: str) -> None:
    if not isinstance(value, int | float) or not wording.is_number(value):
        record.tags[f"undefined/{key}"] = _cut(reason or "not defined")
        return
    record.metrics[key] = float(value)
    if ends is None:
        return
    if wording.interval(ends):
        record.metrics[f"{key}_low"], record.metrics[f"{key}_high"] = map(float, ends)
    else:
        record.tags[f"no_interval/{key}"] = _cut(reason or "no interval")


def _privacy(record: MlflowRecord, privacy: Mapping[str, Any]) -> None:
    guaranteed = wording.is_number(privacy.get("epsilon"))
    if guaranteed:
        for name in ("epsilon", "delta"):
            _figure(record, f"privacy/{name}", privacy.get(name), None, "not stated")
    else:
        record.tags["undefined/privacy/epsilon"] = wording.NO_GUARANTEE
    record.tags["equipoise.privacy"] = wording.format_privacy(
        privacy.get("epsilon"), privacy.get("delta")
    )
    charges = tuple(Charge(**item) for item in privacy.get("ledger") or ())
    cap = Budget(**privacy["cap"]) if privacy.get("cap") else None
    if charges:
        spent = compose(charges) if cap is None else cap.spent(charges)
        record.metrics["privacy/epsilon_spent"] = float(spent.epsilon)
        record.metrics["privacy/delta_spent"] = float(spent.delta)
    else:
        record.tags["undefined/privacy/epsilon_spent"] = "no charge is recorded"


def _tags(record: MlflowRecord, audit: Mapping[str, Any]) -> None:
    plan, data = audit.get("plan") or {}, audit.get("dataset") or {}
    external, policy = audit.get("external_model") or {}, audit.get("policy") or {}
    if external:
        record.tags["equipoise.model.sha256"] = str(external.get("sha256") or "not stated")
    elif plan.get("learner"):
        record.tags["undefined/equipoise.model.sha256"] = "it was trained here, and is no file"
    else:
        record.tags["undefined/equipoise.model.sha256"] = "existing decisions were audited"
    verdict = policy.get("verdict") or "not judged: no policy was named"
    found = {
        "version": (audit.get("equipoise") or {}).get("version"),
        "data.name": data.get("name"),
        "data.sha256": data.get("sha256"),
        "policy.verdict": verdict,
        "policy.name": policy.get("name"),
        "policy.version": policy.get("version"),
        "policy.sha256": policy.get("sha256"),
    }
    for key, value in found.items():
        if value is not None:
            record.tags[f"equipoise.{key}"] = _cut(str(value))


def _flat(plan: Mapping[str, Any], above: str = "plan") -> Iterator[tuple[str, str]]:
    """List what was asked for, by its place; what was not asked for is left out."""
    items = {key: value for key, value in plan.items() if value is not None and key != "together"}
    names = safe_names(map(str, items))
    for key, value in items.items():
        place = f"{above}.{names[str(key)]}"
        if isinstance(value, Mapping):
            yield from _flat(value, place)
        else:
            yield place, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cut(text: str) -> str:
    text = fit(text)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(CUT)] + CUT
