"""Two audits against each other: plans, people, figures with intervals, findings, and privacy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import InputError
from core.privacy.accounting.budget import Budget, Charge, compose
from core.reporting.audit_differences import LEVEL, ComparedFigure, holm_corrected
from core.reporting.audit_plans import PlanDifference, SamePeople, plan_differences, same_people
from core.reporting.compared_figures import (
    Groups,
    assessments,
    disparities,
    groups_of,
    name_of,
    performance,
    rates,
)
from core.reporting.wording import format_privacy

SCHEMA = 1
BETWEEN = " × "


@dataclass(frozen=True)
class LoneGroups:
    """Groups of a combination of sensitive columns that are in one audit and not in the other."""

    by: str
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]


@dataclass(frozen=True)
class SmallGroup:
    """A group that is too small to judge, in A, in B or in both, with the reason told there."""

    by: str
    group: str
    reason: str


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
    small_groups : tuple of SmallGroup
        Of those in both.
    lone_attributes : tuple of (tuple of str, tuple of str)
        Combinations that only A, and only B, compares by.
    findings_a, findings_b : tuple of str
        Findings that are in one and not in the other, "CODE title (severity)".
    privacy_a, privacy_b : str
        What each guarantees and how much its data set had spent, in one sentence each.
    """

    plan: tuple[PlanDifference, ...]
    people: SamePeople
    figures: tuple[ComparedFigure, ...]
    lone_groups: tuple[LoneGroups, ...]
    small_groups: tuple[SmallGroup, ...]
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
            f"{len(judged)} figures are compared, and {apart} of them differ by their own 95% "
            f"interval; if nothing truly differed, up to about {chance:.1f} would by chance alone "
            f"(5%). Judged together (Holm 1979, 5% for one false alarm in all), {sure} differ; "
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
            "small_groups": [asdict(item) for item in self.small_groups],
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
    parts = [assessments(each["fairness"]) for each in (a, b)]
    figures = list(performance(a["performance"], b["performance"], agreed))
    lone_groups: list[LoneGroups] = []
    small_groups: list[SmallGroup] = []
    for key in (key for key in parts[0] if key in parts[1]):
        one, other = parts[0][key], parts[1][key]
        by = BETWEEN.join(one["attributes"])
        groups = [groups_of(each, one["attributes"]) for each in (one, other)]
        lone = LoneGroups(by, _without(groups[0], groups[1]), _without(groups[1], groups[0]))
        small_groups += _small(groups[0], groups[1], by)
        if lone.only_a or lone.only_b:
            lone_groups.append(lone)
        figures += disparities(one, other, by, agreed, bool(lone.only_a or lone.only_b))
        figures += rates(groups[0], groups[1], by, agreed)
    alone = [
        tuple(BETWEEN.join(own[key]["attributes"]) for key in own if key not in others)
        for own, others in ((parts[0], parts[1]), (parts[1], parts[0]))
    ]
    findings = [Counter(_finding(item) for item in each["findings"]) for each in (a, b)]
    return AuditComparison(
        plan_differences(a, b),
        same_people(a, b),
        holm_corrected(figures),
        tuple(lone_groups),
        tuple(small_groups),
        (alone[0], alone[1]),
        tuple((findings[0] - findings[1]).elements()),
        tuple((findings[1] - findings[0]).elements()),
        _privacy(a["privacy"]),
        _privacy(b["privacy"]),
    )


def _without(own: Groups, others: Groups) -> tuple[str, ...]:
    return tuple(name_of(values) for values in own if values not in others)


def _small(one: Groups, other: Groups, by: str) -> Iterator[SmallGroup]:
    for values in (values for values in one if values in other):
        reason = one[values].get("too_small") or other[values].get("too_small")
        if reason:
            yield SmallGroup(by, name_of(values), str(reason))


def _finding(record: Mapping[str, Any]) -> str:
    return f"{record['code']} {record['title']} ({record['severity']})"


def _privacy(record: Mapping[str, Any]) -> str:
    text = format_privacy(record["epsilon"], record["delta"])
    if record["noise"] == "seeded":
        text += ", simulated with seeded noise, so that nothing is guaranteed"
    charges = tuple(Charge(**item) for item in record["ledger"])
    cap = None if record["cap"] is None else Budget(**record["cap"])
    if charges:
        spent = compose(charges) if cap is None else cap.spent(charges)
        text += (
            f"; charged to its data set by then {format_privacy(spent.epsilon, spent.delta)} in "
            f"{len(charges)} charge{'s' if len(charges) > 1 else ''}"
        )
    if cap is not None:
        text += f"; cap {format_privacy(cap.epsilon, cap.delta)}"
    return text
