"""ONNX files answer as their own library does.

Tolerance: 2e-6 in probability. The runtime adds a forest's leaves and a linear model's terms in
float32, so the seventh digit may differ; inputs are rounded to float32 on both sides.
"""

from __future__ import annotations

from pathlib import Path

import catboost
import lightgbm
import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
import xgboost
from onnx import TensorProto, helper
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    GradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from core.errors import InputError
from core.external_models.sandbox.model_process import open_model
from core.external_models.sandbox.onnx.columns import column_uses
from core.external_models.sandbox.onnx.graph import read_graph
from tests.core.external_models.onnx_files import (
    FOREST,
    as_learned,
    matrix_file,
    onnx_file,
    pipeline,
)
from tests.core.external_models.tables import german_credit, with_holes

CLOSE = 2e-6
pytestmark = pytest.mark.usefixtures("in_process")


def numbers() -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    table = german_credit()
    X = table.features[list(table.numbers)].to_numpy(np.float32)
    given = {f"X {i + 1}": X[:, i].astype(float) for i in range(X.shape[1])}
    return X, table.labels.to_numpy(), given


@pytest.mark.parametrize("zipmap", [True, False, "columns"])
def test_dicts_arrays_and_columns_of_scores_are_read_alike(zipmap: bool | str) -> None:
    X, y, given = numbers()
    fitted = FOREST.__class__(10, max_depth=4, random_state=1).fit(X, y)
    data = matrix_file(fitted, X.shape[1], zipmap=zipmap)
    with open_model(data, "m.onnx") as opened:
        scores = opened.score(given)
    assert opened.facts.classes == ("bad", "good")
    assert opened.facts.output == "probability"
    assert not opened.facts.named_inputs
    assert np.abs(scores - fitted.predict_proba(X)).max() < CLOSE


def test_scores_that_are_an_output_beside_their_dicts_are_taken() -> None:
    X, y, given = numbers()
    fitted = RandomForestClassifier(5, random_state=1).fit(X, y)
    model = onnx.load_from_string(matrix_file(fitted, X.shape[1], zipmap=True))
    between = next(node.input[0] for node in model.graph.node if node.op_type == "ZipMap")
    model.graph.output.append(helper.make_tensor_value_info(between, TensorProto.FLOAT, [None, 2]))
    with open_model(model.SerializeToString(), "m.onnx") as opened:
        assert opened.facts.classes == ("bad", "good")
        assert np.abs(opened.score(given) - fitted.predict_proba(X)).max() < CLOSE


@pytest.mark.parametrize("zipmap", [True, False])
def test_classes_that_are_numbers_keep_their_order(zipmap: bool) -> None:
    X, y, given = numbers()
    labels = np.where(y == "good", -3, np.where(X[:, 0] > 20, 12, 7))
    fitted = RandomForestClassifier(10, random_state=1).fit(X, labels)
    with open_model(matrix_file(fitted, X.shape[1], zipmap=zipmap), "m.onnx") as opened:
        scores = opened.score(given)
    assert (opened.facts.classes, opened.facts.task) == (("-3", "7", "12"), "multiclass")
    assert np.abs(scores - fitted.predict_proba(X)).max() < CLOSE


def test_a_regression_answers_numbers() -> None:
    X, _, given = numbers()
    for model in (LinearRegression(), RandomForestRegressor(10, max_depth=5, random_state=0)):
        fitted = model.fit(X[:, 1:], X[:, 0])
        with open_model(matrix_file(fitted, X.shape[1] - 1), "m.onnx") as opened:
            scores = opened.score({f"X {i}": given[f"X {i + 1}"] for i in range(1, X.shape[1])})
        assert (opened.facts.task, opened.facts.output) == ("regression", "number")
        assert opened.facts.classes is None
        assert scores == pytest.approx(fitted.predict(X[:, 1:]), rel=1e-5)


