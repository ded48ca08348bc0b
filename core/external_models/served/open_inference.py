"""The Open Inference Protocol, version 2: tensors in, tensors out (KServe, Triton, MLServer).

https://github.com/kserve/open-inference-protocol: ``GET v2/models/NAME`` tells inputs and outputs,
``POST v2/models/NAME/infer`` answers for a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.external_models.model_facts import InputKind, ModelInput
from core.external_models.served.http_client import Patience, ask_json
from core.external_models.served.mlflow_scoring import cells

MLSERVER_PROBABILITIES = "predict_proba"
"""Output of MLServer's runtime for scikit-learn (1.7.1), which its metadata doesn't list."""

MOST_INPUTS = 10_000
"""Columns of one tensor."""

Ask = Callable[[Mapping[str, npt.NDArray[Any]]], Any]

_KINDS: dict[str, tuple[InputKind, str]] = {
    "BOOL": ("flag", "bool"),
    "BYTES": ("category", "string"),
    "FP16": ("number", "float16"),
    "FP32": ("number", "float32"),
    "FP64": ("number", "float64"),
    **{f"{sign}INT{bits}": ("number", f"{sign.lower()}int{bits}")
       for sign in ("", "U") for bits in (8, 16, 32, 64)},
}  # fmt: skip


def connect(
    address: str, patience: Patience, wanted: list[str]
) -> tuple[tuple[ModelInput, ...] | None, str, Ask]:
    """Return the inputs where the server tells them, a title, and how rows are asked.

    Parameters
    ----------
    address : str
    patience : Patience
    wanted : list of str
        Takes the name of the output that is asked for, "" for none in particular; what is in it
        was found before.

    Raises
    ------
    InputError
        If the server isn't there, or tells a type of input that no column can give.
    """
    route = address.removesuffix("/infer")
    where = f"model at {route}"
    told = ask_json(route, None, patience)
    if not isinstance(told, dict):
        raise InputError("it tells nothing of its model", where=where)
    tensors = _tensors(told.get("inputs"))
    width = _width(tensors[0]) if len(tensors) == 1 else 1
    if width > MOST_INPUTS:
        raise InputError(
            f"it takes {width:,} columns in one tensor, and no more than {MOST_INPUTS:,} are given",
            where=where,
            remedy="Serve a model of a table",
        )
    single = width > 1
    wanted[:] = wanted or _outputs(told)
    name = str(told.get("name") or route.rsplit("/", 1)[-1])
    title = f"Model {name!r} of {told.get('platform') or 'an inference server'}"

    def ask(columns: Mapping[str, npt.NDArray[Any]]) -> Any:
        if single:
            body = [_matrix(tensors[0], columns)]
        else:
            types = {str(item.get("name")): str(item.get("datatype")) for item in tensors}
            body = [_vector(key, values, types.get(key)) for key, values in columns.items()]
        request: dict[str, Any] = {"inputs": body}
        if not tensors:
            # MLServer then makes a data frame of the inputs; others pass over parameters.
            request["parameters"] = {"content_type": "pd"}
        if not wanted and not told.get("outputs"):
            found = _probabilities(request, f"{route}/infer", patience, where)
            wanted.append("" if found is None else MLSERVER_PROBABILITIES)
            if found is not None:
                return found
        if any(wanted):
            request["outputs"] = [{"name": key} for key in wanted]
        return _answers(ask_json(f"{route}/infer", request, patience), where)

    if not tensors:
        return None, title, ask
    return _inputs(tensors, single, where), title, ask


def _probabilities(request: dict[str, Any], route: str, patience: Patience, where: str) -> Any:
    """Ask a server that tells no outputs for MLServer's probabilities; None where it has none."""
    try:
        asked = request | {"outputs": [{"name": MLSERVER_PROBABILITIES}]}
        return _answers(ask_json(route, asked, replace(patience, tries=1)), where)
    except InputError:
        return None


def _inputs(tensors: list[dict[str, Any]], single: bool, where: str) -> tuple[ModelInput, ...]:
    found = []
    for tensor in tensors:
        datatype = str(tensor.get("datatype"))
        if datatype not in _KINDS:
            raise InputError(
                f"its input {tensor.get('name')!r} has the type {datatype}, which no column gives",
                where=where,
            )
        kind, dtype = _KINDS[datatype]
        if single:
            return tuple(ModelInput(f"input {i + 1}", kind, dtype) for i in range(_width(tensor)))
        found.append(ModelInput(str(tensor.get("name")), kind, dtype))
    return tuple(found)


def _tensors(said: Any) -> list[dict[str, Any]]:
    return [item for item in said if isinstance(item, dict)] if isinstance(said, list) else []


def _width(tensor: dict[str, Any]) -> int:
    shape = tensor.get("shape")
    if not isinstance(shape, list) or len(shape) < 2 or not isinstance(shape[-1], int):
        return 1
    return max(shape[-1], 1)


def _outputs(told: dict[str, Any]) -> list[str]:
    """Name the output with probabilities, where the server tells of one."""
    names = [str(item.get("name")) for item in _tensors(told.get("outputs"))]
    return [name for name in names if "prob" in name.casefold()][:1]


def _matrix(tensor: dict[str, Any], columns: Mapping[str, npt.NDArray[Any]]) -> dict[str, Any]:
    matrix = np.column_stack([np.asarray(v, dtype=np.float64) for v in columns.values()])
    return {
        "name": tensor.get("name"),
        "shape": list(matrix.shape),
        "datatype": tensor.get("datatype"),
        "data": cells(matrix.ravel()),
    }


def _vector(name: str, values: npt.NDArray[Any], datatype: str | None) -> dict[str, Any]:
    data = cells(values)
    if datatype is None:
        whole = all(isinstance(value, int) for value in data)
        flags = all(isinstance(value, bool) for value in data)
        texts = "BOOL" if flags else "BYTES"
        datatype = texts if values.dtype.kind == "O" else "INT64" if whole else "FP64"
    if datatype == "BOOL":
        data = [None if value is None else bool(value) for value in data]
    return {"name": name, "shape": [len(data), 1], "datatype": datatype, "data": data}


def _answers(answer: Any, where: str) -> list[Any]:
    outputs = answer.get("outputs") if isinstance(answer, dict) else None
    tensors = [item for item in _tensors(outputs) if "data" in item]
    if not tensors:
        raise InputError("the answer holds no output", where=where)
    chosen = next(
        (t for t in tensors if "prob" in str(t.get("name")).casefold()),
        next((t for t in tensors if str(t.get("datatype")).startswith("FP")), tensors[0]),
    )
    data, shape = chosen["data"], chosen.get("shape")
    if not isinstance(data, list):
        raise InputError("its output is no list of numbers or labels", where=where)
    if data and isinstance(data[0], list):
        return data
    if str(chosen.get("datatype")).startswith("FP"):
        if not all(value is None or isinstance(value, int | float) for value in data):
            raise InputError("its output is said to be numbers, and is not", where=where)
        data = [None if value is None else float(value) for value in data]
    width = shape[1] if isinstance(shape, list) and len(shape) == 2 else 1
    if isinstance(width, int) and width > 1:
        return [data[i : i + width] for i in range(0, len(data), width)]
    return data
