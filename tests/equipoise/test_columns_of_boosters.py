"""Objects of boosting libraries, which write names of columns in ways of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import equipoise

RECORD: dict[str, Any] = {
    "target": "repaid", "positive_label": "yes", "sensitive": "sex", "explain": 0,
}  # fmt: skip
SEEN = ["annual income", "age"]


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], 400),
            "age": rng.integers(18, 80, 400),
            "annual income": rng.normal(40, 12, 400),
        }
    )
    frame["repaid"] = np.where(frame["annual income"] + rng.normal(0, 9, 400) > 45, "yes", "no")
    return frame


def rate(frame: pd.DataFrame, model: object, **more: Any) -> float:
    found = equipoise.audit(frame, estimator=model, **more, **RECORD).to_frame()
    found = found[(found["metric"] == "selection_rate") & (found["group"] == "everyone")]
    return float(found["estimate"].iloc[0])


def lightgbm(people: pd.DataFrame) -> Any:
    library = pytest.importorskip("lightgbm")
    return library.LGBMClassifier(n_estimators=5, verbose=-1).fit(people[SEEN], people["repaid"])


def test_lightgbms_underscore_for_a_space_is_the_column_with_the_space(
    people: pd.DataFrame,
) -> None:
    model = lightgbm(people)
    assert list(model.feature_names_in_) == ["annual_income", "age"]
    own = (model.predict(people[SEEN]) == "yes").mean()
    assert rate(people, model) == pytest.approx(own, abs=1e-12)


def test_a_name_that_may_be_two_columns_is_asked_for(people: pd.DataFrame) -> None:
    model, both = lightgbm(people), people.assign(annual_income=1.5)
    both.loc[0, "annual_income"] = 2.5
    with pytest.raises(equipoise.InputError, match="'annual income' or 'annual_income'"):
        rate(both, model)
    assert rate(both, model, features=SEEN) == rate(people, model)


def test_lightgbm_of_an_array_is_asked_for_its_columns(people: pd.DataFrame) -> None:
    library = pytest.importorskip("lightgbm")
    model = library.LGBMClassifier(n_estimators=5, verbose=-1)
    model.fit(people[SEEN].to_numpy(), people["repaid"])
    with pytest.raises(equipoise.InputError, match="fitted on an array"):
        rate(people, model)
    own = (model.predict(people[SEEN].to_numpy()) == "yes").mean()
    assert rate(people, model, features=SEEN) == pytest.approx(own, abs=1e-12)


def test_catboost_tells_its_columns_where_they_are_columns(
    people: pd.DataFrame, tmp_path: Path
) -> None:
    library = pytest.importorskip("catboost")
    made = {"iterations": 5, "verbose": 0, "train_dir": str(tmp_path)}
    model = library.CatBoostClassifier(**made).fit(people[SEEN], people["repaid"])
    own = (model.predict(people[SEEN]) == "yes").mean()
    assert rate(people, model) == pytest.approx(own, abs=1e-12)
    unnamed = library.CatBoostClassifier(**made).fit(people[SEEN].to_numpy(), people["repaid"])
    with pytest.raises(equipoise.InputError, match="fitted on an array"):
        rate(people, unnamed)
    assert rate(people, unnamed, features=SEEN) == pytest.approx(own, abs=1e-12)


def test_an_unfitted_catboost_is_told(people: pd.DataFrame) -> None:
    library = pytest.importorskip("catboost")
    with pytest.raises(equipoise.InputError, match=r"CatBoostClassifier: .*classes_"):
        rate(people, library.CatBoostClassifier(verbose=0))
