"""PMML answers as the library does that trained, opened in the process with limits.

Tolerances in probability: 1e-12 for scikit-learn, 1e-6 for XGBoost, which adds leaves in float32.
Java is started by each process anew, which takes seconds: files are opened once where that will do.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import xgboost
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from core.errors import InputError
from core.external_models.sandbox.model_process import Limits, ModelProcess, open_model
from tests.core.external_models.pmml_files import (
    FIELDS,
    MINING,
    NEEDS,
    TABLES,
    as_learned,
    by_hand,
    hand_rows,
    pmml_file,
)
from tests.core.external_models.tables import TABLES as DATA
from tests.core.external_models.tables import ModelTable, german_credit, with_holes

pytestmark = NEEDS
FOREST = RandomForestClassifier(15, max_depth=6, random_state=0)
LINEAR = LogisticRegression(max_iter=300)
BOOSTED = xgboost.XGBClassifier(n_estimators=10, max_depth=4, n_jobs=1)


def given(table: ModelTable) -> dict[str, np.ndarray]:
    frame = as_learned(table)
    return {
        str(name): frame[name].to_numpy(dtype=float if name in table.numbers else object)
        for name in frame
    }


def codes(table: ModelTable) -> np.ndarray:
    return (table.labels == sorted(table.labels.unique())[1]).to_numpy(int)


@pytest.fixture(scope="module")
def logit() -> Iterator[ModelProcess]:
    with open_model(by_hand(), "m.pmml") as opened:
        yield opened


@pytest.mark.parametrize(
    ("case", "name"),
    [
        ("linear", "german_credit"),
        ("linear", "with_holes"),
        ("forest", "adult"),
        ("forest", "with_holes"),
        ("xgboost", "german_credit"),
        ("xgboost", "with_holes"),
    ],
)
def test_scores_are_the_librarys_own(case: str, name: str) -> None:
    """XGBoost's splits lie on values of rows: the scaled numbers must be rounded as it does."""
    table = DATA[name]()
    model = {"linear": LINEAR, "forest": FOREST, "xgboost": BOOSTED}[case]
    labels = codes(table) if case == "xgboost" else None
    data, fitted = pmml_file(table, model, labels, scaled=case != "forest")
    with open_model(data, "m.pmml") as opened:
        facts = opened.facts
        rows = given(table)
        scores = opened.score({one.name: rows[one.name] for one in facts.inputs})
    close = 1e-6 if case == "xgboost" else 1e-12
    assert np.abs(scores - fitted.predict_proba(as_learned(table))).max() < close
    assert (facts.format, facts.library) == ("pmml", "SkLearn2PMML package")
    assert (facts.task, facts.output, facts.version) == ("binary", "probability", "0.133.1")
    known = ("0", "1") if case == "xgboost" else tuple(sorted(table.labels.unique()))
    assert facts.classes == known
    assert facts.named_inputs
    assert facts.named_classes
    assert {one.missing for one in facts.inputs} == {"allowed"}


def test_inputs_are_told_with_their_categories_and_what_becomes_of_others() -> None:
    data, fitted = pmml_file(with_holes(), FOREST)
    frame = as_learned(with_holes()).assign(town="Elsewhere")
    with open_model(data, "m.pmml") as opened:
        told = {one.name: one for one in opened.facts.inputs}
        rows = given(with_holes()) | {"town": np.full(len(frame), "Elsewhere", dtype=object)}
        scores = opened.score(rows)
    assert (told["income"].kind, told["income"].dtype) == ("number", "float32")
    assert told["town"].categories == ("7", "Brno", "Caféville", "Delft", "gone")
    assert told["town"].category_values is not None
    assert told["town"].category_values[1] == "Brno "
    assert told["town"].unseen == "own_way"
    assert np.abs(scores - fitted.predict_proba(frame)).max() < 1e-12


def test_three_classes_and_regressions() -> None:
    table = german_credit()
    ages = np.digitize(table.features["age"], [30, 45])
    data, fitted = pmml_file(table, FOREST, ages)
    with open_model(data, "m.pmml") as opened:
        rows = {one.name: given(table)[one.name] for one in opened.facts.inputs}
        assert (opened.facts.task, opened.facts.classes) == ("multiclass", ("0", "1", "2"))
        expected = fitted.predict_proba(as_learned(table))
        assert np.abs(opened.score(rows) - expected).max() < 1e-12
    data, fitted = pmml_file(table, GradientBoostingRegressor(n_estimators=9), codes(table) * 3.5)
    with open_model(data, "m.pmml") as opened:
        rows = {one.name: given(table)[one.name] for one in opened.facts.inputs}
        assert (opened.facts.task, opened.facts.output) == ("regression", "number")
        assert np.abs(opened.score(rows) - fitted.predict(as_learned(table))).max() < 1e-9


