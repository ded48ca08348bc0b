"""Files of models of amounts and of three classes that tests make, and their own predictions."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Literal

import catboost
import lightgbm
import numpy as np
import pandas as pd
import skops.io
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline

from core.data.samples import FOLDER

Task = Literal["regression", "multiclass"]
NUMBERS = ["age", "Medu", "Fedu", "studytime", "failures", "absences", "G1"]
TRUTH = {"regression": "G2", "multiclass": "band"}
BANDS = ("fail", "good", "pass")


@cache
def students() -> pd.DataFrame:
    """Student performance, with a band of the second grade."""
    frame = pd.read_csv(FOLDER / "student_performance.csv").head(400)
    cut = pd.cut(frame["G2"], [-1, 9, 13, 20], labels=["fail", "pass", "good"])
    return frame.assign(band=cut.astype(str))


@dataclass(frozen=True)
class OutcomeFile:
    """A file, what its own library predicts, and what its numbered classes stand for."""

    name: str
    data: bytes
    predicted: np.ndarray
    class_labels: tuple[tuple[str, str], ...] = ()


NUMBERED = tuple((str(place), band) for place, band in enumerate(BANDS))


def of_sklearn(model: Any, task: str, *, onnx: bool) -> OutcomeFile:
    columns = ColumnTransformer([("numbers", "passthrough", NUMBERS)])
    fitted = make_pipeline(columns, model).fit(students()[NUMBERS], students()[TRUTH[task]])
    said = fitted.predict(students()[NUMBERS])
    if not onnx:
        return OutcomeFile("m.skops", skops.io.dumps(fitted), said)
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = convert_sklearn(
            fitted,
            initial_types=[(name, FloatTensorType([None, 1])) for name in NUMBERS],
            options={"zipmap": False} if task == "multiclass" else None,
        )
    return OutcomeFile("m.onnx", made.SerializeToString(), said)


def of_booster(library: str, task: Task) -> OutcomeFile:
    rows, truth = students()[NUMBERS].astype(float), students()[TRUTH[task]]
    codes = truth if task == "regression" else truth.map(dict(map(reversed, NUMBERED))).astype(int)  # type: ignore[arg-type]
    plain = task == "regression"
    if library == "xgboost":
        kind = xgboost.XGBRegressor if plain else xgboost.XGBClassifier
        model = kind(n_estimators=10, max_depth=3, n_jobs=1).fit(rows, codes)
        data, name = bytes(model.get_booster().save_raw("json")), "m.json"
    elif library == "lightgbm":
        kind = lightgbm.LGBMRegressor if plain else lightgbm.LGBMClassifier
        model = kind(n_estimators=10, num_leaves=7, verbose=-1, n_jobs=1).fit(rows, codes)
        data, name = model.booster_.model_to_string().encode(), "m.txt"
    else:
        kind = catboost.CatBoostRegressor if plain else catboost.CatBoostClassifier
        model = kind(
            iterations=10, depth=3, verbose=0, allow_writing_files=False, thread_count=1
        ).fit(rows, truth)
        return OutcomeFile("m.cbm", model._serialize_model(), np.ravel(model.predict(rows)))
    said = model.predict(rows)
    if plain:
        return OutcomeFile(name, data, said)
    return OutcomeFile(name, data, np.array(BANDS, dtype=object)[said], NUMBERED)


MADE: dict[str, Callable[[], OutcomeFile]] = {
    **{
        f"{export} {kind} {task}": partial(of_sklearn, model, task, onnx=export == "onnx")
        for export in ("onnx", "skops")
        for kind, task, model in (
            ("forest", "regression", RandomForestRegressor(10, max_depth=4, random_state=0)),
            ("linear", "regression", LinearRegression()),
            ("forest", "multiclass", RandomForestClassifier(10, max_depth=4, random_state=0)),
            ("linear", "multiclass", LogisticRegression(max_iter=3000)),
        )
    },
    **{
        f"{library} {task}": partial(of_booster, library, task)
        for library in ("xgboost", "lightgbm", "catboost")
        for task in ("regression", "multiclass")
    },
}


@cache
def outcome_file(case: str) -> OutcomeFile:
    return MADE[case]()


def task_of(case: str) -> Task:
    return "regression" if case.endswith("regression") else "multiclass"
