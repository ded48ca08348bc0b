"""An audit as one JSON object: what audit.json holds, and all that the report is made from."""

from __future__ import annotations

import platform
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import numpy as np

from core.attacks.record import attack_json
from core.audit.bias_audit import bias_audit_of
from core.audit.result import AuditPlan, AuditResult
from core.audit.verdicts import verdicts
from core.data.dataset import NO_OUTCOME, Dataset
from core.data.roles.decision_labels import DecisionLabels
from core.data.roles.group_labels import label_of_name
from core.data.roles.merged_groups import merged_groups_to_json
from core.data.roles.past_decisions import past_decisions_told
from core.data.roles.roles import Roles
from core.data.table import Table
from core.errors import InputError
from core.fairness.assessment.assess import to_json as assessment_json
from core.fairness.assessment.scoring_rate import scores_json
from core.fairness.bias_audit.record import PRESET, bias_audit_json
from core.learning.learners import LEARNERS
from core.learning.split import SPLIT_RULE, SplitSpec
from core.privacy.guidance import guarantee as guarantees
from core.reporting.explanations_json import explanations_json, what_if_json
from core.reporting.external_model_json import external_model_json
from core.reporting.mitigation_json import mitigation_json
from core.storage.json_format import to_json
from core.training.privacy_guarantee import guarantee_of
from core.training.training_options import TRAINING_OPTIONS

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
    policy: dict[str, Any] | None = None,
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
    policy : dict, optional
        Of :func:`core.reporting.policy_json.policy_json`.

    Returns
    -------
    dict
        Serialisable without NaN or infinity; undefined figures are None with a reason beside.
    """
    trained, dataset = result.trained, result.dataset
    top = max(result.assessments, key=len)
    fairness = _fairness_json(result, top)
    fairness["by_attribute"] = {
        attributes[0]: _fairness_json(result, attributes)
        for attributes in result.assessments
        if len(attributes) == 1
    }
    performance = result.performance.to_json()
    performance["baseline"] = None
    if trained is not None and trained.baseline is not None:
        performance["baseline"] = {
            "learner": trained.baseline_learner,
            "learner_title": LEARNERS[trained.baseline_learner].title
            if trained.baseline_learner
            else None,
            **trained.baseline.to_json(),
        }
    guarantee = guarantee_of(trained)
    return {
        "equipoise": versions(),
        "plan": plan_json(result.plan, dataset.roles) | {"command": command},
        "dataset": dataset_json(result.table, dataset)
        | {
            "split": None
            if trained is None
            else {
                "train": len(trained.split.train),
                "validation": len(trained.split.validation),
                "test": len(trained.split.test),
                "persons_by": list(trained.split.by),
                "persons": trained.split.persons,
            },
            "caveats": list(caveats),
            "licence": licence,
            "citation": citation,
        },
        "external_model": external_model_json(result.external),
        "performance": performance,
        "privacy": guarantees.to_json(
            guarantee, trained.noise if trained else "none", result.charges, result.cap
        )
        | {
            "domains": to_json(trained.domains) if trained else None,
            "releases": to_json(result.releases),
        },
        "policy": policy,
        "mitigation": mitigation_json(result),
        "attack": attack_json(result.attack),
        "fairness": fairness,
        "bias_audit": _bias_audit(result),
        "explanations": explanations_json(result),
        "what_if": what_if_json(result),
        "tradeoffs": tradeoffs,
        "findings": [finding.to_json() for finding in result.findings],
        "checks": [check.to_json() for check in result.checks],
        "verdicts": [verdict.to_json() for verdict in verdicts(result.checks)],
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
    """Roles with edges, and groups that were merged, by column.

    "together" is what "merged_groups" was called before; it goes with the next release.
    """
    merged = merged_groups_to_json(roles.merged_groups)
    record: dict[str, Any] = to_json(roles)
    return record | {
        "edges": {name: list(edges) for name, edges in roles.edges},
        "merged_groups": merged,
        "together": merged,
    }


def plan_json(plan: AuditPlan, resolved: Roles) -> dict[str, Any]:
    """Write the plan down, with the roles as they were resolved against the data."""
    training, split = plan.training, SplitSpec()
    shares = {"train": split.train, "validation": split.validation, "test": split.test}
    record: dict[str, Any] = {"roles": roles_json(resolved)}
    bias_audit = None if plan.bias_audit is None else to_json(plan.bias_audit)
    for option in TRAINING_OPTIONS:
        record |= option.in_plan(training, resolved)
    if plan.decided_by is not None:
        record["external_model"] = to_json(plan.decided_by)
    return record | {
        "split": shares if training else None,
        "split_rule": SPLIT_RULE if training else None,
        "explain": plan.explain,
        "impact": plan.impact.to_json(),
        "bias_audit": bias_audit,
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
        "decision_labels": _labels_json(dataset.decision_labels),
        "outcome_labels": _labels_json(dataset.outcome_labels),
        "target_records": {
            "decisions": dataset.roles.target_holds_decisions,
            "came_true": dataset.roles.target_came_true,
            "told": past_decisions_told(dataset.roles) or None,
        },
        "repairs": [asdict(repair) for repair in dataset.repairs],
    }


def _labels_json(called: DecisionLabels) -> dict[str, Any]:
    """Write down how decisions or outcomes are called: for display, never as keys."""
    return {
        side: {
            "label": called.label(positive),
            "meaning": called.meaning(positive),
            "told": called.told(positive),
        }
        for side, positive in (("positive", True), ("negative", False))
    }


def _fairness_json(result: AuditResult, attributes: tuple[str, ...]) -> dict[str, Any]:
    """Write an assessment down, of existing scores with scoring rates."""
    dataset = result.dataset
    found = assessment_json(result.assessments[attributes])
    if result.trained is None and dataset.scores is not None:
        found |= scores_json(
            dataset.scores,
            dataset.sensitive[list(attributes)],
            dataset.weights,
            dataset.persons,
            result.plan.impact,
        )
    return found


def _bias_audit(result: AuditResult) -> dict[str, Any] | None:
    """Write the table of Local Law 144 down, where one is asked for; or why it can't be made."""
    spec = result.plan.bias_audit
    if spec is None:
        return None
    try:
        # Who is left out of ratios is decided once, for all of the audit's tables.
        table = bias_audit_of(
            result.dataset, result.trained, replace(spec, impact=result.plan.impact.shares)
        )
    except InputError as error:
        return {"preset": PRESET, "reason": str(error)}
    return bias_audit_json(table, datetime.now(UTC).date())


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
            ("marks training rows", roles.markers),
        )
        if name in columns
    ]
    return ", ".join(found) or "not used"


def base_rates(dataset: Dataset) -> dict[str, Any]:
    """Share of positive labels, overall and by each sensitive column (weighted where it is).

    Without true outcomes ``overall`` is None, and ``reason`` says why.
    """
    if dataset.outcome is None:
        return {"overall": None, "reason": NO_OUTCOME, "by_attribute": {}}
    weights = np.ones(len(dataset)) if dataset.weights is None else dataset.weights

    def rate(rows: Any) -> float | None:
        total = weights[rows].sum()
        return float(weights[rows & dataset.target].sum() / total) if total > 0 else None

    known = {name: sorted(dataset.sensitive[name].unique()) for name in dataset.sensitive}
    return {
        "overall": rate(np.ones(len(dataset), dtype=bool)),
        "by_attribute": {
            str(name): [
                {
                    "group": {str(name): str(group)},
                    "label": label_of_name([str(name)], str(group), values),
                    "count": int((dataset.sensitive[name] == group).sum()),
                    "base_rate": rate((dataset.sensitive[name] == group).to_numpy()),
                }
                for group in values
            ]
            for name, values in known.items()
        },
    }