def test_a_regression_on_whole_outcomes_is_not_rounded() -> None:
    """JPMML-Evaluator alone refuses numbers with a fraction where the target is an integer."""
    whole = '<DataField name="y" optype="continuous" dataType="integer"/>'
    data = by_hand(target=whole, tables=TABLES.partition('<RegressionTable intercept="0"')[0])
    data = data.replace(b"classification", b"regression").replace(b"logit", b"none")
    data = data.replace(b' targetCategory="yes"', b"")
    with open_model(data, "m.pmml") as opened:
        assert (opened.facts.task, opened.facts.output) == ("regression", "number")
        assert opened.score(hand_rows()) == pytest.approx([-2.0, 2.05])


def test_a_support_vector_machine_answers_by_labels_and_says_so() -> None:
    data, fitted = pmml_file(with_holes(), SVC(), scaled=True)
    with open_model(data, "m.pmml") as opened:
        scores = opened.score(given(with_holes()))
        assert opened.facts.output == "label"
        assert any("no probabilities" in note for note in opened.facts.notes)
        chosen = np.array(opened.facts.classes)[scores.argmax(axis=1)]
    assert (chosen == fitted.predict(as_learned(with_holes()))).all()


def test_a_regression_by_hand_is_what_its_formula_says(logit: ModelProcess) -> None:
    scores = logit.score(hand_rows())
    margin = np.array([-0.5 + 0.3 + 0.2 - 2, -0.5 + 0.75 + 1.2 + 0.6])
    assert scores[:, 1] == pytest.approx(1 / (1 + np.exp(-margin)), rel=1e-12)
    assert scores.sum(axis=1) == pytest.approx(1)
    facts = logit.facts
    assert (facts.library, facts.version, facts.title) == ("R (pmml)", "2.6.0", "Regression")
    assert facts.classes == ("no", "yes")
    assert [(one.name, one.kind, one.dtype) for one in facts.inputs] == [
        ("x", "number", "float64"),
        ("c", "category", "string"),
        ("f", "flag", "bool"),
        ("k", "number", "int64"),
    ]
    assert any("lists no probabilities" in note for note in facts.notes)


def test_what_the_model_refuses_is_refused_by_name(logit: ModelProcess) -> None:
    said = {one.name: (one.missing, one.unseen) for one in logit.facts.inputs}
    # A missing category or flag counts as none of those listed.
    assert said["x"][0] == said["k"][0] == "refused"
    assert said["c"] == ("unknown", "refused")
    for rows, sentence in (
        (hand_rows(x=(np.nan, 1)), "input 'x': 1 value is missing, which this input can't take"),
        (hand_rows(c="az"), "input 'c': the model doesn't know the category 'z'"),
        (hand_rows(k=(1.5, 1)), "input 'k': the value 1.5 is not a whole number"),
        (hand_rows(f=(2, 1)), "input 'f': a value is neither 0 nor 1"),
    ):
        with pytest.raises(InputError, match=sentence):
            logit.score(rows)
    alike = logit.score(hand_rows(c=(None, "a")))
    assert alike[0] == pytest.approx(logit.score(hand_rows(c="aa"))[0])


def test_ranges_replacements_and_answers_beside_the_score_are_told() -> None:
    interval = (
        '<DataField name="x" optype="continuous" dataType="double">'
        '<Interval closure="closedClosed" leftMargin="100" rightMargin="110"/></DataField>'
    )
    points = (
        '<Output><OutputField name="points" optype="continuous" dataType="double" '
        'feature="transformedValue"><FieldRef field="x"/></OutputField></Output>'
    )
    data = by_hand(
        fields=interval + FIELDS.partition("/>")[2],
        mining=MINING.replace('"x"', '"x" missingValueReplacement="104"').replace(
            '"c"', '"c" invalidValueTreatment="asMissing"'
        ),
        answers=points,
    )
    with open_model(data, "m.pmml") as opened:
        told = {one.name: one for one in opened.facts.inputs}
        assert told["x"].missing == "allowed"
        assert told["c"].unseen == "as_missing"
        notes = " ".join(opened.facts.notes)
        assert "outside the range that the file lists get no score: inputs 'x'" in notes
        assert "also computes 'points', which isn't read" in notes
        filled = opened.score(hand_rows(x=(np.nan, 104), c="aa", f=(1, 1), k=(1, 1)))
        assert (filled[0] == filled[1]).all()
        unseen = opened.score(hand_rows(x=(104, 104), c=("z", None), f=(1, 1), k=(1, 1)))
        assert (unseen[0] == unseen[1]).all()
        with pytest.raises(InputError, match=r'no score, the first because: Field "x".* 99\.0'):
            opened.score(hand_rows(x=(104, 99)))
    as_it_is = data.replace(b'name="x" missing', b'name="x" invalidValueTreatment="asIs" missing')
    with open_model(as_it_is, "m.pmml") as opened:
        assert "outside the range" not in " ".join(opened.facts.notes)
        assert np.isfinite(opened.score(hand_rows(x=(104, 99)))).all()


