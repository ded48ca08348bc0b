"""The boosting libraries' own files answer as the library does in the process that trained.

Tolerance: 1e-6 in probability. XGBoost and CatBoost add leaves in float32 and float64 in the same
order here and there, so most answers are equal to the last bit.
"""

from __future__ import annotations

import warnings
from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost

from core.errors import InputError
from core.external_models.sandbox.model_process import open_model
from tests.core.external_models.booster_files import FILES, given, trained
from tests.core.external_models.tables import german_credit, with_holes

CLOSE = 1e-6
pytestmark = pytest.mark.usefixtures("in_process")


def test_classes_have_names_where_the_file_has_them() -> None:
    table = german_credit()
    for library, named in (("catboost", True), ("lightgbm", False), ("xgboost json", False)):
        data, *_ = trained(table, library)
        with open_model(data, FILES[library]) as opened:
            assert opened.facts.named_classes is named
            assert opened.facts.classes == (("bad", "good") if named else ("0", "1"))
            assert any("numbered" in note for note in opened.facts.notes) is not named


@pytest.mark.parametrize("library", list(FILES))
def test_columns_go_by_name_whatever_their_order(library: str) -> None:
    data, frame, model = trained(german_credit(), library)
    turned = given(frame[frame.columns[::-1]])
    with open_model(data, FILES[library]) as opened:
        scores = opened.score(turned)
    assert np.abs(scores - model.predict_proba(frame)).max() < CLOSE


@pytest.mark.parametrize("library", list(FILES))
def test_a_few_rows_score_as_all_do(library: str) -> None:
    """Fewer categories in another order of first sight, as in a fresh process."""
    data, frame, model = trained(with_holes(), library)
    few = frame.iloc[[40, 7, 3]]
    with open_model(data, FILES[library]) as opened:
        scores = opened.score(given(few))
    assert np.abs(scores - model.predict_proba(frame)[[40, 7, 3]]).max() < CLOSE


@pytest.mark.parametrize("library", list(FILES))
def test_three_classes_have_three_scores(library: str) -> None:
    table = german_credit()
    labels = np.digitize(table.features["age"], [30, 45])
    data, frame, model = trained(table, library, labels)
    with open_model(data, FILES[library]) as opened:
        assert (opened.facts.task, opened.facts.classes) == ("multiclass", ("0", "1", "2"))
        scores = opened.score(given(frame))
    assert np.abs(scores - model.predict_proba(frame)).max() < CLOSE


def test_unseen_categories_are_refused_or_told() -> None:
    data, frame, _ = trained(german_credit(), "xgboost json")
    column = given(frame)
    column["housing"][0] = "castle"
    with open_model(data, "m.json") as opened:
        housing = next(one for one in opened.facts.inputs if one.name == "housing")
        assert housing.categories == ("for free", "own", "rent")
        assert housing.unseen == "refused"
        with pytest.raises(InputError, match="doesn't know the category 'castle'"):
            opened.score(column)
    data, frame, model = trained(german_credit(), "lightgbm")
    with open_model(data, "m.txt") as opened:
        housing = next(one for one in opened.facts.inputs if one.name == "housing")
        assert (housing.categories, housing.unseen) == (("for free", "own", "rent"), "as_missing")
        frame["housing"] = frame["housing"].astype(object)
        frame.loc[0, "housing"] = None
        missing = opened.score(given(frame))
        assert np.array_equal(opened.score(column), missing)
    data, frame, model = trained(german_credit(), "catboost")
    with open_model(data, "m.cbm") as opened:
        housing = next(one for one in opened.facts.inputs if one.name == "housing")
        assert (housing.categories, housing.unseen) == (None, "own_way")
        (note,) = opened.facts.notes
        for one in opened.facts.inputs:
            unlisted = one.kind == "category" and one.category_hashes is None
            assert ("keeps no list" in note and repr(one.name) in note) == unlisted
        frame.loc[0, "housing"] = "castle"
        assert np.abs(opened.score(column) - model.predict_proba(frame)).max() < CLOSE


def test_missing_values_are_as_the_library_learned_them() -> None:
    said = {}
    for library in ("xgboost json", "lightgbm", "catboost"):
        data, *_ = trained(with_holes(), library)
        with open_model(data, FILES[library]) as opened:
            said[library] = [one.missing for one in opened.facts.inputs]
    assert said["xgboost json"] == ["unknown", "unknown", "unknown"]
    assert said["lightgbm"] == ["allowed", "unknown", "unknown"]
    assert said["catboost"] == ["allowed", "refused", "unknown"]


