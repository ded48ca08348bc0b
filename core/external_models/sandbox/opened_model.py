"""What a reader hands back in the child process: what the model says, and how to ask it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.arrays import Array, Floats
from core.external_models.model_facts import ModelInput, Output, OwnValue, Task
from core.external_models.tree_arrays import TreeArrays


@dataclass(frozen=True)
class Coded:
    """A column of categories, in the values that the file itself has for them.

    Attributes
    ----------
    codes : ndarray of int32, shape (n,)
        Positions in ``values``; -1 where the value is missing.
    values : tuple
        The file's own values, and texts that it doesn't know.
    missing : str or None
        The file's own value for what is missing.
    """

    codes: npt.NDArray[np.int32]
    values: tuple[OwnValue, ...]
    missing: str | None = None

    def own(self, missing: object) -> Array:
        """Return the values as objects, with something where they are missing."""
        lookup = np.empty(len(self.values) + 1, dtype=object)
        lookup[:-1] = self.values
        lookup[-1] = missing if self.missing is None else self.missing
        return lookup[self.codes]

    def positions(self, known: Sequence[OwnValue]) -> npt.NDArray[np.int32]:
        """Return the place of each value in a list; -1 where it isn't there or is missing."""
        places = {value: place for place, value in enumerate(known)}
        missing = -1 if self.missing is None else places.get(self.missing, -1)
        lookup = [*(places.get(value, -1) for value in self.values), missing]
        return np.array(lookup, np.int32)[self.codes]


Column = Floats | Coded


@dataclass(frozen=True)
class TreeReader:
    """How the trees of a model are read, where it is a sum of trees.

    Attributes
    ----------
    arrays : callable
        Reads the trees; an InputError says why they can't be.
    columns : callable
        From the columns, in the order of the inputs, to what the trees ask, shape (n, c).
    """

    arrays: Callable[[], TreeArrays]
    columns: Callable[[Sequence[Column]], Floats]


@dataclass(frozen=True)
class OpenedModel:
    """A model that is open in this process.

    Attributes
    ----------
    title, library, version, task, output, named_inputs, named_classes, notes
        As in :class:`core.external_models.model_facts.ModelFacts`.
    inputs : tuple of ModelInput
        With the file's own values as ``category_values`` and no ``categories``: the parent writes
        those in canonical text.
    classes : tuple or None
        The file's own values.
    predict : callable
        From the columns, in the order of the inputs, to scores of shape (n, classes) or (n,).
    trees : TreeReader or None
        None where the format's trees aren't read, or there are none.
    """

    title: str
    library: str
    version: str
    task: Task
    inputs: tuple[ModelInput, ...]
    classes: tuple[OwnValue, ...] | None
    output: Output
    predict: Callable[[Sequence[Column]], Floats]
    named_inputs: bool = True
    named_classes: bool = True
    notes: tuple[str, ...] = ()
    trees: TreeReader | None = None


def matrix(columns: Sequence[Column], dtype: npt.DTypeLike) -> Array:
    """Put numbers side by side in the type in which a model compares."""
    rows = rows_of(columns)
    made = np.empty((rows, len(columns)), dtype=dtype)
    for place, column in enumerate(columns):
        made[:, place] = column.own(np.nan) if isinstance(column, Coded) else column
    return made


def rows_of(columns: Sequence[Column]) -> int:
    """Count the rows."""
    first = columns[0]
    return len(first.codes if isinstance(first, Coded) else first)
