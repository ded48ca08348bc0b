"""Sweeps over an existing score: nothing is trained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.__main__ import main
from core.audit.pipeline import assess_fairness
from core.data.samples import SAMPLES
from core.errors import InputError
from core.learning.given_score import with_given_score
from core.tradeoff.frontier.chosen import setting_label
from core.tradeoff.frontier.frontier_json import default_axes
from core.tradeoff.sweep.basis import Basis, allowed, rows_of
from core.tradeoff.sweep.executors import Here
from core.tradeoff.sweep.grid import Grid, Setting
from core.tradeoff.sweep.point import figure_name
from core.tradeoff.sweep.point_store import PointStore
from core.tradeoff.sweep.sweep import sweep
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.learning.test_given_score import scored

GRID = Grid(
    ("given_score",),
    (None,),
    (("sex",),),
    (
        ("none", 1.0),
        ("levelling_up", 0.5),
        ("threshold_optimizer", 1.0),
        ("reweighing", 1.0),
    ),
    split_seeds=(0, 1),
)


def test_each_point_is_that_of_its_setting_alone() -> None:
    data = scored()
    rows, _ = rows_of(Basis("own"), data, None)
    *_, state = sweep(rows, GRID, PointStore(None), Here())
    assert len(state.points) == 6
    (left,) = state.left_out
    assert left.setting.mitigation == "reweighing"
    assert "an existing score is not trained here" in left.reason
    for point in state.points:
        setting = point.run.setting
        alone = train(
            with_given_score(data),
            TrainingSpec(
                "given_score",
                setting.mitigation,
                None if setting.mitigation == "none" else "sex",
                seed=point.run.split_seed,
                strength=setting.strength,
            ),
        )
        assert point.value("accuracy") == alone.performance.figures["accuracy"].estimate
        found = assess_fairness(rows, alone, [("sex",)])[("sex",)]
        for disparity in found.disparities:
            name = figure_name(disparity.name, ("sex",))
            assert point.value(name) == disparity.figure.estimate
    with pytest.raises(InputError, match="no private model is trained"):
        rows_of(Basis("stand_in", "adult", 500), data, None)


def test_its_words_do_not_speak_of_training_or_noise() -> None:
    label = Basis("own").label_of(GRID)
    assert "Nothing was trained" in label
    assert "noise" not in label
    public = Basis("public", declared_by="Ann", declared_on="2026-11-24", because="it is printed")
    assert "public by Ann on 2026-11-24 because it is printed." in public.label_of(GRID)
    assert setting_label(Setting("given_score")) == "existing score as it is decided by now"
    assert "privacy" not in setting_label(Setting("given_score", mitigation="levelling_up"))
    assert allowed(public=False, guaranteed=False, given=True) == ("own",)
    assert default_axes(GRID)[0].name == "accuracy", "no mitigation here changes the order"


def test_from_the_command_line_without_naming_a_learner(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(
        '[data]\ndata = "compas"\nsensitive = "sex"\n[sweep]\nmitigations = ["none", '
        '"reject_option"]\nsplit_seeds = [0]\n[basis]\nkind = "public"\n'
    )
    assert main(["sweep", str(plan), "--out", str(tmp_path / "out"), "--jobs", "1"]) == 0
    record = json.loads((tmp_path / "out" / "frontier.json").read_text())
    assert "Nothing was trained" in record["label"]
    assert record["axes"]["performance"]["name"] == "accuracy"
    assert [item["learner"] for item in record["settings"]] == ["given_score"] * 2
    assert not SAMPLES["compas"].roles.features
