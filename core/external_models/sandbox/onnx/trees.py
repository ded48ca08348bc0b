"""The trees of an ONNX classifier as arrays."""

from __future__ import annotations

import numpy as np

from core.arrays import Array, Flags, Floats, Ints
from core.errors import InputError
from core.external_models.sandbox.onnx.graph import Node
from core.external_models.sandbox.onnx.tree_nodes import TreeNode, TreeNodes
from core.external_models.tree_arrays import GrownTree, TreeArrays, joined

_LABELS = ("classlabels_strings", "classlabels_int64s")
_SWAPPED = ("BRANCH_GT", "BRANCH_GTE", "BRANCH_NEQ")
"""Modes whose true branch is the other one's false branch."""
_STRICT = ("BRANCH_LT", "BRANCH_GTE")
_EQUAL = ("BRANCH_EQ", "BRANCH_NEQ")
_MODES = ("BRANCH_LEQ", *_SWAPPED, *_STRICT, *_EQUAL, "LEAF")


def onnx_trees(found: TreeNodes, owner: Ints, *, double: bool) -> TreeArrays:
    """Read the trees of a classifier of two classes.

    Parameters
    ----------
    found : TreeNodes
    owner : ndarray of int64
        Position of the input of each column.
    double : bool
        Whether what the trees take is in double precision.

    Raises
    ------
    InputError
        If their sums are neither log-odds nor a probability.
    """
    trees: list[GrownTree] = []
    constant, log_odds = 0.0, found.is_sigmoid
    for part in found.parts:
        classes = len(part.node.values(*_LABELS))
        if classes != 2:
            raise InputError(f"its trees have {classes} classes, and two are explained")
        nodes = _Nodes(part)
        weights, base, own = _weights(part.node, nodes)
        if own and (found.is_sigmoid or len(found.parts) > 1 or part.share != 1):
            raise InputError("its scores are made of several that are no sums of leaves")
        log_odds, constant = log_odds or own, constant + part.share * base
        at = nodes.by_tree()
        trees += [nodes.tree(one, part.share * weights, double=double) for one in at]
    return joined(trees, owner, constant=constant, log_odds=log_odds, single=not double)


def _array(node: Node, name: str) -> Array:
    """Return numbers that stand as floats, or as a tensor of doubles."""
    if f"{name}_as_tensor" in node.attributes:
        raise InputError("its trees have thresholds in double precision")
    return node.reals(name)


class _Nodes:
    """All nodes of the ensemble, by the attributes of the operator."""

    def __init__(self, part: TreeNode):
        node = part.node
        self._tree, self._id = (node.integers(f"nodes_{n}ids") for n in ("tree", "node"))
        self._true, self._false = (node.integers(f"nodes_{n}nodeids") for n in ("true", "false"))
        self._feature = part.picked(node.integers("nodes_featureids"))
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
        grown = GrownTree(
            np.where(swapped, false, true),
            np.where(swapped, true, false),
            np.where(inner, self._feature[at], 0),
            np.where(inner, np.where(np.isin(mode, _STRICT), before, cut), 0.0),
            np.where(inner, 0.0, weights[at]),
            # What is missing differs from every number, whatever the flag says.
            (self._missing[at] ^ swapped) & inner & (mode != "BRANCH_NEQ"),
            lists={int(i): np.array([int(cut[i])]) for i in np.flatnonzero(equal)},
        )
        return _with_lists(grown) if equal.any() else grown


def _with_lists(tree: GrownTree) -> GrownTree:
    """Ask once where nodes behind each other ask for one value each, and all lead to one node.

    So a list of categories is written: the node that they lead to has several parents.
    """
    right, missing, lists = tree.right.copy(), tree.missing_left.copy(), dict(tree.lists)
    for node in reversed(list(tree.lists)):
        for _ in tree.lists:
            after = int(right[node])
            if (
                after not in lists
                or tree.column[after] != tree.column[node]
                or tree.left[after] != tree.left[node]
            ):
                break
            lists[node] = np.concatenate([lists[node], lists[after]])
            missing[node] |= missing[after]
            right[node] = right[after]
    kept = np.array(sorted(_reached(tree.left, right)))
    place = np.full(len(right), -1)
    place[kept] = np.arange(len(kept))
    left, right = (np.where(side[kept] < 0, -1, place[side[kept]]) for side in (tree.left, right))
    return GrownTree(
        left, right, tree.column[kept], tree.cut[kept], tree.value[kept], missing[kept],
        lists={int(place[node]): lists[node] for node in lists if place[node] >= 0},
    )  # fmt: skip


def _reached(left: Ints, right: Ints) -> set[int]:
    """Nodes that a way from the root leads to."""
    found, ahead = {0}, [0]
    while ahead:
        node = ahead.pop()
        for there in (int(left[node]), int(right[node])):
            if there >= 0 and there not in found:
                found.add(there)
                ahead.append(there)
    return found


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
