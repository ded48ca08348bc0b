"""An audit as one JSON object: what audit.json holds, and all that the report is made from."""

from __future__ import annotations

import json
import platform
import shlex
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import numpy as np

from core.audit import AuditPlan, AuditResult
from core.data.dataset import Dataset
from core.data.roles import Roles
from core.data.table import Table
from core.explanation.explain import GlobalExplanation, PersonExplanation
from core.fairness.assess import to_json as assessment_json
from core.learning.split import SplitSpec
from core.privacy import promise as promises

VERSION = "0.1.0"
LIBRARIES = (
    "numpy", "pandas", "scikit-learn", "fairlearn", "shap", "lime", "diffprivlib",
    "interpret-core", "streamlit",
)  # fmt: skip


def audit_json(
    result: AuditResult,
    *,
    licence: str | None = None,
    citation: str | None = None,
    caveats: tuple[str, ...] = (),
    tradeoffs: dict[str, Any] | None = None,
    command: str | None = None,
) -> dict[str, Any]:
    """Write an audit down.

    Parameters
    ----------
    result : AuditResult
    licence, citation : str, optional
        Of the data.
    caveats : tuple of str
        Of the data's source.
    tradeoffs : dict, optional
        A finished sweep: ``label`` and ``points``.
    command : str, optional
        The command line that repeats the audit.

    Returns
    -------
    dict
        Serialisable without NaN or infinity; undefined figures are None with a reason beside.
    """
    trained, dataset = result.trained, result.dataset
    top = max(result.assessments, key=len)
    fairness = assessment_json(result.assessments[top])
    fairness["by_attribute"] = {
        attributes[0]: assessment_json(assessment)
        for attributes, assessment in result.assessments.items()
        if len(attributes) == 1
    }
    performance = result.performance.to_json()
    performance["baseline"] = None
    if trained is not None and trained.baseline is not None:
        performance["baseline"] = {
            "learner": trained.baseline_learner,
            **trained.baseline.to_json(),
        }
    promise = promises.promise_of(trained)
    return {
        "equipoise": versions(),
        "plan": plan_json(result.plan, dataset.roles, trained.noise if trained else "none")
        | {"command": command},
        "dataset": dataset_json(result.table, dataset)
        | {
            "split": None
            if trained is None
            else {
                "train": len(trained.split.train),
                "validation": len(trained.split.validation),
                "test": len(trained.split.test),
            },
            "caveats": list(caveats),
            "licence": licence,
            "citation": citation,
        },
        "performance": performance,
        "privacy": promises.to_json(
            promise, trained.noise if trained else "none", result.charges, result.cap
        ),
        "fairness": fairness,
        "explanations": explanations_json(result),
        "tradeoffs": tradeoffs,
        "findings": [finding.to_json() for finding in result.findings],
    }


def versions() -> dict[str, Any]:
    """Versions of Equipoise, Python and the libraries that compute, and the time in UTC."""
    return {
        "version": VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
    }


def roles_json(roles: Roles) -> dict[str, Any]:
    """Roles with edges by column."""
    return json.loads(json.dumps(asdict(roles))) | {  # type: ignore[no-any-return]
        "edges": {name: list(edges) for name, edges in roles.edges}
    }


def plan_json(plan: AuditPlan, resolved: Roles, noise: str) -> dict[str, Any]:
    """Write the plan down, with the roles as they were resolved against the data."""
    training, split = plan.training, SplitSpec()
    return {
        "roles": roles_json(resolved),
        "learner": training.learner if training else None,
        "mitigation": training.mitigation if training else "none",
        "mitigate_for": (training.mitigate_for or resolved.sensitive[0])
        if training and training.mitigation != "none"
        else None,
        "epsilon": training.epsilon if training else None,
        "delta": training.delta if training else None,
        "seed": training.seed if training else 0,
        "noise": noise,
        "split": {"train": split.train, "validation": split.validation, "test": split.test}
        if training
        else None,
        "explain": plan.explain,
    }


def dataset_json(table: Table, dataset: Dataset) -> dict[str, Any]:
    """Provenance, columns with their roles, base rates, and what was repaired."""
    return asdict(table.provenance) | {
        "fingerprint": dataset.fingerprint,
        "rows": len(table.frame),
        "rows_used": len(dataset),
        "columns": [
            {
                "name": column.name,
                "kind": str(column.kind),
                "role": role_of(column.name, dataset.roles),
                "distinct": column.distinct,
                "missing": column.missing,
            }
            for column in table.columns
        ],
        "base_rate": base_rates(dataset),
        "repairs": [asdict(repair) for repair in dataset.repairs],
    }


