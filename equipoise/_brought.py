"""A model made elsewhere, as a caller says it: an object, a function, a file or a server."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import InputError

FLAGS: Mapping[str, str] = {
    "matching": "--matching",
    "inputs": "--input",
    "accept_inputs": "--accept-inputs",
    "positive_class": "--model-class",
    "estimator_threshold": "--model-threshold",
    "estimator_calls": "--model-calls",
    "estimator_batch": "--model-batch",
    "trained_on": "--trained-on",
    "earlier_scores": "--earlier-scores",
    "accept_types": "--accept-types",
    "accepted_by": "--accepted-by",
}
"""What may be said of an estimator, and the option of the command line that says the same."""


@dataclass(frozen=True, kw_only=True)
class Brought:
    """A model, as a caller says it; see :func:`equipoise.audit`, whose names these are."""

    estimator: object | None
    features: Sequence[str] | None = None
    identifiers: tuple[str, ...] = ()
    inputs: Mapping[str, str | None] | None = None
    accept_inputs: bool = False
    positive_class: object = None
    estimator_threshold: float | None = None
    estimator_calls: int | None = None
    estimator_batch: int | None = None
    trained_on: tuple[str, object] | None = None
    earlier_scores: str | None = None
    matching: str | os.PathLike[str] | None = None
    accept_types: Sequence[str] = ()
    accepted_by: str = ""
    class_labels: Mapping[str, object] | None = None

    @property
    def said(self) -> list[str]:
        """What is said of it beyond its columns, by name."""
        names = (*FLAGS, "class_labels")
        return [name for name in names if getattr(self, name) not in (None, False, "", (), [], {})]

    @property
    def is_served(self) -> bool:
        """Whether it is the address of a server."""
        model = self.estimator
        return isinstance(model, str) and model.startswith(("http://", "https://"))

    @property
    def is_object(self) -> bool:
        """Whether it lies in memory."""
        return not isinstance(self.estimator, str | os.PathLike)

    def refuse_ignored(self) -> None:
        """Refuse what only a model that is asked would take notice of.

        Raises
        ------
        InputError
            If any of it was said.
        """
        if self.said:
            raise InputError(
                "no estimator is asked, so it would be ignored",
                where=", ".join(self.said),
                remedy="Leave it out, or name estimator=",
            )

    def check(self) -> None:
        """Refuse what has no meaning for a model of this kind, or for one that was matched before.

        Raises
        ------
        InputError
            Naming it.
        """
        kind = "an object in memory" if self.is_object else "a file"
        of_server, of_file = ("estimator_calls", "estimator_batch"), ("accept_types", "accepted_by")
        refused: dict[str, tuple[str, ...]] = {}
        if not self.is_served:
            refused[f"the estimator is {kind} and no address of a server"] = of_server
        if self.is_served or self.is_object:
            refused["the estimator is no file with types"] = of_file
        if self.is_object:
            refused["an object takes columns by the names that it was fitted on"] = ("matching",)
        if self.matching is not None:
            kept = ("matching", "earlier_scores", *of_server)
            refused["matching= says it all"] = tuple(
                name for name in (*FLAGS, "class_labels") if name not in kept
            )
        for why, names in refused.items():
            ignored = [name for name in names if name in self.said]
            if ignored:
                raise InputError(
                    f"{why}, so it would be ignored",
                    where=", ".join(ignored),
                    remedy="Leave it out",
                )
        if bool(self.accept_types) != bool(self.accepted_by):
            raise InputError(
                "types of a file are accepted by a person who is named",
                where="accept_types" if self.accept_types else "accepted_by",
                remedy="Give both, or neither",
            )
