"""Models in ONNX, run by onnxruntime."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnxruntime

from core.arrays import Array, Floats
from core.errors import InputError
from core.external_models.model_facts import ModelInput, OwnValue
from core.external_models.sandbox.onnx_columns import ColumnUse, Place, column_uses
from core.external_models.sandbox.onnx_graph import OnnxGraph, read_graph, with_output
from core.external_models.sandbox.onnx_outputs import (
    Outputs,
    agrees,
    find_outputs,
    label_columns,
    score_columns,
)
from core.external_models.sandbox.opened_model import Coded, Column, OpenedModel, matrix
from core.external_models.sandbox.probing import kind_of_scores, missing_by_input, probe_rows
from core.external_models.sandbox.protocol_buffer import DamagedError

_TYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
    "tensor(string)": "string",
}
_MISSING_AS = ("nan", "None", "NaN", "<NA>", "")
_OTHER_LABELS = (
    "The label that the file gives is not always that of the largest score: it has a threshold of "
    "its own, or its classes stand in another order."
)
_LOST = (
    "Where a number is missing, the file goes one way at every split. The trees that it was made "
    "from may have learned another: compare with their scores, or fill missing values before."
)
_FLAGS = ({"True", "False"}, {"true", "false"})


@dataclass(frozen=True)
class _Tensor:
    """An input of the file: one column or several side by side."""

    name: str
    dtype: str
    width: int
    rank: int


def read(data: bytes, threads: int, accepted_types: Sequence[str]) -> OpenedModel:
    """Open a model in ONNX."""
    graph = _graph(data)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = _session(data, options)
    outputs = find_outputs(graph, session.get_outputs())
    if outputs.exposed is not None:
        session = _session(with_output(data, outputs.exposed), options)
    tensors = [_tensor(given) for given in session.get_inputs()]
    uses = column_uses(graph, {t.name: t.width for t in tensors})
    inputs = tuple(made for tensor in tensors for made in _inputs(tensor, uses))
    return _described(graph, _Runner(session, tensors, outputs), inputs)


def _graph(data: bytes) -> OnnxGraph:
    try:
        graph = read_graph(data)
    except (DamagedError, ValueError) as error:
        raise InputError(
            f"the file is damaged or was cut off ({error})",
            remedy="Save or download the model again",
        ) from None
    if not graph.nodes:
        raise InputError("the file holds no operator", remedy="Save the model again")
    if graph.has_external:
        raise InputError(
            "its weights lie in other files beside it",
            remedy="Save it as one file: onnx.save(model, path, save_as_external_data=False)",
        )
    return graph


def _session(data: bytes, options: Any) -> Any:
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # The runtime's errors have no common class that it exports.
        message = " ".join(str(error).split())
        lacks = re.search(r"implementation for (?:the node )?.*?(\w+\(\d+\))", message)
        if "NOT_IMPLEMENTED" in message:
            what = lacks.group(1) if lacks else message[-80:]
            raise InputError(
                f"the file is valid, but onnxruntime can't run an operator in it ({what})",
                remedy="Export it with inputs of type float",
            ) from None
        raise InputError(
            f"onnxruntime can't open it ({_short(message)})",
            remedy="Export the model again, with another opset if it is the version",
        ) from None


def _short(message: str) -> str:
    plain = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", message)
    return plain[:160].rstrip(". ")


def _tensor(given: Any) -> _Tensor:
    dtype = _TYPES.get(given.type)
    shape = given.shape or []
    where = f"input {given.name!r}"
    if dtype is None or len(shape) > 2:
        raise InputError(
            f"{where} takes {given.type} of {len(shape)} dimensions, which no table gives",
            remedy="Export the model with one input for each column, or one matrix of columns",
        )
    if shape and isinstance(shape[0], int):
        raise InputError(
            f"{where} takes exactly {shape[0]} row{'s' if shape[0] != 1 else ''} at a time",
            remedy="Export the model with a first dimension that is free (dynamic axes)",
        )
    width = 1 if len(shape) < 2 else shape[1]
    if not isinstance(width, int) or width < 1:
        raise InputError(
            f"{where} doesn't say how many columns it takes",
            remedy="Export the model with the number of columns in the input's shape",
        )
    return _Tensor(given.name, dtype, width, len(shape))


def _inputs(tensor: _Tensor, uses: dict[Place, ColumnUse]) -> list[ModelInput]:
    made = []
    for place in range(tensor.width):
        use = uses.get((tensor.name, place), ColumnUse())
        name = tensor.name if tensor.width == 1 else f"{tensor.name} {place + 1}"
        one = ModelInput(name, "number", tensor.dtype)
        if tensor.dtype == "bool":
            one = replace(one, kind="flag", missing="refused")
        elif tensor.dtype.startswith("int"):
            one = replace(one, missing="refused")
        elif use.fills_missing:
            one = replace(one, missing="allowed")
        if use.categories is not None or tensor.dtype == "string":
            one = _of_categories(one, use)
        made.append(one)
    return made


def _of_categories(one: ModelInput, use: ColumnUse) -> ModelInput:
    values = use.categories
    if values is None:
        return replace(one, kind="category", missing_as="nan")
    is_flag = any(values and {str(value) for value in values} <= flags for flags in _FLAGS)
    missing_as = next((text for text in _MISSING_AS if text in values), None)
    missing = one.missing
    if one.dtype == "string":
        missing = "refused" if use.unseen == "refused" else "unknown"
    if missing_as is not None:
        missing = "allowed"
    return replace(
        one,
        kind="flag" if is_flag else "category",
        category_values=values,
        unseen=use.unseen,
        missing=missing,
        missing_as=missing_as,
    )


@dataclass(frozen=True)
class _Runner:
    session: Any
    tensors: list[_Tensor]
    outputs: Outputs

    def run(self, columns: Sequence[Column], wanted: str) -> Any:
        feeds, at = {}, 0
        for tensor in self.tensors:
            feeds[tensor.name] = _fed(tensor, columns[at : at + tensor.width])
            at += tensor.width
        try:
            return self.session.run([wanted], feeds)[0]
        except Exception as error:  # The runtime's errors have no common class that it exports.
            raise InputError(
                f"the model can't score these rows ({_short(' '.join(str(error).split()))})",
                remedy="Compare the columns with the model's inputs",
            ) from None

    def scores(self, columns: Sequence[Column]) -> Floats:
        assert self.outputs.scores is not None
        return score_columns(self.run(columns, self.outputs.scores), self.outputs.classes)

    def labels(self, columns: Sequence[Column]) -> Array:
        assert self.outputs.label is not None
        return np.asarray(self.run(columns, self.outputs.label)).ravel()


def _fed(tensor: _Tensor, columns: Sequence[Column]) -> Array:
    if tensor.dtype == "string":
        texts = [c.own("nan") if isinstance(c, Coded) else c.astype(str) for c in columns]
        return np.column_stack(texts) if tensor.rank > 1 else texts[0]
    made = matrix(columns, tensor.dtype)
    return made if tensor.rank > 1 else made[:, 0]


def _described(graph: OnnxGraph, runner: _Runner, inputs: tuple[ModelInput, ...]) -> OpenedModel:
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
    labelled = outputs.label is not None and output == "probability"
    if labelled and not agrees(scores, runner.labels(rows), classes):
        notes += (_OTHER_LABELS,)
    return OpenedModel(
        **about,
        task="binary" if width == 2 else "multiclass",
        inputs=inputs,
        classes=classes,
        output=output,
        predict=predict,
        named_classes=named,
        notes=notes + _lost_directions(graph, inputs),
    )


def _of_labels(
    runner: _Runner,
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
    runner: _Runner,
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


def _lost_directions(graph: OnnxGraph, inputs: Sequence[ModelInput]) -> tuple[str, ...]:
    """Note that a tree's way for missing values isn't in the file.

    skl2onnx 1.20 writes none, whatever the trees learned (findings/skl2onnx_missing_values.sh).
    """
    trees = any(node.kind.startswith("TreeEnsemble") for node in graph.nodes)
    open_ones = any(one.kind == "number" and one.missing == "unknown" for one in inputs)
    return (_LOST,) if trees and open_ones and graph.producer == "skl2onnx" else ()


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
