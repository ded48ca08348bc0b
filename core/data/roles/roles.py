"""Roles: which column means what in an audit."""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any

from core.storage.names import field_name, with_present_names


@dataclass(frozen=True)
class Roles:
    """Which column means what.

    Attributes
    ----------
    target : str or None
        Column of true outcomes; None where there are decisions or scores without outcomes, which
        are audited as far as nothing needs the truth.
    positive_label : str
        The label counted as positive, in the canonical text of :func:`core.data.labels.canonical`
        ("good", ">50K", "1", "true"). All other labels together are negative.
    positive_is_favourable : bool
        Whether the positive label is what the person hopes for. False for COMPAS, where it is
        "will re-offend": rates stay those of the positive label, and the four-fifths rule looks
        at the opposite decision.
    sensitive : tuple of str
        Columns by which treatment is compared; at least one.
    features : tuple of str
        Columns a model may see, empty for an audit of existing predictions. A sensitive column is
        a feature only if it is listed here too.
    identifiers : tuple of str
        Columns that name a person, never a feature.
    weight : str or None
        Column of non-negative row weights (survey weights).
    prediction : str or None
        Column of existing decisions, holding the target's labels where there is a target.
    score : str or None
        Column of existing scores, larger meaning more likely positive.
    threshold : float or None
        With ``score`` and without ``prediction``: the decision is ``score >= threshold``.
    edges : tuple of (str, tuple of float)
        For numeric sensitive columns the inner edges of their bins, ascending: edges (25, 60) make
        "< 25", "25 – 60" and "≥ 60", each bin holding its left edge.
    merged_groups : tuple of (str, str, tuple of str)
        Sensitive column, name of a group, and the values (of a column with edges: the bins) that
        are counted under it. The name is that of another value or a new one.
    target_holds_decisions : bool
        Whether a person said that the target records decisions that were made, which a model then
        imitates, rather than what came true.
    target_came_true : bool
        Whether a person said that it records what came true. Where neither is said it isn't known,
        as in all that was kept before there was a second answer.
    markers : tuple of str
        Columns that say which rows trained a model made elsewhere. They mark rows and describe
        nobody, so unless they have another role too nothing is explained or compared by them.
    """

    target: str | None
    positive_label: str
    sensitive: tuple[str, ...]
    positive_is_favourable: bool = True
    features: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    weight: str | None = None
    prediction: str | None = None
    score: str | None = None
    threshold: float | None = None
    edges: tuple[tuple[str, tuple[float, ...]], ...] = ()
    # Came later: fingerprints and keys of roles without it are what they were before.
    merged_groups: tuple[tuple[str, str, tuple[str, ...]], ...] = field(
        default=(), metadata={"absent_at_default": True, "first_name": "together"}
    )
    target_holds_decisions: bool = field(default=False, metadata={"absent_at_default": True})
    target_came_true: bool = field(default=False, metadata={"absent_at_default": True})
    markers: tuple[str, ...] = field(default=(), metadata={"absent_at_default": True})

    def __repr__(self) -> str:
        """Tell all but what was added later and is at its default: rows are made up from it."""
        listed = ", ".join(
            f"{field_name(item)}={getattr(self, item.name)!r}" for item in self._written_fields()
        )
        return f"Roles({listed})"

    def to_dict(self) -> dict[str, Any]:
        """Fields by their names on disk, without what came later and is at its default."""
        return {field_name(item): getattr(self, item.name) for item in self._written_fields()}

    def _written_fields(self) -> list[Field[Any]]:
        return [
            item
            for item in fields(self)
            if not item.metadata.get("absent_at_default")
            or getattr(self, item.name) != item.default
        ]

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what a pickle of an earlier version calls by an earlier name."""
        vars(self).update(with_present_names(type(self), state))

    @property
    def labelled(self) -> str | None:
        """Column that holds the labels: that of outcomes, else of decisions; None with scores."""
        return self.target or self.prediction

    @property
    def audits_existing_predictions(self) -> bool:
        """Whether decisions come from a column rather than from a model trained here."""
        return self.prediction is not None or self.score is not None
