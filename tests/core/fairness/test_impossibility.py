from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.fairness.assessment.assess import assess
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.disparities.guidance import FIRST_QUESTION, recommendations
from core.fairness.disparities.impossibility import false_positive_rate_needed, impossibility
from tests.core.fairness.test_disparities import table


@given(*[st.integers(1, 500)] * 4)
def test_chouldechova_s_identity_holds_in_every_table(tn, fp, fn, tp):
    p = (fn + tp) / (tn + fp + fn + tp)
    needed = false_positive_rate_needed(p, tp / (tp + fp), tp / (tp + fn))
    assert needed == pytest.approx(fp / (fp + tn), abs=1e-9)


def test_the_identity_refuses_what_is_no_rate():
    with pytest.raises(InputError, match="precision above 0"):
        false_positive_rate_needed(0.5, 0.0, 0.5)


def test_unequal_base_rates_rule_out_what_they_must_with_this_data_s_numbers():
    found = impossibility(assess(*table(low=(700, 100, 60, 140), high=(300, 100, 150, 450))))
    assert found.differ
    assert [name for name, _ in found.base_rates] == ["low", "high"]
    text = " ".join(found.statements)
    assert "from 20.0% (low) to 60.0% (high)" in text
    # By hand: precision 450/550, TPR 0.75, p 0.2: 0.25 · (100/450) · 0.75 = 4.17 %.
    assert "false positive rate of 4.2% (now 12.5%); high has 25.0%" in text
    # With high's error rates: 0.2 · 0.75 + 0.8 · 0.25 = 35 %; right in 15 of 35.
    assert "in 35.0% of cases; high gets it in 55.0%" in text
    assert "right in 42.9% of cases for low, against 81.8% for high" in text


def test_equal_base_rates_or_one_group_rule_out_nothing():
    same = impossibility(assess(*table(a=(40, 10, 10, 40), b=(41, 9, 12, 38))))
    assert not same.differ
    assert "may be chance: nothing is ruled out" in same.statements[0]
    alone = impossibility(assess(*table(a=(40, 10, 10, 40))))
    assert "Fewer than two groups" in alone.statements[0]


def test_nobody_selected_still_has_an_answer():
    found = impossibility(assess(*table(a=(90, 0, 10, 0), b=(50, 0, 50, 0))))
    assert found.differ
    assert len(found.statements) == 2


def test_every_path_of_the_guidance_ends_in_a_registered_definition():
    ends = recommendations(FIRST_QUESTION)
    assert len(ends) == 7
    assert all(end.disparity in DISPARITIES for end in ends)
    assert all(end.why.endswith(".") and end.source for end in ends)
    assert len({end.disparity for end in ends}) == 7


def test_the_identity_agrees_with_an_assessment():
    rng = np.random.default_rng(0)
    target, prediction = rng.random(500) < 0.3, rng.random(500) < 0.4
    figures = assess(target, prediction, pd.DataFrame({"g": ["a"] * 500})).overall.figures
    rates = (figures[m].estimate for m in ("prevalence", "precision", "true_positive_rate"))
    assert false_positive_rate_needed(*rates) == pytest.approx(
        figures["false_positive_rate"].estimate, abs=1e-12
    )
