"""What an audit shows of a policy: frozen results, and the same as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from core.fairness.metrics.assessment import Figure
from core.policy.policy import Criterion, Policy
from core.policy.policy_toml import digest

Outcome = Literal["met", "not met", "not enough evidence", "not applicable", "not run"]
OUTCOMES: tuple[Outcome, ...] = (
    "not met",
    "not enough evidence",
    "not run",
    "met",
    "not applicable",
)
"""Worst first: a criterion over several attributes has the worst outcome of any of them."""


@dataclass(frozen=True)
class PartResult:
    """A criterion on one attribute, on one intersection, or on everybody.

    Attributes
    ----------
    attributes : tuple of str
        Empty for everybody.
    outcome : {"met", "not met", "not enough evidence", "not applicable", "not run"}
    figure : Figure
        Undefined with its reason where it is not applicable, not run, or can't be computed.
    because : str
        Why the outcome is what it is, where the figure alone doesn't say so.
    rate : str
        What is compared: "selection rate"; empty for everybody.
    worse, better : str
        The groups of the pair that decides: the one that is worse off, and the other; empty where
        there is no gap.
    worse_rate, better_rate : float or None
        Their rates.
    pair : float or None
        Difference or ratio of this pair, where it is not the largest gap.
    p_value, adjusted : float or None
        That the pair is alike: over all pairs of the attribute, and after Holm's correction over
        attributes and intersections.
    left_out : tuple of str
        Groups of which nothing is said: too small, or without the figure.
    unknown : int
        Rows of unknown group, which enter nothing.
    detectable : float or None
        Smallest gap, or highest ratio, that could have been found with 80 % power.
    rows_needed : int or None
        Rows that a group needed for a gap as large as the limit to be found with 80 % power.
    sentence : str
    known : tuple of str
        All groups of known value, for how they are called together.
    """

    attributes: tuple[str, ...]
    outcome: Outcome
    figure: Figure
    because: str = ""
    rate: str = ""
    worse: str = ""
    better: str = ""
    worse_rate: float | None = None
    better_rate: float | None = None
    pair: float | None = None
    p_value: float | None = None
    adjusted: float | None = None
    left_out: tuple[str, ...] = ()
    unknown: int = 0
    detectable: float | None = None
    rows_needed: int | None = None
    sentence: str = ""
    known: tuple[str, ...] = field(default=(), compare=False)

    def to_json(self) -> dict[str, Any]:
        """As it stands in audit.json."""
        return {
            "attributes": list(self.attributes),
            "outcome": self.outcome,
            "figure": self.figure.to_json(),
            "because": self.because or None,
            "rate": self.rate or None,
            "worse": self.worse or None,
            "better": self.better or None,
            "worse_rate": self.worse_rate,
            "better_rate": self.better_rate,
            "pair": self.pair,
            "p_value": self.p_value,
            "adjusted_p_value": self.adjusted,
            "left_out": list(self.left_out),
            "unknown": self.unknown,
            "detectable": self.detectable,
            "rows_needed": self.rows_needed,
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class CriterionResult:
    """What an audit shows of one criterion.

    Attributes
    ----------
    criterion : Criterion
    parts : tuple of PartResult
        At least one.
    """

    criterion: Criterion
    parts: tuple[PartResult, ...]

    @property
    def decisive(self) -> PartResult:
        """The part that the outcome rests on: the first of the worst."""
        return min(self.parts, key=lambda part: OUTCOMES.index(part.outcome))

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of any part; what doesn't apply is left aside where something does."""
        return self.decisive.outcome

    @property
    def sentence(self) -> str:
        """The outcome with its figures, in words."""
        return self.decisive.sentence

    def to_json(self) -> dict[str, Any]:
        """As it stands in audit.json."""
        told = self.criterion
        return {
            "id": told.id,
            "concern": told.concern,
            "figure": told.figure,
            "title": told.definition.title,
            "groups": told.groups,
            "at_most": told.at_most,
            "at_least": told.at_least,
            "evidence": told.evidence,
            "minimum_count": told.minimum_count,
            "severity": told.severity,
            "required": told.required,
            "demands_privacy": told.demands_privacy,
            "outcome": self.outcome,
            "sentence": self.sentence,
            "parts": [part.to_json() for part in self.parts],
        }


@dataclass(frozen=True)
class Evaluation:
    """What an audit shows of a policy.

    Attributes
    ----------
    policy : Policy
    results : tuple of CriterionResult
        One for each criterion, in the policy's order.
    """

    policy: Policy
    results: tuple[CriterionResult, ...]

    @property
    def verdict(self) -> Outcome:
        """Either "not met", "not enough evidence" or "met".

        What was not run, and what does not apply where a criterion is required, count as lacking
        evidence; nothing that was not measured passes. Where nothing applies, nothing is met.
        """
        outcomes = [result.outcome for result in self.results]
        if "not met" in outcomes:
            return "not met"
        if any(is_lacking(result) for result in self.results) or "met" not in outcomes:
            return "not enough evidence"
        return "met"

    @property
    def sentence(self) -> str:
        """How many criteria have which outcome."""
        counts = {o: sum(r.outcome == o for r in self.results) for o in OUTCOMES}
        text = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
        number = len(self.results)
        return f"{number} {'criterion' if number == 1 else 'criteria'}: {text}"

    def to_json(self) -> dict[str, Any]:
        """As it stands in audit.json."""
        return {
            "name": self.policy.name,
            "version": self.policy.version,
            "description": self.policy.description,
            "sha256": digest(self.policy),
            "verdict": self.verdict,
            "told": self.sentence,
            "criteria": [result.to_json() for result in self.results],
        }


def is_lacking(result: CriterionResult) -> bool:
    """Whether a criterion is neither met nor refuted though it should be judged."""
    if result.outcome == "not applicable":
        return result.criterion.required
    return result.outcome in ("not enough evidence", "not run")