def test_a_category_beyond_ascii_is_refused_where_the_file_damaged_it() -> None:
    table = with_holes()
    frame = table.features.assign(town=table.features["town"].astype("category"))
    model = xgboost.XGBClassifier(n_estimators=3, enable_categorical=True)
    data = bytes(model.fit(frame, table.labels == "paid").get_booster().save_raw("json"))
    if xgboost.__version__.startswith("3.2."):
        with pytest.raises(InputError, match=r"of input 'town' is damaged: XGBoost up to 3\.2"):
            open_model(data, "m.json")
    else:
        with open_model(data, "m.json") as opened:
            scores = opened.score(table.columns())
        assert np.abs(scores - model.predict_proba(frame)).max() < CLOSE


def test_early_stopping_is_kept() -> None:
    table = german_credit()
    frame = table.features[list(table.numbers)]
    labels = (table.labels == "good").astype(int)
    model = xgboost.XGBClassifier(n_estimators=60, early_stopping_rounds=2, learning_rate=0.8)
    model.fit(frame[:300], labels[:300], eval_set=[(frame[300:], labels[300:])], verbose=False)
    with open_model(bytes(model.get_booster().save_raw("ubj")), "m.ubj") as opened:
        assert any("stopped early" in note for note in opened.facts.notes)
        scores = opened.score(given(frame))
    assert np.abs(scores - model.predict_proba(frame)).max() < CLOSE


def test_regressions_and_margins_are_told_apart() -> None:
    table = german_credit()
    X = table.features[["age", "credit_amount"]]
    y = table.features["duration_months"]
    cases: list[tuple[str, bytes, Any]] = []
    tree = xgboost.XGBRegressor(n_estimators=5).fit(X, y)
    cases.append(("m.json", bytes(tree.get_booster().save_raw("json")), tree))
    light = lightgbm.LGBMRegressor(n_estimators=5, verbose=-1).fit(X, y)
    cases.append(("m.txt", light.booster_.model_to_string().encode(), light))
    cat = catboost.CatBoostRegressor(
        iterations=5, verbose=0, allow_writing_files=False, loss_function="Poisson"
    ).fit(X, y)
    cases.append(("m.cbm", cat._serialize_model(), cat))
    for name, data, model in cases:
        with open_model(data, name) as opened:
            assert (opened.facts.task, opened.facts.classes) == ("regression", None)
            assert opened.score(given(X)) == pytest.approx(model.predict(X), rel=1e-6)
    raw = xgboost.XGBClassifier(n_estimators=5, objective="binary:logitraw")
    raw.fit(X, table.labels == "good")
    with open_model(bytes(raw.get_booster().save_raw("json")), "m.json") as opened:
        assert opened.facts.output == "margin"
        margin = raw.predict(X, output_margin=True)
        assert opened.score(given(X)) == pytest.approx(margin, rel=1e-6)


def test_matrices_without_names_have_numbered_inputs() -> None:
    table = german_credit()
    X, y = table.features[["age", "credit_amount"]].to_numpy(), table.labels == "good"
    tree = xgboost.XGBClassifier(n_estimators=3).fit(X, y)
    light = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(X, y)
    cat = catboost.CatBoostClassifier(iterations=3, verbose=0, allow_writing_files=False).fit(X, y)
    files = {
        "m.json": bytes(tree.get_booster().save_raw("json")),
        "m.txt": light.booster_.model_to_string().encode(),
        "m.cbm": cat._serialize_model(),
    }
    for name, data in files.items():
        with open_model(data, name) as opened:
            assert not opened.facts.named_inputs
            assert len(opened.facts.inputs) == 2


@pytest.mark.parametrize("library", list(FILES))
@pytest.mark.parametrize("left", [0.3, 0.7, 0.95])
def test_a_file_that_was_cut_off_is_refused(library: str, left: float) -> None:
    data, *_ = trained(german_credit(), library)
    with pytest.raises(InputError) as refused:
        open_model(data[: int(len(data) * left)], FILES[library])
    assert refused.value.remedy


