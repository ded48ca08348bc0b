"""CatBoost's own files, .cbm."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import catboost
import numpy as np
import pandas as pd

from core.arrays import Floats
from core.errors import InputError
from core.external_models.city_hash import category_hash
from core.external_models.model_facts import MISSING_AS, ModelInput, OwnValue
from core.external_models.sandbox.catboost.trees import CatboostTrees
from core.external_models.sandbox.catboost.whole import check_whole
from core.external_models.sandbox.opened_model import Coded, Column, OpenedModel, TreeReader
from core.external_models.sandbox.probing import missing_by_input, probe_rows

_LOGS = ("Poisson", "Tweedie")
_SHOWN = 8


def read(data: bytes, threads: int, accepted_types: Sequence[str]) -> OpenedModel:
    """Open a model of CatBoost."""
    check_whole(data)
    try:
        model = catboost.CatBoostClassifier().load_model(blob=data)
        classes = tuple(_plain(value) for value in model.classes_)
        if not classes:
            model = catboost.CatBoostRegressor().load_model(blob=data)
    except catboost.CatBoostError as error:
        raise InputError(
            f"CatBoost can't open it ({' '.join(str(error).split())[:160]})",
            remedy='Save the model again: save_model("model.cbm")',
        ) from None
    if model.get_text_feature_indices() or model.get_embedding_feature_indices():
        raise InputError(
            "the model takes texts or embeddings, which no column of a table holds",
            remedy="Give a model of numbers and categories",
        )
    names, categories = model.feature_names_, set(model.get_cat_feature_indices())
    # Loaded from bytes, a model forgets that its sums are logarithms.
    loss = model._object._get_loss_function_name()
    kind = "Exponent" if loss in _LOGS else "RawFormulaVal"
    asked = _Model(model, names, categories, threads, bool(classes), kind)
    scale, bias = model.get_scale_and_bias()
    trees = CatboostTrees(data, list(names), loss, float(scale), tuple(np.ravel(bias).tolist()))
    known = trees.known_categories()
    inputs = tuple(
        _input(name, i, model, is_category=i in categories, hashes=known.get(i))
        for i, name in enumerate(names)
    )
    if not classes and asked.predict(probe_rows(inputs)).ndim > 1:
        raise InputError(
            "the model answers with several numbers at once",
            remedy="Give a model with one target",
        )
    inputs = missing_by_input(inputs, probe_rows(inputs), asked.predict)
    return OpenedModel(
        title=f"Gradient boosting, {model.tree_count_} trees",
        library="CatBoost",
        version=_version(model),
        task="regression" if not classes else "binary" if len(classes) == 2 else "multiclass",
        inputs=inputs,
        classes=classes or None,
        output="probability" if classes else "number",
        predict=asked.predict,
        named_inputs=names != [str(i) for i in range(len(names))],
        notes=_notes(inputs),
        trees=TreeReader(trees.arrays, trees.columns) if classes else None,
    )


@dataclass(frozen=True)
class _Model:
    model: Any
    names: list[str]
    categories: set[int]
    threads: int
    classifies: bool
    kind: str

    def predict(self, columns: Sequence[Column]) -> Floats:
        """Ask with names: CatBoost refuses another order."""
        made = {
            name: column.own("nan") if isinstance(column, Coded) else column.astype(np.float32)
            for name, column in zip(self.names, columns, strict=True)
        }
        try:
            pool = catboost.Pool(pd.DataFrame(made), cat_features=sorted(self.categories))
            if self.classifies:
                raw = self.model.predict_proba(pool, thread_count=self.threads)
            else:
                raw = self.model.predict(pool, prediction_type=self.kind, thread_count=self.threads)
        except catboost.CatBoostError as error:
            raise InputError(
                f"CatBoost can't score these rows ({' '.join(str(error).split())[:160]})",
                remedy="Compare the columns with the model's inputs",
            ) from None
        return np.asarray(raw, dtype=np.float64)


def _plain(value: Any) -> OwnValue:
    plain: OwnValue = value.item() if isinstance(value, np.generic) else value
    return plain


def _input(
    name: str, place: int, model: Any, *, is_category: bool, hashes: tuple[int, ...] | None
) -> ModelInput:
    if is_category:
        # CatBoost refuses a missing category; what it learned as one has a text.
        known = set(hashes or ())
        missing_as = next((text for text in MISSING_AS if category_hash(text) in known), None)
        return ModelInput(
            name,
            "category",
            "string",
            missing="refused" if missing_as is None else "allowed",
            missing_as=missing_as,
            unseen="own_way",
            category_hashes=hashes,
        )
    learned = model._get_nan_treatments().get(place) in ("AsFalse", "AsTrue")
    return ModelInput(name, "number", "float32", missing="allowed" if learned else "unknown")


def _notes(inputs: tuple[ModelInput, ...]) -> tuple[str, ...]:
    unlisted = [
        repr(one.name) for one in inputs if one.kind == "category" and one.category_hashes is None
    ]
    if not unlisted:
        return ()
    more = f" and {len(unlisted) - _SHOWN} more" if len(unlisted) > _SHOWN else ""
    return (
        f"The file keeps no list of the categories of {', '.join(unlisted[:_SHOWN])}{more}: those "
        "that the model never saw are scored in a way of its own and can't be counted.",
    )


def _version(model: Any) -> str:
    said = dict(model.get_metadata()).get("catboost_version_info", "")
    found = re.search(r"(?:release|tags/v)\s*(\d+(?:\.\d+)+)", said)
    return found.group(1) if found else ""
