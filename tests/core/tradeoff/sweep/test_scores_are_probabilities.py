"""Points that took a chance of a decision for a score are read without those figures."""

from __future__ import annotations

import gzip
import json

import pytest

from core.data.samples import FOLDER
from core.storage.json_format import from_json
from core.tradeoff.sweep.point import SweepPoint
from core.training.trained import SCORES_ARE_PROBABILITIES


@pytest.fixture(scope="module")
def points() -> list[SweepPoint]:
    record = json.loads(gzip.decompress((FOLDER / "sweeps" / "adult.json.gz").read_bytes()))
    return [from_json(SweepPoint, item, "a point") for item in record["points"]]


def test_a_lot_between_models_has_no_figures_of_scores(points: list[SweepPoint]) -> None:
    drawn = [p for p in points if p.run.setting.mitigation == "exponentiated_gradient"]
    others = [p for p in points if p.run.setting.mitigation == "threshold_optimizer"]
    assert drawn
    assert others
    scores = {"roc_auc", "brier", "expected_calibration_error", "roc_auc_difference by sex",
              "calibration_difference by sex", "calibration_gap by sex"}  # fmt: skip
    for point in drawn:
        for name, figure in point.figures.items():
            if name.partition(" by ")[0] in {each.partition(" by ")[0] for each in scores}:
                assert (figure.value, figure.reason) == (None, SCORES_ARE_PROBABILITIES)
            else:
                assert figure.reason != SCORES_ARE_PROBABILITIES, name
        assert scores <= set(point.figures)
    assert all(point.figures["roc_auc"].value is not None for point in others)
