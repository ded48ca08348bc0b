"""An edited person is what the model says of a row with those values, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.errors import InputError
from core.explanation.attribution.explain import background, explain_person
from core.explanation.attribution.function_shapley import by_coalitions
from core.explanation.person.feature_domains import FeatureDomain, parse_value
from core.explanation.person.what_if import PersonEditor, what_if
from core.explanation.person.what_if_result import Edit
from core.explanation.person.what_if_texts import (
    describe_answer,
    describe_threshold,
    what_if_notes,
)
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.worlds import dataset, frame, table

LEARNERS = ("logistic_regression", "gradient_boosting", "random_forest", "explainable_boosting")
MITIGATIONS = (
    "group_thresholds",
    "threshold_optimizer",
    "calibrated_equalized_odds",
    "exponentiated_gradient",
)


@cache
def world() -> Dataset:
    """Sex is sensitive and seen, age is sensitive, cut at 40 and seen, city is neither."""
    data = frame(600)
    data["visits"] = np.random.default_rng(5).integers(0, 9, 600)
    data.loc[data.index[:3], "city"] = "nowhere"
    read = table(data)
    roles = default_roles(read, "paid", "yes", ("age", "sex"))[0]
    features = ("income", "age", "city", "sex", "visits")
    return assign(read, replace(roles, features=features, edges=(("age", (40.0,)),)))


@cache
def editor(learner: str, mitigation: str = "none", column: str | None = None) -> PersonEditor:
    data = world() if column else dataset()
    trained = train(data, TrainingSpec(learner, mitigation, mitigate_for=column))
    return PersonEditor(data, trained)


def by_hand(one: PersonEditor, position: int, **values: object) -> pd.DataFrame:
    row = one.dataset.features.iloc[[one.trained.split.test[position]]].reset_index(drop=True)
    for name, value in values.items():
        row[name] = pd.Series([value], dtype=row[name].dtype)
    return row


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("values", [{"income": 7.25}, {"city": "east", "age": 31.0}])
def test_figures_are_those_of_the_edited_row_by_hand(learner: str, values: dict) -> None:
    one = editor(learner)
    row = by_hand(one, 4, **values)
    answer = one.answer(4, one.parse(4, values))
    score = one.trained.decider.predict_score(row)[0]
    assert answer.after.score == pytest.approx(score, abs=1e-12)
    assert answer.after.positive == (score >= 0.5)
    assert answer.after.threshold == 0.5
    assert answer.after.distance == pytest.approx(score - 0.5)
    assert {name: answer.after.values[name] for name in values} == values

    def output(X: pd.DataFrame) -> np.ndarray:
        found = one.trained.decider.predict_score(X)
        return np.log(found / (1 - found)) if answer.reasons_after.explains == "log-odds" else found

    behind = background(one.dataset, one.trained)
    every = by_coalitions(output, row, behind)
    assert answer.reasons_after.values == pytest.approx(every.values, abs=1e-9)
    assert answer.reasons_after.base == pytest.approx(every.base)


@pytest.mark.parametrize(
    ("learner", "mitigation"),
    [*((name, "none") for name in LEARNERS), *(("logistic_regression", m) for m in MITIGATIONS)],
)
def test_without_an_edit_all_is_as_on_the_page_of_the_person(learner: str, mitigation: str) -> None:
    one = editor(learner, mitigation)
    for position in (0, 7, 30):
        told = explain_person(one.dataset, one.trained, position)
        own = one.values(position)
        for given_values in ({}, {"city": own["city"], "income": own["income"]}):
            edits = one.parse(position, given_values)
            assert edits == ()
            answer = one.answer(position, edits)
            assert answer.before == answer.after
            assert answer.after.score == told.score
            assert answer.after.explained_score == pytest.approx(told.explained_score, abs=1e-12)
            assert answer.after.positive == told.positive
            assert answer.row == told.row
            assert own == pytest.approx({**told.values, **answer.after.values})
            assert answer.reasons_after.values == pytest.approx(told.shap.values, abs=1e-9)
        text = describe_answer(answer.before, answer.after, one.dataset.decision_labels)
        assert text.startswith("The score stays at ")
        assert "the decision stays" in text


@settings(max_examples=25, deadline=None)
@given(
    position=st.integers(0, 100),
    income=st.floats(-5, 15),
    city=st.sampled_from(["north", "south", "east"]),
    age=st.none() | st.integers(0, 120),
)
def test_undoing_edits_in_any_order_restores_what_was(
    position: int, income: float, city: str, age: int | None
) -> None:
    one = editor("gradient_boosting")
    first = one.parse(position, {"income": income})
    both = one.parse(position, {"city": city, "income": income, "age": age})
    assert both == one.parse(position, {"age": age, "income": income, "city": city})
    before = one.answer(position, first)
    one.answer(position, both)
    again = PersonEditor(one.dataset, one.trained).answer(position, first)
    for other in (one.answer(position, first), again):
        assert other.after == before.after
        assert (other.reasons_after.values == before.reasons_after.values).all()
    assert one.answer(position, ()).after == one.state(position, ())
    assert [edit.feature for edit in both] == [
        name for name in one.values(position) if name in {edit.feature for edit in both}
    ]


def test_two_people_made_alike_are_decided_alike() -> None:
    one = editor("random_forest")
    edits = one.alike(2, 9)
    there, here = one.state(9, ()), one.state(2, edits)
    assert here.values == there.values
    assert here.score == pytest.approx(there.score, abs=1e-12)
    assert here.positive == there.positive
    assert one.alike(2, 2) == ()
    assert {edit.feature for edit in one.alike(2, 9, ["income"])} == {"income"}
    # What was edited before gives way where it is copied, though the two share it as they are.
    own = one.values(2)
    shared = next(name for name in ("city", "sex") if own.get(name, 0) == one.values(9).get(name))
    domain = next(domain for domain in one.domains(2) if domain.feature == shared)
    before = one.parse(2, {shared: next(v for v in domain.values if v != own[shared])})
    assert set(one.unlike(2, 9, before)) == {shared, *(edit.feature for edit in edits)}
    assert one.alike(2, 9, one.unlike(2, 9, before), before) == edits
    assert one.alike(2, 9, ["income"], before) == one.effective(
        2, [*before, *(edit for edit in edits if edit.feature == "income")]
    )
    assert one.unlike(2, 9, edits) == ()
    grouped = editor("logistic_regression", "group_thresholds")
    people = [k for k in range(60) if grouped.values(k)["sex"] == "m"][:1]
    other = next(k for k in range(60) if grouped.values(k)["sex"] == "f")
    edits = grouped.alike(people[0], other)
    assert edits[-1] == Edit("sex", "f")
    assert grouped.state(people[0], edits).threshold == grouped.state(other, ()).threshold


def test_a_group_that_the_mitigation_decides_by_can_be_edited() -> None:
    one = editor("logistic_regression", "group_thresholds")
    position = next(k for k in range(60) if one.values(k)["sex"] == "f")
    answer = one.answer(position, one.parse(position, {"sex": "m"}))
    row, men = by_hand(one, position), np.array(["m"], dtype=object)
    assert answer.after.positive == one.trained.decider.predict(row, men)[0]
    assert answer.before.threshold == one.trained.decider.thresholds["f"]
    assert answer.after.threshold == one.trained.decider.thresholds["m"]
    assert answer.after.distance == pytest.approx(answer.after.score - answer.after.threshold)
    assert (answer.before.group, answer.after.group) == ("f", "m")
    assert "of the group “m” turns" in describe_threshold(
        answer.after, "sex", one.dataset.decision_labels
    )
    notes = what_if_notes(one, position, one.parse(position, {"sex": "m"}))
    assert any("change from “f” to “m”" in note for note in notes)
    with pytest.raises(InputError, match="'x' is none of its values"):
        one.parse(position, {"sex": "x"})
    # Without such a mitigation the group is no input of the model.
    with pytest.raises(InputError, match="no such feature"):
        editor("logistic_regression").parse(0, {"sex": "m"})


@pytest.mark.parametrize(("value", "group"), [(39.0, "< 40"), (40.0, "≥ 40"), (None, "(missing)")])
def test_a_group_follows_the_feature_that_it_is_cut_from(value: float | None, group: str) -> None:
    one = editor("logistic_regression", "levelling_up", "age")
    position = next(k for k in range(60) if one.values(k)["age"] == 60)
    assert one.state(position, ()).group == "≥ 40"
    after = one.state(position, one.parse(position, {"age": value}))
    assert after.group == group
    row = by_hand(one, position, age=np.nan if value is None else value)
    decided = one.trained.decider.predict(row, np.array([group], dtype=object))
    assert after.positive == decided[0]


def test_a_category_that_is_a_group_moves_the_group() -> None:
    one = editor("logistic_regression", "levelling_up", "sex")
    position = next(k for k in range(60) if one.values(k)["sex"] == "f")
    after = one.state(position, one.parse(position, {"sex": "m"}))
    assert after.group == "m"
    assert after.score != one.state(position, ()).score


@pytest.mark.parametrize(
    ("mitigation", "column"), [("threshold_optimizer", None), ("calibrated_equalized_odds", "sex")]
)
def test_what_is_drawn_is_said_with_its_probability(mitigation: str, column: str | None) -> None:
    one = editor("logistic_regression", mitigation, column)
    drawn = [k for k in range(120) if one.state(k, ()).probability is not None]
    assert drawn, "nobody is drawn in this world"
    for position in drawn[:5]:
        edits = one.parse(position, {"age": 44})
        after = one.state(position, edits)
        row = by_hand(one, position, age=44.0)
        group = one.dataset.sensitive["sex"].to_numpy()[[one.trained.split.test[position]]]
        chance = float(one.trained.decider.positive_probability(row, group)[0])
        if 1e-9 < chance < 1 - 1e-9:
            assert after.probability == pytest.approx(chance)
            assert after.positive == (chance >= 0.5)
            called = one.dataset.decision_labels
            told = describe_threshold(after, one.column, called)
            assert f"“{called.told(True)}” has probability {chance:.3f}" in told
        assert (after.threshold, after.distance) == (None, None)
        notes = " ".join(what_if_notes(one, position, edits))
        assert "drawn at random" in notes
        assert "the likelier decision is shown" in notes


@pytest.mark.parametrize(
    ("value", "outside"), [("low", False), ("high", False), ("below", True), ("above", True)]
)
def test_values_outside_what_was_seen_are_taken_and_said(value: str, outside: bool) -> None:
    one = editor("gradient_boosting")
    income = next(d for d in one.domains(0) if d.feature == "income")
    assert income.seen_low is not None
    assert income.seen_high is not None
    wanted = {
        "low": income.seen_low,
        "high": income.seen_high,
        "below": np.nextafter(income.seen_low, -np.inf),
        "above": np.nextafter(income.seen_high, np.inf),
    }[value]
    edits = one.parse(0, {"income": wanted})
    notes = what_if_notes(one, 0, edits)
    assert any("the range of the training rows" in note for note in notes) == outside
    assert one.state(0, edits).values["income"] == wanted


def test_a_combination_unlike_any_training_row_is_said_by_the_measure_of_counterfactuals() -> None:
    one = editor("gradient_boosting")
    odd, usual = one.parse(0, {"income": 1e6}), one.parse(0, {"income": 5.0})
    assert not one.state(0, odd).plausible
    assert any("no counterfactual would propose them" in n for n in what_if_notes(one, 0, odd))
    if one.state(0, usual).plausible:
        assert what_if_notes(one, 0, usual) == ()
    state = one.state(0, odd)
    support = one._finder.support(state.positive)
    found = support.judge(by_hand(one, 0, income=1e6))
    assert (state.usual, state.plausible) == (found[0][0], found[1][0])


WHOLE = FeatureDomain("visits", "number", 0.0, 8.0, whole=True)
PART = FeatureDomain("income", "number", 0.5, 9.5, missing=True)
CITY = FeatureDomain("city", "category", values=("east", "north", "true", "1"))


@pytest.mark.parametrize(
    ("domain", "given_value", "read"),
    [
        (WHOLE, 3, 3.0), (WHOLE, "3", 3.0), (WHOLE, " 3.0 ", 3.0), (WHOLE, np.int64(9), 9.0),
        (WHOLE, -1, -1.0), (PART, "1e3", 1000.0), (PART, np.float32(0.5), 0.5),
        (PART, None, None), (PART, float("nan"), None), (PART, "(missing)", None), (PART, "", None),
        (CITY, "east", "east"), (CITY, True, "true"), (CITY, 1, "1"), (CITY, 1.0, "1"),
    ],
)  # fmt: skip
def test_values_are_read_as_their_kind(domain: FeatureDomain, given_value, read) -> None:
    found = parse_value(domain, given_value)
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize(
    ("domain", "given_value", "message"),
    [
        (WHOLE, 2.5, "feature 'visits': 2.5 is no whole number"),
        (WHOLE, "many", "feature 'visits': 'many' is no number"),
        (WHOLE, True, "feature 'visits': True is no number"),
        (WHOLE, "1_000", "'1_000' is no number"),
        (WHOLE, float("inf"), "inf is no number"),
        (WHOLE, [3], r"\[3\] is no number"),
        (WHOLE, None, "feature 'visits': it can't be missing"),
        (PART, "0,5", "feature 'income': '0,5' is no number.*0.5 to 9.5"),
        (CITY, "eats", "feature 'city': 'eats' is none of its values.*'east'"),
        (CITY, "", "feature 'city': it can't be missing"),
        (CITY, object, "feature 'city': .* is none of its values"),
    ],
)
def test_what_is_outside_kind_or_category_is_answered_by_feature_and_value(
    domain: FeatureDomain, given_value, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        parse_value(domain, given_value)


def test_an_unknown_feature_is_named_with_what_is_near() -> None:
    with pytest.raises(InputError, match=r"feature .incone.: .*.income."):
        what_if(dataset(), editor("gradient_boosting").trained, 0, {"incone": 3})


def test_domains_are_those_of_training_rows_with_the_person_in_them() -> None:
    one = editor("logistic_regression", "none", "sex")
    train_rows = one.dataset.features.iloc[one.trained.split.train]
    domains = {d.feature: d for d in one.domains(3)}
    assert list(domains) == ["income", "age", "city", "sex", "visits"]
    assert (domains["visits"].whole, domains["visits"].step) == (True, 1.0)
    assert (domains["visits"].seen_low, domains["visits"].seen_high) == (0.0, 8.0)
    assert not domains["income"].whole
    assert domains["income"].step == 0.05
    assert domains["income"].seen_high == train_rows["income"].max()
    assert domains["age"].missing
    assert not domains["age"].missing_unseen
    assert not domains["income"].missing
    there = set(train_rows["city"])
    assert set(domains["city"].values) == {"north", "south", "east", "nowhere"}
    assert set(domains["city"].unseen) == {"nowhere"} - there
    beyond = domains["income"].holding(99.0)
    assert (beyond.high, beyond.seen_high) == (99.0, domains["income"].seen_high)
    assert domains["income"].holding(None) == domains["income"]


def test_a_category_that_no_training_row_has_is_taken_and_said() -> None:
    one = editor("logistic_regression")
    features = one.dataset.features.copy()
    column = features.columns.get_loc("city")
    features.iloc[one.trained.split.test[5], column] = "faraway"
    data = replace(one.dataset, features=features)
    other = PersonEditor(data, one.trained)
    edits = other.parse(0, {"city": "faraway"})
    assert any("none of the training rows has" in note for note in what_if_notes(other, 0, edits))
    assert other.state(0, edits).values["city"] == "faraway"
    assert not any(
        "none of the training rows" in n
        for n in what_if_notes(other, 0, other.parse(0, {"city": "east"}))
    )


def test_texts_say_small_changes_and_turns() -> None:
    one = editor("logistic_regression")
    here = one.state(0, ())
    called = one.dataset.decision_labels
    little = replace(here, score=here.score + 2e-5)
    assert f"({2e-5:+.6f})" in describe_answer(here, little, called)
    other = replace(here, positive=not here.positive, score=here.score - 0.2)
    text = describe_answer(here, other, called)
    assert "falls" in text
    assert "the decision turns from" in text
