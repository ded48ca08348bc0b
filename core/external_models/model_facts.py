"""What a model made elsewhere says of itself: its inputs, its classes, what it answers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from core.external_models.city_hash import category_hash
from core.storage.json_format import json_form

InputKind = Literal["number", "category", "flag"]
Missing = Literal["allowed", "refused", "unknown"]
Unseen = Literal["as_missing", "own_way", "refused", "unknown"]
Task = Literal["binary", "multiclass", "regression", "unknown"]
Output = Literal["probability", "margin", "label", "number"]
OwnValue = str | int | float | bool
"""A category or a class as the file itself has it."""
MISSING_AS = ("nan", "None", "NaN", "<NA>", "")
"""Texts that Python's libraries write for a missing category."""


@dataclass(frozen=True)
class ModelInput:
    """One input of a model, which a column of the table has to be matched to.

    Attributes
    ----------
    name : str
        As the file names it; where it names none, ``"input 1"`` and so on.
    kind : {"number", "category", "flag"}
        A flag is a truth value.
    dtype : str
        In which type the model compares: "float32", "float64", "int64", "string", "bool".
    categories : tuple of str or None
        The model's own list in canonical text, in the file's order; None where there is no list.
    category_values : tuple of str, int, float or bool, or None
        The same as the file's own values, where they aren't texts.
    category_hashes : tuple of int or None
        Of a CatBoost file, which keeps hashes in the place of texts: those of all categories that
        it knows, see :func:`core.external_models.city_hash.category_hash`.
    missing : {"allowed", "refused", "unknown"}
        Refused: scoring a missing value raises. Unknown: it is scored, but the file doesn't tell
        whether the model ever learned from one.
    missing_as : str or None
        The category under which the model knows what is missing, such as "nan".
    unseen : {"as_missing", "own_way", "refused", "unknown"}
        What becomes of a category that isn't in the list: scored like a missing one, scored in
        some way of the model's own (such as no category at all), or refused. Count them first.
    """

    name: str
    kind: InputKind
    dtype: str
    categories: tuple[str, ...] | None = None
    category_values: tuple[OwnValue, ...] | None = None
    missing: Missing = "unknown"
    missing_as: str | None = None
    unseen: Unseen = "unknown"
    category_hashes: tuple[int, ...] | None = None

    def lacks(self, values: Iterable[str]) -> tuple[bool, ...]:
        """Whether each of some categories is none that the model knows; False where no list tells.

        Parameters
        ----------
        values : iterable of str
            In canonical text.
        """
        if self.kind == "category" and self.categories is not None:
            listed = set(self.categories)
            return tuple(value not in listed for value in values)
        if self.category_hashes is not None:
            hashed = set(self.category_hashes)
            return tuple(category_hash(value) not in hashed for value in values)
        return tuple(False for _ in values)


@dataclass(frozen=True)
class ModelFacts:
    """A model's file and what it says.

    Attributes
    ----------
    format : str
        Name in :data:`core.external_models.model_formats.MODEL_FORMATS`.
    title : str
        What kind of model it is, for people: "Random forest, 100 trees".
    library : str
        What made the file; "" where it doesn't tell.
    version : str
        Version of that library; "" where the file doesn't tell.
    sha256 : str
    size : int
        Bytes of the file.
    task : {"binary", "multiclass", "regression", "unknown"}
    inputs : tuple of ModelInput
        In the order in which the model takes them.
    classes : tuple of str or None
        Canonical text, in the order of the score's columns; None for a regression.
    output : {"probability", "margin", "label", "number"}
        Probability: a score for each class. Margin: one number that isn't a probability. Label:
        one where the model chooses the class, else zero. Number: of a regression.
    named_inputs : bool
        Whether names are the file's own; else only the order tells which input is which.
    named_classes : bool
        Whether classes are the file's own; else they are numbered "0", "1", … as the model
        learned them, which is most often the sorted order of the labels.
    notes : tuple of str
        What a reader should know, a sentence each.
    """

    format: str
    title: str
    library: str
    version: str
    sha256: str
    size: int
    task: Task
    inputs: tuple[ModelInput, ...]
    classes: tuple[str, ...] | None
    output: Output
    named_inputs: bool = True
    named_classes: bool = True
    notes: tuple[str, ...] = ()


def _own_value(value: Any) -> OwnValue:
    if type(value) not in (str, int, float, bool) or (
        isinstance(value, float) and not math.isfinite(value)
    ):
        raise ValueError(f"{value!r} is no text, number or truth value")
    own: OwnValue = value
    return own


json_form(OwnValue, read=_own_value)
