"""Exact Shapley values of scikit-learn's trees in skops files, against all coalitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from core.errors import InputError
from core.external_models.sandbox.model_process import open_model
from tests.core.external_models.people import outcome, people
from tests.core.external_models.test_external_shapley import as_learned, brought
from tests.core.external_models.test_onnx_shapley import agrees

NUMBERS, CATEGORIES = ["income", "age", "debt"], ["town", "job", "owner"]
FOREST = RandomForestClassifier(8, max_depth=5, random_state=0)
HISTOGRAM = HistGradientBoostingClassifier(max_iter=12, max_leaf_nodes=7, random_state=0)


def file_of(model: Any, *, numbers: Any = "passthrough", categories: Any = None) -> bytes:
    frame = as_learned(people())
    frame[CATEGORIES] = frame[CATEGORIES].astype(object)
    if categories is None:
        categories = OneHotEncoder(handle_unknown="ignore", drop="if_binary")
    steps = ColumnTransformer([("c", categories, CATEGORIES), ("n", numbers, NUMBERS)])
    return skops.io.dumps(make_pipeline(steps, model).fit(frame, outcome(people())))


def ordinal() -> OrdinalEncoder:
    return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "forest": (lambda: file_of(FOREST), "probability"),
    "forest, scaled": (
        lambda: file_of(FOREST, numbers=make_pipeline(SimpleImputer(), StandardScaler())),
        "probability",
    ),
    "tree": (lambda: file_of(DecisionTreeClassifier(max_depth=5)), "probability"),
    "extra trees": (lambda: file_of(ExtraTreesClassifier(6, max_depth=5)), "probability"),
    "boosted": (
        lambda: file_of(GradientBoostingClassifier(n_estimators=12), numbers=SimpleImputer()),
        "log-odds",
    ),
    "boosted, exponential": (
        lambda: file_of(
            GradientBoostingClassifier(n_estimators=12, loss="exponential", init="zero"),
            numbers=SimpleImputer(),
        ),
        "log-odds",
    ),
    "histograms": (lambda: file_of(HISTOGRAM, categories=ordinal()), "log-odds"),
    "histograms, categories": (
        lambda: file_of(
            HistGradientBoostingClassifier(
                max_iter=12, max_leaf_nodes=7, categorical_features=[0, 1], min_samples_leaf=5
            ),
            categories=ordinal(),
        ),
        "log-odds",
    ),
}  # fmt: skip


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("name", list(FILES))
def test_trees_in_skops_files_have_the_values_of_all_coalitions(name: str) -> None:
    file, explains = FILES[name]
    agrees(brought(file(), "m.skops"), people(), explains)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("linear", "ends in LogisticRegression"),
        ("mixed", "PCA, may mix"),
        ("indicators", "adds or leaves out"),
        ("calibrated", "ends in CalibratedClassifierCV"),
        ("started", "scores of another model"),
    ],
)
def test_what_cannot_be_followed_says_so(name: str, said: str) -> None:
    files: dict[str, Callable[[], bytes]] = {
        "linear": lambda: file_of(LogisticRegression(), numbers=SimpleImputer()),
        "mixed": lambda: file_of(FOREST, numbers=make_pipeline(SimpleImputer(), PCA(3))),
        "indicators": lambda: file_of(FOREST, numbers=SimpleImputer(add_indicator=True)),
        "calibrated": lambda: file_of(CalibratedClassifierCV(FOREST, cv=2)),
        "started": lambda: file_of(
            GradientBoostingClassifier(n_estimators=2, init=LogisticRegression()),
            numbers=SimpleImputer(),
        ),
    }
    with pytest.raises(InputError, match=said):
        open_model(files[name](), "m.skops").trees()


@pytest.mark.usefixtures("in_process")
def test_three_classes_are_not_explained() -> None:
    X = pd.DataFrame({"age": people()["age"]})
    fitted = DecisionTreeClassifier(max_depth=3).fit(X, outcome(people()) + (X["age"] > 60))
    with pytest.raises(InputError, match="two classes"):
        open_model(skops.io.dumps(fitted), "m.skops").trees()
