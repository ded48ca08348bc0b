"""Models of amounts and of classes in the place of a column of predictions.

The figures are those of the same predictions, made by the model's own library and given as a
column: classes are the same, amounts within 1e-5 of themselves where ONNX adds in 32 bits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.frames import table_of
from core.data.roles.outcome_rows import OutcomeColumns, amount_rows, class_rows
from core.errors import InputError
from core.external_models.bring import Wishes
from core.external_models.external_spec import ExternalSpec
from core.external_models.matching import InputMatch, Matching
from core.external_models.model_facts import ModelFacts, ModelInput
from core.external_models.model_task import AnotherTaskError, check_task
from core.external_models.opened import forget_all, offer
from core.external_models.predicted_outcomes import (
    NO_REGRESSION,
    bring_for_outcomes,
    chosen_classes,
    predicted_outcomes,
)
from core.external_models.sandbox.model_process import open_model
from core.fairness.assessment.outcomes import outcomes_json
from core.fairness.counts.quantile_sketch import ACCURACY
from tests.core.external_models.outcome_files import (
    MADE,
    NUMBERED,
    NUMBERS,
    TRUTH,
    OutcomeFile,
    outcome_file,
    students,
    task_of,
)

pytestmark = pytest.mark.usefixtures("in_process", "nothing_left_open")


@pytest.fixture
def nothing_left_open() -> Any:
    yield
    forget_all()


def brought(
    made: OutcomeFile, task: Any, frame: pd.DataFrame | None = None, **wishes: Any
) -> tuple[Any, OutcomeColumns, ExternalSpec]:
    table = table_of(students() if frame is None else frame, "students")
    columns = OutcomeColumns(TRUTH[task], "", ("sex", "address"))
    said = {"asked_for": task, "class_labels": made.class_labels} | wishes
    model = open_model(made.data, made.name)
    return table, columns, bring_for_outcomes(model, made.name, table, columns, Wishes({}, **said))


def figures(table: Any, columns: OutcomeColumns, task: Any) -> dict[str, Any]:
    rows = (amount_rows if task == "regression" else class_rows)(table, columns)
    return outcomes_json(rows, task)


QUANTILES = ("median_absolute_error", "absolute_error_90", "error_10", "error_90")


def furthest(a: Any, b: Any, path: str = "") -> tuple[float, str]:
    """The largest relative difference of two numbers in one place; texts must be the same.

    Quantiles are read off a sketch, and may come to lie one bin apart: 0.2% are passed over.
    """
    if isinstance(a, dict):
        assert a.keys() == b.keys(), path
        return max((furthest(a[k], b[k], f"{path}/{k}") for k in a), default=(0.0, ""))
    if isinstance(a, list):
        assert len(a) == len(b), path
        pairs = enumerate(zip(a, b, strict=True))
        return max((furthest(x, y, f"{path}/{i}") for i, (x, y) in pairs), default=(0.0, ""))
    if isinstance(a, float) and b is not None:
        apart = abs(a - b) / max(1.0, abs(a))
        binned = any(name in path for name in QUANTILES)
        return (0.0 if binned and apart < 2.2 * ACCURACY else apart), path
    assert a == b, path
    return 0.0, ""


@pytest.mark.parametrize("case", list(MADE))
def test_figures_are_those_of_its_own_librarys_predictions_in_a_column(case: str) -> None:
    made, task = outcome_file(case), task_of(case)
    table, columns, spec = brought(made, task)
    found = predicted_outcomes(table, columns, spec)
    assert found.columns.prediction == f"Predicted by {made.name}"
    assert found.fit.facts.sha256 == spec.sha256
    beside = table_of(students().assign(said=made.predicted), "students")
    given = OutcomeColumns(columns.truth, "said", columns.sensitive)
    apart, where = furthest(figures(beside, given, task), figures(found.table, found.columns, task))
    assert apart <= (1e-5 if task == "regression" and "skops" not in case else 1e-12), where
    said = found.table.frame[found.columns.prediction]
    if task == "multiclass":
        assert list(said) == list(made.predicted)
    else:
        assert said.to_numpy() == pytest.approx(made.predicted.astype(float), rel=1e-5, abs=1e-6)
        assert made.predicted.std() > 1


LINKED: dict[str, Any] = {
    "xgboost": lambda: xgboost.XGBRegressor(n_estimators=5, objective="count:poisson", n_jobs=1),
    "lightgbm": lambda: lightgbm.LGBMRegressor(
        n_estimators=5, objective="poisson", verbose=-1, n_jobs=1
    ),
    "lightgbm root": lambda: lightgbm.LGBMRegressor(
        n_estimators=5, reg_sqrt=True, verbose=-1, n_jobs=1
    ),
    "catboost": lambda: catboost.CatBoostRegressor(
        iterations=5, loss_function="Poisson", verbose=0, allow_writing_files=False, thread_count=1
    ),
}


@pytest.mark.parametrize("library", LINKED)
def test_amounts_that_were_learned_on_another_scale_come_back_in_their_unit(library: str) -> None:
    rows, truth = students()[NUMBERS].astype(float), students()["G2"].astype(float)
    model = LINKED[library]().fit(rows, truth)
    if library == "xgboost":
        made = OutcomeFile("m.ubj", bytes(model.get_booster().save_raw("ubj")), model.predict(rows))
    elif library == "catboost":
        made = OutcomeFile("m.cbm", model._serialize_model(), model.predict(rows))
    else:
        text = model.booster_.model_to_string().encode()
        made = OutcomeFile("m.txt", text, model.predict(rows))
    table, columns, spec = brought(made, "regression")
    found = predicted_outcomes(table, columns, spec)
    said = found.table.frame[found.columns.prediction].to_numpy()
    assert said == pytest.approx(made.predicted, rel=1e-6)
    assert NO_REGRESSION not in found.fit.decision_notes


def test_numbers_of_which_the_file_does_not_say_that_they_are_amounts_are_told() -> None:
    spec = ExternalSpec("a" * 64, "m", "test", "", ONE, output="number")
    found = asked(facts("unknown", "number"), np.arange(8.0), spec, list(range(8)))
    assert found.fit.decision_notes == (NO_REGRESSION,)


def test_rows_that_trained_it_judge_nothing_and_are_not_asked() -> None:
    frame = students().assign(part=np.where(np.arange(400) % 4 == 0, "fit", "new"))
    made = outcome_file("lightgbm regression")
    table, columns, spec = brought(made, "regression", frame, trained_on=("part", "fit"))
    found = predicted_outcomes(table, columns, spec)
    rows = amount_rows(found.table, found.columns)
    assert list(rows.rows) == [at for at in range(400) if at % 4]
    (told,) = [item for item in rows.repairs if "trained" in item.what]
    assert (told.count, told.column) == (100, "part")
    assert found.fit.rows == 300
    for mark, why in (
        (("part", "old"), "no row holds the value 'old'"),
        (("prt", "fit"), "'part'"),
    ):
        with pytest.raises(InputError, match=why):
            predicted_outcomes(table, columns, replace(spec, trained_on=mark))


def test_rows_without_a_true_value_are_not_asked() -> None:
    frame = students().assign(G2=students()["G2"].where(np.arange(400) != 7))
    table, columns, spec = brought(outcome_file("lightgbm regression"), "regression", frame)
    found = predicted_outcomes(table, columns, spec)
    assert found.table.frame[found.columns.prediction].isna().sum() == 1
    rows = amount_rows(found.table, found.columns)
    assert len(rows.rows) == 399
    assert [item.what for item in rows.repairs if item.column == "G2"] == [
        "Rows without a true value were left out."
    ]


def test_unseen_and_missing_values_are_counted_among_the_rows_that_judge() -> None:
    frame = students()[["sex", "address", "school", "G2"]].copy()
    rows = frame[["school"]].astype("category")
    model = lightgbm.LGBMRegressor(n_estimators=3, verbose=-1, n_jobs=1).fit(rows, frame["G2"])
    made = OutcomeFile("m.txt", model.booster_.model_to_string().encode(), model.predict(rows))
    frame.loc[frame.index[:9], "school"] = "XX"
    frame["part"] = np.where(np.arange(400) < 4, "fit", "new")
    table, columns, spec = brought(made, "regression", frame, trained_on=("part", "fit"))
    fit = predicted_outcomes(table, columns, spec).fit
    assert fit.unknown_rows == 5
    assert sum((fit.unknown_by_group or {}).values()) == 5


def test_earlier_amounts_are_compared_row_by_row() -> None:
    made = outcome_file("lightgbm regression")
    before = made.predicted.astype(float).copy()
    before[11] += 0.5
    before[3] = np.nan
    frame = students().assign(before=before)
    table, columns, spec = brought(made, "regression", frame, earlier_scores="before")
    found = predicted_outcomes(table, columns, spec).fit.earlier
    assert found is not None
    assert (found.rows, found.without, found.differing, found.flips) == (399, 1, 1, None)
    assert found.shown[0][0] == 11
    assert found.sentence.startswith(
        "1 of 399 recomputed amounts differ from the earlier ones, by up to 0.5."
    )
    exact = students().assign(before=made.predicted)
    table, columns, spec = brought(made, "regression", exact, earlier_scores="before")
    same = predicted_outcomes(table, columns, spec).fit.earlier
    assert same is not None
    assert "All 400 recomputed amounts agree with the earlier ones" in same.sentence


def test_numbered_classes_are_named_by_a_person_and_never_guessed() -> None:
    made = outcome_file("xgboost multiclass")
    with pytest.raises(InputError) as caught:
        brought(made, "multiclass", class_labels=())
    text = str(caught.value)
    assert "its file only numbers them" in text
    assert "0=fail, 1=good, 2=pass" in text
    for labels, why in (
        ((("9", "fail"),), "the model has no such class"),
        ((("0", "fail"), ("1", "fail"), ("2", "pass")), "two of its classes would stand for"),
        ((("0", "fail"),), "is not known"),
        ((("0", "fail"), ("1", "good"), ("2", "pas")), "no row has this label.*'pass' was meant"),
    ):
        with pytest.raises(InputError, match=why):
            brought(made, "multiclass", class_labels=labels)
    table, columns, spec = brought(made, "multiclass")
    assert spec.class_labels == NUMBERED
    assert spec.positive_class is None
    notes = predicted_outcomes(table, columns, spec).fit.decision_notes
    assert "Its classes stand for labels of the table: '0' for 'fail'" in notes[1]


def test_labels_that_are_numbers_are_proposed_by_size_and_not_as_texts() -> None:
    made = outcome_file("xgboost multiclass")
    grades = students()["band"].map({"fail": 2, "pass": 5, "good": 10})
    with pytest.raises(InputError, match="0=2, 1=5, 2=10"):
        brought(made, "multiclass", students().assign(band=grades), class_labels=())


def test_a_class_may_stand_for_a_label_that_no_row_has_where_all_others_are_told() -> None:
    frame = students()
    frame = frame[frame["band"] != "pass"].reset_index(drop=True)
    *_, spec = brought(outcome_file("xgboost multiclass"), "multiclass", frame)
    assert spec.class_labels == NUMBERED


def test_numbers_that_are_the_labels_themselves_need_no_naming() -> None:
    made = outcome_file("xgboost multiclass")
    codes = students()["band"].map({band: int(code) for code, band in NUMBERED})
    frame = students().assign(band=codes)
    table, columns, spec = brought(made, "multiclass", frame, class_labels=())
    found = predicted_outcomes(table, columns, spec)
    assert set(found.table.frame[found.columns.prediction]) <= {"0", "1", "2"}
    class_rows(found.table, found.columns)


def test_a_model_that_sees_what_came_true_judges_nothing() -> None:
    made = outcome_file("lightgbm regression")
    frame = students()
    table, columns, spec = brought(made, "regression", frame)
    with pytest.raises(InputError, match="sees it, so it is nothing that the model predicts"):
        predicted_outcomes(table, OutcomeColumns("G1", "", ("sex",)), spec)
    columns = OutcomeColumns("G1", "", ("sex",))
    model = open_model(made.data, made.name)
    with pytest.raises(InputError, match="for 1 of its 7 inputs no column was found: 'G1'"):
        bring_for_outcomes(model, "m.txt", table, columns, Wishes({}, asked_for="regression"))


def facts(
    task: Any, output: Any, classes: tuple[str, ...] | None = None, *, named: bool = True
) -> ModelFacts:
    inputs = (ModelInput("x", "number", "float64", missing="allowed"),)
    return ModelFacts(
        "test", "Test", "", "", "a" * 64, 0, task, inputs, classes, output, named_classes=named
    )


ABC = ("a", "b", "c")
ONE = Matching((InputMatch("x", "x"),))
CLASSES = ExternalSpec("a" * 64, "m", "test", "", ONE, output="class")


class Answering:
    """A model that answers what it is told to."""

    def __init__(self, told: ModelFacts, answers: np.ndarray):
        self.facts, self._answers = told, answers

    def score(self, columns: Any) -> np.ndarray:
        return self._answers[columns["x"].astype(int)]

    def close(self) -> None:
        pass


def asked(told: ModelFacts, answers: np.ndarray, spec: ExternalSpec, truth: list[Any]) -> Any:
    frame = pd.DataFrame({"x": np.arange(len(truth)), "g": ["f", "m"] * (len(truth) // 2)})
    offer(spec, lambda: Answering(told, answers))
    table = table_of(frame.assign(truth=truth), "t")
    return predicted_outcomes(table, OutcomeColumns("truth", "", ("g",)), spec)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_an_answer_that_is_no_number_names_its_row(wrong: float) -> None:
    answers = np.arange(8.0)
    answers[[5, 6]] = wrong
    spec = ExternalSpec("a" * 64, "m", "test", "", ONE, output="number")
    truth: list[Any] = [None, 1, 2, 3, 4, 5, 6, 7]
    with pytest.raises(InputError) as caught:
        asked(facts("regression", "number"), answers, spec, truth)
    # Row 6 of the table, whose first row has no true value and was not asked.
    assert "gives no score for 2 rows, the first is row 6" in str(caught.value)
    good = [None, *range(1, 5), None, None, 7]
    found = asked(facts("regression", "number"), answers, spec, good)
    assert len(amount_rows(found.table, found.columns).rows) == 5


def test_a_label_that_is_none_of_its_classes_is_refused() -> None:
    answers = np.eye(3)[[0, 1, 2, 0]]
    answers[3] = 0
    with pytest.raises(InputError, match="for 1 rows it answers with a label that is none of"):
        asked(facts("multiclass", "label", ABC), answers, CLASSES, ["a", "b", "c", "a"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(*(st.sampled_from([0.0, 0.1, 0.25, 1 / 3, 0.5]) for _ in ABC)), min_size=1)
)
def test_ties_go_to_the_first_class_and_are_counted(rows: list[tuple[float, ...]]) -> None:
    scores = np.array(rows)
    chosen, ties = chosen_classes(scores, facts("multiclass", "probability", ABC), CLASSES)
    for row, said, tied in zip(rows, chosen, ties, strict=True):
        best = [name for name, score in zip(ABC, row, strict=True) if score == max(row)]
        assert said == best[0]
        assert tied == (len(best) > 1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=1))
def test_one_score_of_two_classes_ties_at_a_half_and_a_margin_at_zero(p: list[float]) -> None:
    scores = np.array(p)
    for output, half in (("probability", 0.5), ("margin", 0.0)):
        values = scores if output == "probability" else scores - 0.5
        chosen, ties = chosen_classes(values, facts("binary", output, ("n", "y")), CLASSES)
        assert list(chosen == "y") == list(values > half)
        assert list(ties) == list(values == half)


def test_ties_are_said() -> None:
    answers = np.array([[0.5, 0.5, 0], [0, 1, 0], [1, 0, 0], [0.2, 0.4, 0.4]])
    told = facts("multiclass", "probability", ABC)
    found = asked(told, answers, CLASSES, ["a", "b", "c", "a"])
    assert any("In 2 of 4 rows two classes or more share" in n for n in found.fit.decision_notes)
    answers[[0, 3]] = [0.5, 0.4, 0.1]
    found = asked(told, answers, CLASSES, ["a", "b", "c", "a"])
    assert not any("share" in n for n in found.fit.decision_notes)


@pytest.mark.parametrize(
    ("told", "wanted", "command"),
    [
        (facts("regression", "number"), "binary", "fairness --regression --model"),
        (facts("unknown", "number"), "multiclass", "fairness --regression --model"),
        (facts("multiclass", "probability", ABC), "regression", "fairness --multiclass --model"),
        (facts("binary", "probability", ("0", "1")), "regression", "audit --model"),
    ],
)
def test_a_model_that_answers_something_else_is_led_to_its_audit(
    told: ModelFacts, wanted: Any, command: str
) -> None:
    with pytest.raises(AnotherTaskError) as caught:
        check_task(told, "m", wanted)
    assert command in str(caught.value)
    check_task(told, "m", caught.value.task)


@pytest.mark.parametrize(
    ("told", "wanted", "why"),
    [
        (facts("binary", "probability"), "multiclass", "one number for each row, and no class"),
        (facts("unknown", "margin"), "regression", "margins"),
        (facts("binary", "margin", ("0", "1")), "binary", "margins"),
        (facts("binary", "label"), "regression", "with a label, and not with an amount"),
    ],
)
def test_what_cannot_be_audited_gets_a_sentence(told: ModelFacts, wanted: Any, why: str) -> None:
    with pytest.raises(InputError, match=why):
        check_task(told, "m", wanted)
