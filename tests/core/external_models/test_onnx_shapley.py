"""Exact Shapley values of ONNX trees behind encoders, imputers and scalers, by the definition.

The peer is every coalition of the table's columns on the score that onnxruntime itself gives.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import catboost
import lightgbm
import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
import xgboost
from scipy.special import logit
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from core.errors import InputError
from core.explanation.attribution.function_shapley import by_coalitions
from core.explanation.attribution.shapley import shapley_values
from core.external_models.opened import scorer_of
from core.external_models.sandbox.model_process import open_model
from tests.core.external_models.files import write_histograms as histograms
from tests.core.external_models.onnx_files import matrix_file, onnx_file
from tests.core.external_models.people import outcome, people
from tests.core.external_models.tables import ModelTable
from tests.core.external_models.test_external_shapley import brought

FOREST = RandomForestClassifier(8, max_depth=5, random_state=0)
BOOSTED = GradientBoostingClassifier(n_estimators=10, random_state=0)
NUMBERS, CATEGORIES = ("income", "age", "debt"), ("town", "job", "owner")


@cache
def table() -> ModelTable:
    frame = people()
    frame[list(NUMBERS)] = frame[list(NUMBERS)].astype(np.float32)
    frame["town"] = frame["town"].replace("(missing)", "nan")
    return ModelTable(frame, pd.Series(outcome(people())), NUMBERS, CATEGORIES)


def pipeline(model: Any, numbers: Any, categories: Any, *last: Any) -> bytes:
    """A file of a model behind encoders."""
    steps = ColumnTransformer([("n", numbers, list(NUMBERS)), ("c", categories, list(CATEGORIES))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = make_pipeline(steps, *last, model).fit(table().features, table().labels)
    return onnx_file(fitted, table())


def one_hot() -> OneHotEncoder:
    return OneHotEncoder(handle_unknown="ignore")


def ordinal() -> OrdinalEncoder:
    return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "forest, one-hot": (lambda: pipeline(FOREST, SimpleImputer(), one_hot()), "probability"),
    "forest, scaled": (
        lambda: pipeline(FOREST, make_pipeline(SimpleImputer(), StandardScaler()), one_hot()),
        "probability",
    ),
    "forest, ordinal": (lambda: pipeline(FOREST, SimpleImputer(), ordinal()), "probability"),
    "extra trees": (
        lambda: pipeline(ExtraTreesClassifier(5, max_depth=4), SimpleImputer(), one_hot()),
        "probability",
    ),
    "boosted, one-hot": (lambda: pipeline(BOOSTED, SimpleImputer(), one_hot()), "log-odds"),
    "boosted, scaled after": (
        lambda: pipeline(BOOSTED, SimpleImputer(), ordinal(), StandardScaler()),
        "log-odds",
    ),
}


def agrees(decider: Any, frame: pd.DataFrame, explains: str) -> None:
    rows, behind = frame.iloc[:3].reset_index(drop=True), frame.iloc[30:38].reset_index(drop=True)
    found = shapley_values(decider, rows, behind)
    assert (found.method, found.explains, found.why_sampled) == ("trees", explains, "")
    score = decider.predict_score
    output = score if explains == "probability" else (lambda X: logit(score(X)))
    expected = by_coalitions(output, rows, behind)
    assert found.values == pytest.approx(expected.values, abs=2e-5)
    assert np.abs(found.values).max() > 0.02
    assert found.base == pytest.approx(expected.base, abs=2e-5)
    assert found.additivity_error < 1e-9


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("name", list(FILES))
def test_trees_behind_encoders_have_the_values_of_all_coalitions(name: str) -> None:
    file, explains = FILES[name]
    agrees(brought(file(), "m.onnx"), people(), explains)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
def test_boosting_libraries_in_onnx_have_the_values_of_all_coalitions(library: str) -> None:
    import onnxmltools
    from onnxmltools.convert.common.data_types import FloatTensorType

    frame = people()[list(NUMBERS)]
    frame[list(NUMBERS)] = frame.to_numpy(np.float32).astype(float)
    kind = lightgbm.LGBMClassifier if library == "lightgbm" else xgboost.XGBClassifier
    options: Any = {"verbose": -1} if library == "lightgbm" else {}
    model = kind(n_estimators=12, max_depth=3, n_jobs=1, **options)
    model.fit(frame.to_numpy(np.float32), outcome(people()))
    convert = getattr(onnxmltools, f"convert_{library}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = convert(model, initial_types=[("X", FloatTensorType([None, 3]))])
    decider = brought(made.SerializeToString(), "m.onnx", frame=frame)
    agrees(decider, frame, "log-odds")


def voting(other: Any, weights: Any = None) -> Any:
    return VotingClassifier(
        [("a", FOREST), ("b", other)], voting="soft", weights=weights, flatten_transform=False
    )


EXTRA = ExtraTreesClassifier(4, max_depth=4, random_state=0)
SUMS: dict[str, tuple[Any, str]] = {
    "bagged": (BaggingClassifier(DecisionTreeClassifier(max_depth=3), 5, random_state=0), "p"),
    "bagged over two columns each": (
        BaggingClassifier(DecisionTreeClassifier(max_depth=3), 5, max_features=2, random_state=0),
        "p",
    ),
    "voting": (voting(EXTRA), "p"),
    "voting with weights": (voting(EXTRA, np.array([2, 1])), "p"),
    "boosted exponentially": (
        GradientBoostingClassifier(n_estimators=8, loss="exponential", random_state=0), "l"
    ),
}  # fmt: skip


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("positive", ["1", "0"])
@pytest.mark.parametrize("name", list(SUMS))
def test_several_ensembles_and_factors_are_one_sum(name: str, positive: str) -> None:
    frame = table().features[list(NUMBERS)].fillna(0).astype(float)
    model, explains = SUMS[name]
    data = matrix_file(model.fit(frame.to_numpy(np.float32), table().labels), 3)
    decider = brought(data, "m.onnx", positive, frame)
    agrees(decider, frame, {"p": "probability", "l": "log-odds"}[explains])


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("zipmap", [True, False])
def test_lists_of_categories_that_lightgbm_splits_are_asked_at_once(zipmap: bool) -> None:
    import onnxmltools
    from onnxmltools.convert.common.data_types import FloatTensorType

    frame = table().features.copy()
    for name in CATEGORIES:
        frame[name] = pd.Categorical(frame[name]).codes.astype(float)
    model = lightgbm.LGBMClassifier(
        n_estimators=20, num_leaves=8, min_child_samples=5, min_data_per_group=5, verbose=-1
    ).fit(frame.to_numpy(np.float32), table().labels, categorical_feature=[3, 4, 5])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = onnxmltools.convert_lightgbm(
            model, initial_types=[("X", FloatTensorType([None, 6]))], zipmap=zipmap
        )
    decider = brought(made.SerializeToString(), "m.onnx", frame=frame.astype(float))
    found = scorer_of(decider.model.external).trees()
    assert np.diff(found.list_start).max() > 1
    asked = frame.astype(float).iloc[:40].reset_index(drop=True)
    # A category that was never seen, and none at all.
    asked.loc[[0, 31], "job"] = 77.0
    asked.loc[[1, 32], "job"] = np.nan
    agrees(decider, asked, "log-odds")
    own = model.predict_proba(asked.to_numpy(np.float32))[:, 1]
    assert decider.predict_score(asked) == pytest.approx(own, abs=1e-6)


@pytest.mark.usefixtures("in_process")
def test_histogram_boosting_takes_its_own_way_for_missing_values() -> None:
    """The file was written elsewhere: skl2onnx can't export it beside protobuf 7."""
    decider = brought(histograms.FILE.read_bytes(), "m.onnx")
    frame = people()
    own = histograms.trained().predict_proba(frame)[:, 1]
    assert frame["income"].isna().any()
    assert decider.predict_score(frame) == pytest.approx(own, abs=1e-6)
    agrees(decider, frame, "log-odds")


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("base", [False, True])
def test_catboosts_own_export_is_followed_or_refused_where_the_runtime_misreads_it(
    base: bool, tmp_path: Path
) -> None:
    frame = table().features[list(NUMBERS)].astype(float)
    model = catboost.CatBoostClassifier(
        iterations=8, depth=3, verbose=0, allow_writing_files=False, boost_from_average=base
    ).fit(frame, table().labels)
    model.save_model(str(tmp_path / "m.onnx"), format="onnx")
    data = (tmp_path / "m.onnx").read_bytes()
    if base:
        session = onnxruntime.InferenceSession(data)
        (scores,) = session.run(["probabilities"], {"features": frame.to_numpy(np.float32)})
        own = model.predict_proba(frame)[:, 1]
        # Where this holds no longer, the runtime was mended and nothing has to be refused.
        assert np.abs(np.array([row[1] for row in scores]) - own).max() > 0.3
        with pytest.raises(InputError, match="takes the sums of the first class"):
            open_model(data, "m.onnx")
    else:
        decider = brought(data, "m.onnx", frame=frame)
        agrees(decider, frame, "log-odds")
        own = model.predict_proba(frame)[:, 1]
        assert decider.predict_score(frame) == pytest.approx(own, abs=1e-6)


