"""A matching while a person works on it: what is settled, what is proposed, what is open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.errors import InputError
from core.external_models.matching import InputMatch, Matching
from core.external_models.model_facts import ModelFacts
from core.external_models.proposals import Proposed


@dataclass(frozen=True)
class MatchingDraft:
    """Matches of some or all inputs, and which of them a person accepted.

    Attributes
    ----------
    names : tuple of str
        All inputs, in the model's order.
    matches : tuple of InputMatch
        Of those that have one.
    accepted : frozenset of str
        Inputs whose match a person accepted or made.
    """

    names: tuple[str, ...]
    matches: tuple[InputMatch, ...]
    accepted: frozenset[str] = frozenset()

    @property
    def matching(self) -> Matching:
        """What is matched so far, accepted or not, in the model's order."""
        by_input = {match.input: match for match in self.matches}
        return Matching(tuple(by_input[name] for name in self.names if name in by_input))

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Inputs without a match."""
        found = {match.input for match in self.matches}
        return tuple(name for name in self.names if name not in found)

    @property
    def proposed(self) -> tuple[str, ...]:
        """Inputs whose match waits for a person to accept it."""
        return tuple(
            match.input
            for match in self.matching.inputs
            if match.how != "same" and match.input not in self.accepted
        )

    @property
    def is_settled(self) -> bool:
        """Whether nothing is open."""
        return not self.unmatched and not self.proposed

    def match_of(self, name: str) -> InputMatch | None:
        """Return the match of an input, None if it has none."""
        return next((match for match in self.matches if match.input == name), None)

    def state_of(self, name: str) -> str:
        """Say where an input stands: the same, accepted, proposed or without a column."""
        match = self.match_of(name)
        if match is None:
            return "no column found"
        if match.how == "same":
            return "the same"
        return "accepted" if name in self.accepted else "proposed"

    def accepting(self, names: Iterable[str]) -> MatchingDraft:
        """Accept the proposals of some inputs."""
        return replace(self, accepted=self.accepted | set(names))

    def with_match(self, match: InputMatch) -> MatchingDraft:
        """Take a match that a person made in the place of the one of its input."""
        others = tuple(item for item in self.matches if item.input != match.input)
        return replace(self, matches=(*others, match), accepted=self.accepted | {match.input})

    def settled(self, name: str) -> Matching:
        """Return the matching.

        Raises
        ------
        InputError
            If anything is open.
        """
        if not self.is_settled:
            left = (*self.unmatched, *self.proposed)
            raise InputError(
                f"{len(left)} of its {len(self.names)} inputs are open: "
                f"{', '.join(map(repr, left[:8]))}",
                where=f"model {name!r}",
                remedy="Accept the proposals, or say where each takes its values from",
            )
        return self.matching


def draft_of(facts: ModelFacts, proposed: Proposed) -> MatchingDraft:
    """Begin with what is proposed."""
    return MatchingDraft(tuple(item.name for item in facts.inputs), proposed.matching.inputs)


def draft_as_before(facts: ModelFacts, matching: Matching) -> MatchingDraft:
    """Begin with a matching that was settled before."""
    names = tuple(item.name for item in facts.inputs)
    return MatchingDraft(names, matching.inputs, frozenset(names))
