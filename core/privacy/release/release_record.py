"""A private release to JSON and back: its plan, its promise, and the noisy counts."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from core.privacy.release.axis import BinAxis, CategoryAxis, ReleaseAxis
from core.privacy.release.release import Release
from core.privacy.release.release_plan import CountsPlan, FairnessPlan, MeanPlan, Plan, QuantilePlan

PLANS: dict[str, type[Plan]] = {
    "counts": CountsPlan,
    "mean": MeanPlan,
    "quantile": QuantilePlan,
    "fairness": FairnessPlan,
}


def release_to_json(found: Release) -> dict[str, Any]:
    """Write a release down."""
    plan = {
        field.name: [_axis_to_json(axis) for axis in getattr(found.plan, field.name)]
        if field.name == "axes"
        else getattr(found.plan, field.name)
        for field in fields(found.plan)
    }
    kind = next(name for name, kind in PLANS.items() if isinstance(found.plan, kind))
    return {
        "kind": kind,
        "what": found.plan.what,
        "plan": plan,
        "epsilon": found.plan.epsilon,
        "delta": found.delta,
        "unit": found.unit,
        "neighbouring": found.plan.neighbouring,
        "noise": found.noise,
        "when": found.when,
        "counts": list(found.counts),
    }


def release_from_json(record: dict[str, Any]) -> Release:
    """Read a release back."""
    plan = dict(record["plan"])
    if "axes" in plan:
        plan["axes"] = tuple(_axis_from_json(axis) for axis in plan["axes"])
    return Release(
        PLANS[record["kind"]](**plan),
        tuple(record["counts"]),
        record["noise"],
        record["unit"],
        record["delta"],
        record["when"],
    )


def _axis_to_json(axis: ReleaseAxis) -> list[Any]:
    if isinstance(axis, CategoryAxis):
        return ["categories", axis.name, list(axis.categories)]
    return ["bins", axis.name, list(axis.edges)]


def _axis_from_json(parts: list[Any]) -> ReleaseAxis:
    kind, name, values = parts
    return (
        CategoryAxis(name, tuple(values)) if kind == "categories" else BinAxis(name, tuple(values))
    )
