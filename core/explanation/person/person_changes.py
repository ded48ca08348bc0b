"""What would change a decision, in sentences."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from core.explanation.counterfactual.counterfactual_result import Counterfactuals
from core.explanation.person.person import format_value

RARE = 0.1
"""Plausibility below which a changed person is called unusual."""


@dataclass(frozen=True)
class ChangeTexts:
    """What would change a decision.

    Attributes
    ----------
    ways : tuple of str
        Each a set of changes after which the decision would be the other one, smallest first.
    remark : str
        Why there is none, or how thoroughly was looked.
    """

    ways: tuple[str, ...]
    remark: str


def describe_changes(found: Counterfactuals, dates: Collection[str] = ()) -> ChangeTexts:
    """Put counterfactuals into words.

    Parameters
    ----------
    found : Counterfactuals
    dates : collection of str
        Features that hold dates.
    """
    ways = []
    for one in found.found:
        text = ", and ".join(
            f"“{feature}” were {format_value(after, is_date=feature in dates)} "
            f"instead of {format_value(before, is_date=feature in dates)}"
            for feature, before, after in one.changes
        )
        unusual = " (few real people are like that)" if one.plausibility < RARE else ""
        ways.append(f"If {text}: score {one.score:.4g}{unusual}")
    if not ways:
        return ChangeTexts((), found.reason or "No change was found that flips the decision.")
    remark = (
        "All else stays as it is, and sensitive columns are never changed. These are changes to "
        "what the model sees: nobody promises that they are possible, or that making them changes "
        "what happens later."
    )
    if found.proven:
        remark += " It is proven that no smaller plausible change of the allowed values flips it."
    if found.randomised:
        remark += " The model is partly randomised; changed is the likelier decision."
    if found.left_alone:
        names = ", ".join(f"“{name}”" for name in found.left_alone)
        remark += f" Not tried, because missing for this person: {names}."
    return ChangeTexts(tuple(ways), remark)
