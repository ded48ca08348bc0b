"""Models of scikit-learn in skops files."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sklearn
import skops.io
from sklearn.base import is_regressor

from core.arrays import Floats
from core.errors import InputError
from core.external_models.model_facts import Output, OwnValue
from core.external_models.reviewed_types import REVIEWED_TYPES, UnreviewedTypesError
from core.external_models.sandbox.opened_model import Coded, Column, OpenedModel, TreeReader
from core.external_models.sandbox.probing import missing_by_input, probe_rows
from core.external_models.sandbox.skops.checks import check_parts
from core.external_models.sandbox.skops.inputs import SklearnInput, sklearn_inputs
from core.external_models.sandbox.skops.trees import sklearn_trees, tree_columns

_UNPACKED = 4 << 30
_OUTPUTS: dict[str, Output] = {
    "predict_proba": "probability",
    "decision_function": "margin",
    "predict": "label",
}
"""Methods of a classifier, the one with the most in it first."""

_SAVE = "Save the model again with skops.io.dump"


def read(data: bytes, threads: int, accepted_types: Sequence[str]) -> OpenedModel:
    """Open a model in skops, if all its types are reviewed or accepted."""
    schema = _schema(data)
    untrusted = skops.io.get_untrusted_types(data=data)
    left = [name for name in untrusted if name not in REVIEWED_TYPES | set(accepted_types)]
    if left:
        raise UnreviewedTypesError(left)
    model = skops.io.loads(data, trusted=untrusted)
    if not hasattr(model, "predict"):
        raise InputError(
            f"it holds a {type(model).__name__}, which predicts nothing",
            remedy="Save the fitted classifier or pipeline itself",
        )
    check_parts(model)
    inputs, named = sklearn_inputs(model)
    version = _version_of(schema)
    notes = _notes(version, [name for name in untrusted if name in accepted_types])
    return _described(_Model(model, inputs, named), version, notes)


def _schema(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            claimed = sum(item.file_size for item in archive.infolist())
            if claimed > _UNPACKED:
                raise InputError(
                    f"the file says it holds {claimed / 1e9:.1f} GB when unpacked",
                    remedy="Export a smaller model",
                )
            return archive.read("schema.json").decode()
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        raise InputError("the file is damaged or was cut off", remedy=_SAVE) from None


def _version_of(schema: str) -> str:
    found = re.search(r'"_sklearn_version":\s*\{[^}]*?"content":\s*"\\"([\w.]+)\\""', schema)
    return found.group(1) if found else ""


def _notes(version: str, accepted: Sequence[str]) -> tuple[str, ...]:
    notes: tuple[str, ...] = ()
    if version and version != sklearn.__version__:
        notes += (
            f"It was saved by scikit-learn {version} and is asked by {sklearn.__version__}: scores "
            "may differ from those it gave there.",
        )
    if accepted:
        notes += (f"Types accepted beyond the reviewed ones: {', '.join(sorted(accepted))}.",)
    return notes


@dataclass(frozen=True)
class _Model:
    model: Any
    inputs: tuple[SklearnInput, ...]
    named: bool

    def rows(self, columns: Sequence[Column]) -> Any:
        """Put columns together as the model was trained: a data frame, or a matrix."""
        made = [
            column.own(one.missing) if isinstance(column, Coded) else column
            for one, column in zip(self.inputs, columns, strict=True)
        ]
        if not self.named:
            return np.column_stack(made)
        names = [one.told.name for one in self.inputs]
        # As objects: pandas would take texts for its own type, whose missing value is another one.
        frame = pd.DataFrame({i: pd.Series(part, dtype=part.dtype) for i, part in enumerate(made)})
        frame.columns = pd.Index(names, dtype=object)
        return frame

    def ask(self, method: str, columns: Sequence[Column]) -> Floats:
        """Ask one of the model's methods."""
        try:
            return np.asarray(getattr(self.model, method)(self.rows(columns)))
        except (ValueError, TypeError, AttributeError) as error:
            message = " ".join(str(error).split())[:160].rstrip(". ")
            raise InputError(
                f"scikit-learn can't score these rows ({message})",
                remedy="Compare the columns with the model's inputs",
            ) from None

    def numbers(self, method: str, columns: Sequence[Column]) -> Floats:
        """Ask a method that answers with numbers."""
        return self.ask(method, columns).astype(np.float64)


def _described(model: _Model, version: str, notes: tuple[str, ...]) -> OpenedModel:
    told = tuple(one.told for one in model.inputs)
    rows = probe_rows(told)
    about: dict[str, Any] = {
        "title": _title(model.model),
        "library": "scikit-learn",
        "version": version,
        "named_inputs": model.named,
    }
    method = next(name for name in _OUTPUTS if hasattr(model.model, name))
    told = missing_by_input(told, rows, lambda asked: _answered(model, method, asked))
    about["inputs"], about["notes"] = told, notes
    if not hasattr(model.model, "classes_"):
        return OpenedModel(
            **about,
            task="regression" if is_regressor(model.model) else "unknown",
            classes=None,
            output="number",
            predict=lambda asked: model.numbers("predict", asked),
        )
    classes: tuple[OwnValue, ...] = tuple(np.asarray(model.model.classes_).tolist())
    return OpenedModel(
        **about,
        task="binary" if len(classes) == 2 else "multiclass",
        classes=classes,
        output=_OUTPUTS[method],
        predict=(lambda asked: _chosen(model.ask(method, asked), classes))
        if method == "predict"
        else (lambda asked: model.numbers(method, asked)),
        trees=TreeReader(
            lambda: sklearn_trees(model.model),
            lambda asked: tree_columns(model.model, model.rows(asked)),
        )
        if method == "predict_proba"
        else None,
    )


def _answered(model: _Model, method: str, columns: Sequence[Column]) -> Floats:
    raw = model.ask(method, columns)
    return raw.astype(np.float64) if raw.dtype.kind in "fiub" else np.zeros(len(raw))


def _chosen(labels: Any, classes: tuple[OwnValue, ...]) -> Floats:
    return np.column_stack([labels == value for value in classes]).astype(np.float64)


def _title(model: Any) -> str:
    while hasattr(model, "steps"):
        model = model.steps[-1][1]
    # Capitals in a row are an abbreviation: LGBMClassifier is an LGBM classifier.
    cuts = r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
    first, *others = re.sub(cuts, " ", type(model).__name__).split(" ")
    return " ".join([first, *(word if word.isupper() else word.lower() for word in others)])
