"""Explanations as they stand in audit.json."""

from __future__ import annotations

from typing import Any

from core.audit.result import AuditResult
from core.data.dataset import Dataset
from core.explanation.attribution.explain import GlobalExplanation, PersonExplanation
from core.explanation.counterfactual.counterfactual_result import Counterfactuals
from core.explanation.person.person import reasons
from core.explanation.person.scenario import model_key, scenario_json


def explanations_json(result: AuditResult) -> dict[str, Any]:
    """Global and local explanations, or the reason why there are none."""
    if result.trained is None:
        return {"reason": "no model was trained here, so there is none to explain"}
    if result.explained is None:
        return {"reason": "explanations were not asked for"}
    return {
        "global": global_json(result.explained),
        "local": [
            {
                **person_json(person, result.dataset),
                "reasons": reasons_json(result, person),
                "what_would_change_it": changes_json(result.changes[k] if result.changes else None),
            }
            for k, person in enumerate(result.people)
        ],
    }


def what_if_json(result: AuditResult) -> list[dict[str, Any]]:
    """Write what-if scenarios down, each with whether the audited model answered it."""
    own = None if result.trained is None else model_key(result.trained)
    return [scenario_json(one, one.model_key == own) for one in result.scenarios]


def reasons_json(result: AuditResult, person: PersonExplanation) -> dict[str, Any]:
    """Write the strongest reasons for and against the favourable decision down, with codes."""
    assert result.trained is not None
    in_favour, against = reasons(result.dataset, result.trained, person)
    return {
        side: [
            {
                "code": reason.code,
                "feature": reason.feature,
                "sentence": reason.sentence,
                "contribution": reason.contribution,
                "share": reason.share,
                "lime_agrees": reason.lime_agrees,
            }
            for reason in found
        ]
        for side, found in (("for", in_favour), ("against", against))
    }


def changes_json(changes: Counterfactuals | None) -> dict[str, Any]:
    """Write down what would change a decision, or why nothing is known to."""
    if changes is None:
        return {"reason": "it was not looked for", "found": []}
    return {
        "reason": changes.reason,
        "proven_smallest": changes.proven,
        "randomised": changes.randomised,
        "by_lot": changes.randomised,  # its name until the next release
        "found": [
            {
                "changes": [
                    {"feature": feature, "from": before, "to": after}
                    for feature, before, after in one.changes
                ],
                "distance": one.distance,
                "score": one.score,
                "positive": one.decision,
                "plausibility": one.plausibility,
            }
            for one in changes.found
        ],
    }


def global_json(explained: GlobalExplanation) -> dict[str, Any]:
    """Write a global explanation down."""
    return {
        "method": explained.method,
        "explains": explained.explains,
        "rows": explained.rows,
        "background_rows": explained.background_rows,
        "additivity_error": explained.additivity_error,
        "sampling_error": explained.sampling_error,
        **({"why_sampled": explained.why_sampled} if explained.why_sampled else {}),
        "features": [
            {
                "feature": name,
                "mean_absolute": float(explained.mean_absolute[j]),
                "standard_error": float(explained.standard_error[j]),
                "mean": float(explained.mean[j]),
            }
            for j, name in enumerate(explained.features)
        ],
    }


def person_json(person: PersonExplanation, dataset: Dataset) -> dict[str, Any]:
    """Write one person's explanation down."""
    shap, lime, roles = person.shap, person.lime, dataset.roles
    return {
        "row": person.row,
        "decision": roles.positive_label if person.positive else f"not {roles.positive_label}",
        "decision_label": dataset.decision_labels.told(person.positive),
        "score": person.score,
        "shap": {
            "method": shap.method,
            "explains": shap.explains,
            "base": shap.base,
            "output": float(shap.output[0]),
            "additivity_error": shap.additivity_error,
            "values": [
                {
                    "feature": name,
                    "value": person.values[name],
                    "contribution": float(shap.values[0, j]),
                }
                for j, name in enumerate(shap.features)
            ],
        },
        "lime": {
            "runs": lime.runs,
            "samples": lime.samples,
            "fit": lime.fit,
            "filled": list(lime.filled),
            "values": [
                {
                    "feature": name,
                    "value": person.values[name],
                    "weight": float(lime.weights[j]),
                    "spread": float(lime.spread[j]),
                }
                for j, name in enumerate(lime.features)
            ],
        },
    }
