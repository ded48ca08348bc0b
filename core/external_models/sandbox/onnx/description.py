"""What an ONNX file's model is: its task, its classes in order, and what to be careful of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.arrays import Array, Floats
from core.errors import InputError
from core.external_models.model_facts import ModelInput, Output, OwnValue
from core.external_models.sandbox.onnx.graph import OnnxGraph
from core.external_models.sandbox.onnx.outputs import label_agreement, label_columns
from core.external_models.sandbox.onnx.runner import Runner
from core.external_models.sandbox.opened_model import Column, OpenedModel
from core.external_models.sandbox.probing import (
    Predict,
    kind_of_scores,
    missing_by_input,
    probe_rows,
)

_OTHER_LABELS = (
    "The label that the file gives is not always that of the largest score: it has a threshold of "
    "its own, or its classes stand in another order."
)
_TURNED = (
    "Its two margins stand in the other order than its classes, and were turned by its labels."
)
_SHARPENED = (
    "If it was made from a linear discriminant analysis, its probabilities are further from one "
    "half than those of the model: skl2onnx doubles the margin. Compare with its scores."
)
_LOST = (
    "Where a number is missing, the file goes one way at every split. The trees that it was made "
    "from may have learned another: compare with their scores, or fill missing values before."
)


def described(graph: OnnxGraph, runner: Runner, inputs: tuple[ModelInput, ...]) -> OpenedModel:
    """Say what a model is, by its graph and by its answers to rows that are made up.

    Raises
    ------
    InputError
        If what it answers has no meaning that can be told.
    """
    outputs = runner.outputs
    about: dict[str, Any] = {
        "title": _title(graph),
        "library": graph.producer,
        "version": graph.version,
        "named_inputs": all(tensor.width == 1 for tensor in runner.tensors),
    }
    rows = probe_rows(inputs)
    if outputs.scores is None:
        return _of_labels(runner, inputs, outputs.classes, about)
    scores = runner.scores(rows)
    inputs = missing_by_input(inputs, rows, runner.scores)
    if outputs.label is None and (scores.ndim == 1 or outputs.classes is None):
        return _without_label(graph, runner, inputs, scores, about)
    width = 2 if scores.ndim == 1 else scores.shape[1]
    classes: tuple[OwnValue, ...] | None = outputs.classes
    notes: tuple[str, ...] = ()
    if classes is None or len(classes) != width:
        classes = tuple(range(width))
        notes = ("The file doesn't name its classes: they are numbered in the order of scores.",)
    named = not notes
    output, predict = kind_of_scores(scores, runner.scores)
    if outputs.label is not None:
        predict, seen = _in_order_of(output, predict, runner.labels(rows), rows, classes)
        notes += seen
    return OpenedModel(
        **about,
        task="binary" if width == 2 else "multiclass",
        inputs=inputs,
        classes=classes,
        output=output,
        predict=predict,
        named_classes=named,
        notes=notes + _what_skl2onnx_loses(graph, inputs),
    )


def _in_order_of(
    output: Output,
    predict: Predict,
    labels: Array,
    rows: Sequence[Column],
    classes: tuple[OwnValue, ...],
) -> tuple[Predict, tuple[str, ...]]:
    """Compare scores with the labels that the model chose for the same rows.

    skl2onnx writes the two margins of a support vector machine in the other order than its classes.
    """
    scores = predict(rows)
    both = scores if scores.ndim == 2 else np.column_stack([-scores, scores])
    agreement = label_agreement(both, labels, classes)
    if agreement == 1:
        return predict, ()
    if output == "margin" and scores.ndim == 1 and agreement == 0:
        return (lambda asked: -predict(asked)), (_TURNED,)
    if output == "margin":
        raise InputError(
            "the labels that the file gives don't follow from its scores",
            remedy="Export the classifier with probabilities",
        )
    return predict, (_OTHER_LABELS,)


def _of_labels(
    runner: Runner,
    inputs: tuple[ModelInput, ...],
    classes: tuple[OwnValue, ...] | None,
    about: dict[str, Any],
) -> OpenedModel:
    if classes is None:
        raise InputError(
            "the file answers with labels only and doesn't list them",
            remedy="Export the classifier with its probabilities",
        )
    return OpenedModel(
        **about,
        task="binary" if len(classes) == 2 else "multiclass",
        inputs=inputs,
        classes=classes,
        output="label",
        predict=lambda columns: label_columns(runner.labels(columns), classes),
        notes=("The file answers with labels only: no threshold can be tried.",),
    )


def _without_label(
    graph: OnnxGraph,
    runner: Runner,
    inputs: tuple[ModelInput, ...],
    scores: Floats,
    about: dict[str, Any],
) -> OpenedModel:
    """Describe a regression, or a network that doesn't say what its numbers are."""
    maker = graph.makers.get(runner.outputs.scores or "")
    sigmoid = maker is not None and maker.kind == "Sigmoid"
    output, predict = kind_of_scores(scores, runner.scores)
    if scores.ndim == 2 or sigmoid:
        width = 2 if scores.ndim == 1 else scores.shape[1]
        return OpenedModel(
            **about,
            task="binary" if width == 2 else "multiclass",
            inputs=inputs,
            classes=tuple(range(width)),
            output=output,
            predict=predict,
            named_classes=False,
            notes=("The file doesn't name its classes: they are numbered in its order.",),
        )
    regression = any(node.kind.endswith("Regressor") for node in graph.nodes)
    return OpenedModel(
        **about,
        task="regression" if regression else "unknown",
        inputs=inputs,
        classes=None,
        output="number",
        predict=runner.scores,
        notes=()
        if regression
        else ("The file answers with one number and doesn't say what it is.",),
    )


def _what_skl2onnx_loses(graph: OnnxGraph, inputs: Sequence[ModelInput]) -> tuple[str, ...]:
    """Note where a file may answer otherwise than the model that it was made from.

    skl2onnx 1.20 writes no way for missing values, whatever trees of scikit-learn learned. Linear
    discriminant analysis of two classes it writes with a softmax over both signs of the margin,
    where scikit-learn takes the logistic function.
    """
    if graph.producer != "skl2onnx":
        return ()
    notes: tuple[str, ...] = ()
    trees = any(node.kind.startswith("TreeEnsemble") for node in graph.nodes)
    if trees and any(one.kind == "number" and one.missing == "unknown" for one in inputs):
        notes += (_LOST,)
    for node in graph.nodes:
        intercepts = node.reals("intercepts") if node.kind == "LinearClassifier" else ()
        if len(intercepts) == 2 and node.text("post_transform") == "SOFTMAX":
            notes += (_SHARPENED,)
    return notes


def _title(graph: OnnxGraph) -> str:
    for node in graph.nodes:
        if node.kind.startswith("TreeEnsemble"):
            trees = len(np.unique(node.integers("nodes_treeids"))) or len(
                node.integers("tree_roots")
            )
            return f"Ensemble of {trees} tree{'s' if trees != 1 else ''}"
        if node.kind in ("LinearClassifier", "LinearRegressor"):
            return "Linear model"
        if node.kind in ("SVMClassifier", "SVMRegressor"):
            return "Support vector machine"
    return f"Graph of {len(graph.nodes)} operators"
