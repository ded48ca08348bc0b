"""From a notebook: audits of frames, arrays and fitted classifiers, and what results show."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.tree import DecisionTreeClassifier

import equipoise
from core.cli.audit import audit as command_audit
from core.cli.parser import parser
from core.data.frames import table_of
from core.data.reading.reading import read_path
from core.ledger.files import data_sets
from core.storage.workspace import default_root


def people(rows: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], rows),
            "age": rng.integers(18, 80, rows),
            "income": rng.normal(50, 10, rows),
        }
    )
    chance = 1 / (1 + np.exp(-(frame["income"] - 50) / 6 - (frame["sex"] == "m")))
    return frame.assign(repaid=np.where(rng.random(rows) < chance, "yes", "no"))


def rate(result: equipoise.FairnessResult, group: str, metric: str) -> float:
    frame = result.to_frame()
    return float(frame.query("group == @group and metric == @metric")["estimate"].item())


def test_an_audit_of_a_sample_gives_the_figures_of_the_command(tmp_path: Path) -> None:
    words = ["audit", "--data", "german_credit", "--explain", "0", "--out", str(tmp_path)]
    command_audit(parser().parse_args(words))
    wanted = json.loads((tmp_path / "audit.json").read_text())
    sample = equipoise.load_sample("german_credit")
    found = equipoise.audit(
        sample.frame, **sample.roles, caveats=sample.caveats, explain=0
    ).to_dict()
    for part in ("performance", "fairness"):
        assert found[part] == wanted[part]
    assert found["findings"] == wanted["findings"]
    assert found["plan"]["roles"] == wanted["plan"]["roles"]


def test_a_sample_brings_public_bounds_for_a_private_learner() -> None:
    sample = equipoise.load_sample("german_credit")
    record: dict[str, Any] = {**sample.roles, "bounds": sample.bounds, "explain": 0}
    for learner in ("dp_logistic_regression", "dp_naive_bayes"):
        cap = equipoise.Budget(9.0, 1e-4)
        result = equipoise.audit(
            sample.frame, learner=learner, epsilon=1.0, cap=cap, reason="both", **record
        )
        assert "Trained with ε = 1" in repr(result)


@pytest.mark.parametrize("name", ["compas", "heart_disease", "hiring"])
def test_every_sample_can_be_given_with_its_roles(name: str) -> None:
    sample = equipoise.load_sample(name)
    result = equipoise.audit(sample.frame, **sample.roles, explain=0)
    assert result.findings


def test_a_fitted_classifier_has_the_rates_that_fairlearn_counts() -> None:
    frame = people()
    model = LogisticRegression().fit(frame[["age", "income"]], frame["repaid"])
    before = frame.copy()
    result = equipoise.audit(
        frame, target="repaid", positive_label="yes", sensitive="sex", estimator=model
    )
    pd.testing.assert_frame_equal(frame, before)
    said = model.predict(frame[["age", "income"]]) == "yes"
    true = frame["repaid"] == "yes"
    counted = MetricFrame(
        metrics={"selection_rate": selection_rate, "false_positive_rate": false_positive_rate},
        y_true=true, y_pred=said, sensitive_features=frame["sex"],
    )  # fmt: skip
    for group in ("f", "m"):
        for metric in ("selection_rate", "false_positive_rate"):
            wanted = counted.by_group.loc[group, metric]
            assert rate(result, group, metric) == pytest.approx(wanted, abs=1e-12)
    assert rate(result, "everyone", "roc_auc") > 0.5
    assert "trained the model isn't known" in result.limits[0]
    assert result.limits[0] in json.loads(result.to_json())["dataset"]["caveats"]


def test_the_score_is_that_of_the_positive_label_whatever_the_order_of_classes() -> None:
    frame = people()
    model = LogisticRegression().fit(frame[["income"]], frame["repaid"])
    each = [
        equipoise.audit(
            frame, target="repaid", positive_label=label, sensitive="sex", estimator=model
        )
        for label in ("yes", "no")
    ]
    first, second = (rate(result, "everyone", "roc_auc") for result in each)
    assert first == pytest.approx(second, abs=1e-12)
    assert first > 0.5


def test_a_classifier_without_probabilities_is_audited_by_its_decisions() -> None:
    frame = people()
    model = RidgeClassifier().fit(frame[["income"]].to_numpy(), frame["repaid"])
    result = equipoise.audit(
        frame, target="repaid", positive_label="yes", sensitive="sex", estimator=model,
        features=["income"],
    )  # fmt: skip
    missing = result.to_frame().query("metric == 'roc_auc' and group == 'everyone'")
    assert missing["estimate"].isna().all()
    assert missing["reason"].item()


def refused(**given: Any) -> equipoise.InputError:
    frame = people(80)
    record: dict[str, Any] = {"target": "repaid", "positive_label": "yes", "sensitive": "sex"}
    with pytest.raises(equipoise.InputError) as caught:
        equipoise.audit(given.pop("data", frame), **(record | given))
    return caught.value


def fitted(columns: list[str], model: Any = None) -> Any:
    frame = people(80)
    return (model or DecisionTreeClassifier()).fit(frame[columns], frame["repaid"])


ELSEWHERE = re.compile(r"--[a-z]|\bpages?\b")
"""What a caller of Python has no use for: flags of the command line, and pages."""

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"data": [1, 2]}, "this is a list, not a pandas DataFrame"),
    ({"data": pd.DataFrame({"a": []})}, "the table has no row"),
    ({"sensitive": "gender"}, "there is no column of that name"),
    ({"target": None}, "neither true outcomes nor decisions"),
    ({"positive_label": None}, "label counted as positive is missing"),
    ({"positive_label": "maybe"}, "maybe"),
    ({"features": ["incme"]}, "Perhaps 'income' was meant"),
    ({"estimator": DecisionTreeClassifier()}, "no predict and classes_"),
    ({"estimator": LinearRegression().fit([[0], [1]], [0, 1])}, "no predict and classes_"),
    ({"estimator": fitted(["age"]), "positive_label": 1}, "no label '1'"),
    ({"estimator": fitted(["age"]), "prediction": "repaid"}, "would be ignored"),
    ({"estimator": fitted(["age"]), "data": people(80).drop(columns="age")}, "the rows lack 'age'"),
    (
        {"estimator": DecisionTreeClassifier().fit([[0], [1]], ["no", "yes"])},
        "fitted on an array",
    ),
    ({"estimator": fitted(["age"]), "features": ["sex"]}, "its predict failed"),
    ({"estimator": fitted(["age"]), "learner": "logistic_regression"}, "nothing is trained"),
    ({"prediction": "repaid", "epsilon": 1.0}, "nothing is trained"),
    ({"epsilon": 1.0}, "logistic_regression is not private"),
    ({"learner": "dp_binned_regression"}, "how much it may reveal isn't said"),
    ({"learner": "logistic"}, "there is no model of that name"),
    ({"task": "classes"}, "there is no audit of that kind"),
    ({"loss_bound": 1.0, "prediction": "repaid"}, "audit amounts: task='regression'"),
    ({"charge_to": "abc"}, "logistic_regression is not private"),
    ({"learner": "dp_naive_bayes", "epsilon": 1.0, "reason": "x"}, "Give cap=Budget(…) too"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "sentence"), REFUSED)
def test_what_cannot_be_used_gets_a_sentence(given: dict[str, Any], sentence: str) -> None:
    text = str(refused(**given))
    assert sentence in text
    assert not ELSEWHERE.search(text)


def test_a_column_of_mixed_types_is_named() -> None:
    frame = people(80).assign(odd=[1, "a"] * 40)
    assert "column 'odd': it holds values of different types (int, str)" in str(refused(data=frame))


def test_a_private_training_is_charged_to_the_ledger_of_the_data_set() -> None:
    record: dict[str, Any] = {
        "target": "repaid", "positive_label": "yes", "sensitive": "sex",
        "learner": "dp_binned_regression", "explain": 0,
        "bounds": {"age": [18, 80], "income": [0, 100]},
    }  # fmt: skip
    result = equipoise.audit(people(), epsilon=1.0, **record)
    assert "Trained with ε = 1, δ = 1e-06." in repr(result)
    assert len(data_sets(default_root())) == 1
    with pytest.raises(equipoise.InputError, match="cap") as caught:
        equipoise.audit(people(), epsilon=2.0, seed=1, **record)
    assert "cap=Budget(…), reason='…'" in str(caught.value)
    raised = equipoise.Budget(3.0, 1e-5)
    with pytest.raises(equipoise.InputError, match="reason='…'"):
        equipoise.audit(people(), epsilon=2.0, seed=1, cap=raised, **record)
    again = equipoise.audit(
        people(), epsilon=2.0, seed=1, cap=raised, reason="a second look", **record
    )
    assert again.to_dict()["privacy"]["cap"]["epsilon"] == 3.0
    near = people().assign(age=people()["age"].where(people().index > 0, 50))
    with pytest.raises(equipoise.InputError, match="were spent on before") as caught:
        equipoise.audit(near, epsilon=1.0, **record)
    assert "apart_because=" in str(caught.value)
    assert not ELSEWHERE.search(str(caught.value))
    (ledger,) = re.findall("charge_to='([0-9a-f]{12})'", str(caught.value))
    with pytest.raises(equipoise.InputError, match="of the cap ε = 3"):
        equipoise.audit(near, epsilon=1.0, charge_to=ledger, **record)
    with pytest.raises(equipoise.InputError, match="would be ignored"):
        equipoise.audit(near, epsilon=1.0, charge_to=ledger, apart_because="others", **record)


def test_bounds_that_tell_nothing_are_remedied_by_the_parameter() -> None:
    with pytest.raises(equipoise.InputError, match="stand out of the noise") as caught:
        equipoise.audit(
            people(60), target="repaid", positive_label="yes", sensitive="sex",
            learner="dp_binned_regression", epsilon=0.01,
        )  # fmt: skip
    assert "bounds={" in str(caught.value)
    assert not ELSEWHERE.search(str(caught.value))


def test_a_frame_is_read_as_the_same_rows_in_a_file(tmp_path: Path) -> None:
    frame = people(50).assign(
        when=pd.date_range("2026-01-01", periods=50),
        kind=pd.Categorical(["a", "b"] * 25),
        whole=pd.array([1, None] * 25, dtype="Int64"),
        flag=[True, False] * 25,
        text=pd.array(["x", None] * 25, dtype="string"),
    )
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    here, there = table_of(frame), read_path(tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(here.frame, there.frame)
    assert here.columns == there.columns
    assert here.provenance.sha256 == table_of(frame.copy()).provenance.sha256
    assert here.provenance.sha256 != table_of(frame.iloc[::-1]).provenance.sha256


def test_arrays_are_compared_between_groups() -> None:
    frame = people()
    said = (frame["income"] > 50).to_numpy()
    true = (frame["repaid"] == "yes").to_numpy()
    result = equipoise.fairness(
        true, said, sensitive=frame[["sex"]], positive_label=True, y_score=frame["income"],
        weight=np.ones(len(frame)), person=np.arange(len(frame)),
    )  # fmt: skip
    for group in ("f", "m"):
        assert rate(result, group, "selection_rate") == pytest.approx(
            said[frame["sex"] == group].mean(), abs=1e-12
        )
    without = equipoise.fairness(None, said, sensitive=frame["sex"], positive_label=True)
    missing = without.to_frame().query("metric == 'true_positive_rate'")
    assert missing["estimate"].isna().all()
    assert missing["reason"].str.contains("no true outcome was given").all()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"y_true": [1, 0]}, "y_true: it has the shape (2,), and sensitive has 4 rows"),
        ({"sensitive": [["a"]] * 4}, "sensitive: it has the shape (4, 1)"),
        ({"sensitive": pd.Series(list("abab"), name="y_pred")}, "the name 'y_pred'"),
    ],
)
def test_arrays_that_do_not_fit_get_a_sentence(given: dict[str, Any], sentence: str) -> None:
    result = {"y_true": [1, 0, 1, 0], "y_pred": [1, 1, 0, 0], "sensitive": list("abab")} | given
    with pytest.raises(equipoise.InputError) as caught:
        equipoise.fairness(**result)
    assert sentence in str(caught.value)


def test_results_show_themselves_and_escape_what_users_wrote(tmp_path: Path) -> None:
    frame = people(200).replace({"sex": {"f": "<script>alert(1)</script>"}})
    record: dict[str, Any] = {"target": "repaid", "positive_label": "yes", "sensitive": "sex"}
    result = equipoise.audit(frame, explain=0, name="<b>loans</b>", **record)
    shown = result._repr_html_()
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "&lt;script&gt;" in shown
    assert all(f"<td>{finding.severity}</td>" in shown for finding in result.findings)
    page = result.report(tmp_path / "audit.html")
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    card = result.model_card(tmp_path / "README.md", intended_use="Loans", license="mit")
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == card
    assert 'license: "mit"' in card
    assert "\\<b\\>loans\\</b\\>" in card
    assert json.loads(result.to_json()) == result.to_dict()
    with pytest.raises(equipoise.InputError, match="it can't be written"):
        result.report(tmp_path / "none" / "audit.html")
    both = equipoise.compare(result, result)
    assert (both.to_frame()["difference"].dropna() == 0).all()
    assert "<script>" not in both._repr_html_()
    assert "B − A" in repr(both)
    json.loads(both.to_json())


def test_a_group_too_small_to_judge_says_so_beside_its_figures() -> None:
    frame = people(200)
    frame.loc[:9, "sex"] = "x"
    result = equipoise.fairness(
        frame["repaid"], frame["repaid"], sensitive=frame["sex"], positive_label="yes"
    )
    reasons = result.to_frame().query("group == 'x'")["too_small"].unique()
    assert len(reasons) == 1
    assert f"too small to judge: {reasons[0]}" in result._repr_html_()


def test_public_names_are_the_documented_ones() -> None:
    for name in equipoise.__all__:
        assert (getattr(equipoise, name).__doc__ or "").strip(), name
    assert set(equipoise.__all__) <= set(dir(equipoise))
    assert len(equipoise.__all__) <= 12
    returned = {name for name in equipoise.results.__all__ if name.endswith("Result")}
    for name in returned:
        assert hasattr(getattr(equipoise.results, name), "_repr_html_"), name
    # Where they stood before they had a module of their own.
    assert equipoise.AuditResult is equipoise.results.AuditResult
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = equipoise.nothing
    from core.reporting.audit_json import VERSION

    assert equipoise.__version__ == VERSION


def test_columns_that_have_numbers_for_names_are_named_by_them() -> None:
    rows = pd.DataFrame({0: ["f", "m"] * 50, 1: [1, 1, 0, 0] * 25, 2: [1, 0, 0, 1] * 25})
    found = equipoise.audit(rows, sensitive=0, target=1, prediction=2, positive_label=1)  # type: ignore[call-overload]
    named = equipoise.audit(
        rows.rename(columns=str), sensitive="0", target="1", prediction="2", positive_label=1
    )
    pd.testing.assert_frame_equal(found.to_frame(), named.to_frame())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"sensitive": None}, "sensitive: it is None, and no name of a column"),
        ({"sensitive": ["sex", 1.5]}, "sensitive: it is 1.5, and no name"),
        ({"target": ["repaid"]}, r"target: it is \['repaid'\], and no name"),
        ({"weight": True}, "weight: it is True, and no name"),
        ({"weight": 3}, "'3': there is no column of that name"),
        ({"identifier": 1.5}, "identifier: it is 1.5"),
        ({"features": 1.5}, "features: it is 1.5"),
        ({"positive_is_favourable": "no"}, "positive_is_favourable: it is 'no', and neither"),
        ({"positive_is_favourable": None}, "positive_is_favourable: it is None, and neither"),
        ({"explain": -1}, "explain -1: it must be a whole number, 0 or more"),
        ({"explain": 2.5}, "explain 2.5: it must be a whole number"),
        ({"seed": None}, "seed = None: the seed must be a whole number"),
        ({"seed": 1.5}, "seed = 1.5: the seed must be a whole number"),
    ],
)
def test_what_is_of_the_wrong_type_is_refused_in_a_sentence(
    given: dict[str, Any], says: str
) -> None:
    told: dict[str, Any] = {"target": "repaid", "positive_label": "yes", "sensitive": "sex"} | given
    with pytest.raises(equipoise.InputError, match=f"^{says}"):
        equipoise.audit(people(100), **told)


def test_one_caveat_is_one_finding() -> None:
    rows = people(100).assign(said="yes")
    told = {"sensitive": "sex", "prediction": "said", "target": "repaid", "positive_label": "yes"}
    one, listed = (equipoise.audit(rows, **told, caveats=c) for c in ("old data", ["old data"]))
    assert one.findings == listed.findings


def test_true_is_no_epsilon_and_leaves_the_ledger_readable() -> None:
    told: dict[str, Any] = {"kind": "mean", "columns": "age", "bounds": {"age": [0, 120]}}
    with pytest.raises(equipoise.InputError, match="epsilon = True"):
        equipoise.private_release(people(), epsilon=True, **told)
    assert equipoise.private_release(people(), epsilon=1.0, **told).charged == 1.0


def test_whole_numbers_beyond_64_bits_are_refused_in_a_sentence() -> None:
    told: dict[str, Any] = {"target": "repaid", "positive_label": "yes", "sensitive": "sex"}
    told |= {"prediction": "said"}
    rows = people(100).assign(said="yes", number=[2**63 - 1] * 100)
    equipoise.audit(rows, **told)
    with pytest.raises(equipoise.InputError, match="column 'number': it holds a whole number that"):
        equipoise.audit(rows.assign(number=[2**70] * 100), **told)


def test_series_of_another_order_are_refused_and_not_taken_by_position() -> None:
    rows = pd.DataFrame({"y": [1, 0, 1, 0], "p": [1, 0, 0, 0], "s": ["a", "a", "b", "b"]})
    rows = pd.concat([rows] * 20, ignore_index=True)
    mixed = rows["y"].sample(frac=1, random_state=1)
    with pytest.raises(equipoise.InputError, match="its index is another"):
        equipoise.fairness(mixed, rows["p"], sensitive=rows["s"])
    in_order = equipoise.fairness(mixed.loc[rows.index], rows["p"], sensitive=rows["s"])
    arrays = (rows["y"].to_numpy(), rows["p"].to_numpy())
    assert in_order.to_frame().equals(equipoise.fairness(*arrays, sensitive=rows["s"]).to_frame())


def test_the_table_of_local_law_144_is_that_of_the_command(tmp_path: Path) -> None:
    case, native = "tests/cases/hiring_decisions.csv", "Native American or Alaska Native"
    command_audit(
        parser().parse_args(
            ["audit", "--data", case, "--prediction", "selected", "--score", "score",
             "--favourable", "1", "--sensitive", "sex,race", "--preset", "local-law-144",
             "--sex", "sex", "--race", "race", "--category", f"race={native}:NatAm",
             "--smallest-share", "0.02", "--share-reason", "too few", "--share-base", "known",
             "--auditor", "A. Person", "--out", str(tmp_path)]
        )
    )  # fmt: skip
    wanted = json.loads((tmp_path / "audit.json").read_text())

    def found(**more: Any) -> dict[str, Any]:
        record: dict[str, Any] = equipoise.audit(
            pd.read_csv(case), prediction="selected", score="score", positive_label=1,
            sensitive=["sex", "race"], smallest_share=0.02, share_reason="too few",
            share_base="known",
            bias_audit=equipoise.BiasAudit("sex", "race", auditor="A. Person", **more),
        ).to_dict()  # fmt: skip
        return record

    assert found(categories={"race": {native: ["NatAm"]}})["bias_audit"] == wanted["bias_audit"]
    for more, says in (
        ({}, "no category is declared for 'NatAm'"),
        ({"categories": {"score": {"Asian": [3]}}}, "neither sex= nor race="),
        ({"categories": {"race": {"Asian": "NatAm", native: ["NatAm"]}}}, "it has two categories"),
    ):
        with pytest.raises(equipoise.InputError, match=says):
            found(**more)
    with pytest.raises(equipoise.InputError, match="has no impact ratios"):
        equipoise.audit(
            people(), task="regression", target="age", prediction="income", sensitive="sex",
            bias_audit=equipoise.BiasAudit("sex", "race"),
        )  # fmt: skip


@pytest.mark.parametrize("word", ["Unknown", None])
def test_rows_of_unknown_group_are_no_reference_of_impact_ratios(word: str | None) -> None:
    sex = ["F"] * 60 + ["M"] * 60 + [word] * 40
    hired = [1, 0] * 30 + [1, 1, 0] * 20 + [1, 0] * 20
    data, name = pd.DataFrame({"sex": sex, "hired": hired}), word or "(missing)"
    asked: dict[str, Any] = {"prediction": "hired", "positive_label": "1", "sensitive": ["sex"]}
    with pytest.raises(equipoise.InputError, match="in no ratio, so it can't be the reference"):
        equipoise.audit(data, impact_reference=name, **asked)
    found = equipoise.audit(data, impact_reference=name, compare_unknown=True, **asked).to_dict()
    table = found["fairness"]["by_attribute"]["sex"]["impact_ratios"]
    assert table["reference"] == {"kind": "group", "group": name}
