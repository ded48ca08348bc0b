"""Words that say "not known" make no group that is compared, whoever holds the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.data.roles.unknown_values import is_unknown_value
from core.data.table import MISSING
from core.fairness.assessment.assess import assess
from core.fairness.assessment.scoring_rate import scoring_rates
from core.fairness.disparities.impact_ratio import impact_of
from core.fairness.metrics.assessment import Assessment, Disparity


@pytest.mark.parametrize(
    "value",
    [MISSING, "unknown", "UNKNOWN", "(Unknown)", "Not stated", "prefer_not_to_say", "Unknown.",
     "Keine Angabe", "k. A.", "Non renseigné", "Desconhecido", "Não informado", "未知"],
)  # fmt: skip
def test_words_that_name_no_group(value: str) -> None:
    assert is_unknown_value(value)


@pytest.mark.parametrize("value", ["Other", "none", "None", "DK", "U", "9", "Unknown father", ""])
def test_words_that_may_name_a_group(value: str) -> None:
    assert not is_unknown_value(value)


def parity(found: Assessment) -> Disparity:
    (gap,) = (gap for gap in found.disparities if gap.name == "demographic_parity_difference")
    return gap


@pytest.mark.parametrize("word", ["Unknown", MISSING])
def test_a_word_is_counted_as_no_value_is(word: str) -> None:
    sex = np.array(["F"] * 100 + ["M"] * 100 + [word] * 100, dtype=object)
    decided = np.array([True] * 50 + [False] * 50 + [True] * 60 + [False] * 40 + [True] * 100)
    found = assess(None, decided, pd.DataFrame({"sex": sex}))
    gap = parity(found)
    assert gap.figure.estimate == pytest.approx(0.1)
    assert set(gap.between) == {"F", "M"}
    assert found.four_fifths.ratio.estimate == pytest.approx(50 / 60)
    ratios = impact_of(found)
    assert ratios.unknown == 100
    (lower,) = [item for item in ratios.groups if item.group == "F"]
    assert lower.ratio.estimate == pytest.approx(50 / 60)


def test_another_word_is_a_group() -> None:
    sex = np.array(["F"] * 100 + ["M"] * 100 + ["Other"] * 100, dtype=object)
    decided = np.array([True] * 50 + [False] * 50 + [True] * 60 + [False] * 40 + [True] * 100)
    found = assess(None, decided, pd.DataFrame({"sex": sex}))
    assert parity(found).figure.estimate == pytest.approx(0.5)


def test_the_median_of_known_groups_leaves_words_out() -> None:
    scores = np.arange(30, dtype=np.float64)
    for word in ("Unknown", MISSING):
        sex = pd.DataFrame({"sex": ["F", "M"] * 10 + [word] * 10}, dtype=object)
        assert [item.median for item in scoring_rates(scores, sex)] == [14.5, 9.5]


def test_a_word_beside_a_known_value_is_unknown_too() -> None:
    rows = [("F", "Black"), ("M", "White"), ("F", "not stated"), ("Unknown", "White")]
    people = pd.DataFrame([row for row in rows for _ in range(50)], columns=["sex", "race"])
    decided = np.tile([True, False], 100)
    found = assess(None, decided, people.astype(object))
    assert {group.name for group in found.groups if group.is_unknown} == {
        "F · not stated",
        "Unknown · White",
    }
