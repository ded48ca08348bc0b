"""An ONNX session that is fed columns and asked for one output."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.arrays import Array, Floats
from core.errors import InputError
from core.external_models.sandbox.onnx.outputs import Outputs, score_columns
from core.external_models.sandbox.opened_model import Coded, Column, matrix


@dataclass(frozen=True)
class Tensor:
    """An input of the file: one column or several side by side."""

    name: str
    dtype: str
    width: int
    rank: int


@dataclass(frozen=True)
class Runner:
    """A session, what it is fed and which output has what.

    Attributes
    ----------
    session : onnxruntime.InferenceSession
    tensors : list of Tensor
        In the order of the inputs.
    outputs : Outputs
    """

    session: Any
    tensors: list[Tensor]
    outputs: Outputs

    def run(self, columns: Sequence[Column], wanted: str) -> Any:
        """Ask for one output of some rows.

        Raises
        ------
        InputError
            If the runtime refuses them.
        """
        feeds, at = {}, 0
        for tensor in self.tensors:
            feeds[tensor.name] = _fed(tensor, columns[at : at + tensor.width])
            at += tensor.width
        try:
            return self.session.run([wanted], feeds)[0]
        except Exception as error:  # The runtime's errors have no common class that it exports.
            raise InputError(
                f"the model can't score these rows ({short(' '.join(str(error).split()))})",
                remedy="Compare the columns with the model's inputs",
            ) from None

    def scores(self, columns: Sequence[Column]) -> Floats:
        """Ask for scores, of shape (n, classes) or (n,)."""
        assert self.outputs.scores is not None
        return score_columns(self.run(columns, self.outputs.scores), self.outputs.classes)

    def labels(self, columns: Sequence[Column]) -> Array:
        """Ask for the classes that the model chooses."""
        assert self.outputs.label is not None
        return np.asarray(self.run(columns, self.outputs.label)).ravel()


def _fed(tensor: Tensor, columns: Sequence[Column]) -> Array:
    if tensor.dtype == "string":
        texts = [c.own("nan") if isinstance(c, Coded) else c.astype(str) for c in columns]
        return np.column_stack(texts) if tensor.rank > 1 else texts[0]
    made = matrix(columns, tensor.dtype)
    return made if tensor.rank > 1 else made[:, 0]


def short(message: str) -> str:
    """Return what the runtime says without its codes, not too much of it."""
    plain = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", message)
    return plain[:160].rstrip(". ")
