"""Two audits against each other: plans, people, figures with intervals, findings, and privacy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import InputError
from core.fairness.assessment import Figure
from core.fairness.disparities import DISPARITIES
from core.fairness.metrics import METRICS
from core.reporting.audit_differences import (
    LEVEL,
    ComparedFigure,
    Kind,
    compared,
    judged_together,
)
from core.reporting.audit_plans import PlanDifference, SamePeople, plan_differences, same_people
from core.reporting.wording import figure_of, group_name, is_number, promise

SCHEMA = 1
BETWEEN = " × "


@dataclass(frozen=True)
class LoneGroups:
    """Groups of a combination of sensitive columns that are in one audit and not in the other."""

    by: str
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]


@dataclass(frozen=True)
class AuditComparison:
    """Audit B compared with audit A.

    Attributes
    ----------
    plan : tuple of PlanDifference
    people : SamePeople
    figures : tuple of ComparedFigure
        Performance, then disparities and groups' rates by combination of sensitive columns.
    lone_groups : tuple of LoneGroups
    lone_attributes : tuple of (tuple of str, tuple of str)
        Combinations that only A, and only B, compares by.
    findings_a, findings_b : tuple of str
        Findings that are in one and not in the other, "CODE title (severity)".
    privacy_a, privacy_b : str
        What each promises and how much its data set had spent, in one sentence each.
    """

    plan: tuple[PlanDifference, ...]
    people: SamePeople
    figures: tuple[ComparedFigure, ...]
    lone_groups: tuple[LoneGroups, ...]
    lone_attributes: tuple[tuple[str, ...], tuple[str, ...]]
    findings_a: tuple[str, ...]
    findings_b: tuple[str, ...]
    privacy_a: str
    privacy_b: str

    @property
    def multiplicity(self) -> str:
        """How many figures are compared, and what chance alone makes of so many."""
        judged = [item for item in self.figures if item.p_value is not None]
        if not judged:
            return "No figure has an interval in both files, so none is judged."
        apart = sum(item.differs for item in judged)
        sure = sum(item.after_holm is True for item in judged)
        chance = (1 - LEVEL) * len(judged)
        return (
            f"{len(judged)} figures are compared, and {apart} of them differ by their own 95 % "
            f"interval; if nothing truly differed, up to about {chance:.1f} would by chance alone "
            f"(5 %). Judged together (Holm 1979, 5 % for one false alarm in all), {sure} differ; "
            "they are marked *. Many figures say the same thing twice."
        )

    def to_json(self) -> dict[str, Any]:
        """Write it down, without NaN or infinity."""
        return {
            "schema": SCHEMA,
            "plan": [asdict(item) for item in self.plan],
            "people": asdict(self.people),
            "figures": [
                {
                    **asdict(item),
                    "a": item.a.to_json(),
                    "b": item.b.to_json(),
                    "difference": item.difference.to_json(),
                }
                for item in self.figures
            ],
            "multiplicity": self.multiplicity,
            "lone_groups": [asdict(item) for item in self.lone_groups],
            "lone_attributes": {
                "a": list(self.lone_attributes[0]),
                "b": list(self.lone_attributes[1]),
            },
            "findings": {"only_a": list(self.findings_a), "only_b": list(self.findings_b)},
            "privacy": {"a": self.privacy_a, "b": self.privacy_b},
        }


def compare_audits(a: Mapping[str, Any], b: Mapping[str, Any]) -> AuditComparison:
    """Compare two audits.

    Parameters
    ----------
    a, b : mapping
        As :func:`core.reporting.audit_json.audit_json` writes them.

    Returns
    -------
    AuditComparison

    Raises
    ------
    InputError
        If they are about different targets or labels: their figures mean different things.
    """
    roles = a["plan"]["roles"], b["plan"]["roles"]
    for name, what in (("target", "targets"), ("positive_label", "labels counted as positive")):
        if roles[0][name] != roles[1][name]:
            raise InputError(
                f"the audits are about different {what}, {str(roles[0][name])!r} and "
                f"{str(roles[1][name])!r}, so their figures mean different things",
                where="A and B",
                remedy="Compare audits of one target and one positive label",
            )
    favourable = [bool(each["positive_is_favourable"]) for each in roles]
    agreed = favourable[0] if favourable[0] == favourable[1] else None
    parts = [_assessments(each["fairness"]) for each in (a, b)]
    figures = [
        compared(
            "performance", name, _figure(a["performance"], name), _figure(b["performance"], name)
        )
        for name in METRICS.names()
        if name in a["performance"] or name in b["performance"]
    ]
    lone_groups = []
    for key in (key for key in parts[0] if key in parts[1]):
        one, other = parts[0][key], parts[1][key]
        by = BETWEEN.join(one["attributes"])
        groups = [_groups(each, one["attributes"]) for each in (one, other)]
        lone = LoneGroups(by, _without(groups[0], groups[1]), _without(groups[1], groups[0]))
        if lone.only_a or lone.only_b:
            lone_groups.append(lone)
        figures += _disparities(one, other, by, agreed, bool(lone.only_a or lone.only_b))
        figures += _rates(groups[0], groups[1], by, agreed)
    alone = [
        tuple(BETWEEN.join(own[key]["attributes"]) for key in own if key not in others)
        for own, others in ((parts[0], parts[1]), (parts[1], parts[0]))
    ]
    findings = [Counter(_finding(item) for item in each["findings"]) for each in (a, b)]
    return AuditComparison(
        plan_differences(a, b),
        same_people(a, b),
        judged_together(figures),
        tuple(lone_groups),
        (alone[0], alone[1]),
        tuple((findings[0] - findings[1]).elements()),
        tuple((findings[1] - findings[0]).elements()),
        _privacy(a["privacy"]),
        _privacy(b["privacy"]),
    )


def _assessments(fairness: Mapping[str, Any]) -> dict[frozenset[str], Mapping[str, Any]]:
    """Assessments by their sensitive columns: each alone, then all together."""
    found = {frozenset([str(name)]): item for name, item in fairness["by_attribute"].items()}
    found.setdefault(frozenset(map(str, fairness["attributes"])), fairness)
    return found


def _groups(assessment: Mapping[str, Any], order: list[str]) -> dict[str, Mapping[str, Any]]:
    return {group_name(item["group"], order): item for item in assessment["by_group"]}


def _without(own: Mapping[str, Any], others: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in own if name not in others)


def _disparities(
    one: Mapping[str, Any], other: Mapping[str, Any], by: str, agreed: bool | None, lone: bool
) -> Iterator[ComparedFigure]:
    for name in DISPARITIES.names():
        if name in one["disparities"] or name in other["disparities"]:
            yield compared(
                "disparity",
                name,
                _whole(one["disparities"].get(name)),
                _whole(other["disparities"].get(name)),
                by=by,
                positive_is_favourable=agreed,
                incomparable="it is a gap among other groups in A than in B" if lone else None,
            )


def _rates(
    one: Mapping[str, Any], other: Mapping[str, Any], by: str, agreed: bool | None
) -> Iterator[ComparedFigure]:
    kind: Kind = "rate"
    for group in (name for name in one if name in other):
        for name in METRICS.names():
            if name in one[group] or name in other[group]:
                yield compared(
                    kind,
                    name,
                    _figure(one[group], name),
                    _figure(other[group], name),
                    by=by,
                    group=group,
                    positive_is_favourable=agreed,
                )


def _figure(result: Mapping[str, Any], name: str) -> Figure:
    value, pair, reason = figure_of(result, name)
    if name not in result:
        return Figure(None, reason="it was not measured")
    return _checked(value, *(pair or (None, None)), reason)


def _whole(told: Mapping[str, Any] | None) -> Figure:
    if told is None:
        return Figure(None, reason="it was not measured")
    return _checked(told["estimate"], told["low"], told["high"], told.get("reason"))


def _checked(value: Any, low: Any, high: Any, reason: str | None) -> Figure:
    """Make a figure of what a file says; ValueError if it can't be one."""
    if value is None:
        return Figure(None, reason=reason or None)
    if not is_number(value):
        raise ValueError(f"{value!r} is no figure")
    if low is None or high is None:
        return Figure(float(value), reason=reason or None)
    if not is_number(low) or not is_number(high):
        raise ValueError(f"{low!r} to {high!r} is no interval")
    # By rounding alone could an end pass the estimate.
    return Figure(float(value), min(float(low), float(value)), max(float(high), float(value)))


def _finding(told: Mapping[str, Any]) -> str:
    return f"{told['code']} {told['title']} ({told['severity']})"


def _privacy(told: Mapping[str, Any]) -> str:
    text = promise(told["epsilon"], told["delta"])
    if told["noise"] == "seeded":
        text += ", simulated with seeded noise, so that nothing is promised"
    charges, cap = told["ledger"], told["cap"]
    if charges:
        epsilon = sum(float(item["epsilon"]) for item in charges)
        delta = sum(float(item["delta"]) for item in charges)
        text += (
            f"; {len(charges)} charges to the data set by then, together {promise(epsilon, delta)}"
        )
    if cap is not None:
        text += f"; cap {promise(cap['epsilon'], cap['delta'])}"
    return text
