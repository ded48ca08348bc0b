"""Operating points that were chosen for other roles: kept, told of, and not in force.

A choice rests on figures of a target, of groups and of features. Under other roles it says nothing;
it comes back when the roles do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.audit_state.state import AuditState
from core.data.dataset import Dataset
from core.data.roles.roles import Roles
from core.governance.operating_point import (
    OperatingPoint,
    choices,
    choices_by_roles,
    choices_key,
    list_roles,
)
from core.storage.json_format import fields_json
from core.storage.workspace import Workspace
from core.tradeoff.frontier.chosen import setting_label


@dataclass(frozen=True)
class ForOtherRoles:
    """The last choice that was made for roles other than those of now.

    Attributes
    ----------
    point : OperatingPoint
    differences : tuple of str
        What differs, in words: "the target (then paid, now late)".
    """

    point: OperatingPoint
    differences: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What was chosen, by whom and when, and why it is not in force."""
        return (
            f"{self.point.name} chose an operating point on {self.point.when[:10]} for other "
            f"roles: {setting_label(self.point.setting)}. It doesn't hold for these, since they "
            f"differ in {' and in '.join(self.differences)}. It comes back when the roles do."
        )

    def to_json(self) -> dict[str, Any]:
        """As it stands in audit.json."""
        return fields_json(self.point) | {
            "words": setting_label(self.point.setting),
            "differences": list(self.differences),
            "told": self.sentence,
        }


def chosen_for_others(
    workspace: Workspace, state: AuditState, dataset: Dataset
) -> tuple[ForOtherRoles, ...]:
    """Return the last choice for each of the other roles that this audit had, oldest first."""
    if choices(workspace, state, dataset):
        # Made before such choices were listed, perhaps.
        list_roles(workspace, state, dataset)
    found = [
        ForOtherRoles(points[-1], role_differences(roles, dataset.roles))
        for cache_key, (roles, points) in choices_by_roles(workspace, state).items()
        if cache_key != choices_key(dataset)
    ]
    return tuple(sorted(found, key=lambda item: item.point.when))


def role_differences(then: Roles, now: Roles) -> tuple[str, ...]:
    """Say where two assignments of roles differ; never empty."""
    found = []
    for name, title in (
        ("target", "the target"),
        ("positive_label", "the positive label"),
        ("positive_is_favourable", "whether that label is favourable"),
        ("weight", "the weight"),
        ("prediction", "the decisions"),
        ("score", "the scores"),
        ("threshold", "the threshold"),
    ):
        before, after = getattr(then, name), getattr(now, name)
        if before != after:
            found.append(f"{title} (then {_format_value(before)}, now {_format_value(after)})")
    for name, title in (
        ("sensitive", "the sensitive columns"),
        ("features", "the features"),
        ("identifiers", "the identifiers"),
        ("markers", "the columns that mark training rows"),
    ):
        before, after = getattr(then, name), getattr(now, name)
        if before != after:
            found.append(f"{title} ({_members(before, after)})")
    if then.edges != now.edges:
        found.append("the edges of bins")
    if then.merged_groups != now.merged_groups:
        found.append("the merged groups")
    return tuple(found) or ("how the columns are read",)


def _format_value(value: object) -> str:
    if value is None:
        return "none"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _members(then: Sequence[str], now: Sequence[str]) -> str:
    gone = [name for name in then if name not in now]
    new = [name for name in now if name not in then]
    parts = []
    if gone:
        parts.append(f"then with {', '.join(gone)}")
    if new:
        parts.append(f"now with {', '.join(new)}")
    return "; ".join(parts) or "in another order"
