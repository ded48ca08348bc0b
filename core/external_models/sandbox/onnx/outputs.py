"""Which output of an ONNX file has the scores, and which class each column of them is of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.arrays import Array, Floats
from core.errors import InputError
from core.external_models.model_facts import OwnValue
from core.external_models.sandbox.onnx.graph import Node, OnnxGraph

_LABELS = ("classlabels_strings", "classlabels_int64s", "classlabels_ints")
_PASSING = ("Identity", "Cast", "Reshape", "Squeeze", "Flatten", "ZipMap", "Normalizer")


@dataclass(frozen=True)
class Outputs:
    """What to ask the runtime for.

    Attributes
    ----------
    scores : str or None
        Name of the tensor, or of the list of dicts, that holds the scores.
    label : str or None
        Name of the output with the chosen class.
    classes : tuple or None
        Class of each column of the scores.
    exposed : str or None
        Tensor between nodes that has to be made an output first: what goes into a ZipMap.
    """

    scores: str | None
    label: str | None
    classes: tuple[OwnValue, ...] | None
    exposed: str | None = None


def find_outputs(graph: OnnxGraph, outputs: Sequence[Any]) -> Outputs:
    """Find scores, label and classes among the outputs that the runtime tells of."""
    label = next((o.name for o in outputs if o.type in ("tensor(int64)", "tensor(string)")), None)
    scores = [o for o in outputs if o.type in ("tensor(float)", "tensor(double)")]
    scores.sort(key=lambda o: "prob" not in o.name.lower())
    dicts = [o for o in outputs if o.type.startswith(("seq(map(", "map("))]
    if dicts:
        maker = graph.makers.get(dicts[0].name)
        if maker is not None and maker.kind == "ZipMap":
            inner = maker.inputs[0]
            return Outputs(inner, label, maker.values(*_LABELS) or None, _hidden(inner, outputs))
        return Outputs(dicts[0].name, label, None)
    if not scores and label is None:
        raise InputError(
            "none of the model's outputs is a score, a number or a label",
            remedy="Export a classifier or a regression",
        )
    name = scores[0].name if scores else None
    if len(scores) > 1 and label is not None:
        exposed = _cut_from(graph, name)
        if exposed is None:
            raise InputError(
                f"the file has {len(scores)} outputs of numbers and doesn't tell which is which",
                remedy="Export the classifier with one output of probabilities (zipmap off)",
            )
        classes = _classes_of(graph, label, exposed)
        return Outputs(exposed, label, classes, _hidden(exposed, outputs))
    return Outputs(name, label, _classes_of(graph, label, name))


def _hidden(name: str, outputs: Sequence[Any]) -> str | None:
    """Return a tensor's name if it has to be made an output first."""
    return None if name in {output.name for output in outputs} else name


def _classes_of(
    graph: OnnxGraph, label: str | None, scores: str | None
) -> tuple[OwnValue, ...] | None:
    """Return the classes that the label is of; those of the scores may be numbers of an inner one.

    So it is in a stack of models, whose last one learned numbers for labels.
    """
    return _classes(graph, label) or _classes(graph, scores)


def _classes(graph: OnnxGraph, name: str | None) -> tuple[OwnValue, ...] | None:
    """Classes of the classifier from which an output comes, or of the list it is chosen from."""
    for _ in range(20):
        node = graph.makers.get(name or "")
        if node is None:
            return None
        found = node.values(*_LABELS) or _chosen_from(graph, node)
        if found:
            return found
        if node.kind not in _PASSING:
            return None
        name = node.inputs[0]
    return None


def _cut_from(graph: OnnxGraph, name: str | None) -> str | None:
    """Return the tensor of all scores of which an output is one column."""
    for _ in range(20):
        node = graph.makers.get(name or "")
        if node is None or node.kind not in (*_PASSING, "Slice"):
            return None
        if node.kind == "Slice":
            return node.inputs[0]
        name = node.inputs[0]
    return None


def _chosen_from(graph: OnnxGraph, node: Node) -> tuple[OwnValue, ...]:
    if node.kind == "ArrayFeatureExtractor":
        constant = graph.constant(node.inputs[0])
        return () if constant is None else tuple(constant.ravel().tolist())
    if node.kind == "LabelEncoder":
        keys = node.integers("keys_int64s").tolist()
        values = node.values("values_strings", "values_int64s", "values_tensor")
        if keys == list(range(len(values))):
            return values
    return ()


def score_columns(raw: object, classes: tuple[OwnValue, ...] | None) -> Floats:
    """Return scores as an array: of a list of dicts, of (n,), (n, 1) or (n, classes)."""
    if isinstance(raw, list):
        order = list(classes) if classes is not None else sorted(raw[0])
        return np.array([[row[c] for c in order] for row in raw], dtype=np.float64)
    made = np.asarray(raw, dtype=np.float64)
    if made.ndim > 2:
        made = made.reshape(len(made), -1)
    return made[:, 0] if made.ndim == 2 and made.shape[1] == 1 else made


def label_columns(raw: Array, classes: tuple[OwnValue, ...]) -> Floats:
    """Write chosen classes, of shape (n,) or (n, 1), as one in the column of the class."""
    labels = np.asarray(raw).ravel()
    return np.column_stack([labels == value for value in classes]).astype(np.float64)


def label_agreement(scores: Floats, labels: Array, classes: tuple[OwnValue, ...]) -> float:
    """Return in which share of clear rows the label is that of the largest score.

    Parameters
    ----------
    scores : ndarray, shape (n, classes)
    labels : ndarray, shape (n,)
        What the model chose.
    classes : tuple
        In the order of the columns.
    """
    ordered = np.sort(scores, axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > 1e-3
    chosen = np.array([str(classes[place]) for place in scores.argmax(axis=1)])
    return float((chosen == labels.astype(str))[clear].mean()) if clear.any() else 1.0
