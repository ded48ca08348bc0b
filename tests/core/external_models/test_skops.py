"""skops files answer as scikit-learn does: it is the same library that is asked.

Tolerance: 1e-12 where all is float64, as sums of a matrix depend on how it lies in memory;
1e-6 where numbers were scaled in float32.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from core.errors import InputError
from core.external_models.reviewed_types import REVIEWED_TYPES, UnreviewedTypesError
from core.external_models.sandbox.model_process import open_model
from tests.core.external_models.tables import german_credit, with_holes

pytestmark = pytest.mark.usefixtures("in_process")


def matrix() -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    table = german_credit()
    X = table.features[list(table.numbers)].to_numpy(float)
    return X, table.labels.to_numpy(), {f"input {i + 1}": X[:, i] for i in range(X.shape[1])}


REVIEWED: dict[str, Any] = {
    "forest": RandomForestClassifier(5, n_jobs=-1),
    "boosting": GradientBoostingClassifier(n_estimators=3),
    "histograms": HistGradientBoostingClassifier(max_iter=3),
    "neighbours": KNeighborsClassifier(),
    "network": MLPClassifier(max_iter=3),
    "calibrated": CalibratedClassifierCV(GaussianNB(), cv=2),
    "logarithms": make_pipeline(FunctionTransformer(np.log1p), GaussianNB()),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", list(REVIEWED))
def test_models_of_scikit_learn_itself_need_nobody_to_accept_them(kind: str) -> None:
    X, y, given = matrix()
    fitted = REVIEWED[kind].fit(X, y)
    with open_model(skops.io.dumps(fitted), "m.skops") as opened:
        scores = opened.score(given)
        assert not opened.facts.named_inputs
    assert np.abs(scores - fitted.predict_proba(X)).max() < 1e-12


def test_categories_encoders_and_missing_values_are_told() -> None:
    table = with_holes()
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), ["income"]),
        (OneHotEncoder(handle_unknown="ignore"), ["town"]),
        ("passthrough", ["age"]),
    )
    fitted = make_pipeline(columns, LogisticRegression(max_iter=500))
    fitted.fit(table.features, table.labels)
    with open_model(skops.io.dumps(fitted), "m.skops") as opened:
        income, town, age = opened.facts.inputs
        assert (income.kind, income.missing) == ("number", "allowed")
        assert (town.kind, town.missing, town.unseen) == ("category", "allowed", "own_way")
        assert town.categories == ("7", "Brno", "Caféville", "Delft")
        assert (age.missing, age.dtype) == ("refused", "float64")
        scores = opened.score(table.columns())
    assert np.abs(scores - fitted.predict_proba(table.features)).max() < 1e-12


def test_a_strict_encoder_refuses_an_unseen_category_by_name() -> None:
    table = german_credit()
    fitted = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["housing"])), LogisticRegression()
    ).fit(table.features[["housing"]], table.labels)
    with open_model(skops.io.dumps(fitted), "m.skops") as opened:
        assert opened.facts.inputs[0].unseen == "refused"
        with pytest.raises(InputError, match="doesn't know the category 'castle'"):
            opened.score({"housing": np.array(["castle"], dtype=object)})


def test_histograms_take_categories_of_pandas() -> None:
    table = with_holes()
    frame = table.features.assign(town=table.features["town"].astype("category"))
    fitted = HistGradientBoostingClassifier(
        max_iter=5, categorical_features="from_dtype", min_samples_leaf=5
    ).fit(frame, table.labels)
    with open_model(skops.io.dumps(fitted), "m.skops") as opened:
        assert opened.facts.inputs[1].unseen == "as_missing"
        assert opened.facts.inputs[1].missing == "allowed"
        assert np.array_equal(opened.score(table.columns()), fitted.predict_proba(frame))


def test_what_a_search_and_a_calibration_wrap_is_looked_into() -> None:
    table = german_credit()
    frame = table.features[["age", "housing", "job"]]
    columns = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), ["housing"]),
    )
    linear = make_pipeline(columns, LogisticRegression())
    search = GridSearchCV(linear, {"logisticregression__C": [0.1, 1]}, cv=2, scoring="roc_auc")
    for model in (search, CalibratedClassifierCV(linear, cv=2)):
        model.fit(frame, table.labels)
        with open_model(skops.io.dumps(model), "m.skops") as opened:
            # The job is dropped by the transformer, so it is no input.
            assert [one.name for one in opened.facts.inputs] == ["age", "housing"]
            assert opened.facts.inputs[1].categories == ("for free", "own", "rent")
            scores = opened.score(table.columns("age", "housing"))
        assert np.abs(scores - model.predict_proba(frame)).max() < 1e-12


def test_categories_that_are_numbers_or_truth_values_are_given_as_such() -> None:
    table = german_credit()
    frame = pd.DataFrame(
        {"rate": table.features["installment_rate"], "owns": table.features["housing"] == "own"}
    )
    fitted = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["rate", "owns"])), LogisticRegression()
    ).fit(frame, table.labels)
    with open_model(skops.io.dumps(fitted), "m.skops") as opened:
        rate, owns = opened.facts.inputs
        assert (rate.kind, rate.category_values) == ("category", (1, 2, 3, 4))
        assert (owns.kind, owns.category_values) == ("flag", (False, True))
        texts = frame["rate"].astype(str).to_numpy(object)
        scores = opened.score({"rate": texts, "owns": frame["owns"].to_numpy(float)})
    assert np.abs(scores - fitted.predict_proba(frame)).max() < 1e-12


def test_regressions_margins_and_numbered_classes() -> None:
    X, y, given = matrix()
    regression = RandomForestRegressor(5, random_state=0).fit(X[:, 1:], X[:, 0])
    with open_model(skops.io.dumps(regression), "m.skops") as opened:
        assert (opened.facts.task, opened.facts.classes) == ("regression", None)
        shifted = {f"input {i}": given[f"input {i + 1}"] for i in range(1, X.shape[1])}
        assert np.array_equal(opened.score(shifted), regression.predict(X[:, 1:]))
    ridge = RidgeClassifier().fit(X, (y == "good").astype(int))
    with open_model(skops.io.dumps(ridge), "m.skops") as opened:
        assert (opened.facts.output, opened.facts.classes) == ("margin", ("0", "1"))
        scores = opened.score(given)
    assert scores == pytest.approx(ridge.decision_function(X), abs=1e-12)


def test_other_types_are_listed_and_opened_only_where_accepted() -> None:
    X, y, given = matrix()
    model = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(X, y)
    data = skops.io.dumps(model)
    with pytest.raises(UnreviewedTypesError, match="types that were not reviewed") as refused:
        open_model(data, "m.skops")
    assert "lightgbm.sklearn.LGBMClassifier" in refused.value.types
    assert not set(refused.value.types) & REVIEWED_TYPES
    assert "m.skops" in str(refused.value)
    with pytest.raises(UnreviewedTypesError):
        open_model(data, "m.skops", accepted_types=refused.value.types[:1])
    with open_model(data, "m.skops", accepted_types=refused.value.types) as opened:
        names = [one.name for one in opened.facts.inputs]
        scores = opened.score(dict(zip(names, given.values(), strict=True)))
        assert any("LGBMClassifier" in note for note in opened.facts.notes)
    expected = model.booster_.predict(X)
    assert np.abs(scores[:, 1] - expected).max() < 1e-12


def test_another_version_of_scikit_learn_is_noted() -> None:
    X, y, _ = matrix()
    fitted = GaussianNB().fit(X, y)
    with open_model(skops.io.dumps(fitted), "m.skops") as opened:
        assert opened.facts.notes == ()
    with open_model(changed(skops.io.dumps(fitted), "1.7.2", "1.2.0"), "m.skops") as opened:
        assert opened.facts.version == "1.2.0"
        assert any("saved by scikit-learn 1.2.0" in note for note in opened.facts.notes)


def changed(data: bytes, old: str, new: str) -> bytes:
    import sklearn

    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "schema.json":
                content = content.replace(sklearn.__version__.encode(), new.encode())
            target.writestr(name, content)
    return made.getvalue()


def test_nodes_that_point_outside_are_refused() -> None:
    X, y, _ = matrix()
    for field in ("left_child", "feature"):
        data = skops.io.dumps(DecisionTreeClassifier(max_depth=3).fit(X, y))
        with pytest.raises(InputError, match="aren't there"):
            open_model(with_nodes(data, field), "m.skops")


def with_nodes(data: bytes, field: str) -> bytes:
    """The same file, its first node pointing far away: a number that is simply wrong."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith(".npy"):
                array = np.load(io.BytesIO(content))
                if array.dtype.names and field in array.dtype.names:
                    array[field][0] = 1_000
                    held = io.BytesIO()
                    np.save(held, array)
                    content = held.getvalue()
            target.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize("left", [0.2, 0.6, 0.99])
def test_a_file_that_was_cut_off_is_refused(left: float) -> None:
    X, y, _ = matrix()
    data = skops.io.dumps(GaussianNB().fit(X, y))
    with pytest.raises(InputError) as refused:
        open_model(data[: int(len(data) * left)], "m.skops")
    assert refused.value.remedy


def test_what_predicts_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="StandardScaler, which predicts nothing"):
        open_model(skops.io.dumps(StandardScaler().fit([[1.0], [2.0]])), "m.skops")


def test_a_schema_that_names_nothing_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("schema.json", json.dumps({"protocol": 2}))
    with pytest.raises(InputError) as refused:
        open_model(made.getvalue(), "m.skops")
    assert refused.value.remedy
