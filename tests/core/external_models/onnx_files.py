"""ONNX files that tests make, each with what its own library answers for the same rows."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from tests.core.external_models.tables import ModelTable

FOREST = RandomForestClassifier(15, max_depth=6, random_state=0)
LINEAR = LogisticRegression(max_iter=300)


def pipeline(table: ModelTable, model: Any = FOREST, *, one_hot: bool = True) -> Pipeline:
    """Fit numbers (imputed) and categories in front of a model."""
    encoder = (
        OneHotEncoder(handle_unknown="ignore")
        if one_hot
        else OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    )
    numbers: Any = SimpleImputer()
    if model is LINEAR:
        numbers = make_pipeline(SimpleImputer(), StandardScaler())
    columns = ColumnTransformer(
        [("n", numbers, list(table.numbers)), ("c", encoder, list(table.categories))]
    )
    return make_pipeline(columns, model).fit(as_learned(table), table.labels)


def as_learned(table: ModelTable) -> pd.DataFrame:
    """Numbers in float32, as the ONNX file compares them; no category missing."""
    made = table.features.copy()
    for name in table.numbers:
        made[name] = made[name].astype(np.float32)
    for name in table.categories:
        made[name] = made[name].astype(object).where(made[name].notna(), "None")
    return made


def onnx_file(fitted: Any, table: ModelTable, *, zipmap: bool | str = False) -> bytes:
    """Export with one input for each column."""
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    types = [
        (name, (FloatTensorType if name in table.numbers else StringTensorType)([None, 1]))
        for name in table.features
    ]
    return _written(convert_sklearn, fitted, types, zipmap)


def matrix_file(fitted: Any, width: int, *, zipmap: bool | str = False) -> bytes:
    """Export with one matrix of numbers as input."""
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType

    return _written(convert_sklearn, fitted, [("X", FloatTensorType([None, width]))], zipmap)


def _written(convert: Any, fitted: Any, types: list[Any], zipmap: bool | str) -> bytes:
    options = {"zipmap": zipmap} if hasattr(fitted, "predict_proba") else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = convert(fitted, initial_types=types, options=options)
    content: bytes = model.SerializeToString()
    return content