def test_of_catboost_no_byte_may_be_missing_or_too_many() -> None:
    # CatBoost 1.2.10 opens a file without its last bytes and scores otherwise, or dies.
    table = german_credit()
    data, *_ = trained(table, "catboost")
    numbers = catboost.CatBoostClassifier(iterations=3, verbose=0, allow_writing_files=False).fit(
        table.features[["age", "credit_amount"]], table.labels
    )
    for whole in (data, numbers._serialize_model()):
        open_model(whole, "m.cbm").close()
        for changed in (whole[:-1], whole[:-50], whole[:-400], whole + b"\0"):
            with pytest.raises(InputError, match="damaged or was cut off"):
                open_model(changed, "m.cbm")


def test_of_lightgbm_no_line_may_be_missing_but_those_that_no_library_writes() -> None:
    text = trained(german_credit(), "lightgbm")[0].decode()
    end = text.index("\nend of trees")
    after = text.index("pandas_categorical:")
    for cut in (
        end + 14,  # trees alone
        text.index("feature_importances") + 30,
        text.index("\nparameters:"),
        text.index("\nparameters:") + 40,
        text.index("end of parameters") + 8,
        after + 6,
        after + 40,
    ):
        with pytest.raises(InputError, match="cut off"):
            open_model(text[:cut].encode(), "m.txt")
    open_model(text.rstrip("\n").encode(), "m.txt").close()
    # Other languages write no list of pandas' categories, old versions no parameters.
    open_model(text[:after].rstrip("\n").encode() + b"\n", "m.txt").close()
    old = text.replace("version=v4", "version=v2")[: end + 14]
    open_model(old.encode(), "m.txt").close()


def test_what_xgboost_says_is_told_without_where_in_its_source() -> None:
    data, *_ = trained(german_credit(), "xgboost json")
    with pytest.raises(InputError) as refused:
        open_model(data[:-100], "m.json")
    assert "damaged or was cut off" in str(refused.value)
    assert "/" not in str(refused.value)
    assert "Stack trace" not in str(refused.value)


def test_changed_line_ends_are_refused() -> None:
    data, *_ = trained(german_credit(), "lightgbm")
    with pytest.raises(InputError, match="line ends were changed"):
        open_model(data.replace(b"\n", b"\r\n"), "m.txt", format="lightgbm")


def test_truth_values_and_numbered_categories_are_taken() -> None:
    table = german_credit()
    frame = pd.DataFrame(
        {
            "owns": table.features["housing"] == "own",
            "rate": pd.Categorical(table.features["installment_rate"]),
            "age": table.features["age"],
        }
    )
    columns = {
        "owns": frame["owns"].to_numpy(),
        "rate": frame["rate"].astype(str).to_numpy(object),
        "age": frame["age"].to_numpy(float),
    }
    labels = (table.labels == "good").astype(int)
    tree = xgboost.XGBClassifier(n_estimators=5, enable_categorical=True).fit(frame, labels)
    with open_model(bytes(tree.get_booster().save_raw("ubj")), "m.ubj") as opened:
        assert [one.kind for one in opened.facts.inputs] == ["flag", "category", "number"]
        assert opened.facts.inputs[1].category_values == (1, 2, 3, 4)
        assert np.abs(opened.score(columns) - tree.predict_proba(frame)).max() < CLOSE
    numbered = table.features[["installment_rate", "age"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        light = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, min_data_per_group=5)
        light.fit(numbered, labels, categorical_feature=["installment_rate"])
    with open_model(light.booster_.model_to_string().encode(), "m.txt") as opened:
        assert opened.facts.inputs[0].categories == ("1", "2", "3", "4")
        scores = opened.score({"installment_rate": columns["rate"], "age": columns["age"]})
    assert np.abs(scores - light.predict_proba(numbered)).max() < CLOSE


def test_categories_of_pandas_that_are_fractions_go_by_their_place_in_the_list() -> None:
    rng = np.random.default_rng(0)
    rate = rng.choice([1.0, 1.5, 10.0, 15.0], 400)
    frame = pd.DataFrame({"rate": pd.Categorical(rate), "x": rng.normal(size=400)})
    labels = (np.isin(rate, (1.5, 10.0)) ^ (rng.random(400) < 0.1)).astype(int)
    model = lightgbm.LGBMClassifier(n_estimators=10, verbose=-1, min_child_samples=5)
    model.fit(frame, labels)
    with open_model(model.booster_.model_to_string().encode(), "model.txt") as opened:
        names = np.array([f"{value:g}" for value in rate], dtype=object)
        scores = opened.score({"rate": names, "x": frame["x"].to_numpy()})
    np.testing.assert_allclose(scores, model.predict_proba(frame), atol=1e-12)
    assert np.ptp(scores[:, 1]) > 0.3
