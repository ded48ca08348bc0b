"""What a PMML file says of the inputs of its model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import InputError
from core.external_models.model_facts import Missing, ModelInput, OwnValue, Unseen
from core.external_models.sandbox.opened_model import Column

_TYPES = {"string": "string", "integer": "int64", "float": "float32", "double": "float64",
          "boolean": "bool"}  # fmt: skip
_UNSEEN: dict[str, Unseen] = {"returnInvalid": "refused", "asMissing": "as_missing"}


@dataclass(frozen=True)
class PmmlInput:
    """An input, and what its numbers may be.

    Attributes
    ----------
    told : ModelInput
    lowest, highest : float
        Of the numbers that the file lists as valid: others get no score.
    """

    told: ModelInput
    lowest: float = -np.inf
    highest: float = np.inf

    @property
    def is_bounded(self) -> bool:
        """Whether some numbers are not valid."""
        return bool(np.isfinite(self.lowest) or np.isfinite(self.highest))

    def within(self, drawn: Column) -> Column:
        """Move made-up numbers to where the file takes them."""
        return np.clip(drawn, self.lowest, self.highest) if isinstance(drawn, np.ndarray) else drawn


def pmml_inputs(fields: Sequence[Any]) -> list[PmmlInput]:
    """Return the inputs in the order of the file.

    Parameters
    ----------
    fields : sequence
        The evaluator's own input fields, of Java.

    Raises
    ------
    InputError
        If one takes what no column of a table holds.
    """
    return [_input(field) for field in fields]


def _input(field: Any) -> PmmlInput:
    name, type_name = str(field.getName()), str(field.getDataType().value())
    dtype = _TYPES.get(type_name)
    is_continuous = str(field.getOpType().value()) == "continuous"
    if dtype is None or (is_continuous and dtype == "string"):
        raise InputError(
            f"its input {name!r} is of the type {type_name}, which no column of a table holds",
            remedy="Make numbers or categories of it before the model, and export that model",
        )
    treated = field.getMiningField()
    missing = _missing(treated)
    invalid = str(treated.getInvalidValueTreatment().value())
    listed = [own_value(value, dtype) for value in field.getDiscreteDomain() or ()]
    if dtype == "bool":
        return PmmlInput(ModelInput(name, "flag", dtype, missing=missing))
    if is_continuous:
        ranges = field.getContinuousDomain() if invalid == "returnInvalid" else None
        low, high = _ends(ranges.span()) if ranges is not None else (-np.inf, np.inf)
        return PmmlInput(ModelInput(name, "number", dtype, missing=missing), low, high)
    told = ModelInput(
        name,
        "category",
        dtype,
        category_values=tuple(listed) or None,
        missing=missing,
        unseen=_UNSEEN.get(invalid, "own_way") if listed else "own_way",
    )
    return PmmlInput(told)


def own_value(value: Any, dtype: str) -> OwnValue:
    """Return one of Java's values as Python's own of the type that an input has."""
    text = str(value)
    if dtype == "bool":
        return text.lower() == "true"
    if dtype.startswith("int"):
        return int(float(text))
    return float(text) if dtype.startswith("float") else text


def _missing(treated: Any) -> Missing:
    treatment = treated.getMissingValueTreatment()
    if treatment is not None and str(treatment.value()) == "returnInvalid":
        return "refused"
    return "unknown" if treated.getMissingValueReplacement() is None else "allowed"


def _ends(span: Any) -> tuple[float, float]:
    low = float(span.lowerEndpoint()) if span.hasLowerBound() else -np.inf
    high = float(span.upperEndpoint()) if span.hasUpperBound() else np.inf
    return low, high
