"""The trees of an ONNX classifier, and the way from its inputs to what they ask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Array, Flags, Floats, Ints
from core.errors import InputError
from core.external_models.sandbox.onnx_columns import Place, tensor_columns
from core.external_models.sandbox.onnx_graph import Node, OnnxGraph
from core.external_models.tree_arrays import GrownTree, TreeArrays, joined

_LABELS = ("classlabels_strings", "classlabels_int64s")
_PASSING = ("Identity", "Cast", "Reshape", "Squeeze", "Flatten", "ZipMap")
_SWAPPED = ("BRANCH_GT", "BRANCH_GTE", "BRANCH_NEQ")
"""Modes whose true branch is the other one's false branch."""
_STRICT = ("BRANCH_LT", "BRANCH_GTE")
_EQUAL = ("BRANCH_EQ", "BRANCH_NEQ")
_MODES = ("BRANCH_LEQ", *_SWAPPED, *_STRICT, *_EQUAL, "LEAF")


@dataclass(frozen=True)
class TreeNode:
    """The operator with the trees, and which input each column comes from that it takes.

    Attributes
    ----------
    node : Node
    tensor : str
        Name of what it takes.
    columns : tuple of (str, int)
        Place among the inputs of each column of that tensor.
    """

    node: Node
    tensor: str
    columns: tuple[Place, ...]


def find_tree_node(graph: OnnxGraph, scores: str | None, widths: dict[str, int]) -> TreeNode:
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
    name = scores or ""
    for _ in range(20):
        node = graph.makers.get(name)
        if node is None or node.kind not in _PASSING:
            break
        name = node.inputs[0]
    node = graph.makers.get(name)
    if node is None or node.kind != "TreeEnsembleClassifier":
        raise InputError("its scores are not the sums of one ensemble of trees")
    columns = tensor_columns(graph, widths).get(node.inputs[0])
    if columns is None:
        raise InputError(
            "what stands before its trees mixes inputs, or does what can't be followed"
        )
    return TreeNode(node, node.inputs[0], tuple(columns))


def onnx_trees(found: TreeNode, owner: Ints, *, double: bool) -> TreeArrays:
    """Read the trees of a classifier of two classes.

    Parameters
    ----------
    found : TreeNode
    owner : ndarray of int64
        Position of the input of each column.
    double : bool
        Whether what the trees take is in double precision.

    Raises
    ------
    InputError
        If their sums are neither log-odds nor a probability.
    """
    node = found.node
    classes = len(node.values(*_LABELS))
    if classes != 2:
        raise InputError(f"its trees have {classes} classes, and two are explained")
    nodes = _Nodes(node)
    weights, constant, log_odds = _weights(node, nodes)
    trees = [nodes.tree(at, weights, double=double) for at in nodes.by_tree()]
    return joined(trees, owner, constant=constant, log_odds=log_odds, single=not double)


def _array(node: Node, name: str) -> Array:
    """Return numbers that stand as floats, or as a tensor of doubles."""
    if f"{name}_as_tensor" in node.attributes:
        raise InputError("its trees have thresholds in double precision")
    return node.reals(name)


