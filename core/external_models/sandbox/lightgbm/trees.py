"""The trees in LightGBM's text."""

from __future__ import annotations

import re

import numpy as np

from core.arrays import Ints
from core.errors import InputError
from core.external_models.tree_arrays import GrownTree, TreeArrays, joined

_IS_CATEGORY, _DEFAULT_LEFT = 1, 2
_ZERO, _NAN = 1, 2


def lightgbm_trees(text: str, inputs: int) -> TreeArrays:
    """Read the trees of a classifier of two classes; they add up to log-odds.

    Raises
    ------
    InputError
        If the leaves are linear models, or the sum isn't log-odds.
    """
    head, *blocks = re.split(r"^Tree=\d+$", text.split("\nend of trees")[0], flags=re.MULTILINE)
    objective = re.search(r"^objective=binary(?: .*?sigmoid:(\S+))?", head, re.MULTILINE)
    if objective is None or "num_tree_per_iteration=1\n" not in head:
        raise InputError("its trees don't add up to the log-odds of two classes")
    share = float(objective.group(1) or 1)
    if re.search(r"^average_output$", head, re.MULTILINE):
        share /= len(blocks)
    trees = [_tree(block, share) for block in blocks]
    return joined(trees, np.arange(inputs), log_odds=True, single=False)


def _tree(block: str, share: float) -> GrownTree:
    said = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
    if said.get("is_linear", "0") != "0":
        raise InputError("its leaves are linear models")

    def numbers(name: str, kind: type) -> np.ndarray:
        return np.array(said.get(name, "").split(), dtype=kind)

    values = numbers("leaf_value", np.float64) * share
    leaves = len(values)
    inner = leaves - 1
    how = numbers("decision_type", np.int64)
    cut = numbers("threshold", np.float64)
    missing_type = how >> 2 & 3
    is_category = how & _IS_CATEGORY != 0
    # Where no value was missing in training, a missing one is scored as zero; a missing category
    # is in no list.
    learned = (how & _DEFAULT_LEFT) != 0
    missing_left = np.where(missing_type == 0, cut >= 0, learned) & ~is_category
    ends = np.full(leaves, -1)
    bounds, words = numbers("cat_boundaries", np.int64), numbers("cat_threshold", np.uint32)
    return GrownTree(
        np.r_[_children(numbers("left_child", np.int64), inner), ends],
        np.r_[_children(numbers("right_child", np.int64), inner), ends],
        np.r_[numbers("split_feature", np.int64), np.zeros(leaves, np.int64)],
        np.r_[np.where(is_category, 0.0, cut), np.zeros(leaves)],
        np.r_[np.zeros(inner), values],
        np.r_[missing_left, np.zeros(leaves, np.bool_)],
        np.r_[(missing_type == _ZERO) & ~is_category, np.zeros(leaves, np.bool_)],
        {
            int(node): _members(words[bounds[int(cut[node])] : bounds[int(cut[node]) + 1]])
            for node in np.flatnonzero(is_category)
        },
    )


def _children(found: Ints, inner: int) -> Ints:
    """Leaves are counted backwards from −1; here they stand behind the inner nodes."""
    return np.where(found >= 0, found, inner + ~found)


def _members(words: np.ndarray) -> Ints:
    """Numbers of the bits that are set, 32 to a word."""
    bits = words[:, None] >> np.arange(32, dtype=np.uint32) & 1
    return np.flatnonzero(bits.ravel()).astype(np.int64)
