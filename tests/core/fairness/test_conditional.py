from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.fairness.disparities.conditional import conditional_parity
from core.fairness.metrics.group_measurement import Sampling


def berkeley_like():
    """Simpson's paradox by hand: women apply where few are admitted; within, they fare better."""
    rows = []
    for department, sex, applied, admitted in (
        ("easy", "M", 800, 480),
        ("easy", "F", 100, 70),
        ("hard", "M", 200, 20),
        ("hard", "F", 900, 135),
    ):
        rows += [(department, sex, i < admitted) for i in range(applied)]
    frame = pd.DataFrame(rows, columns=["department", "sex", "admitted"])
    return frame, frame["admitted"].to_numpy()


def test_a_gap_that_turns_round_within_strata():
    frame, admitted = berkeley_like()
    found = conditional_parity(admitted, admitted, frame[["sex"]], frame[["department"]])
    easy, hard = 900 / 2000, 1100 / 2000
    women, men = easy * 0.7 + hard * 0.15, easy * 0.6 + hard * 0.1
    assert found.standardised["F"].estimate == pytest.approx(women)
    assert found.standardised["M"].estimate == pytest.approx(men)
    assert found.gap.estimate == pytest.approx(women - men)
    assert 0 < found.gap.low < women - men < found.gap.high
    crude = {s: admitted[(frame["sex"] == s).to_numpy()].mean() for s in "FM"}
    assert crude["F"] < crude["M"]
    assert [item.name for item in found.strata] == ["department hard", "department easy"]
    assert found.pair == ("M", "F")
    assert found.unconditional_difference.estimate == pytest.approx(crude["M"] - crude["F"])
    assert found.difference.estimate == pytest.approx(men - women)
    assert found.difference.high < 0
    expected = (men - women) - (crude["M"] - crude["F"])
    assert found.change.estimate == pytest.approx(expected)
    assert found.change.low < expected < found.change.high < 0
    assert "Simpson's paradox" in found.sentence
    assert found.left_out == ()


def test_strata_without_a_group_or_the_figure_are_named():
    frame, admitted = berkeley_like()
    frame.loc[(frame["department"] == "hard") & (frame["sex"] == "M"), "department"] = "other"
    found = conditional_parity(admitted, admitted, frame[["sex"]], frame[["department"]])
    assert found.left_out == ("department hard", "department other")
    assert found.standardised["F"].estimate == pytest.approx(0.7)
    none = conditional_parity(admitted, admitted, frame[["sex"]], frame[["sex"]])
    assert none.gap.estimate is None
    assert "no stratum" in none.gap.reason


def test_weights_and_bad_input():
    frame, admitted = berkeley_like()
    plain, tripled = (
        conditional_parity(
            admitted, admitted, frame[["sex"]], frame[["department"]], weights=np.full(2000, w)
        )
        for w in (1.0, 3.0)
    )
    assert plain.gap == tripled.gap
    with pytest.raises(InputError, match="needs scores"):
        conditional_parity(admitted, admitted, frame[["sex"]], frame[["department"]], "roc_auc")
    with pytest.raises(InputError, match="control"):
        conditional_parity(admitted, admitted, frame[["sex"]], frame[["department"]][:5])


def test_the_interval_of_the_gap_holds_the_truth():
    held = 0
    for world in range(80):
        rng = np.random.default_rng(world)
        stratum, group = rng.choice(["p", "q"], 400), rng.choice(["a", "b"], 400)
        chosen = rng.random(400) < 0.2 + 0.3 * (stratum == "p") + 0.15 * (group == "a")
        frame = pd.DataFrame({"s": stratum, "g": group})
        gap = conditional_parity(
            chosen, chosen, frame[["g"]], frame[["s"]], sampling=Sampling(200, world)
        ).gap
        held += gap.low <= 0.15 <= gap.high
    assert 0.88 <= held / 80 <= 1


def test_two_groups_of_one_name_are_refused_and_not_merged():
    sensitive = pd.DataFrame({"g": ["a · b", "a", "a"] * 4, "h": ["c", "b · c", "c"] * 4})
    flags = np.array([True, False] * 6)
    with pytest.raises(InputError, match="both be called 'a · b · c'"):
        conditional_parity(flags, flags, sensitive, pd.DataFrame({"k": ["x"] * 12}))


def test_rows_of_unknown_group_are_counted_and_in_no_figure():
    rng = np.random.default_rng(0)
    sex = rng.choice(["f", "m", "(missing)"], 600, p=[0.45, 0.45, 0.1])
    control = pd.DataFrame({"c": rng.choice(["x", "y"], 600)})
    decision = rng.random(600) < np.where(sex == "f", 0.5, np.where(sex == "m", 0.6, 0.1))
    known = sex != "(missing)"
    found = conditional_parity(None, decision, pd.DataFrame({"sex": sex}), control)
    without = conditional_parity(
        None, decision[known], pd.DataFrame({"sex": sex[known]}), control[known]
    )
    assert found.of_unknown == (~known).sum() > 30
    assert found == replace(without, of_unknown=found.of_unknown)
    assert found.pair == ("m", "f")
