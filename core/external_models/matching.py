"""Which column of the table each input of an external model takes its values from.

A model made elsewhere names its inputs in its own way: a column was renamed, a flag became 0 and 1,
a category became one column for each of its values. What is the same is matched; whatever else
would let the model run is a *proposal* that a person accepts or changes, and nothing is recoded
silently. The model's values are then made from the features of a dataset, so that whatever
explains a model can change a feature and ask again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import Flags
from core.data.labels import canonical
from core.data.table import MISSING
from core.errors import InputError

if TYPE_CHECKING:
    from core.external_models.model_facts import ModelFacts, ModelInput

How = Literal[
    "same", "renamed", "by position", "recoded", "one value of a column", "constant", "missing"
]
"""How an input was matched; all but "same" are proposals."""

HOW_SENTENCE: dict[str, str] = {
    "same": "the column of this name, as it is",
    "renamed": "a column of nearly this name",
    "by position": "the column in this position, since the model names no inputs",
    "recoded": "the column's values, written as the model takes them",
    "one value of a column": "1 where the column has one value, 0 elsewhere",
    "constant": "one value for everybody",
    "missing": "no column: left missing for everybody",
}


@dataclass(frozen=True)
class InputMatch:
    """Where the values of one input come from.

    Attributes
    ----------
    input : str
        Name in the model.
    column : str or None
        Feature of the dataset; None where everybody gets ``constant``.
    how : str
        See :data:`HOW_SENTENCE`.
    recode : tuple of (str, str or None)
        From a column's value to what the model is given, both in canonical text; None is missing.
        Values that it doesn't name are given as they are, or as ``otherwise`` says.
    otherwise : str or None
        What every value that ``recode`` doesn't name becomes, of an input that stands for one value
        of a column.
    constant : str or None
        In canonical text, for everybody, where there is no column; None is missing.
    """

    input: str
    column: str | None
    how: How = "same"
    recode: tuple[tuple[str, str | None], ...] = ()
    otherwise: str | None = None
    constant: str | None = None


@dataclass(frozen=True)
class Matching:
    """Where the values of all inputs come from, in the model's order.

    Attributes
    ----------
    inputs : tuple of InputMatch
    """

    inputs: tuple[InputMatch, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the model sees, each once, in the order of its inputs."""
        return tuple(dict.fromkeys(i.column for i in self.inputs if i.column is not None))

    @property
    def proposals(self) -> tuple[InputMatch, ...]:
        """What a person must accept."""
        return tuple(i for i in self.inputs if i.how != "same")


