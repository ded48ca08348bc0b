from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support, recall_score

from core.errors import InputError
from core.fairness.multiclass import one_versus_rest


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_each_class_and_the_macro_average_are_scikit_learn_s(seed):
    rng = np.random.default_rng(seed)
    labels, predictions = rng.choice(["x", "y", "z"], (2, 60))
    sensitive = pd.DataFrame({"g": rng.choice(["a", "b"], 60)})
    found = one_versus_rest(labels, predictions, sensitive, draws=100)
    precision, recall, f1, _ = precision_recall_fscore_support(
        labels, predictions, labels=["x", "y", "z"], zero_division=np.nan
    )
    for i, name in enumerate("xyz"):
        overall = found.assessments[name].overall.figures
        assert overall["precision"].estimate == pytest.approx(precision[i], abs=1e-12)
        assert overall["true_positive_rate"].estimate == pytest.approx(recall[i], abs=1e-12)
        assert overall["f1"].estimate == pytest.approx(f1[i], abs=1e-12)
    for group in "ab":
        mask = (sensitive["g"] == group).to_numpy()
        macro = found.macro[group]["true_positive_rate"]
        if macro.estimate is None:
            assert len(set(labels[mask])) < 3
        else:
            peer = recall_score(labels[mask], predictions[mask], average="macro")
            assert macro.estimate == pytest.approx(peer, abs=1e-9)
    assert set(found.macro_overall) == set(found.macro["a"])


def test_favourable_classes_turn_the_four_fifths_rule():
    labels = np.array(["yes", "no", "later"] * 40)
    predictions = np.array((["yes"] * 30 + ["no"] * 30) + (["yes"] * 10 + ["no"] * 50))
    sensitive = pd.DataFrame({"g": ["a"] * 60 + ["b"] * 60})
    found = one_versus_rest(labels, predictions, sensitive, favourable=["yes"])
    assert found.assessments["yes"].four_fifths.ratio.estimate == pytest.approx(10 / 30)
    # Not being refused is the favourable decision: 30 of 60 against 10 of 60.
    assert found.assessments["no"].four_fifths.ratio.estimate == pytest.approx(10 / 30)
    assert "for at least one class" in found.macro["a"]["precision"].reason


def test_bad_classes_are_named():
    sensitive = pd.DataFrame({"g": ["a", "b"]})
    good = np.array(["x", "y"])
    with pytest.raises(InputError, match="row 1 has no class"):
        one_versus_rest(np.array(["x", None], dtype=object), good, sensitive)
    with pytest.raises(InputError, match="no row has this class"):
        one_versus_rest(good, good, sensitive, favourable=["w"])
    with pytest.raises(InputError, match="fewer than two"):
        one_versus_rest(good[:1], good[:1], sensitive[:1])
    with pytest.raises(InputError, match="1 for 2 labels"):
        one_versus_rest(good, good[:1], sensitive)
