"""Files of the boosting libraries that tests make, and the rows as the library takes them."""

from __future__ import annotations

from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import xgboost

from tests.core.external_models.tables import ModelTable

FILES = {"xgboost json": "m.json", "xgboost ubj": "m.ubj", "lightgbm": "m.txt", "catboost": "m.cbm"}


def as_learned(table: ModelTable, library: str) -> pd.DataFrame:
    made = table.features.copy()
    for name in table.categories:
        if library == "catboost":
            made[name] = made[name].astype(object).where(made[name].notna(), "missing")
        else:
            made[name] = made[name].astype("category")
    if library.startswith("xgboost"):
        # Version 3.2 damages lists of categories with letters beyond ASCII; tested below.
        for name in table.categories:
            plain = [str(c).encode("ascii", "ignore").decode() for c in made[name].cat.categories]
            made[name] = made[name].cat.rename_categories(plain)
    return made


def trained(table: ModelTable, library: str, labels: Any = None) -> tuple[bytes, pd.DataFrame, Any]:
    """A file, the rows as its library takes them, and the model that trained."""
    frame = as_learned(table, library)
    codes = (table.labels == sorted(table.labels.unique())[1]).astype(int)
    labels = codes if labels is None else labels
    if library.startswith("xgboost"):
        model = xgboost.XGBClassifier(
            n_estimators=12, max_depth=4, enable_categorical=True, max_cat_to_onehot=2, n_jobs=1
        ).fit(frame, labels)
        data = bytes(model.get_booster().save_raw(library.split()[1]))
    elif library == "lightgbm":
        model = lightgbm.LGBMClassifier(
            n_estimators=12, num_leaves=9, min_child_samples=5, min_data_per_group=5,
            verbose=-1, n_jobs=1,
        ).fit(frame, labels)  # fmt: skip
        data = model.booster_.model_to_string().encode()
    else:
        model = catboost.CatBoostClassifier(
            iterations=12, depth=4, verbose=0, allow_writing_files=False, thread_count=1
        ).fit(frame, table.labels if labels is codes else labels, cat_features=table.categories)
        data = model._serialize_model()
    return data, frame, model


def given(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    return {
        str(name): frame[name].to_numpy(float)
        if frame[name].dtype.kind in "if"
        else np.array([None if pd.isna(v) else v for v in frame[name]], dtype=object)
        for name in frame
    }
