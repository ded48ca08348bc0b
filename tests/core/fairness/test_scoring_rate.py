"""Scoring rates: strictly above the median of everyone scored, counted by mask."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.fairness.assessment.scoring_rate import scores_json, scoring_rates

HIRING = "tests/cases/hiring_decisions.csv"


def rates(found):
    return {
        group.name: group.figures["selection_rate"].estimate for group in found.assessment.groups
    }


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 1.0, 1.5, 2.0, -3.0, 1e9]),
            st.sampled_from(["a", "b", "(missing)"]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_rates_are_shares_strictly_above_the_median(rows):
    scores = np.array([score for score, _ in rows])
    groups = pd.DataFrame({"g": [group for _, group in rows]})
    found = scoring_rates(scores, groups)
    known = [score for score, group in rows if group != "(missing)"]
    middles = {"all scored rows": sorted(scores), "rows of known group": sorted(known)}
    for item in found:
        pool = middles[item.median_of]
        assert item.rows == len(pool)
        assert item.median == (pool[(len(pool) - 1) // 2] + pool[len(pool) // 2]) / 2
        for name, rate in rates(item).items():
            own = [score for score, group in rows if group == name]
            assert rate == sum(score > item.median for score in own) / len(own)
    assert found[0].median_of == "all scored rows"
    assert len(found) == 1 or found[1].median != found[0].median


def test_ties_at_the_median_are_not_above_it():
    found = scoring_rates(np.array([1.0, 2.0, 2.0, 3.0]), pd.DataFrame({"g": list("aabb")}))
    assert found[0].median == 2
    assert rates(found[0]) == {"a": 0, "b": 0.5}


def test_hiring_by_sex_names_both_medians():
    frame = pd.read_csv(HIRING)
    groups = pd.DataFrame({"sex": frame.sex.fillna("(missing)")})
    everyone, known = scoring_rates(frame.score.to_numpy(), groups)
    assert (everyone.median, everyone.rows) == (44.78, 2379)
    assert (known.median, known.rows) == (44.75, 2319)
    assert rates(everyone)["Female"] == pytest.approx(0.4238, abs=5e-5)
    assert rates(everyone)["Male"] == pytest.approx(0.5639, abs=5e-5)
    assert everyone.ratio.ratio.estimate == pytest.approx(0.7516, abs=5e-5)
    assert known.ratio.ratio.estimate == pytest.approx(0.7532, abs=5e-5)
    result = scores_json(frame.score.to_numpy(), groups)["scoring"]
    assert [item["median_of"] for item in result] == ["all scored rows", "rows of known group"]
    assert [g["unknown"] for g in result[0]["by_group"]] == [False, False, True]


def test_scores_that_are_no_numbers_are_refused():
    with pytest.raises(InputError, match="1 scores are no finite numbers"):
        scoring_rates(np.array([1.0, np.inf]), pd.DataFrame({"g": ["a", "b"]}))