MIXED, POSITIVE = (-0.6, 0.25, 0.9, 0.05, -0.4), (0.1, 0.25, 0.3, 0.05, 0.2)


def by_hand(
    mode: str,
    transform: str,
    weights: tuple[float, ...] = MIXED,
    *,
    double: bool = False,
    follows: int = 0,
) -> bytes:
    """Two trees over two columns, asked in one way, with a value on each threshold."""
    kind = onnx.TensorProto.DOUBLE if double else onnx.TensorProto.FLOAT
    node = onnx.helper.make_node(
        "TreeEnsembleClassifier", ["X"], ["label", "scores"], domain="ai.onnx.ml",
        classlabels_int64s=[0, 1], post_transform=transform, base_values=[0.1],
        nodes_treeids=[0] * 5 + [1] * 3, nodes_nodeids=[0, 1, 2, 3, 4, 0, 1, 2],
        nodes_featureids=[0, 1, 0, 0, 0, 1, 0, 0],
        nodes_modes=[mode, mode, "LEAF", "LEAF", "LEAF", mode, "LEAF", "LEAF"],
        nodes_values=[1.0, 2.0, 0, 0, 0, 1.0, 0, 0],
        nodes_truenodeids=[1, 3, 0, 0, 0, 1, 0, 0], nodes_falsenodeids=[2, 4, 0, 0, 0, 2, 0, 0],
        nodes_missing_value_tracks_true=[follows] * 8,
        class_treeids=[0, 0, 0, 1, 1], class_nodeids=[2, 3, 4, 1, 2], class_ids=[0] * 5,
        class_weights=weights,
    )  # fmt: skip
    made = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [node], "g", [made("X", kind, [None, 2])],
        [made("label", onnx.TensorProto.INT64, [None]), made("scores", 1, [None, 2])],
    )  # fmt: skip
    opsets = [onnx.helper.make_opsetid("ai.onnx.ml", 3), onnx.helper.make_opsetid("", 17)]
    content: bytes = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=9)
    return content.SerializeToString()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("follows", [0, 1])
