"""What rows of a model are called, and how many of them were taken."""

from __future__ import annotations

import pytest

from core.external_models.external_spec import ExternalSpec
from core.external_models.matching import Matching
from core.training.rows_told import judging_part
from core.training.spec import TrainingSpec

HERE = TrainingSpec("logistic_regression")
BROUGHT = ExternalSpec("0" * 64, "m.onnx", "onnx", "", Matching(()))


@pytest.mark.parametrize(
    ("rows", "spec", "said"),
    [
        (1000, HERE, "all 1,000 test rows"),
        (999, HERE, "a random sample of 999 test rows"),
        (
            1000,
            TrainingSpec("external_model", external=BROUGHT),
            "all 1,000 audited rows",
        ),
    ],
)
def test_all_rows_are_no_sample(rows: int, spec: TrainingSpec, said: str) -> None:
    assert judging_part(rows, 1000, spec) == said
