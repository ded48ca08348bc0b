"""Models of every format, opened in their process, answer as their own library does.

Tolerances, in probability: 2e-6 for ONNX, whose runtime adds leaves and terms in float32; 1e-6 for
the boosting libraries; 1e-6 for skops where numbers were scaled in float32, else 1e-12.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import skops.io

from core.external_models.sandbox.model_process import open_model
from tests.core.external_models.booster_files import FILES, given, trained
from tests.core.external_models.onnx_files import FOREST, LINEAR, as_learned, onnx_file, pipeline
from tests.core.external_models.tables import TABLES


def of_onnx(table: Any, model: Any) -> tuple[bytes, dict[str, np.ndarray], np.ndarray]:
    fitted = pipeline(table, model)
    return onnx_file(fitted, table), table.columns(), fitted.predict_proba(as_learned(table))


def of_skops(table: Any, model: Any) -> tuple[bytes, dict[str, np.ndarray], np.ndarray]:
    fitted = pipeline(table, model, one_hot=model is LINEAR)
    frame = as_learned(table)
    rows = table.columns() | {
        name: frame[name].astype(object).to_numpy() for name in table.categories
    }
    return skops.io.dumps(fitted), rows, fitted.predict_proba(frame)


def of_booster(table: Any, library: str) -> tuple[bytes, dict[str, np.ndarray], np.ndarray]:
    data, frame, model = trained(table, library)
    return data, given(frame), model.predict_proba(frame)


CASES = {
    "onnx forest": (of_onnx, FOREST, "m.onnx", 2e-6),
    "onnx linear": (of_onnx, LINEAR, "m.onnx", 2e-6),
    "skops forest": (of_skops, FOREST, "m.skops", 1e-12),
    "skops linear": (of_skops, LINEAR, "m.skops", 1e-6),
    **{library: (of_booster, library, name, 1e-6) for library, name in FILES.items()},
}


@pytest.mark.parametrize("name", list(TABLES))
@pytest.mark.parametrize("case", list(CASES))
def test_scores_are_the_librarys_own(case: str, name: str, request: pytest.FixtureRequest) -> None:
    make, model, file, close = CASES[case]
    data, rows, expected = make(TABLES[name](), model)
    if name != "with_holes":  # The process of each format is started once: a start takes seconds.
        request.getfixturevalue("in_process")
    with open_model(data, file) as opened:
        # skops keeps names; skl2onnx and LightGBM write hours_per_week for hours-per-week.
        names = [one.name for one in opened.facts.inputs]
        scores = opened.score(dict(zip(names, rows.values(), strict=True)))
        facts = opened.facts
    assert (facts.task, facts.output) == ("binary", "probability")
    assert np.abs(scores - expected).max() < close
