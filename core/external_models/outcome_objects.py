"""A model in memory that is asked for amounts, or for the class that it chooses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import Floats
from core.errors import InputError
from core.external_models.candidates import Candidates
from core.external_models.external_spec import AskedFor
from core.external_models.object_answers import answers, numbers, texts
from core.external_models.objects import ObjectModel


class OutcomeObject(ObjectModel):
    """An estimator asked by its ``predict``, or a function of rows.

    Parameters
    ----------
    model, frame, features, candidates
        As of :class:`core.external_models.objects.ObjectModel`.
    asked_for : {"multiclass", "regression"}

    Raises
    ------
    InputError
        As there; a classifier of amounts is told apart when its task is checked.
    """

    def __init__(
        self,
        model: object,
        frame: pd.DataFrame,
        features: Sequence[str] | None,
        candidates: Candidates,
        asked_for: AskedFor,
    ):
        super().__init__(model, frame, features, labels_only=True, candidates=candidates)
        if asked_for == "multiclass":
            if self._classes is None:
                self._classes = self._answered(frame)
            many = len(self._classes) > 2
            self.facts = replace(
                self.facts,
                task="multiclass" if many else "binary",
                classes=self._classes,
                output="label",
            )
        elif self._classes is None:
            self.facts = replace(self.facts, task="regression", output="number")

    def _check_classes(self) -> None:
        """Pass: a regression has none, and of a classifier they are what it answers."""

    def _answered(self, frame: pd.DataFrame) -> tuple[str, ...]:
        """Find the classes of a model that names none by what it answers for the caller's rows."""
        rows = frame[self._columns].reset_index(drop=True)
        named = self._fitted or not self._method
        ask = getattr(self._model, self._method) if self._method else self._model
        found = answers(
            ask, rows if named else rows.to_numpy(), rows.index,
            where=self._name, what=self._method or "call",
        )  # fmt: skip
        return tuple(sorted(set(texts(found, None, where=self._name))))

    def score(self, columns: Mapping[str, npt.NDArray[Any]]) -> Floats:
        """Return amounts, shape (n,), or 1 in the column of the chosen class."""
        found = self._ask(self._method, columns)
        if self.facts.output == "label":
            chosen = texts(found, self._classes, where=self._name)
            known = self._classes or ()
            return np.stack([chosen == name for name in known], axis=1).astype(np.float64)
        amounts = numbers(found, where=self._name, remedy="Answer with one amount for each row")
        if amounts.ndim == 2 and amounts.shape[1] == 1:
            amounts = amounts[:, 0]
        if amounts.ndim != 1:
            raise InputError(
                f"it gave {amounts.shape[-1]} numbers for each row",
                where=self._name,
                remedy="Give a model of one amount for each row",
            )
        return amounts
