"""How the two decisions are called: "deny = yes (refused)" and "deny = no (granted)"."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from core.data.roles.group_labels import group_label, needs_column
from core.data.roles.roles import Roles
from core.data.split_words import split_words

ASKED_FOR = frozenset(
    {
        "accept", "acceptance", "accepted", "admission", "admit", "admitted", "approval", "approve",
        "approved", "declined", "denial", "denied", "deny", "grant", "granted", "refusal",
        "refused", "reject", "rejected", "rejection",
    }
)  # fmt: skip
"""Words of columns that say what became of something a person asked for: granted or refused."""


@dataclass(frozen=True)
class DecisionLabels:
    """The two decisions, or the two outcomes that they predict, as people read them.

    Attributes
    ----------
    positive, negative : str
        "deny = yes" and "deny = no".
    positive_is_favourable : bool
    asked_for : bool
        Whether they grant or refuse what somebody asked for, by the column's name.
    """

    positive: str
    negative: str
    positive_is_favourable: bool
    asked_for: bool = False

    def label(self, positive: bool) -> str:
        """Name a decision."""
        return self.positive if positive else self.negative

    def meaning(self, positive: bool) -> str:
        """Say what a decision means to the person, in a word."""
        if positive == self.positive_is_favourable:
            return "granted" if self.asked_for else "favourable"
        return "refused" if self.asked_for else "adverse"

    def told(self, positive: bool) -> str:
        """Name a decision with its meaning."""
        return f"{self.label(positive)} ({self.meaning(positive)})"


def decision_labels(roles: Roles, others: Collection[str] = ()) -> DecisionLabels:
    """Name the two decisions of an audit.

    Parameters
    ----------
    roles : Roles
    others : collection of str
        The labels other than the positive one; see
        :attr:`core.data.dataset.Dataset.negative_labels`.

    Examples
    --------
    >>> deny = Roles("deny", "yes", ("afam",), positive_is_favourable=False)
    >>> found = decision_labels(deny, ("no",))
    >>> found.told(True), found.told(False)
    ('deny = yes (refused)', 'deny = no (granted)')
    >>> decision_labels(Roles("grade", "1", ("sex",)), ("2", "3")).negative
    'grade other than 1'
    """
    positive, favourable = roles.positive_label, roles.positive_is_favourable
    column = roles.prediction or roles.target or ""
    asked_for = bool(ASKED_FOR.intersection(split_words(column)))
    if roles.prediction is None and roles.score is not None:
        limit = "a threshold" if roles.threshold is None else f"{roles.threshold:g}"
        return DecisionLabels(
            f"{roles.score} ≥ {limit}", f"{roles.score} < {limit}", favourable, asked_for
        )
    bare = needs_column(positive) or any(map(needs_column, others))

    def label(value: str) -> str:
        return f"{column} = {value}" if bare else group_label([(column, value)])

    if len(others) == 1:
        negative = label(next(iter(others)))
    else:
        negative = f"{column} other than {positive}" if bare else f"not {positive}"
    return DecisionLabels(label(positive), negative, favourable, asked_for)


def outcome_labels(roles: Roles, others: Collection[str] = ()) -> DecisionLabels:
    """Name the two true outcomes; where none are given, the decisions.

    Examples
    --------
    >>> lent = Roles("repaid", "1", ("sex",), prediction="granted")
    >>> outcome_labels(lent, ("0",)).positive, decision_labels(lent, ("0",)).positive
    ('repaid = 1', 'granted = 1')
    """
    if roles.target is not None:
        roles = replace(roles, prediction=None, score=None)
    return decision_labels(roles, others)