def test_naive_bayes_and_margins_have_their_classes() -> None:
    X, y, given = numbers()
    bayes = GaussianNB().fit(X, y)
    with open_model(matrix_file(bayes, X.shape[1]), "m.onnx") as opened:
        assert (opened.facts.classes, opened.facts.output) == (("bad", "good"), "probability")
        # Squares of large amounts are taken in float32.
        assert np.abs(opened.score(given) - bayes.predict_proba(X)).max() < 1e-4
    margin = LinearSVC(dual=False, max_iter=2000).fit((X - X.mean(0)) / X.std(0), y)
    with open_model(matrix_file(margin, X.shape[1]), "m.onnx") as opened:
        assert (opened.facts.classes, opened.facts.output) == (("bad", "good"), "margin")
        scores = opened.score(given)
    assert scores == pytest.approx(margin.decision_function(X), rel=1e-4, abs=1e-3)


def test_categories_missing_values_and_unseen_ones_are_told() -> None:
    table = with_holes()
    for one_hot in (True, False):
        fitted = pipeline(table, one_hot=one_hot)
        with open_model(onnx_file(fitted, table), "m.onnx") as opened:
            income, town, _ = opened.facts.inputs
            assert (income.kind, income.dtype, income.missing) == ("number", "float32", "allowed")
            assert (town.kind, town.unseen) == ("category", "own_way")
            assert (town.missing, town.missing_as) == ("allowed", "None")
            assert town.categories == ("7", "Brno", "Caféville", "Delft", "None")
            assert town.category_values is not None
            assert town.category_values[1:3] == ("Brno ", "Cafe\u0301ville")
            other = table.columns()
            other["town"] = other["town"].copy()
            other["town"][0] = "Atlantis"
            frame = as_learned(table)
            frame.loc[0, "town"] = "Atlantis"
            assert np.abs(opened.score(other) - fitted.predict_proba(frame)).max() < CLOSE


def test_a_linear_model_refuses_what_is_missing_and_says_how_many() -> None:
    X, y, given = numbers()
    fitted = LogisticRegression(max_iter=50).fit(X / X.std(0), y)
    given["X 2"] = given["X 2"].copy()
    given["X 2"][3:5] = np.nan
    with open_model(matrix_file(fitted, X.shape[1]), "m.onnx") as opened:
        assert {one.missing for one in opened.facts.inputs} == {"refused"}
        with pytest.raises(InputError, match="input 'X 2': 2 values are missing"):
            opened.score(given)


def test_a_forest_that_never_saw_a_hole_says_that_it_is_unknown() -> None:
    X, y, _ = numbers()
    fitted = RandomForestClassifier(5, random_state=0).fit(X, y)
    with open_model(matrix_file(fitted, X.shape[1]), "m.onnx") as opened:
        assert {one.missing for one in opened.facts.inputs} == {"unknown"}
        assert any("goes one way at every split" in note for note in opened.facts.notes)


def test_a_tree_whose_file_says_where_missing_values_go_may_have_them() -> None:
    X, y, given = numbers()
    model = onnx.load_from_string(matrix_file(RandomForestClassifier(5).fit(X, y), X.shape[1]))
    trees = {one.name: one for one in model.graph.node[0].attribute}
    second = [feature == 1 for feature in trees["nodes_featureids"].ints]
    tracks = trees["nodes_missing_value_tracks_true"].ints
    del tracks[:]
    tracks.extend(int(one) for one in second)
    data = model.SerializeToString()
    given["X 2"] = np.full(len(X), np.nan)
    with open_model(data, "m.onnx") as opened:
        assert [one.missing for one in opened.facts.inputs][:3] == ["unknown", "allowed", "unknown"]
        scores = opened.score(given)
    X = X.copy()
    X[:, 1] = np.nan
    bare = onnxruntime.InferenceSession(data).run(["probabilities"], {"X": X})[0]
    assert np.abs(scores - bare).max() < CLOSE


