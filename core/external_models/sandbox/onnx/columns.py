"""Which column of which input reaches an encoder, an imputer or a tree in an ONNX graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from core.external_models.model_facts import OwnValue, Unseen
from core.external_models.sandbox.onnx.graph import Node, OnnxGraph

_ENCODERS = ("OneHotEncoder", "LabelEncoder", "CategoryMapper")
_LISTS = (
    "cats_strings", "cats_int64s", "keys_strings", "keys_int64s", "keys_floats", "keys_tensor",
)  # fmt: skip
_SAME = ("Identity", "Cast", "Reshape", "Scaler", "Imputer", "Flatten", "Squeeze", "Unsqueeze")
_WITH_CONSTANT = ("Add", "Sub", "Mul", "Div")
_TREES = ("TreeEnsembleClassifier", "TreeEnsembleRegressor", "TreeEnsemble")

Place = tuple[str, int]
"""A column of an input: name of the tensor, and which column of it."""


@dataclass
class ColumnUse:
    """What becomes of a column of an input.

    Attributes
    ----------
    categories : tuple or None
        List of the encoder that it reaches.
    unseen : str
        What that encoder does with other values.
    fills_missing : bool
        Whether what is missing is filled or was learned from.
    """

    categories: tuple[OwnValue, ...] | None = None
    unseen: Unseen = "unknown"
    fills_missing: bool = False


@dataclass
class _Trace:
    graph: OnnxGraph
    columns: dict[str, list[Place]]
    uses: dict[Place, ColumnUse] = field(default_factory=dict)

    def use(self, place: Place) -> ColumnUse:
        return self.uses.setdefault(place, ColumnUse())


def column_uses(graph: OnnxGraph, widths: dict[str, int]) -> dict[Place, ColumnUse]:
    """Follow the columns of the inputs through the graph, as far as they stay columns.

    Parameters
    ----------
    graph : OnnxGraph
    widths : dict
        Names of the inputs, and how many columns each has.
    """
    return _traced(graph, widths).uses


def tensor_columns(graph: OnnxGraph, widths: dict[str, int]) -> dict[str, list[Place]]:
    """Say which column of an input each column of a tensor is made from, and from no other.

    Tensors of which that can't be said are left out. Parameters are those of :func:`column_uses`.
    """
    return _traced(graph, widths).columns


def _traced(graph: OnnxGraph, widths: dict[str, int]) -> _Trace:
    trace = _Trace(graph, {name: [(name, i) for i in range(n)] for name, n in widths.items()})
    for node in graph.nodes:
        _note_use(trace, node)
        if len(node.outputs) == 1:
            found = _columns_after(trace, node)
            if found is not None:
                trace.columns[node.outputs[0]] = found
        elif node.kind == "Split" and node.inputs and node.inputs[0] in trace.columns:
            _split(trace, node)
    return trace


def _columns_after(trace: _Trace, node: Node) -> list[Place] | None:
    """Which columns the output of a node holds, None where that can't be said."""
    known = [trace.columns.get(name) for name in node.inputs]
    if node.kind in ("Concat", "FeatureVectorizer"):
        if any(part is None for part in known):
            # What is unknown has a width that is unknown, so nothing behind it can be placed.
            return None
        return [place for part in known if part is not None for place in part]
    first = known[0] if known else None
    if node.kind in _WITH_CONSTANT and len(known) == 2:
        return _with_constant(trace, node)
    if first is None:
        return None
    if node.kind == "OneHotEncoder":
        flags = len(node.values("cats_strings", "cats_int64s"))
        return [place for place in first for _ in range(flags)]
    if node.kind in _SAME or (node.kind == "LabelEncoder" and len(first) == 1):
        return first
    if node.kind in ("ArrayFeatureExtractor", "Gather") and len(node.inputs) == 2:
        if node.kind == "Gather" and node.number("axis") != 1:
            return None
        taken = trace.graph.constant(node.inputs[1])
        if taken is None:
            return None
        at = [int(i) for i in np.asarray(taken).ravel()]
        return [first[i] for i in at] if all(0 <= i < len(first) for i in at) else None
    return None


def _with_constant(trace: _Trace, node: Node) -> list[Place] | None:
    """Columns of one side where the other is a number for all, or one for each of them."""
    for name, other in (node.inputs, node.inputs[::-1]):
        columns, constant = trace.columns.get(name), trace.graph.constant(other)
        if columns is not None and constant is not None and constant.size in (1, len(columns)):
            return columns
    return None


def _split(trace: _Trace, node: Node) -> None:
    columns = trace.columns[node.inputs[0]]
    sizes: Sequence[int] = node.integers("split").tolist()
    if len(node.inputs) > 1:
        given = trace.graph.constant(node.inputs[1])
        sizes = [] if given is None else [int(size) for size in given]
    if not sizes and len(columns) % len(node.outputs) == 0:
        sizes = [len(columns) // len(node.outputs)] * len(node.outputs)
    if sum(sizes) != len(columns):
        return
    at = 0
    for name, size in zip(node.outputs, sizes, strict=False):
        trace.columns[name] = columns[at : at + size]
        at += size


def _note_use(trace: _Trace, node: Node) -> None:
    columns = trace.columns.get(node.inputs[0]) if node.inputs else None
    if columns is None:
        return
    if node.kind in _ENCODERS:
        values = node.values(*_LISTS)
        values = tuple(v for v in values if v == v)  # An encoder may list NaN itself.
        strict = node.kind == "OneHotEncoder" and node.number("zeros", 1) == 0
        for place in columns:
            use = trace.use(place)
            if values and use.categories is None:
                use.categories = values
                use.unseen = "refused" if strict else "own_way"
    elif node.kind == "Imputer":
        replaced = node.real("replaced_value_float")
        for place in columns:
            trace.use(place).fills_missing |= replaced is not None and replaced != replaced
    elif node.kind in _TREES:
        follows = node.integers("nodes_missing_value_tracks_true") != 0
        features = node.integers("nodes_featureids")
        if len(follows) == len(features):
            for feature in np.unique(features[follows]):
                # A flag that an encoder made is never missing.
                if feature < len(columns) and columns.count(columns[feature]) == 1:
                    trace.use(columns[feature]).fills_missing = True