@pytest.mark.parametrize("mode", ["LEQ", "LT", "GTE", "GT", "EQ", "NEQ"])
def test_every_way_to_ask_is_followed_beside_its_threshold(
    mode: str, follows: int, double: bool
) -> None:
    steps = np.array([np.nan, 1.0, 2.0, 0.0, 1 + 1e-9, 1 - 1e-9, 1 + 1e-6, 1 - 1e-6, 2.5])
    grid = np.array([(a, b) for a in steps for b in steps])
    frame = pd.DataFrame(grid, columns=["a", "b"])
    data = by_hand(f"BRANCH_{mode}", "LOGISTIC", double=double, follows=follows)
    decider = brought(data, "m.onnx", frame=frame)
    found = shapley_values(decider, frame, frame.iloc[5:20].reset_index(drop=True))
    assert (found.method, found.explains) == ("trees", "log-odds")
    assert found.output == pytest.approx(logit(decider.predict_score(frame)), abs=1e-5)
    assert len(np.unique(found.output.round(5))) > 2
    agrees(decider, frame, "log-odds")


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("transform", "explains"), [("LOGISTIC", "log-odds"), ("NONE", "probability")]
)
def test_one_weight_for_two_classes_is_the_second_ones(transform: str, explains: str) -> None:
    grid = np.array([(a, b) for a in (0.0, 1.0, 2.0, 3.0) for b in (0.0, 1.0, 2.0, 3.0, 4.0)])
    frame = pd.DataFrame(np.tile(grid, (2, 1)), columns=["a", "b"])
    agrees(
        brought(by_hand("BRANCH_LEQ", transform, POSITIVE), "m.onnx", frame=frame), frame, explains
    )


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    "name", ["several ensembles", "boosting among forests", "inputs mixed", "three classes"]
)
def test_what_cannot_be_followed_says_so(name: str) -> None:
    numbers = table().features[list(NUMBERS)].fillna(0).to_numpy(np.float32)
    labels = table().labels.to_numpy()
    if name == "several ensembles":
        model: Any = AdaBoostClassifier(n_estimators=3)
    elif name == "boosting among forests":
        model = voting(BOOSTED)
    elif name == "inputs mixed":
        model = make_pipeline(Normalizer(), FOREST)
    else:
        model, labels = RandomForestClassifier(3), labels + (numbers[:, 1] > 60)
    data = matrix_file(model.fit(numbers, labels), 3)
    said = {"several ensembles": "sums of ensembles", "inputs mixed": "mixes inputs"}
    said["boosting among forests"] = "several that are no sums"
    with pytest.raises(InputError, match=said.get(name, "3 classes")):
        open_model(data, "m.onnx").trees()


def test_trees_behind_encoders_come_through_the_limited_process() -> None:
    decider = brought(FILES["forest, one-hot"][0](), "m.onnx")
    frame = people().iloc[:40].reset_index(drop=True)
    found = shapley_values(decider, frame, frame)
    assert (found.method, found.why_sampled) == ("trees", "")
    assert found.values.shape == (40, 6)
    assert found.additivity_error < 1e-9
