"""The child process that opens a model's file and answers for rows, until its input ends.

Requests come as lines of JSON on standard input, answers go out likewise. Rows and scores lie in
two files of a private folder, which both processes map; the child may change nothing else.
"""

from __future__ import annotations

import json
import mmap
import os
import sys
import warnings
from dataclasses import asdict
from importlib import import_module
from typing import Any

import numpy as np

from core.errors import InputError
from core.external_models.packed_trees import packed
from core.external_models.reviewed_types import UnreviewedTypesError
from core.external_models.sandbox.opened_model import Coded, Column, OpenedModel, TreeReader
from core.external_models.tree_arrays import MOST_NODES
from core.installation import PREFIX
from core.isolation.limits import limit_process, limit_seconds
from core.isolation.system_calls import refuse_system_calls

_READERS = f"{PREFIX}core.external_models.sandbox"

_NOT_NEEDED = {"xgboost": ("sklearn", "pandas"), "lightgbm": ("sklearn", "pandas", "matplotlib")}
"""What a library imports where it is there and does without: seconds of each start."""


def _opened(request: dict[str, Any]) -> OpenedModel:
    """Import what opens the format, take the limits on, and only then look at the bytes."""
    not_needed = _NOT_NEEDED.get(request["format"], ())
    for name in not_needed:
        sys.modules[name] = None  # type: ignore[assignment]
    reader = import_module(f"{_READERS}.{request['format']}.reader")
    for name in not_needed:
        del sys.modules[name]
    with open(request["file"], "rb") as file:
        data = file.read()
    limit_process(request["memory"], request["seconds"], written=0)
    refuse_system_calls()
    opened: OpenedModel = reader.read(data, request["threads"], tuple(request["accepted_types"]))
    return opened


def _columns(request: dict[str, Any]) -> list[Column]:
    rows: int = request["rows"]
    with open(request["file"], "rb") as file:
        held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    columns: list[Column] = []
    at = 0
    for described in request["columns"]:
        if described is None:
            columns.append(np.frombuffer(held, np.float64, rows, at))
            at += 8 * rows
        else:
            codes = np.frombuffer(held, np.int32, rows, at)
            columns.append(Coded(codes, tuple(described["values"]), described["missing"]))
            at += 4 * rows + 4 * rows % 8
    return columns


def _score(request: dict[str, Any], model: OpenedModel, answers: int) -> dict[str, Any]:
    ask = model.predict if request["asked"] == "scores" else tree_reader(model).columns
    scores = np.ascontiguousarray(ask(_columns(request)), dtype=np.float64)
    if list(scores.shape) != request["shape"]:
        raise InputError(
            f"the model gave scores of shape {scores.shape}, where {request['shape']} were asked",
            remedy="Export the model again",
        )
    with mmap.mmap(answers, scores.nbytes) as held:
        np.frombuffer(held, np.float64, scores.size)[:] = scores.ravel()
    return {}


def tree_reader(model: OpenedModel) -> TreeReader:
    """Return how the trees of a model are read, or refuse."""
    if model.trees is None:
        raise InputError("the file has no trees, or none that are read")
    return model.trees


class _Trees:
    """The trees of the model, handed over in two steps: how large, and what they are."""

    def __init__(self) -> None:
        self._raw = b""

    def told(self, model: OpenedModel) -> dict[str, Any]:
        """Read them and say how many bytes there are."""
        found = tree_reader(model).arrays()
        if len(found.left) > MOST_NODES:
            raise InputError(f"it has {len(found.left):,} nodes, more than are read")
        said, self._raw = packed(found)
        return {**said, "bytes": len(self._raw)}

    def written(self, answers: int) -> dict[str, Any]:
        """Write them to the file of answers, which has been made as large."""
        with mmap.mmap(answers, len(self._raw)) as held:
            held[:] = self._raw
        self._raw = b""
        return {}


_KEPT_HERE = ("inputs", "predict", "trees")


def told(model: OpenedModel) -> dict[str, Any]:
    """Return what a model says, as JSON values."""
    return {
        **{name: value for name, value in vars(model).items() if name not in _KEPT_HERE},
        "inputs": [asdict(one) for one in model.inputs],
    }


def answer_of(error: Exception) -> dict[str, Any]:
    """Return the answer that tells of an error."""
    if isinstance(error, UnreviewedTypesError):
        return {"types": error.types}
    if isinstance(error, InputError):
        return {"problem": error.problem, "remedy": error.remedy}
    if isinstance(error, MemoryError):
        return {
            "problem": "the model asks for more memory than it may have",
            "remedy": "Export a smaller model, or score it elsewhere and bring its decisions",
        }
    message = " ".join(str(error).split())[:160].rstrip(". ")
    return {
        "problem": f"the library that opens it says: {message or type(error).__name__}",
        "remedy": "Save the model again with the library that made it",
    }


def main() -> None:
    """Answer requests; every failure is an answer too."""
    sys.dont_write_bytecode = True
    warnings.simplefilter("ignore")
    # Libraries print, some of them from native code: what they print is no answer.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    model: OpenedModel | None = None
    answers = -1
    trees = _Trees()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if model is None:
                answers = os.open(request["answers"], os.O_RDWR)
                model = _opened(request)
                answer = told(model)
            else:
                limit_seconds(request["seconds"])
                if request["asked"] == "trees":
                    answer = trees.told(model)
                elif request["asked"] == "trees written":
                    answer = trees.written(answers)
                else:
                    answer = _score(request, model, answers)
        except Exception as error:  # Whatever a library throws at broken bytes is the file's fault.
            answer = answer_of(error)
        out.write(json.dumps(answer) + "\n")
        out.flush()
        if model is None:
            return