def test_flags_whole_numbers_and_one_dimension_are_taken() -> None:
    inputs = [
        helper.make_tensor_value_info("flag", TensorProto.BOOL, [None, 1]),
        helper.make_tensor_value_info("count", TensorProto.INT64, [None]),
    ]
    nodes = [
        helper.make_node("Cast", ["flag"], ["f"], to=1),
        helper.make_node("Cast", ["count"], ["c1"], to=1),
        helper.make_node("Unsqueeze", ["c1", "one"], ["c"]),
        helper.make_node("Add", ["f", "c"], ["sum"]),
        helper.make_node("Sigmoid", ["sum"], ["p"]),
    ]
    out = [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 1])]
    one = helper.make_tensor("one", TensorProto.INT64, [1], [1])
    graph = helper.make_graph(nodes, "g", inputs, out, [one])
    data = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9
    ).SerializeToString()
    with open_model(data, "m.onnx") as opened:
        assert [one.kind for one in opened.facts.inputs] == ["flag", "number"]
        assert not opened.facts.named_classes
        scores = opened.score({"flag": np.array([True, False]), "count": np.array([0, 2])})
        assert scores[:, 1] == pytest.approx(1 / (1 + np.exp([-1, -2])), rel=1e-6)
        with pytest.raises(InputError, match=r"2\.5 is not a whole number"):
            opened.score({"flag": np.array([1.0]), "count": np.array([2.5])})
        with pytest.raises(InputError, match="neither 0 nor 1"):
            opened.score({"flag": np.array([2.0]), "count": np.array([2.0])})


def test_batches_join_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    table = german_credit()
    with open_model(onnx_file(pipeline(table), table), "m.onnx") as opened:
        whole = opened.score(table.columns())
        monkeypatch.setattr(opened, "_cells", 21 * 37)
        assert np.array_equal(opened.score(table.columns()), whole)


def test_other_inputs_than_asked_are_named() -> None:
    table = german_credit()
    given = table.columns()
    with open_model(onnx_file(pipeline(table), table), "m.onnx") as opened:
        with pytest.raises(InputError, match="input 'age' is not given"):
            opened.score({name: column for name, column in given.items() if name != "age"})
        with pytest.raises(InputError, match="'shoe size' is none of the model's inputs"):
            opened.score({**given, "shoe size": given["age"]})
        with pytest.raises(InputError, match="'own' is no number"):
            opened.score({**given, "age": given["housing"]})
        with pytest.raises(InputError, match="has shape"):
            opened.score({**given, "age": given["age"][:3]})


def test_a_strict_encoder_refuses_an_unseen_category_by_name() -> None:
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import StringTensorType
    from sklearn.preprocessing import OneHotEncoder

    table = german_credit()
    frame = table.features[["housing"]]
    from sklearn.pipeline import make_pipeline

    fitted = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(frame, table.labels)
    model = convert_sklearn(fitted, initial_types=[("housing", StringTensorType([None, 1]))])
    with open_model(model.SerializeToString(), "m.onnx") as opened:
        assert opened.facts.inputs[0].unseen == "refused"
        with pytest.raises(InputError, match="doesn't know the category 'castle'"):
            opened.score({"housing": np.array(["own", "castle"], dtype=object)})


def test_a_file_that_is_valid_and_has_no_kernel_ends_in_a_sentence() -> None:
    imputer = helper.make_node(
        "Imputer", ["X"], ["Y"], domain="ai.onnx.ml", imputed_value_floats=[1.0]
    )
    graph = helper.make_graph(
        [imputer],
        "g",
        [helper.make_tensor_value_info("X", TensorProto.DOUBLE, [None, 1])],
        [helper.make_tensor_value_info("Y", TensorProto.DOUBLE, [None, 1])],
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("ai.onnx.ml", 1), helper.make_opsetid("", 18)],
        ir_version=9,
    )
    with pytest.raises(InputError, match=r"valid, but onnxruntime can't run .*Imputer"):
        open_model(model.SerializeToString(), "m.onnx")


def test_weights_in_another_file_are_refused() -> None:
    X, y, _ = numbers()
    model = onnx.load_from_string(matrix_file(GaussianNB().fit(X, y), X.shape[1]))
    tensor = model.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")
    with pytest.raises(InputError, match="weights lie in other files"):
        open_model(model.SerializeToString(), "m.onnx")


def test_one_row_at_a_time_is_refused() -> None:
    X, y, _ = numbers()
    model = onnx.load_from_string(matrix_file(GaussianNB().fit(X, y), X.shape[1]))
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    with pytest.raises(InputError, match="exactly 1 row at a time"):
        open_model(model.SerializeToString(), "m.onnx")


