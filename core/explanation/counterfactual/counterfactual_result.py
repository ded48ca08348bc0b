"""What a search for counterfactuals found: frozen results."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.storage.names import with_present_names

Value = float | str | None
"""A number, a category, or None where missing."""


@dataclass(frozen=True)
class Counterfactual:
    """Changes after which the decision would be the other one.

    Attributes
    ----------
    changes : tuple of (str, value, value)
        Feature, from, to; the largest change first. If any of them alone were undone, the decision
        would not flip, or the person would be implausible.
    distance : float
        Sum of the changes: numbers in units of the spec, categories 1 each, times their costs.
    score : float
        On which the new decision rests, in [0, 1].
    decision : bool
        The new decision: whether it is the positive label.
    plausibility : float
        Share, in [0, 1], of real people with this decision who are at least as far from their
        nearest like as this counterfactual is from them: small is unusual.
    """

    changes: tuple[tuple[str, Value, Value], ...]
    distance: float
    score: float
    decision: bool
    plausibility: float


@dataclass(frozen=True)
class Counterfactuals:
    """All that was found for one person.

    Attributes
    ----------
    found : tuple of Counterfactual
        The smallest first, then the ones that differ most from those before.
    reason : str or None
        Why none was found, and within which limits was searched.
    score : float
        Of the person as they are.
    decision : bool
        About the person as they are; where it is drawn at random, the likelier one.
    favourable : bool
        Whether that decision is what the person hopes for.
    tried : int
        Changed rows that the model scored.
    proven : bool
        Whether no smaller plausible counterfactual exists among the values that were allowed;
        without any found, whether none exists.
    left_alone : tuple of str
        Features that could change but are missing for this person.
    randomised : bool
        Whether the model is randomised. Counterfactuals then make the other decision the
        likelier one and never count on another draw.
    """

    found: tuple[Counterfactual, ...]
    reason: str | None
    score: float
    decision: bool
    favourable: bool
    tried: int
    proven: bool
    left_alone: tuple[str, ...] = ()
    randomised: bool = field(default=False, metadata={"first_name": "by_lot"})

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what a pickle of an earlier version calls by an earlier name."""
        vars(self).update(with_present_names(type(self), state))
