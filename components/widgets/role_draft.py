"""What a person has entered about roles so far, whole or not."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.data.assign import RoleSuggestion
from core.data.labels import canonical
from core.data.roles.roles import Roles
from core.data.table import Kind
from core.errors import InputError

if TYPE_CHECKING:
    from core.data.table import Table

DECISIONS, SCORES = "decisions", "scores"
"""Where existing predictions come from."""
POSITIVE = "positive"
"""Name of the decision that a score and a threshold make, where no column has labels."""


@dataclass(frozen=True)
class RoleDraft:
    """Entries of the role form; nothing here is checked yet.

    A column may be in several lists: one that serves as target, say, stays among the features it
    was listed in and is one again when another column becomes the target.

    Attributes
    ----------
    target, positive : str or None
    favourable : bool or None
        Whether people hope for the positive label; None until it is said.
    sensitive, kept, features, identifiers : tuple of str
        ``kept`` are sensitive columns that a model may see all the same.
    weight : str or None
    outcomes : bool
        Whether the table says what came true; it always does where a model is trained.
    decided, scored : bool
        Whether it holds decisions, and scores, that are audited.
    prediction, score : str or None
    threshold : float or None
    edges : dict of str to str
        Bin edges as they were typed, by column.
    merged_groups : dict of str to tuple of (str, tuple of str)
        By column the names of groups and the values counted under each; none where not filled in.
    target_decided : bool or None
        Whether the target records decisions that were made, or what came true; None until said.
    markers : tuple of str
        Columns that mark the training rows of a model that was brought.
    """

    target: str | None = None
    positive: str | None = None
    favourable: bool | None = None
    sensitive: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    weight: str | None = None
    outcomes: bool = True
    decided: bool = False
    scored: bool = False
    prediction: str | None = None
    score: str | None = None
    threshold: float | None = None
    edges: dict[str, str] = field(default_factory=dict)
    merged_groups: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = field(default_factory=dict)
    target_decided: bool | None = None
    markers: tuple[str, ...] = ()

    @property
    def existing(self) -> bool:
        """Whether existing decisions or scores are audited, and no model is trained."""
        return self.decided or self.scored

    @property
    def source(self) -> str:
        """Where existing decisions come from: :data:`DECISIONS` or :data:`SCORES`."""
        return SCORES if self.scored and not self.decided else DECISIONS

    @property
    def without_outcomes(self) -> bool:
        """Whether decisions or scores are audited without true outcomes."""
        return self.existing and not self.outcomes

    @property
    def taken(self) -> set[str | None]:
        """Columns whose role forbids that they are features."""
        target = None if self.without_outcomes else self.target
        return {target, self.weight, *self.identifiers, *self.sensitive}

    def roles(self, table: Table) -> Roles:
        """Make roles of what was entered.

        Raises
        ------
        InputError
            If something needed is missing, or bin edges are not numbers.
        """
        target = None if self.without_outcomes else self.target
        if target is None and not self.without_outcomes:
            raise InputError("no target is chosen", remedy="Choose the column of true outcomes")
        positive = None if target is None else self._positive(target)
        prediction, score, threshold = self._decisions() if self.existing else (None, None, None)
        if positive is None:
            # A score from a threshold on has no label of its own.
            positive = POSITIVE if prediction is None else self._positive(prediction)
        if self.favourable is None:
            raise InputError(
                "it is not said whether the positive label is the favourable outcome",
                where=f"label {positive!r}",
                remedy="Say whether people hope for it, as for a loan, or hope to be spared it, as "
                "for an arrest",
            )
        free = set(self.features) - self.taken | (set(self.kept) & set(self.sensitive))
        features = tuple(column.name for column in table.columns if column.name in free)
        return Roles(
            target=target,
            positive_label=positive,
            sensitive=self.sensitive,
            positive_is_favourable=self.favourable,
            features=() if self.existing else features,
            identifiers=self.identifiers,
            weight=self.weight,
            prediction=prediction,
            score=score,
            threshold=threshold,
            edges=tuple(
                (name, edges)
                for name in self.sensitive
                if table.column(name).kind is Kind.NUMBER
                and (edges := numbers(self.edges.get(name, ""), name))
            ),
            merged_groups=tuple(
                (name, called, values)
                for name in self.sensitive
                for called, values in self.merged_groups.get(name, ())
                if values
            ),
            target_holds_decisions=self.target_decided is True and not self.without_outcomes,
            target_came_true=self.target_decided is False and not self.without_outcomes,
            markers=tuple(name for name in self.markers if name not in (target, self.weight)),
        )

    def _decisions(self) -> tuple[str | None, str | None, float | None]:
        """Return the columns of decisions and of scores, and the threshold that decides."""
        score = _chosen(self.score, "scores") if self.scored else None
        if self.source == DECISIONS:
            return _chosen(self.prediction, "decisions"), score, None
        return None, score, self.threshold

    def _positive(self, labels: str) -> str:
        """Return the positive label of the column that holds the labels."""
        if self.positive is None:
            raise InputError(
                "no positive label is chosen",
                where=f"column {labels!r}",
                remedy="Choose the label that counts as positive",
            )
        return self.positive


def _chosen(column: str | None, what: str) -> str:
    if column is None:
        raise InputError(
            f"no column of {what} is chosen",
            remedy=f"Choose the column that holds the {what} to audit",
        )
    return column


def from_roles(roles: Roles) -> RoleDraft:
    """Start from roles that were saved or preset."""
    return RoleDraft(
        target=roles.target,
        positive=roles.positive_label,
        favourable=roles.positive_is_favourable,
        sensitive=roles.sensitive,
        kept=tuple(name for name in roles.sensitive if name in roles.features),
        features=tuple(name for name in roles.features if name not in roles.sensitive),
        identifiers=roles.identifiers,
        weight=roles.weight,
        outcomes=roles.target is not None,
        decided=roles.prediction is not None,
        scored=roles.score is not None,
        prediction=roles.prediction,
        score=roles.score,
        threshold=roles.threshold,
        edges={name: format_edges(edges) for name, edges in roles.edges},
        merged_groups={
            name: tuple(
                (called, values) for of, called, values in roles.merged_groups if of == name
            )
            for name, _, _ in roles.merged_groups
        },
        target_decided=True
        if roles.target_holds_decisions
        else False
        if roles.target_came_true
        else None,
        markers=roles.markers,
    )


def from_suggestion(suggestion: RoleSuggestion, table: Table) -> RoleDraft:
    """Start from guesses, which the form marks as such."""
    # A target wrongly guessed becomes a feature again when another is chosen.
    features = {*suggestion.features, suggestion.target}
    return RoleDraft(
        target=suggestion.target,
        positive=suggestion.positive,
        favourable=suggestion.favourable,
        sensitive=suggestion.sensitive,
        features=tuple(column.name for column in table.columns if column.name in features),
        identifiers=suggestion.identifiers,
    )


def fitted(draft: RoleDraft, table: Table) -> RoleDraft:
    """Drop what names columns that the table does not have."""
    names = {column.name for column in table.columns}

    def there(chosen: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in chosen if name in names)

    def one(name: str | None) -> str | None:
        return name if name in names else None

    return replace(
        draft,
        target=one(draft.target),
        sensitive=there(draft.sensitive),
        kept=there(draft.kept),
        features=there(draft.features),
        identifiers=there(draft.identifiers),
        weight=one(draft.weight),
        prediction=one(draft.prediction),
        score=one(draft.score),
    )


def numbers(text: str, column: str) -> tuple[float, ...]:
    """Read bin edges such as "25, 45, 60"; none from an empty text.

    Raises
    ------
    InputError
        If a part is not a finite number.
    """
    out = []
    for part in text.replace(";", ",").split(","):
        if not part.strip():
            continue
        try:
            number = float(part)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or "_" in part:
            raise InputError(
                f"the bin edge {part.strip()!r} is not a number",
                where=f"column {column!r}",
                remedy="Write numbers with commas between them, such as 25, 45, 60",
            )
        out.append(number)
    return tuple(out)


def format_edges(edges: tuple[float, ...]) -> str:
    """Write bin edges as a person would."""
    return ", ".join(canonical(edge) for edge in edges)
