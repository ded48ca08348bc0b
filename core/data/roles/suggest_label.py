"""Which label of a target counts as positive, and whether people hope for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.data.roles.outcome_words import (
    BAD_VALUES,
    GOOD_VALUES,
    NEGATIONS,
    NO_VALUES,
    UNWELCOME,
    WELCOME,
    YES_VALUES,
    holds,
)
from core.data.split_words import split_words, value_words


@dataclass(frozen=True)
class LabelGuess:
    """The positive label and whether it is the favourable outcome, as far as it can be guessed.

    Attributes
    ----------
    positive : str or None
        None where only a person knows.
    favourable : bool or None
        None where only a person knows.
    reason : str
        Of the guess, or for asking.
    """

    positive: str | None
    favourable: bool | None
    reason: str

    def favourable_if(self, positive: str | None) -> bool | None:
        """Whether people hope for a label of the two that a person chose as positive."""
        if self.favourable is None or positive is None:
            return None
        return self.favourable == (positive == self.positive)


def suggest_label(target: str, labels: Sequence[str]) -> LabelGuess:
    """Guess by the labels first, then by the column's name; ask where neither says it.

    Examples
    --------
    >>> suggest_label("deny", ["no", "yes"]).favourable
    False
    """
    if len(labels) != 2:
        return LabelGuess(None, None, "only two labels are guessed about")
    values = {label: value_words(label).replace(" ", "") for label in labels}
    good = [label for label in labels if values[label] in GOOD_VALUES]
    bad = [label for label in labels if values[label] in BAD_VALUES]
    if len(good) == 1:
        return LabelGuess(good[0], True, f"“{good[0]}” is what people hope for")
    if len(bad) == 1 and not good:
        return LabelGuess(bad[0], False, f"“{bad[0]}” is what people hope to be spared")
    yes = _yes(values)
    if yes is None:
        return LabelGuess(
            None, None, f"neither “{labels[0]}” nor “{labels[1]}” says which is hoped for"
        )
    words = split_words(target)
    unwelcome, welcome = holds(words, UNWELCOME), holds(words, WELCOME)
    turned = not NEGATIONS.isdisjoint(words)
    if (unwelcome is None) == (welcome is None):
        why = "its name says nothing of it" if welcome is None else "its name says both"
        return LabelGuess(yes, None, f"whether people hope for “{yes}” is not known: {why}")
    favourable = (welcome is not None) != turned
    hope = "hope for" if favourable else "hope to be spared"
    return LabelGuess(yes, favourable, f"“{target} = {yes}” is what people {hope}")


def _yes(values: dict[str, str]) -> str | None:
    """Return the label that says yes, where the other says no."""
    for label, value in values.items():
        other = next(text for key, text in values.items() if key != label)
        if value in YES_VALUES and other in NO_VALUES and other != value:
            # 1 and 2 are codes of which either may say yes.
            return None if {value, other} == {"1", "2"} else label
    return None
