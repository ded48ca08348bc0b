"""XGBoost's own files, JSON and UBJSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xgboost

from core.arrays import Array, Floats
from core.errors import InputError
from core.external_models.model_facts import ModelInput, Output, OwnValue, Task
from core.external_models.sandbox.opened_model import (
    Coded,
    Column,
    OpenedModel,
    TreeReader,
    rows_of,
)
from core.external_models.sandbox.xgboost.trees import xgboost_trees

_TOO_OLD = (3, 2)
"""Up to here XGBoost cuts lists of categories by characters where it means bytes."""

_NUMBERED = "The file doesn't name its classes: they are numbered as the model learned them."
_STOPPED = "Training stopped early: the first {} of {} rounds are used, as XGBoost does by itself."


def read(data: bytes, threads: int, accepted_types: Sequence[str]) -> OpenedModel:
    """Open a model of XGBoost."""
    try:
        booster = xgboost.Booster(model_file=bytearray(data))
    except (xgboost.core.XGBoostError, UnicodeDecodeError) as error:
        raise InputError(
            f"XGBoost can't open it{_said(error)}: the file is damaged or was cut off",
            remedy='Save the model again: booster.save_model("model.json")',
        ) from None
    booster.set_param({"nthread": threads, "verbosity": 0})
    version = _version(data)
    lists = _lists(booster, version)
    width = booster.num_features()
    names = list(booster.feature_names or (f"input {i + 1}" for i in range(width)))
    types = list(booster.feature_types or ("float",) * width)
    inputs = tuple(
        _input(name, kind, values) for name, kind, values in zip(names, types, lists, strict=True)
    )
    task, classes, output = _answers(booster)
    notes: tuple[str, ...] = (_NUMBERED,) if classes else ()
    best = booster.attr("best_iteration")
    rounds = booster.num_boosted_rounds()
    used = rounds if best is None else min(int(best) + 1, rounds)
    if used < rounds:
        notes += (_STOPPED.format(used, rounds),)
    model = _Model(booster, names, types, lists, threads, used, output, len(classes or ()))
    return OpenedModel(
        title=f"Gradient boosting, {used} rounds",
        library="XGBoost",
        version=".".join(map(str, version)),
        task=task,
        inputs=inputs,
        classes=classes,
        output=output,
        predict=model.predict,
        named_inputs=booster.feature_names is not None,
        named_classes=not classes,
        notes=notes,
        trees=TreeReader(lambda: xgboost_trees(booster, used), model.numbers),
    )


@dataclass(frozen=True)
class _Model:
    booster: Any
    names: list[str]
    types: list[str]
    lists: list[tuple[OwnValue, ...] | None]
    threads: int
    rounds: int
    output: Output
    classes: int

    def numbers(self, columns: Sequence[Column]) -> Array:
        """Put columns side by side as the library compares them."""
        matrix = np.empty((rows_of(columns), len(columns)), np.float32)
        for place, (column, known) in enumerate(zip(columns, self.lists, strict=True)):
            if isinstance(column, Coded):
                positions = column.positions(known or ())
                matrix[:, place] = np.where(positions < 0, np.nan, positions)
            else:
                matrix[:, place] = column
        return matrix

    def predict(self, columns: Sequence[Column]) -> Floats:
        """Ask by position in the model's own lists, so that no other order of them matters."""
        given = xgboost.DMatrix(
            self.numbers(columns),
            feature_names=self.names,
            feature_types=self.types,
            nthread=self.threads,
        )
        raw = self.booster.predict(
            given,
            iteration_range=(0, self.rounds),
            output_margin=self.output == "margin" or self.classes > 2,
        ).astype(np.float64)
        if self.classes > 2:
            # multi:softmax answers with a class; the probabilities are those of multi:softprob.
            parts = np.exp(raw - raw.max(axis=1, keepdims=True))
            return np.asarray(parts / parts.sum(axis=1, keepdims=True))
        if self.output == "probability":
            return np.column_stack([1 - raw, raw])
        return np.asarray(raw)


