"""What is audited where a model was made elsewhere: the file, how it is matched, how it decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from core.errors import InputError
from core.external_models.matching import Matching

Answers = Literal["probability", "label", "class", "number"]
AskedFor = Literal["binary", "multiclass", "regression"]
"""What a model is asked for: decisions of two outcomes, classes, or amounts."""


@dataclass(frozen=True)
class ExternalSpec:
    """A model made elsewhere, as part of a training spec.

    Attributes
    ----------
    sha256 : str
        Of the file; of the scores where the model is an object in memory or a served one.
    name : str
        Name of the file, the address without credentials, or the object's class.
    format : str
        See :data:`core.external_models.model_formats.MODEL_FORMATS`; "object" or "endpoint" else.
    library : str
        What made it, with its version where the file tells.
    matching : Matching
    positive_class : str or None
        The model's class that is the positive label; None where its score is one number.
    threshold : float
        Scores from here on are decided positively, in (0, 1).
    output : {"probability", "label", "class", "number"}
        Whether scores are probabilities, or nothing but the label that was decided; the class
        that it chooses where all its classes are audited, and a number where amounts are.
    accepted_types : tuple of str
        Types of a skops file that a person accepted.
    accepted_by : str
        Who accepted them.
    trained_on : tuple of (str, str) or None
        Column and value, in canonical text, of the rows that the model was trained on; None where
        that is not known, or none of them are in the table.
    earlier_scores : str or None
        Column of scores that the model gave before, to be compared with those it gives now.
    class_labels : tuple of (str, str)
        Of all classes: by the model's own name, the label it stands for in the table, where that
        is another.
    """

    sha256: str
    name: str
    format: str
    library: str
    matching: Matching
    positive_class: str | None = None
    threshold: float = 0.5
    output: Answers = "probability"
    accepted_types: tuple[str, ...] = ()
    accepted_by: str = ""
    trained_on: tuple[str, str] | None = None
    earlier_scores: str | None = None
    class_labels: tuple[tuple[str, str], ...] = field(
        default=(), metadata={"absent_at_default": True}
    )


def class_position(classes: tuple[str, ...] | None, spec: ExternalSpec) -> int:
    """Return which column of a model's answers is the score of the positive class.

    Raises
    ------
    InputError
        If the model has no class of that name.
    """
    if classes is None or spec.positive_class not in classes:
        known = ", ".join(repr(name) for name in classes or ())
        raise InputError(
            f"it has no class {spec.positive_class!r}" + (f", only {known}" if known else ""),
            where=f"model {spec.name!r}",
            remedy="Say which of its classes is the positive label",
        )
    return classes.index(spec.positive_class)
