"""What another session changed in an audit since this one last looked at it.

Two tabs, or two people, may have one audit open. Whoever saves says what they saw and which parts
of it their decision rests on. Those are compared with the disk under the audit's lock: where one
has changed, nothing is written and the change is named. All other parts stay as they are on disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.errors import InputError
from core.learning.learners import LEARNERS

PARTS = {
    "options": "how the file is read",
    "kinds": "what the columns hold",
    "roles": "which column means what",
    "budget": "the privacy budget",
    "guarantee": "whether training gives a privacy guarantee",
    "domains": "the declared bounds and categories",
    "training": "the audited model",
    "generalised": "how features are generalised",
    "impact": "how impact ratios compare groups",
    "bias_audit": "the table of Local Law 144",
}
"""Parts of an audit's state that a person settles, as they are called on screen."""
SETTLED = tuple(name for name in PARTS if name != "guarantee")
"""Those that are kept; a guarantee is kept where there is a budget."""


class ChangedMeanwhileError(InputError):
    """Another session changed what a decision rests on; nothing was written."""


def changed_parts(seen: Any, now: Any, parts: Iterable[str] = SETTLED) -> tuple[str, ...]:
    """Return the parts in which two states of an audit differ, in the order of PARTS."""
    asked = set(parts)
    return tuple(
        name for name in PARTS if name in asked and getattr(seen, name) != getattr(now, name)
    )


def describe_changes(now: Any, parts: Iterable[str]) -> str:
    """Say what some parts of an audit are by now, in one phrase."""
    return "; ".join(f"{PARTS[name]} (now {_description(name, now)})" for name in parts)


def check_unchanged(
    seen: Any, now: Any, parts: Iterable[str], otherwise: str = "nothing was saved"
) -> None:
    """Refuse to act on parts of an audit that were changed since they were seen.

    Parameters
    ----------
    seen, now : AuditState
        As whoever acts saw it, and as it is on disk.
    parts : iterable of str
        What is to be changed, and what that rests on.
    otherwise : str
        What the refusal comes to.

    Raises
    ------
    ChangedMeanwhileError
        Naming each part that has changed and what it is now.
    """
    changed = changed_parts(seen, now, parts)
    if changed:
        raise ChangedMeanwhileError(
            f"{describe_changes(now, changed)} was changed in another tab or by another person in "
            f"the meantime, so {otherwise}",
            where=now.name,
            remedy="Look at what it is now, and do this again if it is still what you want",
        )


def _description(name: str, now: Any) -> str:
    value = getattr(now, name)
    if name == "guarantee":
        return "yes" if value else "no"
    if value is None or value == {}:
        return "none"
    if name == "roles":
        target = "no target" if value.target is None else f"target “{value.target}”"
        return f"{target}, compared by {', '.join(value.sensitive)}"
    if name == "budget":
        delta = f", δ = {value.delta:g}" if value.delta else ""
        return f"ε = {value.epsilon:g}{delta}"
    if name == "training":
        return f"{LEARNERS[value.learner].title}, seed {value.seed}"
    return "others"