def _said(error: Exception) -> str:
    """Return what XGBoost says, without the time, where in its source, and what called what."""
    if isinstance(error, UnicodeDecodeError):  # It quotes bytes of the file.
        return ""
    told = re.sub(r"^\[[\d:]+\] \S+:\d+: ", "", str(error)).partition("Stack trace")[0]
    first = told.strip().split("\n")[0].strip().rstrip(":. ")[:160]
    return f" ({first})" if first else ""


def _version(data: bytes) -> tuple[int, ...]:
    """Return which version wrote the file; the library tells its own instead."""
    found = re.search(rb'"version"\s*:\s*\[\s*(\d+),\s*(\d+),\s*(\d+)', data)
    if found is not None:
        return tuple(int(part) for part in found.groups())
    at = data.rfind(b"version[#L\x00\x00\x00\x00\x00\x00\x00\x03")
    if at < 0:
        return ()
    numbers = data[at + 18 : at + 24]  # A type and a value of one byte each.
    return tuple(numbers[1::2]) if set(numbers[0::2]) <= set(b"iU") else ()


def _lists(booster: Any, version: tuple[int, ...]) -> list[tuple[OwnValue, ...] | None]:
    """Return the list of categories of each input, None for those that have none."""
    width = booster.num_features()
    if not booster.feature_types or "c" not in booster.feature_types:
        return [None] * width
    found = [values for _, values in booster.get_categories(export_to_arrow=True).to_arrow()]
    if len(found) != width:
        found = [None] * width
    lists: list[tuple[OwnValue, ...] | None] = []
    for name, kind, values in zip(
        booster.feature_names or range(width), booster.feature_types, found, strict=True
    ):
        if kind != "c":
            lists.append(None)
            continue
        if values is None or len(values) == 0:
            raise InputError(
                f"the file keeps no list of the categories of input {str(name)!r}",
                remedy="Train it again with XGBoost 3.1 or later, or export it as ONNX",
            )
        lists.append(_checked(str(name), values, version))
    return lists


def _checked(name: str, values: Any, version: tuple[int, ...]) -> tuple[OwnValue, ...]:
    try:
        known: tuple[OwnValue, ...] = tuple(values.to_pylist())
        is_plain = all(text.isascii() for text in known if isinstance(text, str))
    except UnicodeDecodeError:
        is_plain = False
    if not is_plain and version[:2] <= _TOO_OLD:
        raise InputError(
            f"the list of categories of input {name!r} is damaged: XGBoost up to 3.2 cuts names "
            "in wrong places where one has a letter beyond ASCII",
            remedy="Train it again with a newer XGBoost, or export it as ONNX",
        )
    return known


def _input(name: str, kind: str, values: tuple[OwnValue, ...] | None) -> ModelInput:
    if kind == "c":
        # Version 3.2 scores an unseen category as another one; later ones refuse it.
        return ModelInput(name, "category", "category", category_values=values, unseen="refused")
    return ModelInput(name, "flag" if kind == "i" else "number", "float32")


def _answers(booster: Any) -> tuple[Task, tuple[OwnValue, ...] | None, Output]:
    config = json.loads(booster.save_config())["learner"]
    objective, learner = config["objective"]["name"], config["learner_model_param"]
    if int(learner.get("num_target", "1")) > 1:
        raise InputError(
            "the model answers with several numbers at once",
            remedy="Give a model with one target",
        )
    if objective == "binary:logistic":
        return "binary", (0, 1), "probability"
    if objective in ("binary:logitraw", "binary:hinge"):
        return "binary", (0, 1), "margin"
    if objective.startswith("multi:"):
        return "multiclass", tuple(range(int(learner["num_class"]))), "probability"
    if objective.startswith("rank:"):
        return "unknown", None, "number"
    return "regression", None, "number"
