"""The Pareto analysis and its filters against queries of a pandas frame."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.tradeoff.frontier.axes import axis_named
from core.tradeoff.frontier.pareto_analysis import ParetoAnalysis, filtered, pareto_analysis
from core.tradeoff.sweep.grid import Setting
from tests.core.tradeoff.planted import ACCURACY, BY_SEX, PARITY, planted

EPSILONS = (None, 0.5, 1.0, 2.0)
cells = st.lists(
    st.tuples(
        st.sampled_from([None, 0.6, 0.7, 0.8, 0.9]), st.sampled_from([None, 0.0, 0.1, 0.2])
    ),
    min_size=1, max_size=20,
)  # fmt: skip
limits = st.tuples(
    st.sampled_from([None, 0.65, 0.7, 0.95]),
    st.sampled_from([None, -1.0, 0.0, 0.15]),
    st.sampled_from([None, 0.1, 1.0, np.inf]),
)


def made(figures: list[tuple[float | None, float | None]]) -> ParetoAnalysis:
    settings = []
    for n in range(len(figures)):
        epsilon = EPSILONS[n % 4]
        name = "naive_bayes" if epsilon is None else "dp_naive_bayes"
        settings.append(Setting(name, epsilon, strength=1 / (n + 1)))
    record = dict(zip(settings, figures, strict=True))
    return pareto_analysis(planted(settings, lambda s, j, k: record[s]), ACCURACY, PARITY)


@given(cells, limits)
def test_filters_equal_a_query(
    figures: list[tuple[float | None, float | None]],
    asked: tuple[float | None, float | None, float | None],
) -> None:
    found = filtered(made(figures), performance=asked[0], unfairness=asked[1], epsilon=asked[2])
    frame = pd.DataFrame(figures, columns=["accuracy", "gap"], dtype=float)
    frame["epsilon"] = [EPSILONS[n % 4] or np.inf for n in range(len(frame))]
    frame["epsilon"] = frame["epsilon"].astype(float)
    defined = frame.dropna()
    conditions = [
        (name, f"{name} {sign} {worst}".replace("inf", "1e308 or epsilon == inf"))
        for name, sign, worst in zip(frame, (">=", "<=", "<="), asked, strict=True)
        if worst is not None
    ]

    def query(texts: list[str]) -> pd.DataFrame:
        text = " and ".join(f"({t})" for t in texts)
        return (
            defined.query(text, local_dict={}, engine="python", resolvers=[{"inf": np.inf}])
            if text
            else defined
        )

    left = query([text for _, text in conditions])
    assert np.flatnonzero(found.kept).tolist() == left.index.tolist()
    assert found.left == len(left)
    assert int(found.undefined.sum()) == len(frame) - len(defined)
    for limit, (name, text) in zip(found.limits, conditions, strict=True):
        others = query([t for n, t in conditions if n != name])
        assert limit.excludes == len(defined) - len(query([text]))
        assert limit.excludes_only == len(others) - len(left)
        best = others[name].max() if name == "accuracy" else others[name].min()
        assert limit.nearest == (None if others.empty else best)
    for i in left.index:
        row = left.loc[i]
        as_good = left[
            (left.accuracy >= row.accuracy) & (left.gap <= row.gap) & (left.epsilon <= row.epsilon)
        ]
        assert found.front[i] == (as_good == row).all(axis=None)
    assert not found.front[~found.kept].any()
    assert (found.sentence.startswith("None of")) == (len(left) == 0)


def test_an_empty_choice_says_which_limit_empties_it_and_what_could_be_had() -> None:
    found = filtered(
        made([(0.9, 0.2), (0.8, 0.1), (None, 0.0), (0.7, 0.05)]), performance=0.85, unfairness=0.1
    )
    assert found.sentence == (
        "None of 4 settings is within the limits; 1 lacks a figure. Accuracy of at least 0.85 "
        "excludes 2 of 3; within the other limits the best is 0.8. Demographic parity difference "
        "by sex of at most 0.1 excludes 1 of 3; within the other limits the best is 0.2."
    )
    assert [limit.excludes_only for limit in found.limits] == [2, 1]


def test_the_order_of_summing_makes_nobody_better() -> None:
    values = {1.0: (0.1, 0.2, 0.3), 0.5: (0.3, 0.2, 0.1)}
    assert sum(values[1.0]) != sum(values[0.5])
    settings = [Setting("naive_bayes", None, strength=strength) for strength in values]
    points = planted(settings, lambda s, j, k: (values[s.strength][j],) * 2, (0, 1, 2))
    found = pareto_analysis(points, ACCURACY, PARITY)
    assert filtered(found).front.all()
    assert filtered(found, performance=0.2, unfairness=0.2).left == 2


def test_two_limits_that_nothing_holds_leave_nothing_nearest() -> None:
    found = filtered(made([(0.8, 0.1)]), performance=0.9, unfairness=0.0, epsilon=1.0)
    assert [limit.nearest for limit in found.limits] == [None, None, None]
    assert "the other limits already leave none" in found.sentence
    # A capital ε would read as a Latin E.
    assert " ε of at most 1 excludes" in found.sentence


def test_a_ratio_is_filtered_at_least() -> None:
    points = planted([Setting("naive_bayes")], lambda s, j, k: (0.8, 0.1))
    ratio = axis_named("demographic_parity_ratio by sex", BY_SEX)
    parts = [
        type(p)(p.run, {**p.figures, ratio.name: p.figures["accuracy"]}, (), 300, 600)
        for p in points
    ]
    found = pareto_analysis(parts, ACCURACY, ratio)
    assert filtered(found, unfairness=0.8).left == 1
    empty = filtered(found, unfairness=0.9)
    assert empty.left == 0
    assert "ratio by sex of at least 0.9" in empty.sentence


def test_a_pareto_analysis_needs_points_and_figures_with_a_better_end() -> None:
    with pytest.raises(InputError, match="no run has finished"):
        pareto_analysis([], ACCURACY, PARITY)
    points = planted([Setting("naive_bayes")], lambda s, j, k: (0.8, 0.1))
    with pytest.raises(InputError, match="can't be traded off"):
        pareto_analysis(points, axis_named("prevalence", ()), PARITY)
    with pytest.raises(InputError, match="Accuracy: a limit is a number"):
        filtered(pareto_analysis(points, ACCURACY, PARITY), performance=np.nan)
    with pytest.raises(InputError, match="no run of it"):
        pareto_analysis(points, ACCURACY, PARITY).row(Setting("decision_tree"))


def test_runs_that_failed_are_undefined_settings_with_their_reason() -> None:
    failed = planted([Setting("decision_tree")], lambda s, j, k: (0.8, 0.1))[0]
    points = planted([Setting("naive_bayes")], lambda s, j, k: (0.8, 0.1))
    points.append(type(failed)(failed.run, reason="too few rows"))
    found = pareto_analysis(points, ACCURACY, PARITY)
    assert found.performance[1].reason == "too few rows"
    kept = filtered(found)
    assert kept.left == 1
    assert kept.reasons == (
        ("Accuracy is not defined", 1), ("Demographic parity difference by sex is not defined", 1),
    )  # fmt: skip
    assert found.judged().status == ("front", "undefined")