def check(chance: float) -> str:
    cells = {"x": 1, "c": "a", "f": "true", "k": 1, "p": chance}
    fields = "".join(f'<VerificationField field="{n}" column="{n}"/>' for n in cells)
    row = "".join(f"<{name}>{value}</{name}>" for name, value in cells.items())
    return (
        '<ModelVerification recordCount="1" fieldCount="5">'
        f"<VerificationFields>{fields}</VerificationFields>"
        f"<InlineTable><row>{row}</row></InlineTable></ModelVerification>"
    )


def test_rows_that_the_file_holds_for_a_check_are_checked() -> None:
    chance = (
        '<Output><OutputField name="p" optype="continuous" dataType="double" '
        'feature="probability" value="yes"/></Output>'
    )
    right = by_hand(answers=chance, after=check(1 / (1 + np.exp(2.0))))
    with open_model(right, "m.pmml") as opened:
        assert opened.facts.notes == ()
    with pytest.raises(InputError, match=r"holds for a check don't come out \(Values 0\.5 and"):
        open_model(by_hand(answers=chance, after=check(0.5)), "m.pmml")


DEEP = '<Apply function="+"><FieldRef field="x"/>' * 1900 + "<Constant>1</Constant>"
DERIVED = (
    '<TransformationDictionary><DerivedField name="d" optype="continuous" dataType="double">'
    "{}</DerivedField></TransformationDictionary>"
)
ASKS_D = TABLES.replace('"x"', '"d"')
REFUSED = {
    "a field that isn't there": (by_hand(mining='<MiningField name="z"/>'), 'Field "z" is not'),
    "a date": (
        by_hand(fields=FIELDS.replace('"double"', '"date"')),
        "its input 'x' is of the type date, which no column of a table holds",
    ),
    "classes that aren't listed": (
        by_hand(target='<DataField name="y" optype="categorical" dataType="string"/>'),
        "doesn't list the classes",
    ),
    "no input": (
        by_hand(
            mining="",
            tables='<RegressionTable intercept="1" targetCategory="yes"/>'
            '<RegressionTable intercept="0" targetCategory="no"/>',
        ),
        "the model has no input",
    ),
    "clusters": (
        by_hand().replace(b'"classification"', b'"clustering"'),
        "it is a model for clustering, which gives people no score",
    ),
    "another namespace": (
        by_hand().replace(b"http://www.dmg.org/PMML-4_4", b"http://example.org/pmml"),
        "does not match",
    ),
    "no model": (by_hand().partition(b"<RegressionModel")[0] + b"</PMML>", "is not defined"),
    "a field that asks for itself": (
        by_hand(before=DERIVED.format('<FieldRef field="d"/>'), tables=ASKS_D),
        "JPMML-Evaluator can't use it|no made-up row a score",
    ),
    "an expression nested too deep": (
        by_hand(before=DERIVED.format(DEEP + "</Apply>" * 1900), tables=ASKS_D),
        "its parts are nested too deep, or ask for themselves",
    ),
    "a class of Java as a function": (
        by_hand(
            before=DERIVED.format(
                '<Apply function="java.lang.Runtime"><FieldRef field="x"/></Apply>'
            ),
            tables=ASKS_D,
        ),
        "the model gives no made-up row a score",
    ),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_cannot_be_asked_is_refused_in_a_sentence(case: str) -> None:
    data, sentence = REFUSED[case]
    with pytest.raises(InputError, match=sentence) as refused:
        open_model(data, "m.pmml")
    assert refused.value.remedy


def test_java_without_the_memory_it_takes_ends_in_a_sentence() -> None:
    with pytest.raises(InputError) as refused:
        open_model(by_hand(), "m.pmml", limits=Limits(memory=64 << 20))
    assert refused.value.remedy


def test_java_is_bound_by_the_filter_and_dies_with_its_process(logit: ModelProcess) -> None:
    before = logit.score(hand_rows())
    assert logit._child is not None
    pid = logit._child._process.pid
    with open(f"/proc/{pid}/status") as status:
        assert "Seccomp:\t2" in status.read()
    logit._child._process.kill()
    logit._child._process.wait()
    assert np.array_equal(logit.score(hand_rows()), before)


def test_java_that_is_missing_is_named_with_the_way_to_install_it() -> None:
    from core.external_models.sandbox.pmml.java_machine import start_java

    with pytest.raises(InputError, match="it takes Java, which isn't found") as refused:
        start_java(None, "jpmml_evaluator", 1)
    assert "apt install default-jre-headless" in str(refused.value)
    assert "JAVA_HOME" in str(refused.value)
    with pytest.raises(InputError, match="Java doesn't start"):
        start_java("/nowhere/libjvm.so", "jpmml_evaluator", 1)
