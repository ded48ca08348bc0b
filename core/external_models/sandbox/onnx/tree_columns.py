"""What the trees of an ONNX file ask, as the runtime itself makes it from the inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.arrays import Floats
from core.errors import InputError
from core.external_models.sandbox.onnx.graph import OnnxGraph
from core.external_models.sandbox.onnx.runner import Runner
from core.external_models.sandbox.onnx.tree_nodes import find_tree_nodes
from core.external_models.sandbox.onnx.trees import onnx_trees
from core.external_models.sandbox.opened_model import Column, matrix
from core.external_models.tree_arrays import TreeArrays

_UNREADABLE = "what its trees take can't be read"


class OnnxTrees:
    """The trees of a file, and what stands between its inputs and them, run when asked for.

    Parameters
    ----------
    graph : OnnxGraph
    runner : Runner
    exposing : callable
        From the name of a tensor, and whether it is of doubles, to a session that has it as a
        further output.
    """

    def __init__(self, graph: OnnxGraph, runner: Runner, exposing: Callable[[str, bool], Any]):
        self._graph, self._runner, self._exposing = graph, runner, exposing
        self._before: Runner | None = None
        self._taken = ""

    def arrays(self) -> TreeArrays:
        """Read the trees."""
        tensors, scores = self._runner.tensors, self._runner.outputs.scores
        found = find_tree_nodes(self._graph, scores, {t.name: t.width for t in tensors})
        places = [(t.name, i) for t in tensors for i in range(t.width)]
        owner = np.array([places.index(place) for place in found.columns])
        dtype = next((t.dtype for t in tensors if t.name == found.tensor), None)
        if dtype is None:
            dtype, self._before = self._exposed(found.tensor)
        self._taken = found.tensor
        return onnx_trees(found, owner, double=dtype == "float64")

    def _exposed(self, tensor: str) -> tuple[str, Runner]:
        for dtype in ("float32", "float64"):
            try:
                session = self._exposing(tensor, dtype == "float64")
            except InputError:
                continue
            return dtype, replace(self._runner, session=session)
        raise InputError(_UNREADABLE)

    def columns(self, columns: Sequence[Column]) -> Floats:
        """Return what the trees take, shape (n, c)."""
        if not self._taken:
            self.arrays()
        if self._before is not None:
            made = np.asarray(self._before.run(columns, self._taken), dtype=np.float64)
            return made.reshape(len(made), -1)
        at = 0
        for tensor in self._runner.tensors:
            if tensor.name == self._taken:
                given = matrix(columns[at : at + tensor.width], tensor.dtype)
                return given.astype(np.float64)
            at += tensor.width
        raise InputError(_UNREADABLE)