def role_of(name: str, roles: Roles) -> str:
    """Role of a column in plain words; "not used" if it has none."""
    found = [
        word
        for word, columns in (
            ("target", (roles.target,)),
            ("prediction", (roles.prediction,)),
            ("score", (roles.score,)),
            ("weight", (roles.weight,)),
            ("sensitive", roles.sensitive),
            ("feature", roles.features),
            ("identifier", roles.identifiers),
        )
        if name in columns
    ]
    return ", ".join(found) or "not used"


def base_rates(dataset: Dataset) -> dict[str, Any]:
    """Share of positive labels, overall and by each sensitive column (weighted where it is)."""
    weights = np.ones(len(dataset)) if dataset.weights is None else dataset.weights

    def rate(rows: Any) -> float | None:
        total = weights[rows].sum()
        return float(weights[rows & dataset.target].sum() / total) if total > 0 else None

    return {
        "overall": rate(np.ones(len(dataset), dtype=bool)),
        "by_attribute": {
            str(name): [
                {
                    "group": {str(name): str(group)},
                    "count": int((dataset.sensitive[name] == group).sum()),
                    "base_rate": rate((dataset.sensitive[name] == group).to_numpy()),
                }
                for group in sorted(dataset.sensitive[name].unique())
            ]
            for name in dataset.sensitive
        },
    }


def explanations_json(result: AuditResult) -> dict[str, Any]:
    """Global and local explanations, or the reason why there are none."""
    if result.trained is None:
        return {"reason": "no model was trained here, so there is none to explain"}
    if result.explained is None:
        return {"reason": "explanations were not asked for"}
    return {
        "global": global_json(result.explained),
        "local": [person_json(person, result.dataset.roles) for person in result.people],
    }


def global_json(explained: GlobalExplanation) -> dict[str, Any]:
    """Write a global explanation down."""
    return {
        "method": explained.method,
        "explains": explained.explains,
        "rows": explained.rows,
        "background_rows": explained.background_rows,
        "additivity_error": explained.additivity_error,
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


def person_json(person: PersonExplanation, roles: Roles) -> dict[str, Any]:
    """Write one person's explanation down."""
    shap, lime = person.shap, person.lime
    return {
        "row": person.row,
        "decision": roles.positive_label if person.positive else f"not {roles.positive_label}",
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


def command_line(data: str, plan: AuditPlan) -> str:
    """Write the command that repeats an audit, quoted for a shell."""
    roles, training = plan.roles, plan.training
    words = ["python", "-m", "core", "audit", "--data", data, "--target", roles.target]
    words += ["--favourable", roles.positive_label, "--sensitive", ",".join(roles.sensitive)]
    if not roles.positive_is_favourable:
        words.append("--adverse")
    for option, value in (
        ("--prediction", roles.prediction),
        ("--score", roles.score),
        ("--threshold", roles.threshold),
        ("--weight", roles.weight),
    ):
        if value is not None:
            words += [option, str(value)]
    for name, edges in roles.edges:
        words += ["--edges", f"{name}={','.join(f'{edge:.17g}' for edge in edges)}"]
    if training is not None:
        words += ["--explain", str(plan.explain)]
        if any(name in roles.features for name in roles.sensitive):
            words.append("--keep-sensitive")
        if roles.identifiers:
            words += ["--identifier", ",".join(roles.identifiers)]
        words += ["--learner", training.learner]
        if training.mitigation != "none":
            words += ["--mitigation", training.mitigation]
            if training.mitigate_for is not None:
                words += ["--mitigate-for", training.mitigate_for]
        if training.epsilon is not None:
            words += ["--epsilon", f"{training.epsilon:.17g}"]
        if training.delta is not None and training.epsilon is not None:
            words += ["--delta", f"{training.delta:.17g}"]
        words += ["--seed", str(training.seed)]
    words += ["--out", "out"]
    # A value that starts with a dash would be taken for an option unless tied to its own.
    tied = words[:4]
    for word in words[4:]:
        if word.startswith("-") and not word.startswith("--"):
            tied[-1] += f"={word}"
        else:
            tied.append(word)
    return shlex.join(tied)
