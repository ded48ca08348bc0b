"""A model's file is opened and asked in a child process with limits; here is the parent's side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.external_models.model_facts import ModelFacts


class ModelProcess:
    """A model that is open in a process of its own.

    Attributes
    ----------
    facts : ModelFacts
    """

    facts: ModelFacts

    def score(self, columns: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[np.float64]:
        """Ask the model for the scores of rows.

        Parameters
        ----------
        columns : mapping of str to ndarray, shape (n,)
            One for each input, by its name. Numbers and flags as numbers or booleans, NaN where
            they are missing. Categories as canonical text (an array of objects), None where they
            are missing; a category that the model doesn't know is treated as
            :attr:`~core.external_models.model_facts.ModelInput.unseen` says.

        Returns
        -------
        ndarray of float64
            Shape (n, classes) where :attr:`~core.external_models.model_facts.ModelFacts.classes`
            has the columns' names and the output is a probability or a label; else (n,).

        Raises
        ------
        InputError
            If an input is not given or given too much, a value can't be taken, a limit is reached
            or the process died; the next call starts it again.
        """
        raise NotImplementedError

    def close(self) -> None:
        """End the process and remove its folder."""

    def __enter__(self) -> ModelProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_model(
    data: bytes, where: str, *, format: str | None = None, accepted_types: Sequence[str] = ()
) -> ModelProcess:
    """Open the file of a model in a process with limits.

    Parameters
    ----------
    data : bytes
    where : str
        Name of the file, for messages.
    format : str, optional
        Name in :data:`core.external_models.model_formats.MODEL_FORMATS`; told by the bytes where
        it isn't given.
    accepted_types : sequence of str
        Types of a skops file that a named person has accepted beyond the reviewed ones.

    Raises
    ------
    InputError
        If the file is of no format that can be read, broken, or asks for more than the limits.
    """
    raise NotImplementedError
