"""A policy: criteria that are set before results are seen, each a figure with a limit.

A criterion says what is measured, between which groups, how far it may go, and what counts as
evidence. The rules of evidence:

``beyond_limit``
    Not met only where the whole interval lies beyond the limit, met only where it lies wholly
    within; otherwise there is not enough evidence. The interval holds over all pairs of groups of
    one attribute, or of one intersection.
``significant``
    Statistical and practical significance together, as 29 CFR 1607.4(D) speaks of differences that
    are "significant in both statistical and practical terms": not met where two groups differ
    significantly (statistical, at 5 % after Holm's correction over the attributes and intersections
    that the criterion covers, an intersection weighing half as much as an attribute) and their gap
    is clearly beyond the limit (practical, by its 50 % interval over all pairs of the attribute);
    met where the whole interval lies within the limit; otherwise there is not enough evidence.
``recorded``
    There is no pass mark: met where the figure can be given.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal, get_args

from core.errors import InputError
from core.policy.figures import FIGURES, PolicyFigure

Concern = Literal[
    "data", "privacy", "fairness", "explanation", "robustness", "performance", "governance"
]
Groups = Literal["each", "intersections", "both"]
Evidence = Literal["beyond_limit", "significant", "recorded"]
Severity = Literal["high", "medium", "low"]
CONCERNS: tuple[Concern, ...] = get_args(Concern)
GROUPS: tuple[Groups, ...] = get_args(Groups)
EVIDENCE: tuple[Evidence, ...] = get_args(Evidence)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)

FEWEST, MOST = 2, 1_000_000
"""A criterion may ask for groups of so many rows at least."""
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
MOST_LETTERS = 2_000


@dataclass(frozen=True)
class Criterion:
    """One criterion of a policy.

    Attributes
    ----------
    id : str
        Small letters, digits, ``-`` and ``_``; unique in its policy.
    concern : str
        In :data:`CONCERNS`: under which heading it is listed.
    figure : str
        In :data:`core.policy.figures.FIGURES`.
    groups : {"each", "intersections", "both"}
        Each sensitive attribute by itself, all of them crossed, or both; of no meaning for a figure
        of everybody.
    at_most, at_least : float or None
        The limit, the one that the figure has; neither where the evidence is ``recorded``.
    evidence : {"beyond_limit", "significant", "recorded"}
    minimum_count : int
        Smaller groups are not judged, and are never evidence.
    severity : {"high", "medium", "low"}
        How much it weighs that it is not met; it changes no outcome.
    required : bool
        Whether a gate counts it as lacking evidence where it does not apply.
    demands_privacy : bool
        Of ε and δ: without a privately trained model the criterion is not met; otherwise it does
        not apply.
    """

    id: str
    concern: Concern
    figure: str
    groups: Groups = "both"
    at_most: float | None = None
    at_least: float | None = None
    evidence: Evidence = "beyond_limit"
    minimum_count: int = 30
    severity: Severity = "medium"
    required: bool = False
    demands_privacy: bool = False

    def __post_init__(self) -> None:
        _check(self)

    @property
    def limit(self) -> float | None:
        """The limit, whichever way it goes; None where the figure is only recorded."""
        return self.at_least if self.at_most is None else self.at_most

    @property
    def definition(self) -> PolicyFigure:
        """The figure that it is about."""
        return FIGURES[self.figure]


@dataclass(frozen=True)
class Policy:
    """Criteria with a name and a version.

    Attributes
    ----------
    name, version, description : str
    criteria : tuple of Criterion
        At least one.
    """

    name: str
    version: str
    description: str
    criteria: tuple[Criterion, ...]

    def __post_init__(self) -> None:
        for key, text in (("name", self.name), ("version", self.version)):
            if not text.strip() or not text.isprintable() or len(text) > 200:
                raise InputError(
                    "it must be one line of 1 to 200 letters",
                    where=f"policy, {key} = {text[:40]!r}",
                )
        if len(self.description) > MOST_LETTERS:
            raise InputError(
                f"it is longer than {MOST_LETTERS:,} letters",
                where=f"policy {self.name!r}, description",
            )
        if not self.criteria:
            raise InputError(
                "it has no criterion, so everything would meet it",
                where=f"policy {self.name!r}",
                remedy="Add one under [[criteria]]",
            )
        seen: set[str] = set()
        for criterion in self.criteria:
            if criterion.id in seen:
                raise InputError(
                    "two criteria have this id",
                    where=f"policy {self.name!r}, id = {criterion.id!r}",
                    remedy="Give each its own",
                )
            seen.add(criterion.id)


def refused(criterion: str, key: str, value: object, problem: str, remedy: str) -> InputError:
    """Make the error that names a criterion, its key and its value; None is not given."""
    shown = str(value).lower() if isinstance(value, bool) else repr(value)[:120]
    text = key if value is None else f"{key} = {shown}"
    return InputError(problem, where=f"criterion {criterion!r}, {text}", remedy=remedy)


def _check(found: Criterion) -> None:
    if not _ID.fullmatch(found.id):
        raise refused(
            found.id[:70],
            "id",
            found.id[:70],
            "an id is 1 to 64 small letters, digits, '-' or '_', and begins with a letter or digit",
            "Write one such as selection-rates",
        )
    for key, value, choices in (
        ("concern", found.concern, CONCERNS),
        ("figure", found.figure, FIGURES.names()),
        ("groups", found.groups, GROUPS),
        ("evidence", found.evidence, EVIDENCE),
        ("severity", found.severity, SEVERITIES),
    ):
        if value not in choices:
            raise refused(
                found.id, key, value, "there is none of that name", f"Choose {', '.join(choices)}"
            )
    if isinstance(found.minimum_count, bool) or not FEWEST <= found.minimum_count <= MOST:
        raise refused(
            found.id,
            "minimum_count",
            found.minimum_count,
            f"it must be a whole number from {FEWEST} to {MOST:,}",
            "30 is usual: smaller groups say too little of a rate",
        )
    _check_evidence(found)
    _check_limit(found)


def _check_evidence(found: Criterion) -> None:
    definition = found.definition
    if found.evidence not in definition.evidence:
        raise refused(
            found.id,
            "evidence",
            found.evidence,
            f"{definition.title} is no comparison of groups, whose difference could be significant",
            f"Choose {', '.join(definition.evidence)}",
        )
    if found.demands_privacy and not definition.of_private_model:
        raise refused(
            found.id,
            "demands_privacy",
            True,
            f"{definition.title} is no figure of a private model",
            "Leave it out",
        )


def _check_limit(found: Criterion) -> None:
    definition, needed = found.definition, found.definition.limit
    given = {"at_most": found.at_most, "at_least": found.at_least}
    other = "at_most" if needed == "at_least" else "at_least"
    if found.evidence == "recorded":
        for key, value in given.items():
            if value is not None:
                raise refused(
                    found.id,
                    key,
                    value,
                    "a figure that is only recorded has no limit",
                    "Leave it out, or choose another evidence",
                )
        return
    if given[other] is not None:
        raise refused(
            found.id,
            other,
            given[other],
            f"{definition.title} is the better the "
            f"{'higher' if needed == 'at_least' else 'lower'} it is, so its limit is {needed}",
            f"Write {needed} instead",
        )
    value = given[needed]
    if value is None:
        raise refused(
            found.id,
            needed,
            None,
            f"{definition.title} needs a limit",
            f"Write {needed} = a number from {definition.lowest:g} to {definition.highest:g}, or "
            'evidence = "recorded" for a figure without a pass mark',
        )
    if not math.isfinite(value) or not definition.lowest <= value <= definition.highest:
        raise refused(
            found.id,
            needed,
            value,
            f"the limit of {definition.title} must lie from {definition.lowest:g} to "
            f"{definition.highest:g}",
            "Correct it",
        )
