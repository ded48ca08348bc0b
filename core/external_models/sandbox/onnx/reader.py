"""Models in ONNX, run by onnxruntime."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import onnxruntime

from core.errors import InputError
from core.external_models.model_facts import MISSING_AS, ModelInput
from core.external_models.sandbox.onnx.columns import ColumnUse, Place, column_uses
from core.external_models.sandbox.onnx.description import described
from core.external_models.sandbox.onnx.graph import Node, OnnxGraph, read_graph, with_output
from core.external_models.sandbox.onnx.outputs import find_outputs
from core.external_models.sandbox.onnx.protocol_buffer import DamagedError
from core.external_models.sandbox.onnx.runner import Runner, Tensor, short
from core.external_models.sandbox.onnx.tree_columns import OnnxTrees
from core.external_models.sandbox.opened_model import OpenedModel, TreeReader

_TYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(int64)": "int64",
    "tensor(int32)": "int32",
    "tensor(bool)": "bool",
    "tensor(string)": "string",
}
_FLAGS = ({"True", "False"}, {"true", "false"})


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
    runner = Runner(session, tensors, outputs)
    trees = OnnxTrees(
        graph,
        runner,
        lambda name, double: _session(with_output(data, name, double=double), options),
    )
    return replace(described(graph, runner, inputs), trees=TreeReader(trees.arrays, trees.columns))


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
    if any(_is_misread(node) for node in graph.nodes):
        raise InputError(
            "its trees have sums and base values of their own for each of two classes, and "
            "onnxruntime takes the sums of the first class for those of the second",
            remedy="Bring the file of the library that trained it, or train without them: "
            "boost_from_average=False in CatBoost, objective='binary:logistic' in XGBoost",
        )
    return graph


def _is_misread(node: Node) -> bool:
    """Whether onnxruntime 1.32 gives other scores for trees than the standard means."""
    return (
        node.kind == "TreeEnsembleClassifier"
        and len(node.values("classlabels_strings", "classlabels_int64s")) == 2
        and len(node.values("base_values", "base_values_as_tensor")) == 2
        and set(node.integers("class_ids").tolist()) == {0, 1}
    )


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
            f"onnxruntime can't open it ({short(message)})",
            remedy="Export the model again, with another opset if it is the version",
        ) from None


def _tensor(given: Any) -> Tensor:
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
    return Tensor(given.name, dtype, width, len(shape))


def _inputs(tensor: Tensor, uses: dict[Place, ColumnUse]) -> list[ModelInput]:
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
    missing_as = next((text for text in MISSING_AS if text in values), None)
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
