"""Which ensembles of trees an ONNX file's scores are the sum of, and what they take.

A mean of bagged or voting forests is one sum of leaves; so is what stands behind a factor, or
before a logistic function. What the trees take may be picked out of columns for each of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.arrays import Ints
from core.errors import InputError
from core.external_models.sandbox.onnx.columns import Place, tensor_columns
from core.external_models.sandbox.onnx.graph import Node, OnnxGraph

_PASSING = ("Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "ZipMap")
_PICKING = ("ArrayFeatureExtractor", "Gather")
_OTHER_TREES = ("TreeEnsemble", "TreeEnsembleRegressor")
_DEEPEST, _MOST = 50, 10_000


@dataclass(frozen=True)
class TreeNode:
    """An operator with trees.

    Attributes
    ----------
    node : Node
    share : float
        By which its sums are multiplied.
    picks : tuple of int or None
        Which column of the tensor each column is that it takes; None where it takes all.
    """

    node: Node
    share: float
    picks: tuple[int, ...] | None = None

    def picked(self, features: Ints) -> Ints:
        """Places in the tensor of the columns that it asks."""
        if self.picks is None:
            return features
        if not ((features >= 0) & (features < len(self.picks))).all():
            raise InputError("a node asks a column that isn't there")
        return np.array(self.picks, np.int64)[features]


@dataclass(frozen=True)
class TreeNodes:
    """The operators whose sums are the scores, and which input each column comes from.

    Attributes
    ----------
    parts : tuple of TreeNode
    is_sigmoid : bool
        Whether a logistic function stands behind them.
    tensor : str
        Name of what they take.
    columns : tuple of (str, int)
        Place among the inputs of each column of that tensor.
    """

    parts: tuple[TreeNode, ...]
    is_sigmoid: bool
    tensor: str
    columns: tuple[Place, ...]


def find_tree_nodes(graph: OnnxGraph, scores: str | None, widths: dict[str, int]) -> TreeNodes:
    """Find the trees whose sums are the scores, and where their columns come from.

    Parameters
    ----------
    graph : OnnxGraph
    scores : str or None
        Name of the tensor, or the list of dicts, that holds the scores.
    widths : dict
        Names of the inputs, and how many columns each has.

    Raises
    ------
    InputError
        Saying why there are none that can be followed.
    """
    node = _behind_passing(graph, scores or "")
    is_sigmoid = node is not None and node.kind == "Sigmoid"
    begin = node.inputs[0] if node is not None and is_sigmoid else scores or ""
    parts: list[TreeNode] = []
    tensors: set[str] = set()
    for found, share in _summed(graph, begin, 1.0, 0):
        tensor, picks = _taken(graph, found.inputs[0])
        parts.append(TreeNode(found, share, picks))
        tensors.add(tensor)
        if len(parts) > _MOST:
            raise InputError(f"its scores are made of more than {_MOST:,} ensembles of trees")
    columns = [tensor_columns(graph, widths).get(tensor) for tensor in tensors]
    if len(columns) != 1 or columns[0] is None:
        raise InputError(
            "what stands before its trees mixes inputs, or does what can't be followed"
        )
    return TreeNodes(tuple(parts), is_sigmoid, tensors.pop(), tuple(columns[0]))


def _behind_passing(graph: OnnxGraph, name: str) -> Node | None:
    """Return what makes a tensor, but for what hands its numbers on."""
    for _ in range(_DEEPEST):
        node = graph.makers.get(name)
        if node is None or node.kind not in _PASSING:
            return node
        name = node.inputs[0]
    return None


def _summed(graph: OnnxGraph, name: str, share: float, depth: int) -> Iterator[tuple[Node, float]]:
    """Go through the ensembles whose sums, each times a factor, add up to a tensor."""
    node = _behind_passing(graph, name)
    if node is not None and node.kind == "TreeEnsembleClassifier":
        yield node, share
        return
    if node is not None and node.kind in _OTHER_TREES:
        raise InputError(f"its trees stand in an operator that isn't read, {node.kind}")
    inputs, factor = _terms(graph, node)
    if not inputs or depth > _DEEPEST:
        raise InputError("its scores are not the sums of ensembles of trees")
    for one in inputs:
        yield from _summed(graph, one, share * factor, depth + 1)


def _terms(graph: OnnxGraph, node: Node | None) -> tuple[tuple[str, ...], float]:
    """Say what a node adds up, and by how much it multiplies that; nothing for other nodes."""
    if node is None or not node.inputs:
        return (), 1.0
    inputs = tuple(node.inputs)
    if node.kind in ("Mul", "Div") and len(inputs) == 2:
        sides = (inputs, inputs[::-1]) if node.kind == "Mul" else (inputs,)
        for name, other in sides:
            factor = graph.constant(other)
            if factor is not None and factor.size == 1 and factor.dtype.kind == "f":
                by = float(factor.ravel()[0])
                return ((name,), by if node.kind == "Mul" else 1 / by) if by else ((), 1.0)
    if node.kind in ("Sum", "Add"):
        return inputs, 1.0
    if node.kind == "Mean":
        return inputs, 1 / len(inputs)
    if node.kind == "ReduceMean":
        # Of several that were laid one on the other.
        stack = graph.makers.get(inputs[0])
        axes = graph.constant(inputs[1]) if len(inputs) > 1 else node.integers("axes")
        is_first = axes is not None and [int(axis) for axis in axes.ravel()] == [0]
        if stack is not None and stack.kind == "Concat" and is_first and not stack.number("axis"):
            return tuple(stack.inputs), 1 / len(stack.inputs)
    return (), 1.0


def _taken(graph: OnnxGraph, name: str) -> tuple[str, tuple[int, ...] | None]:
    """From which tensor the columns of another are picked, if they are."""
    node = graph.makers.get(name)
    if node is None or node.kind not in _PICKING or len(node.inputs) != 2:
        return name, None
    if node.kind == "Gather" and node.number("axis") != 1:
        return name, None
    places = graph.constant(node.inputs[1])
    if places is None or places.dtype.kind not in "iu":
        return name, None
    return node.inputs[0], tuple(int(place) for place in places.ravel())