@dataclass(frozen=True)
class UnknownValues:
    """Values that a model was not made for, or gets nothing of.

    Attributes
    ----------
    input : str
    column : str or None
        None where everybody is given the same without a column.
    values : tuple of (str, int)
        Each value the model's list lacks with its number of rows, most frequent first; "(missing)"
        where a cell is blank and the model refuses that, or doesn't say what it does.
    by_group : dict of str to int
        Rows with such a value, by group of the first sensitive column.
    """

    input: str
    column: str | None
    values: tuple[tuple[str, int], ...]
    by_group: Mapping[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Rows with any of them."""
        return sum(count for _, count in self.values)

    @property
    def where(self) -> str:
        """Name the input and what it takes its values from."""
        return (
            f"{self.input} without a column"
            if self.column is None
            else (f"{self.input} from {self.column}")
        )


def model_inputs(
    matching: Matching, facts: ModelFacts, features: pd.DataFrame
) -> dict[str, npt.NDArray[Any]]:
    """Make what a model is given from features of a dataset.

    Parameters
    ----------
    matching : Matching
    facts : ModelFacts
    features : DataFrame, shape (n, p)
        As :class:`core.data.dataset.Dataset` holds them: numbers as float64 with NaN for missing,
        all else as text with "(missing)".

    Returns
    -------
    dict of str to ndarray, shape (n,)
        By input in the model's order: float64 with NaN, or object arrays of text with None.

    Raises
    ------
    InputError
        If a column is gone, or a value can't be given to an input that takes numbers.
    """
    taken = {item.name: item for item in facts.inputs}
    return {item.input: _values(item, taken[item.input], features) for item in matching.inputs}


def _values(match: InputMatch, takes: ModelInput, features: pd.DataFrame) -> npt.NDArray[Any]:
    numeric = takes.kind != "category"
    if match.column is None:
        value: Any = match.constant
        if numeric:
            return np.full(len(features), _number_of(value, match))
        return np.full(len(features), value, dtype=object)
    if match.column not in features:
        raise InputError(
            f"the model's input {match.input!r} takes its values from it, and it is no feature",
            where=f"column {match.column!r}",
            remedy="Make it a feature, or match the input to another column",
        )
    column = features[match.column]
    if numeric and column.dtype.kind == "f" and not match.recode and match.otherwise is None:
        return column.to_numpy(dtype=np.float64)
    codes, distinct = pd.factorize(column, use_na_sentinel=False)
    given = [_given(value, match, numeric) for value in distinct]
    lookup = np.array(given, dtype=np.float64 if numeric else object)
    found: npt.NDArray[Any] = lookup[codes]
    return found


def value_text(value: object) -> str:
    """Write a value of a feature in canonical text, "(missing)" where there is none."""
    return MISSING if value == MISSING or value != value else canonical(value)


def _given(value: object, match: InputMatch, numeric: bool) -> float | str | None:
    """Return what a model gets for one value of a column."""
    text = value_text(value)
    given: str | None = None if text == MISSING else text
    if match.otherwise is not None:
        given = match.otherwise
    given = dict(match.recode).get(text, given)
    if not numeric:
        return given
    return _number_of(given, match)


def _number_of(given: str | None, match: InputMatch) -> float:
    """Read what an input is given as a number, NaN where it is missing."""
    if given is None:
        return np.nan
    with suppress(ValueError):
        number = float(given)
        # Neither “nan” nor 1e400 is a number, though both can be read as one.
        if isfinite(number):
            return number
    raise InputError(
        f"the model's input {match.input!r} takes numbers, and this value is none",
        where=f"column {match.column or match.input!r}, value {given!r}",
        remedy="Say which number stands for it, or match the input to another column",
    )


def unknown_values(
    matching: Matching,
    facts: ModelFacts,
    features: pd.DataFrame,
    groups: pd.Series,
) -> tuple[tuple[UnknownValues, ...], Flags]:
    """Count values that a model's own lists lack, and missing ones that it doesn't take, by group.

    A model scores a value it never saw as if it were another one, or as missing; which it does is
    the library's choice and is not told by its file.

    Parameters
    ----------
    matching, facts, features
        As :func:`model_inputs`.
    groups : Series of str, shape (n,)

    Returns
    -------
    tuple of what was counted by input, and whether each row has any such value, shape (n,)
    """
    found, rows = [], np.zeros(len(features), dtype=np.bool_)
    for match, strange in _strange(matching, facts, features):
        rows |= strange
        if match.column is None:
            said = [MISSING if match.constant is None else match.constant] * int(strange.sum())
        else:
            # Of a number that is missing the feature itself is NaN.
            said = [value_text(v) for v in features[match.column][strange]]
        texts = pd.Series(said)
        counts = texts.value_counts()
        found.append(
            UnknownValues(
                match.input,
                match.column,
                tuple((str(value), int(count)) for value, count in counts.items()),
                {str(k): int(v) for k, v in groups[strange].value_counts().items()},
            )
        )
    return tuple(found), rows


def _strange(
    matching: Matching, facts: ModelFacts, features: pd.DataFrame
) -> Iterator[tuple[InputMatch, Flags]]:
    """Go through inputs with unknown values, each with the rows that have one."""
    taken = {item.name: item for item in facts.inputs}
    for match in matching.inputs:
        takes = taken[match.input]
        given = _values(match, takes, features)
        missing = np.asarray(pd.isna(given), dtype=np.bool_)
        strange = np.zeros(len(given), dtype=np.bool_)
        if takes.kind == "category":
            codes, distinct = pd.factorize(given, use_na_sentinel=True)
            strange = np.array([*takes.lacks(distinct), False], dtype=np.bool_)[codes]
        if takes.missing != "allowed":
            strange = strange | missing
        if strange.any():
            yield match, strange