class _Nodes:
    """All nodes of the ensemble, by the attributes of the operator."""

    def __init__(self, node: Node):
        self._tree, self._id = (node.integers(f"nodes_{n}ids") for n in ("tree", "node"))
        self._true, self._false = (node.integers(f"nodes_{n}nodeids") for n in ("true", "false"))
        self._feature = node.integers("nodes_featureids")
        self._cut = _array(node, "nodes_values")
        self._mode = np.array(node.texts("nodes_modes"), dtype=object)
        follows = node.integers("nodes_missing_value_tracks_true")
        count = len(self._id)
        self._missing = follows != 0 if len(follows) else np.zeros(count, np.bool_)
        each = (self._tree, self._true, self._false, self._feature, self._cut, self._mode)
        if not count or any(len(part) != count for part in (*each, self._missing)):
            raise InputError("its lists of nodes have different lengths")
        unknown = set(self._mode.tolist()) - set(_MODES)
        if unknown:
            raise InputError(f"its trees ask in a way that isn't known, {min(unknown)!r}")
        self._place = {
            pair: i
            for i, pair in enumerate(zip(self._tree.tolist(), self._id.tolist(), strict=True))
        }
        if len(self._place) != count:
            raise InputError("two of its nodes have one number")

    def __len__(self) -> int:
        return len(self._id)

    def positions(self, trees: Ints, ids: Ints) -> Ints:
        """Position of nodes by their numbers."""
        try:
            pairs = zip(trees.tolist(), ids.tolist(), strict=True)
            return np.array([self._place[pair] for pair in pairs], dtype=np.int64)
        except (KeyError, ValueError):
            raise InputError("a node points to one that isn't there") from None

    def by_tree(self) -> list[Ints]:
        """Positions of the nodes of each tree, its first one the root."""
        order = np.argsort(self._tree, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(self._tree[order])) + 1)

    def tree(self, at: Ints, weights: Floats, *, double: bool) -> GrownTree:
        """Make one tree of nodes; a value goes left where it is at most the threshold."""
        mode, cut = self._mode[at], self._cut[at]
        inner: Flags = mode != "LEAF"
        local = np.full(len(self._id), -1)
        local[at] = np.arange(len(at))
        true, false = np.full(len(at), -1), np.full(len(at), -1)
        for side, ids in ((true, self._true), (false, self._false)):
            side[inner] = local[self.positions(self._tree[at][inner], ids[at][inner])]
        swapped = np.isin(mode, _SWAPPED)
        before = (
            np.nextafter(cut, -np.inf)
            if double
            else np.nextafter(cut.astype(np.float32), np.float32(-np.inf)).astype(np.float64)
        )
        equal = np.isin(mode, _EQUAL)
        if (equal & (cut != np.trunc(cut))).any():
            raise InputError("its trees ask whether a number equals one that isn't whole")
        return GrownTree(
            np.where(swapped, false, true),
            np.where(swapped, true, false),
            np.where(inner, self._feature[at], 0),
            np.where(inner, np.where(np.isin(mode, _STRICT), before, cut), 0.0),
            np.where(inner, 0.0, weights[at]),
            # What is missing differs from every number, whatever the flag says.
            (self._missing[at] ^ swapped) & inner & (mode != "BRANCH_NEQ"),
            lists={int(i): np.array([int(cut[i])]) for i in np.flatnonzero(equal)},
        )


def _weights(node: Node, nodes: _Nodes) -> tuple[Floats, float, bool]:
    """Return what each leaf adds to the second class, the constant, and whether sums are log-odds.

    Of two classes a file has the weights of both, or of one that stands for the second.
    """
    at = nodes.positions(node.integers("class_treeids"), node.integers("class_nodeids"))
    of, weight = node.integers("class_ids"), _array(node, "class_weights")
    if not len(at) == len(of) == len(weight) or not set(of.tolist()) <= {0, 1}:
        raise InputError("its lists of weights don't fit together")
    base = _array(node, "base_values")
    transform = node.text("post_transform", "NONE")
    both = set(of.tolist()) != {0}
    sums = np.zeros((2, len(nodes)))
    for k in (0, 1):
        sums[k] = np.bincount(at[of == k], weight[of == k], minlength=len(nodes))
    log_odds = transform in ("LOGISTIC", "SOFTMAX")
    if transform not in ("NONE", "LOGISTIC") and not (transform == "SOFTMAX" and both):
        raise InputError(f"its sums become scores in a way that isn't followed, {transform}")
    if not both:
        return sums.sum(axis=0), float(base[-1]) if len(base) else 0.0, log_odds
    given = base if len(base) == 2 else np.zeros(2)
    if transform == "SOFTMAX":
        return sums[1] - sums[0], float(given[1] - given[0]), True
    return sums[1], float(given[1]), log_odds
