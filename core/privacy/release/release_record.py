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


def release_from_json(told: dict[str, Any]) -> Release:
    """Read a release back."""
    plan = dict(told["plan"])
    if "axes" in plan:
        plan["axes"] = tuple(_axis_from_json(axis) for axis in plan["axes"])
    return Release(
        PLANS[told["kind"]](**plan),
        tuple(told["counts"]),
        told["noise"],
        told["unit"],
        told["delta"],
        told["when"],
    )


def _axis_to_json(axis: ReleaseAxis) -> list[Any]:
    if isinstance(axis, CategoryAxis):
        return ["categories", axis.name, list(axis.categories)]
    return ["bins", axis.name, list(axis.edges)]


def _axis_from_json(told: list[Any]) -> ReleaseAxis:
    kind, name, values = told
    return (
        CategoryAxis(name, tuple(values)) if kind == "categories" else BinAxis(name, tuple(values))
    )
