"""LightGBM's own files, a text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np

from core.arrays import Floats
from core.errors import InputError
from core.external_models.model_facts import Missing, ModelInput, Output, OwnValue, Task
from core.external_models.sandbox.lightgbm.trees import lightgbm_trees
from core.external_models.sandbox.opened_model import (
    Coded,
    Column,
    OpenedModel,
    TreeReader,
    rows_of,
)

_NUMBERED = "The file doesn't name its classes: they are numbered as the model learned them."
_CATEGORIES = "pandas_categorical:"
_WITHOUT_PARAMETERS = ("", "v2")
"""Versions of the format whose first writers wrote none."""
_AS_ZERO = "Where no value was missing in training, LightGBM scores a missing number as 0."


def read(data: bytes, threads: int, accepted_types: Sequence[str]) -> OpenedModel:
    """Open a model of LightGBM."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(
            "the file is damaged: its text isn't UTF-8", remedy="Save the model again"
        ) from None
    _check_whole(text)
    booster = lightgbm.Booster(model_str=text, params={"verbosity": -1})
    names = booster.feature_name()
    lists = _lists(text, booster, len(names))
    allowed = _learned_missing(text)
    inputs = tuple(
        _input(name, values, "allowed" if place in allowed else "unknown")
        for place, (name, values) in enumerate(zip(names, lists, strict=True))
    )
    task, classes, output = _answers(_line(text, "objective"), booster)
    notes: tuple[str, ...] = (_NUMBERED,) if classes else ()
    if any(one.kind == "number" and one.missing == "unknown" for one in inputs):
        notes += (_AS_ZERO,)
    model = _Model(booster, lists, not booster.pandas_categorical, threads, output)
    rounds = booster.current_iteration()
    return OpenedModel(
        title=f"Gradient boosting, {rounds} rounds",
        library="LightGBM",
        version="",  # The file tells the version of its format only.
        task=task,
        inputs=inputs,
        classes=classes,
        output=output,
        predict=model.predict,
        named_inputs=names != [f"Column_{i}" for i in range(len(names))],
        named_classes=not classes,
        notes=notes,
        trees=TreeReader(lambda: lightgbm_trees(text, len(names)), model.numbers),
    )


@dataclass(frozen=True)
class _Model:
    booster: Any
    lists: list[tuple[OwnValue, ...] | None]
    numbered: bool
    threads: int
    output: Output

    def numbers(self, columns: Sequence[Column]) -> Floats:
        """Put columns side by side as the library compares them."""
        matrix = np.empty((rows_of(columns), len(columns)))
        for place, (column, known) in enumerate(zip(columns, self.lists, strict=True)):
            if isinstance(column, Coded):
                matrix[:, place] = self._codes(column, known or ())
            else:
                matrix[:, place] = column
        return matrix

    def predict(self, columns: Sequence[Column]) -> Floats:
        """Ask by position: LightGBM doesn't look at names, so columns come in its own order."""
        raw = self.booster.predict(
            self.numbers(columns), num_threads=self.threads, raw_score=self.output == "margin"
        )
        if self.output == "probability" and raw.ndim == 1:
            return np.column_stack([1 - raw, raw])
        return np.asarray(raw, dtype=np.float64)

    def _codes(self, column: Coded, known: tuple[OwnValue, ...]) -> Floats:
        """Positions in the file's list, where it has one of pandas' categories; else numbers."""
        if self.numbered:
            # LightGBM itself looks at whole numbers only.
            return np.trunc(column.own(np.nan).astype(np.float64))
        positions = column.positions(known)
        return np.where(positions < 0, np.nan, positions)


def _check_whole(text: str) -> None:
    """Refuse what was cut off before LightGBM sees it.

    Version 4.7 takes its process down, or opens what is left without the names of its categories.
    """
    sizes = _line(text, "tree_sizes").split()
    trees = len(re.findall(r"^Tree=\d+$", text, re.MULTILINE))
    is_whole = "\r\n" not in text and bool(sizes) and len(sizes) == trees
    if not is_whole or not _has_end(text[text.find("\nTree=0\n") + 1 :], _line(text, "version")):
        raise InputError(
            "the file was cut off, or its line ends were changed",
            remedy='Save the model again: booster.save_model("model.txt")',
        )