def test_categories_that_are_numbers_are_listed_as_such() -> None:
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import Int64TensorType
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    table = german_credit()
    X = table.features[["installment_rate"]]
    fitted = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
    fitted.fit(X, table.labels)
    model = convert_sklearn(
        fitted,
        initial_types=[("rate", Int64TensorType([None, 1]))],
        options={"zipmap": False},
    )
    with open_model(model.SerializeToString(), "m.onnx") as opened:
        (rate,) = opened.facts.inputs
        assert (rate.kind, rate.categories) == ("category", ("1", "2", "3", "4"))
        assert rate.category_values == (1, 2, 3, 4)
        given = X["installment_rate"].astype(str).to_numpy(object)
        assert np.abs(opened.score({"rate": given}) - fitted.predict_proba(X)).max() < CLOSE
        unseen = opened.score({"rate": np.array(["9"], dtype=object)})
        expected = fitted.predict_proba(pd.DataFrame({"installment_rate": [9]}))
        assert unseen == pytest.approx(expected, abs=CLOSE)
        with pytest.raises(InputError, match="'nine' is no number"):
            opened.score({"rate": np.array(["nine"], dtype=object)})


def test_the_bare_runtime_gives_the_same_to_the_last_bit() -> None:
    X, y, given = numbers()
    data = matrix_file(RandomForestClassifier(7, random_state=0).fit(X, y), X.shape[1])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    bare = onnxruntime.InferenceSession(data, options).run(["probabilities"], {"X": X})[0]
    with open_model(data, "m.onnx") as opened:
        assert np.array_equal(opened.score(given).astype(np.float32), bare)


def test_margins_that_stand_in_the_other_order_are_turned_by_the_labels() -> None:
    X, y, _ = numbers()
    X = ((X - X.mean(0)) / X.std(0)).astype(np.float32)
    given = {f"X {i + 1}": X[:, i].astype(float) for i in range(X.shape[1])}
    fitted = SVC().fit(X, y)
    data = matrix_file(fitted, X.shape[1])
    # As skl2onnx writes it, the first column is that of the second class.
    bare = onnxruntime.InferenceSession(data).run(["probabilities"], {"X": X})[0]
    assert bare[:, 0] == pytest.approx(fitted.decision_function(X), abs=1e-4)
    with open_model(data, "m.onnx") as opened:
        assert (opened.facts.classes, opened.facts.output) == (("bad", "good"), "margin")
        assert any("turned by its labels" in note for note in opened.facts.notes)
        assert opened.score(given) == pytest.approx(fitted.decision_function(X), abs=1e-4)


def test_the_classes_of_a_stack_are_its_labels_and_not_the_numbers_within() -> None:
    X, y, given = numbers()
    inner = [("tree", DecisionTreeClassifier(max_depth=2, random_state=0))]
    fitted = StackingClassifier(inner, final_estimator=LogisticRegression()).fit(X, y)
    with open_model(matrix_file(fitted, X.shape[1]), "m.onnx") as opened:
        assert opened.facts.classes == ("bad", "good")
        assert np.abs(opened.score(given) - fitted.predict_proba(X)).max() < CLOSE


