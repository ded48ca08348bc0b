"""What a person could change about themselves: which features, in which direction, how far."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.data.dataset import Dataset
from core.errors import InputError

Change = Literal["frozen", "free", "up", "down"]
CHANGES: tuple[Change, ...] = ("frozen", "free", "up", "down")
AGE = re.compile(r"(^|[^a-z])age([^a-z]|$)", re.IGNORECASE)
"""A column whose name has the word "age" in it."""


@dataclass(frozen=True)
class FeatureRule:
    """How one feature may change.

    Attributes
    ----------
    feature : str
    change : {"frozen", "free", "up", "down"}
        "up" and "down" are for numbers: only to larger, or only to smaller values.
    low, high : float or None
        Of numbers: the range in which a new value must lie; None is as seen in training rows.
    cost : float
        What a unit of change of this feature counts, above 0.
    why : str
        Why it is so by default, in one sentence; empty where a person chose it.
    """

    feature: str
    change: Change = "free"
    low: float | None = None
    high: float | None = None
    cost: float = 1.0
    why: str = ""


@dataclass(frozen=True)
class CounterfactualSpec:
    """What counterfactuals may change and which are preferred.

    Attributes
    ----------
    rules : tuple of FeatureRule
        One for each feature that may change; a feature without a rule is frozen.
    how_many : int
        Different counterfactuals asked for, 1 to 10.
    most_changes : int
        Features that one of them may change at most, 1 to 6.
    unit : {"mad", "range"}
        In which numbers are measured: the median absolute deviation of training rows (Wachter,
        Mittelstadt and Russell 2017, section IV), or their range (Gower 1971). A category that
        changes counts 1.
    per_feature : float
        What each changed feature counts beside its distance, at least 0: few changes are preferred.
    plausible : float
        A counterfactual must be no further from real people of its decision than this share of
        those people are from each other, in (0, 1]; 1 is "no further than the loneliest of them".
    neighbours : int
        How many of the nearest people that distance is a mean over, at least 1.
    most_values : int
        Values of a number that are tried: those seen in training rows, their quantiles if more.
    most_tried : int
        Combinations that the exact search tries before it gives up its proof of smallness.
    """

    rules: tuple[FeatureRule, ...]
    how_many: int = 3
    most_changes: int = 4
    unit: Literal["mad", "range"] = "mad"
    per_feature: float = 0.5
    plausible: float = 0.95
    neighbours: int = 5
    most_values: int = 30
    most_tried: int = 5000

    def rule_of(self, feature: str) -> FeatureRule:
        """Rule of a feature; frozen where there is none."""
        found = [rule for rule in self.rules if rule.feature == feature]
        return found[0] if found else FeatureRule(feature, "frozen")


def default_spec(dataset: Dataset) -> CounterfactualSpec:
    """Return rules to start from; each that is not free says why.

    Sensitive columns and identifiers are frozen, a number whose name holds the word "age" may only
    grow, and a column without two known values has nothing to change to. All else is free: which
    of it a person can truly change is for people to say (Ustun, Spangher and Liu 2019, section 2).
    """
    rules = []
    for name in map(str, dataset.features.columns):
        column = dataset.features[name]
        if name in dataset.roles.sensitive:
            rules.append(FeatureRule(name, "frozen", why="It is a sensitive column."))
        elif name in dataset.roles.identifiers:
            rules.append(FeatureRule(name, "frozen", why="It names a person."))
        elif column.nunique() < 2:
            rules.append(FeatureRule(name, "frozen", why="All rows have the same value."))
        elif column.dtype.kind == "f" and AGE.search(name):
            rules.append(FeatureRule(name, "up", why="Its name says age, which only grows."))
        else:
            rules.append(FeatureRule(name))
    return CounterfactualSpec(tuple(rules))


def check_spec(spec: CounterfactualSpec, dataset: Dataset) -> None:
    """Check a spec against the data.

    Raises
    ------
    InputError
        Naming the first feature or setting that can't be.
    """
    names = [rule.feature for rule in spec.rules]
    for rule in spec.rules:
        _check_rule(rule, dataset)
        if names.count(rule.feature) > 1:
            raise InputError("it has two rules", where=f"feature {rule.feature!r}")
    for name, value, low, high in (
        ("how many", spec.how_many, 1, 10),
        ("most changes", spec.most_changes, 1, 6),
        ("neighbours", spec.neighbours, 1, 100),
        ("most values", spec.most_values, 2, 200),
        ("most tried", spec.most_tried, 1, 200_000),
    ):
        if not low <= value <= high:
            raise InputError(f"it must be {low} to {high}", where=f"{name} {value}")
    if not 0 < spec.plausible <= 1:
        raise InputError("it must be above 0 and at most 1", where=f"plausible {spec.plausible}")
    if not (np.isfinite(spec.per_feature) and spec.per_feature >= 0):
        raise InputError("it must be at least 0", where=f"per feature {spec.per_feature}")
    if spec.unit not in ("mad", "range"):
        raise InputError("it must be mad or range", where=f"unit {spec.unit!r}")


def _check_rule(rule: FeatureRule, dataset: Dataset) -> None:
    where = f"feature {rule.feature!r}"
    if rule.feature not in dataset.features.columns:
        raise InputError("the model sees no such feature", where=where)
    if rule.change not in CHANGES:
        raise InputError(f"{rule.change!r} is not one of {', '.join(CHANGES)}", where=where)
    number = dataset.features[rule.feature].dtype.kind == "f"
    limited = rule.low is not None or rule.high is not None
    if not number and (rule.change in ("up", "down") or limited):
        raise InputError(
            "it holds categories, which have no order and no range",
            where=where,
            remedy="Let it be free or frozen",
        )
    if not (np.isfinite(rule.cost) and rule.cost > 0):
        raise InputError(f"its cost {rule.cost} is not above 0", where=where)
    if any(end is not None and not np.isfinite(end) for end in (rule.low, rule.high)):
        raise InputError("its range is not of finite numbers", where=where)
    if rule.low is not None and rule.high is not None and rule.low > rule.high:
        raise InputError(f"its range {rule.low:g} to {rule.high:g} is empty", where=where)
