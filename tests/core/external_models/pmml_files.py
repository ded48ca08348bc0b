"""PMML files that tests make: by sklearn2pmml, which brings its own Java classes, and by hand."""

from __future__ import annotations

import shutil
import warnings
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.core.external_models.tables import ModelTable

_MISSING = [name for name in ("jpmml_evaluator", "sklearn2pmml") if find_spec(name) is None]
NEEDS = pytest.mark.skipif(
    bool(_MISSING) or shutil.which("java") is None,
    reason=f"PMML needs Java on the path{' and ' + ', '.join(_MISSING) if _MISSING else ''}",
)
"""What tests that open PMML are marked with."""

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">'
    '<Header><Application name="R (pmml)" version="2.6.0"/></Header>'
)
FIELDS = (
    '<DataField name="x" optype="continuous" dataType="double"/>'
    '<DataField name="c" optype="categorical" dataType="string">'
    '<Value value="a"/><Value value="b"/></DataField>'
    '<DataField name="f" optype="categorical" dataType="boolean"/>'
    '<DataField name="k" optype="continuous" dataType="integer"/>'
)
MINING = "".join(f'<MiningField name="{name}"/>' for name in "xcfk")
TABLES = (
    '<RegressionTable intercept="-0.5" targetCategory="yes">'
    '<NumericPredictor name="x" coefficient="0.3"/>'
    '<NumericPredictor name="k" coefficient="0.2"/>'
    '<CategoricalPredictor name="c" value="b" coefficient="1.2"/>'
    '<CategoricalPredictor name="f" value="true" coefficient="-2"/></RegressionTable>'
    '<RegressionTable intercept="0" targetCategory="no"/>'
)
TARGET = (
    '<DataField name="y" optype="categorical" dataType="string">'
    '<Value value="no"/><Value value="yes"/></DataField>'
)


def by_hand(
    *,
    doctype: str = "",
    target: str = TARGET,
    fields: str = FIELDS,
    mining: str = MINING,
    before: str = "",
    answers: str = "",
    tables: str = TABLES,
    after: str = "",
) -> bytes:
    """Write a logistic regression as R's package pmml does: inputs x, c, f and k."""
    return (
        f"{_HEAD.replace('<PMML', doctype + '<PMML')}"
        f"<DataDictionary>{target}{fields}</DataDictionary>{before}"
        '<RegressionModel functionName="classification" normalizationMethod="logit">'
        f'<MiningSchema><MiningField name="y" usageType="target"/>{mining}</MiningSchema>'
        f"{answers}{tables}{after}</RegressionModel></PMML>"
    ).encode()


def hand_rows(x: Any = (1.0, 2.5), c: Any = "ab", f: Any = (True, False), k: Any = (1, 3)) -> Any:
    """Return rows of what `by_hand` takes."""
    return {
        "x": np.array(x, np.float64),
        "c": np.array(list(c), dtype=object),
        "f": np.array(f, np.float64),
        "k": np.array(k, np.float64),
    }


def as_learned(table: ModelTable) -> pd.DataFrame:
    """Numbers as they are; what is missing among categories as None."""
    made = table.features.copy()
    for name in table.numbers:
        made[name] = made[name].astype(np.float64)
    for name in table.categories:
        made[name] = made[name].astype(object).where(made[name].notna(), None)
    return made


def pmml_file(
    table: ModelTable, model: Any, labels: Any = None, *, scaled: bool = False
) -> tuple[bytes, Any]:
    """Train a pipeline that fills what is missing and export it; also return the pipeline."""
    from sklearn2pmml import sklearn2pmml
    from sklearn2pmml.pipeline import PMMLPipeline

    gone = SimpleImputer(missing_values=None, strategy="constant", fill_value="gone")
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    numbers = make_pipeline(SimpleImputer(), *([StandardScaler()] if scaled else []))
    columns = ColumnTransformer(
        [
            ("n", numbers, list(table.numbers)),
            ("c", make_pipeline(gone, encoder), list(table.categories)),
        ]
    )
    fitted = PMMLPipeline([("columns", columns), ("model", clone(model))])
    with warnings.catch_warnings(), TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        fitted.fit(as_learned(table), table.labels if labels is None else labels)
        path = Path(folder) / "m.pmml"
        sklearn2pmml(fitted, str(path))
        return path.read_bytes(), fitted