def test_a_discriminant_analysis_that_skl2onnx_sharpens_is_noted() -> None:
    X, y, given = numbers()
    fitted = LinearDiscriminantAnalysis().fit(X, y)
    with open_model(matrix_file(fitted, X.shape[1]), "m.onnx") as opened:
        assert any("doubles the margin" in note for note in opened.facts.notes)
        doubled = 1 / (1 + np.exp(-2 * fitted.decision_function(X)))
        assert opened.score(given)[:, 1] == pytest.approx(doubled, abs=1e-5)
    linear = LogisticRegression(max_iter=50).fit(X / X.std(0), y)
    with open_model(matrix_file(linear, X.shape[1]), "m.onnx") as opened:
        assert opened.facts.notes == ()


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("library", ["lightgbm", "lightgbm zipmap", "xgboost", "catboost"])
def test_boosting_libraries_by_way_of_onnx(library: str, classes: int, tmp_path: Path) -> None:
    import onnxmltools
    from onnxmltools.convert.common.data_types import FloatTensorType

    X, _, given = numbers()
    y = np.digitize(X[:, 0], [18] if classes == 2 else [12, 24])
    types = [("X", FloatTensorType([None, X.shape[1]]))]
    if library == "catboost":
        model = catboost.CatBoostClassifier(iterations=8, verbose=0, allow_writing_files=False)
        model.fit(X, y).save_model(str(tmp_path / "m.onnx"), format="onnx")
        data = (tmp_path / "m.onnx").read_bytes()
        names = [f"features {i + 1}" for i in range(X.shape[1])]
        given = dict(zip(names, given.values(), strict=True))
    elif library == "xgboost":
        model = xgboost.XGBClassifier(n_estimators=8).fit(X, y)
        data = onnxmltools.convert_xgboost(model, initial_types=types).SerializeToString()
    else:
        model = lightgbm.LGBMClassifier(n_estimators=8, verbose=-1).fit(X, y)
        data = onnxmltools.convert_lightgbm(
            model, initial_types=types, zipmap=library.endswith("zipmap")
        ).SerializeToString()
    with open_model(data, "m.onnx") as opened:
        assert opened.facts.classes == tuple(map(str, range(classes)))
        assert opened.facts.output == "probability"
        assert np.abs(opened.score(given) - model.predict_proba(X)).max() < CLOSE


def test_texts_side_by_side_in_one_input_have_their_categories() -> None:
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import StringTensorType
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    table = german_credit()
    frame = table.features[["housing", "job"]].astype(object)
    fitted = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
    fitted.fit(frame.to_numpy(), table.labels)
    model = convert_sklearn(fitted, initial_types=[("texts", StringTensorType([None, 2]))])
    with open_model(model.SerializeToString(), "m.onnx") as opened:
        first, second = opened.facts.inputs
        assert (first.name, first.categories) == ("texts 1", ("for free", "own", "rent"))
        assert len(second.categories or ()) == frame["job"].nunique()
        scores = opened.score(
            {"texts 1": frame["housing"].to_numpy(), "texts 2": frame["job"].to_numpy()}
        )
    assert np.abs(scores - fitted.predict_proba(frame.to_numpy())).max() < CLOSE


def test_lists_of_categories_as_tensors_are_read() -> None:
    encoder = helper.make_node(
        "LabelEncoder", ["town"], ["code"], domain="ai.onnx.ml", default_float=-1.0,
        keys_tensor=helper.make_tensor("k", TensorProto.STRING, [2], [b"Brno", b"Delft"]),
        values_floats=[0.0, 1.0],
    )  # fmt: skip
    graph = helper.make_graph(
        [encoder, helper.make_node("Sigmoid", ["code"], ["p"])], "g",
        [helper.make_tensor_value_info("town", TensorProto.STRING, [None, 1])],
        [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 1])],
    )  # fmt: skip
    opsets = [helper.make_opsetid("ai.onnx.ml", 2), helper.make_opsetid("", 18)]
    found = read_graph(helper.make_model(graph, opset_imports=opsets).SerializeToString())
    assert column_uses(found, {"town": 1})["town", 0].categories == ("Brno", "Delft")


def test_decisions_go_by_the_probability_where_a_files_own_label_contradicts_it() -> None:
    # onnxruntime 1.32.0 labels everybody 0 here: findings/onnxruntime_labels_of_boosting_….sh.
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2)).astype(np.float32)
    y = (rng.random(400) < np.where(X[:, 0] > 0, 0.8, 0.6)).astype(int)
    fitted = GradientBoostingClassifier(
        init="zero", n_estimators=3, max_depth=1, random_state=0
    ).fit(X, y)
    with open_model(matrix_file(fitted, 2), "boosting.onnx") as model:
        names = [item.name for item in model.facts.inputs]
        found = model.score({n: X[:, i].astype(float) for i, n in enumerate(names)})
        assert model.facts.output == "probability"
    assert np.abs(found - fitted.predict_proba(X)).max() < 1e-6
    assert ((found[:, 1] >= 0.5) == (fitted.predict(X) == 1)).all()
