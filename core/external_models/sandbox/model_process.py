"""A model's file is opened and asked in a child process with limits; here is the parent's side."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec

import numpy as np

from core.arrays import Array, Floats
from core.errors import InputError
from core.external_models.model_facts import ModelFacts
from core.external_models.model_formats import ModelFormat, format_of
from core.external_models.packed_trees import unpacked
from core.external_models.sandbox.child_process import ChildProcess, Limits
from core.external_models.sandbox.sent_columns import known_values, sent, shape_of
from core.external_models.sandbox.told_facts import facts_of
from core.external_models.scorer import NoScoreError
from core.external_models.tree_arrays import TreeArrays


class ModelProcess:
    """A model that is open in a process of its own; made by :func:`open_model`.

    Attributes
    ----------
    facts : ModelFacts
    """

    facts: ModelFacts

    def __init__(
        self,
        data: bytes,
        where: str,
        *,
        format: ModelFormat,
        accepted_types: Sequence[str],
        threads: int,
        limits: Limits,
    ):
        self._data = data
        self._where = where
        self._limits = limits
        self._request = {
            "format": format.name,
            "accepted_types": list(accepted_types),
            "threads": threads,
        }
        self._cells = format.cells
        self._lock = threading.RLock()
        self._child: ChildProcess | None = None
        told = self._started().told
        self.facts = replace(
            facts_of(told, where),
            format=format.name,
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
        )
        self._trees: TreeArrays | None = None
        self._known = [known_values(one) for one in self.facts.inputs]

    def _started(self) -> ChildProcess:
        """Return the child, a new one where it isn't there or has died."""
        if self._child is None or not self._child.is_alive():
            self.close()
            self._child = ChildProcess(self._data, self._request, self._where, self._limits)
        return self._child

    def score(self, columns: Mapping[str, Array]) -> Floats:
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
            Shape (n, classes) where the output is a probability or a label, or a margin of more
            than two classes; else (n,).

        Raises
        ------
        InputError
            If an input is not given or one too many, a value can't be taken, a limit is reached
            or the process died; the next call starts it again.
        """
        scores = self._for_rows(columns, shape_of(self.facts), "scores")
        gone = np.flatnonzero(~np.isfinite(scores).all(axis=tuple(range(1, scores.ndim))))
        if len(gone):
            raise NoScoreError(gone, self._where)
        return scores

    def trees(self) -> TreeArrays:
        """Read the trees of the model, once.

        Raises
        ------
        InputError
            Saying why they can't be read.
        """
        if self._trees is None:
            with self._lock:
                told, raw = self._started().trees()
            self._trees = unpacked(told, raw, len(self.facts.inputs), self._where)
        return self._trees

    def tree_columns(self, columns: Mapping[str, Array]) -> Floats:
        """Make the columns that the trees ask, shape (n, c); takes what ``score`` takes."""
        return self._for_rows(columns, (len(self.trees().owner),), "tree columns")

    def _for_rows(self, columns: Mapping[str, Array], shape: tuple[int, ...], what: str) -> Floats:
        names = [one.name for one in self.facts.inputs]
        for name in (*names, *columns):
            if name not in columns or name not in names:
                what = "is not given" if name not in columns else "is none of the model's inputs"
                raise InputError(
                    f"input {name!r} {what}",
                    where=self._where,
                    remedy="Match each input of the model to one column",
                )
        rows = len(columns[names[0]])
        prepared = [
            sent(one, columns[one.name], rows, known, self._where)
            for one, known in zip(self.facts.inputs, self._known, strict=True)
        ]
        scores = np.empty((rows, *shape))
        step = max(1, self._cells // max(len(names), *shape, 1))
        for begin in range(0, rows, step):
            part = slice(begin, min(begin + step, rows))
            with self._lock:
                scores[part] = self._started().ask(prepared, part, shape, what)
        return scores

    def close(self) -> None:
        """End the process and remove its folder; a later call of ``score`` starts it again."""
        with self._lock:  # Not in the middle of somebody else's question.
            if self._child is not None:
                self._child.end()
                self._child = None

    def __enter__(self) -> ModelProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_model(
    data: bytes,
    where: str,
    *,
    format: str | None = None,
    accepted_types: Sequence[str] = (),
    threads: int = 1,
    limits: Limits | None = None,
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
    threads : int
        How many the model may use.
    limits : Limits, optional

    Raises
    ------
    InputError
        If the file is of no format that can be read, broken, or asks for more than the limits.
    """
    limits = limits or Limits()
    if len(data) > limits.file:
        raise InputError(
            f"the file has {len(data) / 1e6:,.1f} MB, more than the {limits.file / 1e6:,.1f} MB "
            "that are opened",
            where=where,
            remedy="Export a smaller model, or score it elsewhere and bring its decisions",
        )
    found = format_of(data, where, format)
    if find_spec(found.package) is None:
        raise InputError(
            f"opening {found.name} files needs the library {found.package}, which isn't installed",
            where=where,
            remedy=f"Install it by: pip install 'equipoise[{found.extra}]'"
            if found.extra
            else f"Install it by: pip install {found.package}",
        )
    return ModelProcess(
        data, where, format=found, accepted_types=accepted_types, threads=threads, limits=limits
    )
