"""A figure's name says of which columns it is, whatever these are called."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.data.assign import assign, default_roles
from core.fairness.disparities.disparities import DISPARITIES
from core.tradeoff.frontier.impact_by_group import impact_by_group
from core.tradeoff.sweep.executors import Here
from core.tradeoff.sweep.grid import Grid, Setting
from core.tradeoff.sweep.point import combination_name, figure_name
from core.tradeoff.sweep.point_store import PointStore
from core.tradeoff.sweep.sweep import sweep
from tests.core.worlds import frame, table

awkward = st.text("× ab\t\n", max_size=6) | st.sampled_from(
    ["sex", "race", "sex × race", "×", "× race", "sex ×", "sex ×× race", "x by sex", ""]
)
combinations = st.lists(awkward, min_size=1, max_size=3).map(tuple)
disparities = st.sampled_from([definition.name for definition in DISPARITIES])


@given(disparities, combinations, disparities, combinations)
def test_no_two_figures_share_a_name(one: str, first: tuple, other: str, second: tuple) -> None:
    same = (one, first) == (other, second)
    assert (figure_name(one, first) == figure_name(other, second)) == same


@given(combinations, st.integers(0, 8))
def test_a_combination_and_a_column_of_its_name_are_told_apart(names: tuple, at: int) -> None:
    if len(names) > 1:
        assert combination_name((" × ".join(names),)) != combination_name(names)
        cut = at % (len(names) - 1) + 1
        joined = (" × ".join(names[:cut]), *names[cut:])
        assert (combination_name(joined) == combination_name(names)) == (joined == names)


@given(st.lists(st.text("ab ×"), min_size=1, max_size=3).map(tuple))
def test_names_without_a_cross_alone_are_the_columns_as_they_are(names: tuple) -> None:
    if not any(word and set(word) == {"×"} for name in names for word in name.split(" ")):
        assert combination_name(names) == " × ".join(names)
    assert combination_name(("2×4", "×ray")) == "2×4 × ×ray"


def test_a_column_named_like_a_combination_keeps_its_own_figures() -> None:
    data = frame(800)
    data["race"] = ["a", "b"] * 400
    data["sex × race"] = ["u", "u", "v", "w"] * 200
    read = table(data)
    roles, _ = default_roles(read, "paid", "yes", ("sex", "race", "sex × race"))
    rows = assign(read, replace(roles, features=("income", "age", "city")))
    both, alone = ("sex", "race"), ("sex × race",)
    grid = Grid(("logistic_regression",), (None,), (both, alone), split_seeds=(0,))
    *_, last = sweep(rows, grid, PointStore(), Here())
    (point,) = last.points
    for combination, groups in ((both, 4), (alone, 3)):
        *_, single = sweep(rows, replace(grid, attributes=(combination,)), PointStore(), Here())
        name = figure_name("demographic_parity_difference", combination)
        assert point.value(name) == single.points[0].value(name) is not None
        paid = impact_by_group(last.points, Setting("logistic_regression"), combination)
        assert len({cell.group for cell in paid.cells}) == groups
    names = [figure_name("demographic_parity_difference", c) for c in (both, alone)]
    assert point.value(names[0]) != point.value(names[1])
