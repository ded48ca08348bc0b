"""What goes together: learners, mitigations and labels, and the groups that were declared."""

from __future__ import annotations

from core.data.domains import CategoryDomain, Domains
from core.data.roles.merged_groups import MergedGroups, merged_names
from core.errors import InputError
from core.learning.learners import LEARNERS, Learner
from core.mitigation import Mitigation

CHANGES_TRAINING = ("before", "during")
"""Families of mitigations that an existing score leaves nothing to do for."""


def fits_learner(mitigation: Mitigation, learner: Learner) -> bool:
    """Whether a mitigation can be chosen with a learner at all."""
    if mitigation.replaces_learner not in ("", learner.name):
        return False
    if learner.fixed and mitigation.family in CHANGES_TRAINING:
        return False
    if not learner.private:
        return not mitigation.counts
    return mitigation.keeps_privacy and why_not_counted(mitigation, learner) is None


def fits_label(mitigation: Mitigation, *, positive_is_favourable: bool) -> bool:
    """Whether a mitigation is a cure where the positive decision is favourable, or is not."""
    return positive_is_favourable or not mitigation.raises_positives


def why_not_counted(mitigation: Mitigation, learner: Learner) -> str | None:
    """Say why a mitigation's noisy counts can't go with a private learner; None if they can."""
    if mitigation.counts and learner.neighbouring != "add-or-remove":
        return (
            f"the guarantee of {learner.name!r} is for a row that is replaced, which may leave the "
            "training rows and enter the validation rows, so that of both together is not known"
        )
    if mitigation.learners and learner.name not in mitigation.learners:
        return f"the model {learner.name!r} does not take the row weights that it sets"
    return None


def learners_counted_with(mitigation: Mitigation) -> list[str]:
    """Names of the private learners that a mitigation's noisy counts go with."""
    return [
        item.name for item in LEARNERS if item.private and why_not_counted(mitigation, item) is None
    ]


def declared_groups(
    domains: Domains | None, column: str, merged_groups: MergedGroups
) -> tuple[str, ...]:
    """Return the groups of a sensitive column that were declared, never read from the rows.

    Categories that the roles put together are one group here as among the rows.

    Raises
    ------
    InputError
        If none were: which groups occur may say that a single person is there, and the bins of a
        number may have been set after looking.
    """
    for item in domains.items if domains is not None else ():
        if item.name == column and isinstance(item, CategoryDomain):
            return merged_names(item.categories, merged_groups, column)
    raise InputError(
        "its groups are not declared as categories, and reading them from the rows would tell "
        "which occur",
        where=f"column {column!r}",
        remedy="Declare its categories with the bounds, mitigate for another column, or choose "
        "'private_threshold', which looks at no groups",
    )
