"""Dates are days to a model, and dates to whoever reads of them or edits them."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.explanation.effect_curve_charts import curve_chart
from core.audit.what_if import answer_what_if
from core.cli.what_if import scenario_lines
from core.data.assign import assign
from core.data.days import days_of, written_date
from core.data.reading.reading import read_bytes
from core.data.roles.roles import Roles
from core.errors import InputError
from core.explanation.attribution.surrogate_tree import surrogate_tree
from core.explanation.counterfactual.actionability import default_spec
from core.explanation.counterfactual.counterfactual import find_counterfactuals
from core.explanation.effects.effects import effect_curves
from core.explanation.person.feature_domains import FeatureDomain, parse_value
from core.explanation.person.individual_curve import finding, individual_curve
from core.explanation.person.person import usual
from core.explanation.person.person_changes import describe_changes
from core.explanation.person.scenario import scenario_json
from core.explanation.person.what_if import PersonEditor
from core.explanation.person.what_if_result import AskedWhatIf
from core.explanation.person.what_if_texts import what_if_notes
from core.training.spec import TrainingSpec
from core.training.training import train


@cache
def editor() -> PersonEditor:
    """Whoever is a customer since before 2016 pays."""
    rng = np.random.default_rng(0)
    since = pd.Timestamp("2012-01-01") + pd.to_timedelta(rng.integers(0, 3000, 400), unit="D")
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], 400),
            "since": since.strftime("%Y-%m-%d"),
            "age": rng.integers(18, 80, 400),
            "paid": np.where(since < "2016-01-01", "yes", "no"),
        }
    )
    table = read_bytes(frame.to_csv(index=False).encode(), "f.csv")
    data = assign(table, Roles("paid", "yes", ("sex",), features=("since", "age")))
    return PersonEditor(data, train(data, TrainingSpec("gradient_boosting")))


@given(st.dates())
def test_a_date_is_read_as_it_was_written(day: date) -> None:
    assert days_of(written_date(days_of(day))) == days_of(day)
    assert written_date(days_of(day)) == day.isoformat()


@given(st.datetimes(min_value=datetime(1000, 1, 1)))
def test_a_moment_is_read_as_it_was_written(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    midnight = moment == datetime.combine(moment.date(), time())
    expected = moment.date().isoformat() if midnight else moment.isoformat(" ")
    assert written_date(days_of(moment)) == expected
    assert written_date(days_of(expected)) == expected


DAYS = FeatureDomain("since", "number", 0.0, 59.0, whole=True, is_date=True)
MOMENTS = FeatureDomain("at", "number", 0.0, 59.5, is_date=True)


@pytest.mark.parametrize(
    ("domain", "said", "read"),
    [
        (DAYS, "1970-01-02", 1.0), (DAYS, date(1970, 2, 1), 31.0), (DAYS, 31, 31.0),
        (DAYS, "31", 31.0), (DAYS, pd.Timestamp("1970-01-02"), 1.0), (DAYS, "1971-01-01", 365.0),
        (MOMENTS, "1970-01-02 06:00", 1.25), (MOMENTS, datetime(1970, 1, 1, 12), 0.5),
    ],
)  # fmt: skip
def test_a_date_is_given_as_one_or_as_days(domain: FeatureDomain, said, read: float) -> None:
    assert parse_value(domain, said) == read


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("yesterday", "'yesterday' is no date"),
        ("1970-02-30", "'1970-02-30' is no date"),
        ("1970-01-02T00:00+01:00", "is no date"),
        (datetime(1970, 1, 2, 6), "1970-01-02 06:00:00 has a time of day"),
    ],
)
def test_what_is_no_date_is_refused_with_the_dates_there_are(said: object, why: str) -> None:
    with pytest.raises(InputError, match=f"{why}.*rows have 1970-01-01 to 1970-03-01"):
        parse_value(DAYS, said)


def test_an_edited_date_is_told_as_a_date_everywhere() -> None:
    one = editor()
    data, trained = one.dataset, one.trained
    row = int(data.rows[trained.split.test[0]])
    own = written_date(float(data.features["since"].iloc[trained.split.test[0]]))
    scenario = answer_what_if(data, trained, AskedWhatIf(row, (("since", "2031-05-01"),)))
    assert scenario.edits[0].value == days_of("2031-05-01")
    (edit,) = scenario_json(scenario, True)["edits"]
    assert (edit["from"], edit["to"]) == (own, "2031-05-01")
    assert f"“since” {own} → 2031-05-01" in scenario_lines(scenario, data.decision_labels)[0]
    assert f"“since” {own} → 2031-05-01" in scenario.name
    edits = one.parse(0, {"since": "2031-05-01"})
    outside = next(note for note in what_if_notes(one, 0, edits) if "lies outside" in note)
    assert "“since” 2031-05-01 lies outside 2012-01-" in outside
    curve = finding(individual_curve(one, 0, (), "since"))
    assert "about 2015-1" in curve or "about 2016-0" in curve
    assert f"(it is {own})" in curve


def test_reasons_and_changes_tell_dates() -> None:
    one = editor()
    data, trained = one.dataset, one.trained
    assert data.dates == ("since",)
    early = usual(data, trained, "since", days_of("2012-01-01"))
    assert early.startswith("earlier than usual (201")
    assert usual(data, trained, "since", days_of("2030-01-01")).startswith("later than usual")
    row = data.features.iloc[trained.split.test[:1]]
    found = find_counterfactuals(trained, data, row, default_spec(data))
    (way, *_) = describe_changes(found, data.dates).ways
    assert "“since” were 201" in way
    assert written_date(float(row["since"].iloc[0])) in way


def test_a_small_tree_asks_for_dates() -> None:
    one = editor()
    tree = surrogate_tree(one.dataset, one.trained)
    cuts = [text for rule in tree.rules for text in rule.conditions if text.startswith("since")]
    assert cuts
    assert all(re.fullmatch(r"since [≤>] 201\d-\d\d-\d\d", text) for text in cuts)
    first = min(cuts, key=lambda text: abs(days_of(text[-10:]) - days_of("2016-01-01")))
    assert abs(days_of(first[-10:]) - days_of("2016-01-01")) < 10


def test_missing_values_are_named_in_a_rule_only_where_no_earlier_question_parted_them() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"sex": rng.choice(["f", "m"], 600), "x": rng.random(600)})
    frame["paid"] = np.where((frame["x"] > 0.7) ^ (frame["x"] > 0.85), "yes", "no")
    frame.loc[::7, "x"] = None
    data = assign(
        read_bytes(frame.to_csv(index=False).encode(), "f.csv"),
        Roles("paid", "yes", ("sex",), features=("x",)),
    )
    tree = surrogate_tree(data, train(data, TrainingSpec("gradient_boosting")))
    for rule in tree.rules:
        parted = False
        for text in rule.conditions:
            assert not (parted and "missing" in text), rule.conditions
            parted = parted or "missing" not in text


def test_an_effect_of_a_date_is_drawn_along_a_calendar() -> None:
    one = editor()
    rows = one.dataset.features.iloc[one.trained.split.test].reset_index(drop=True)
    *_, (_, (curve,)) = effect_curves(one.trained.decider.predict_score, rows, ("since",), seed=0)
    for kind in ("local", "dependence"):
        chart = curve_chart(curve, kind, is_date=True)
        assert re.search(r"highest at 201\d-\d\d-\d\d, lowest at 20\d\d-\d\d-\d\d", chart.title)
        assert all(re.fullmatch(r"20\d\d-\d\d-\d\d", day) for day in chart.table["since"])
        assert chart.figure is not None
        assert list(chart.figure.data[-1].x) == list(chart.table["since"])