def _has_end(text: str, version: str) -> bool:
    """Whether trees, parameters and pandas' categories have their ends."""
    _, end, rest = text.partition("\nend of trees\n")
    _, parameters, rest = rest.partition("\nparameters:\n")
    if not end or (not parameters and version not in _WITHOUT_PARAMETERS):
        return False
    if parameters:
        _, end, rest = rest.partition("\nend of parameters")
        last = rest.strip()
        if not end or (last and not last.startswith(_CATEGORIES)):
            return False
    _, found, lists = rest.partition(_CATEGORIES)
    try:
        json.loads(lists if found else "null")
    except (ValueError, RecursionError):
        return False
    return True


def _line(text: str, name: str) -> str:
    found = re.search(rf"^{name}=(.*)$", text, re.MULTILINE)
    return found.group(1) if found else ""


def _lists(text: str, booster: Any, width: int) -> list[tuple[OwnValue, ...] | None]:
    """Return the categories of each input.

    Of pandas' categories the file has the values, without saying of which inputs: those that were
    declared as categories, in their order. Categories that are numbers stand in feature_infos.
    """
    infos = _line(text, "feature_infos").split(" ")
    declared = re.search(r"^\[categorical_feature: ([\d,]*)\]$", text, re.MULTILINE)
    places = [int(place) for place in declared.group(1).split(",") if place] if declared else []
    places = places or [i for i, info in enumerate(infos) if re.fullmatch(r"-?\d+(:-?\d+)+", info)]
    lists: list[tuple[OwnValue, ...] | None] = [None] * width
    values = booster.pandas_categorical or []
    if values and len(values) != len(places):
        raise InputError(
            f"the file has {len(values)} lists of categories for {len(places)} inputs",
            remedy="Train it again with all categories as pandas' categories",
        )
    for number, place in enumerate(sorted(places)):
        if values:
            lists[place] = tuple(values[number])
        elif place < len(infos):
            known = sorted(int(code) for code in infos[place].split(":") if code.isdigit())
            lists[place] = tuple(float(code) for code in known)
    return lists


def _learned_missing(text: str) -> set[int]:
    """Which inputs have a split that was learned with missing values."""
    learned: set[int] = set()
    features = re.findall(r"^split_feature=(.*)$", text, re.MULTILINE)
    kinds = re.findall(r"^decision_type=(.*)$", text, re.MULTILINE)
    for places, decisions in zip(features, kinds, strict=False):
        for place, decision in zip(places.split(), decisions.split(), strict=False):
            is_category, missing_type = int(decision) & 1, int(decision) >> 2 & 3
            if missing_type == 2 and not is_category:
                learned.add(int(place))
    return learned


def _input(name: str, values: tuple[OwnValue, ...] | None, missing: Missing) -> ModelInput:
    if values is None:
        return ModelInput(name, "number", "float64", missing=missing)
    return ModelInput(name, "category", "category", category_values=values, unseen="as_missing")


def _answers(objective: str, booster: Any) -> tuple[Task, tuple[OwnValue, ...] | None, Output]:
    kind = objective.split(" ")[0]
    width = booster.num_model_per_iteration()
    if kind == "binary":
        return "binary", (0, 1), "probability"
    if kind in ("multiclass", "multiclassova"):
        return "multiclass", tuple(range(width)), "probability"
    if width > 1:
        return "multiclass", tuple(range(width)), "margin"
    if not kind:
        return "unknown", None, "margin"
    if kind in ("lambdarank", "rank_xendcg", "cross_entropy", "cross_entropy_lambda"):
        return "unknown", None, "number"
    return "regression", None, "number"
