"""Exact Shapley values of boosted trees brought as files, against the definition itself.

The peer is every coalition of the table's columns, on the log-odds of the model's own score: the
library answers for each mixture of a row and a row of the background.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import shap
import xgboost
from scipy.special import logit

from core.data.assign import assign
from core.data.frames import table_of
from core.data.roles.roles import Roles
from core.errors import InputError
from core.explanation.attribution.explain import explain_globally, explain_person
from core.explanation.attribution.function_shapley import by_coalitions
from core.explanation.attribution.prepared_shapley import PreparedShapley
from core.explanation.attribution.shapley import shapley_values, trees_add_up
from core.external_models.bring import Wishes, bring
from core.external_models.matching import model_inputs
from core.external_models.opened import scorer_of
from core.external_models.sandbox.model_process import open_model
from core.learning.external_model import ExternalModel
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.external_models.people import outcome, people
from tests.core.versions import needs_exact_shap

NUMBERS = ("income", "age", "debt")


def as_learned(frame: pd.DataFrame) -> pd.DataFrame:
    made = frame.copy()
    for name in ("town", "job", "owner"):
        made[name] = made[name].where(made[name] != "(missing)").astype("category")
    return made


def lightgbm_file(rounds: int = 25, **options: Any) -> bytes:
    frame = people()
    model = lightgbm.LGBMClassifier(
        n_estimators=rounds, num_leaves=8, min_child_samples=5, min_data_per_group=5,
        verbose=-1, n_jobs=1, **options,
    ).fit(as_learned(frame), outcome(frame))  # fmt: skip
    return model.booster_.model_to_string().encode()


def xgboost_file(kind: str = "json", **options: Any) -> bytes:
    frame = people()
    model = xgboost.XGBClassifier(
        n_estimators=25, max_depth=3, enable_categorical=True, n_jobs=1, **options
    ).fit(as_learned(frame), outcome(frame))
    return bytes(model.get_booster().save_raw(kind))


def brought(data: bytes, name: str, positive: str = "1", frame: pd.DataFrame | None = None) -> Any:
    """A decider that asks the model of a file."""
    opened = open_model(data, name)
    wishes = Wishes({}, accept=True, positive_class=positive)
    frame = people() if frame is None else frame
    model = ExternalModel(bring(opened, name, frame, positive, wishes))
    return SimpleNamespace(model=model, predict_score=model.predict_score)


FILES = {
    "lightgbm": lambda: (lightgbm_file(), "m.txt"),
    "lightgbm, zero as missing": lambda: (lightgbm_file(zero_as_missing=True), "m.txt"),
    "lightgbm, no use of missing": lambda: (lightgbm_file(use_missing=False), "m.txt"),
    "lightgbm, sigmoid 2": lambda: (lightgbm_file(sigmoid=2.0), "m.txt"),
    "lightgbm rf": lambda: (
        lightgbm_file(boosting_type="rf", bagging_freq=1, bagging_fraction=0.6), "m.txt"
    ),
    "lightgbm dart": lambda: (lightgbm_file(boosting_type="dart"), "m.txt"),
    "xgboost": lambda: (xgboost_file(), "m.json"),
    "xgboost ubj": lambda: (xgboost_file("ubj"), "m.ubj"),
    "xgboost one-hot splits": lambda: (xgboost_file(max_cat_to_onehot=20), "m.json"),
    "xgboost dart": lambda: (xgboost_file(booster="dart", rate_drop=0.3), "m.json"),
    "xgboost, given base": lambda: (xgboost_file(base_score=0.2), "m.json"),
    "xgboost, parallel": lambda: (
        xgboost_file(num_parallel_tree=3, subsample=0.5, tree_method="hist"), "m.json"
    ),
}  # fmt: skip


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("name", list(FILES))
def test_values_are_those_of_all_coalitions_on_the_models_own_log_odds(name: str) -> None:
    decider = brought(*FILES[name]())
    frame = people()
    rows, behind = frame.iloc[:3].reset_index(drop=True), frame.iloc[30:38].reset_index(drop=True)
    assert frame.iloc[:40].isna().any().any()
    assert (frame.iloc[:40] == "(missing)").any().any()
    found = shapley_values(decider, rows, behind)
    assert (found.method, found.explains, found.why_sampled) == ("trees", "log-odds", "")
    expected = by_coalitions(lambda X: logit(decider.predict_score(X)), rows, behind)
    assert found.values == pytest.approx(expected.values, abs=2e-5)
    assert np.abs(found.values).max() > 0.05
    assert found.base == pytest.approx(expected.base, abs=2e-5)
    assert found.additivity_error < 1e-9
    many = shapley_values(decider, frame.iloc[:40].reset_index(drop=True), behind)
    assert many.values[:3] == pytest.approx(found.values, abs=1e-12)
    prepared = PreparedShapley(decider, behind).values(rows)
    assert prepared.values == pytest.approx(found.values, abs=1e-12)


@pytest.mark.usefixtures("in_process")
def test_flags_of_one_column_are_one_player() -> None:
    frame = people()
    flags = pd.get_dummies(frame, columns=["town", "job", "owner"], dtype=float)
    model = lightgbm.LGBMClassifier(
        n_estimators=20, num_leaves=8, min_child_samples=5, verbose=-1, n_jobs=1
    ).fit(flags.rename(columns=lambda name: name.replace("(missing)", "none")), outcome(frame))
    text = model.booster_.model_to_string().replace("town_none", "town_(missing)")
    decider = brought(text.encode(), "m.txt")
    owners = [match.column for match in decider.model.external.matching.inputs]
    assert (owners.count("town"), owners.count("job")) == (5, 9)
    rows, behind = frame.iloc[:3].reset_index(drop=True), frame.iloc[30:38].reset_index(drop=True)
    found = shapley_values(decider, rows, behind)
    expected = by_coalitions(lambda X: logit(decider.predict_score(X)), rows, behind)
    assert found.method == "trees"
    assert found.values.shape == (3, 6)
    assert found.values == pytest.approx(expected.values, abs=1e-9)
    single = lightgbm_single_inputs(model, decider, rows, behind)
    # Summed from single flags, a column would get something else.
    assert np.abs(single - found.values).max() > 1e-3


def lightgbm_single_inputs(
    model: Any, decider: Any, rows: pd.DataFrame, behind: pd.DataFrame
) -> np.ndarray:
    """Values of single inputs, summed to columns: what a library alone would give."""
    external = decider.model.external
    facts = scorer_of(external).facts
    encoded, other = (
        np.column_stack(list(model_inputs(external.matching, facts, X).values()))
        for X in (rows, behind)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = shap.TreeExplainer(model.booster_, other, feature_perturbation="interventional")
        values = np.asarray(peer.shap_values(encoded, check_additivity=False))
    out = np.zeros((len(rows), rows.shape[1]))
    for place, match in enumerate(external.matching.inputs):
        out[:, list(rows).index(match.column)] += values[:, place]
    return out


@needs_exact_shap
@pytest.mark.usefixtures("in_process")
def test_numbers_alone_agree_with_the_peer_that_walks_the_same_trees() -> None:
    frame = people()[["age", "debt"]]
    model = lightgbm.LGBMClassifier(n_estimators=20, num_leaves=8, verbose=-1, n_jobs=1)
    model.fit(frame, outcome(people()))
    decider = brought(model.booster_.model_to_string().encode(), "m.txt", frame=frame)
    rows, behind = frame.iloc[:30].reset_index(drop=True), frame.iloc[30:80].reset_index(drop=True)
    found = shapley_values(decider, rows, behind)
    single = lightgbm_single_inputs(model, decider, rows, behind)
    assert found.values == pytest.approx(single, abs=1e-6)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
def test_the_other_class_has_the_opposite_values(library: str) -> None:
    data, name = FILES[library]()
    frame = people()
    rows, behind = frame.iloc[:25].reset_index(drop=True), frame.iloc[30:38].reset_index(drop=True)
    one, other = (shapley_values(brought(data, name, c), rows, behind) for c in ("1", "0"))
    assert (one.method, other.method) == ("trees", "trees")
    assert other.values == pytest.approx(-one.values, abs=1e-12)
    assert other.output == pytest.approx(-one.output, abs=1e-12)


@pytest.mark.usefixtures("in_process")
def test_trees_that_do_not_give_the_models_own_scores_are_not_called_exact() -> None:
    frame = people().assign(x=1.0, y=2.0, z=3.0)
    decider = brought(*FILES["lightgbm"](), frame=frame)
    rows, behind = frame.iloc[:2].reset_index(drop=True), frame.iloc[30:36].reset_index(drop=True)
    assert shapley_values(decider, rows, behind).method == "trees"
    trees = scorer_of(decider.model.external).trees()
    leaf = int(np.flatnonzero(trees.left < 0)[3])
    changed = trees.value.copy()
    changed[leaf] += 0.01
    scorer_of(decider.model.external)._trees = replace(trees, value=changed)
    found = shapley_values(decider, rows, behind)
    assert not trees_add_up(decider, rows, behind)
    assert (found.method, found.explains) == ("any", "log-odds")
    assert found.sampling_error is not None
    assert found.additivity_error < 1e-9
    assert found.why_sampled.startswith("its trees, as its file has them, give other scores")
    assert PreparedShapley(decider, behind).values(rows).why_sampled == found.why_sampled


@pytest.mark.usefixtures("in_process")
def test_scores_that_a_mitigation_moved_are_not_explained_by_the_trees_log_odds() -> None:
    frame = people().assign(x=1.0, y=2.0, z=3.0)
    model = brought(*FILES["lightgbm"](), frame=frame).model
    rows, behind = frame.iloc[:1].reset_index(drop=True), frame.iloc[30:33].reset_index(drop=True)
    for threshold, method in ((0.5, "trees"), (0.3, "any")):
        moved = ExternalModel(replace(model.external, threshold=threshold), mitigated=True)
        found = shapley_values(
            SimpleNamespace(model=moved, predict_score=moved.predict_score), rows, behind
        )
        assert found.method == method
        assert ("mitigation" in found.why_sampled) == (method == "any")


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    "library", ["linear leaves", "three classes", "soft classes", "linear booster"]
)
def test_models_that_are_no_sum_of_trees_say_so(library: str) -> None:
    frame, labels = as_learned(people()), outcome(people())
    numbers = frame[list(NUMBERS)].fillna(0)
    if library == "linear leaves":
        model = lightgbm.LGBMClassifier(n_estimators=3, linear_tree=True, verbose=-1, n_jobs=1)
        data, name = model.fit(numbers, labels).booster_.model_to_string().encode(), "m.txt"
    elif library == "three classes":
        model = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1)
        labels = labels + (numbers["age"] > 60)
        data, name = model.fit(numbers, labels).booster_.model_to_string().encode(), "m.txt"
    elif library == "soft classes":
        model = xgboost.XGBClassifier(n_estimators=3, objective="multi:softprob", n_jobs=1)
        labels = labels + (numbers["age"] > 60)
        data, name = bytes(model.fit(numbers, labels).get_booster().save_raw("json")), "m.json"
    else:
        model = xgboost.XGBClassifier(n_estimators=3, booster="gblinear", n_jobs=1)
        data, name = bytes(model.fit(numbers, labels).get_booster().save_raw("json")), "m.json"
    said = {"linear leaves": "linear models", "three classes": "two classes"}
    said["soft classes"] = "log-odds of two classes"
    with pytest.raises(InputError, match=said.get(library, "without trees")):
        open_model(data, name).trees()


def test_trees_come_through_the_limited_process_as_they_are() -> None:
    with open_model(lightgbm_file(rounds=3), "m.txt") as opened:
        found = opened.trees()
        assert len(found.roots) == 3
        frame = people().iloc[:5]
        given = {name: frame[name].to_numpy() for name in NUMBERS}
        for name in ("town", "job", "owner"):
            given[name] = np.array([None if v == "(missing)" else v for v in frame[name]], object)
        columns = opened.tree_columns(given)
        assert columns.shape == (5, 6)
        assert np.array_equal(columns[:, 0], frame["income"], equal_nan=True)
        assert columns[:, 4] == pytest.approx([list("abcdefghi").index(v) for v in frame["job"]])
        assert opened.score(given).shape == (5, 2)


@pytest.mark.usefixtures("in_process")
def test_a_brought_model_is_explained_globally_and_person_by_person_from_its_trees() -> None:
    frame = people().assign(
        group=np.where(np.arange(400) % 2, "a", "b"),
        paid=np.where(outcome(people()) == 1, "1", "0"),
    )
    features = tuple(people())
    roles = Roles("paid", "1", ("group",), features=features)
    data = assign(table_of(frame.replace("(missing)", None), "people"), roles)
    opened = open_model(lightgbm_file(), "m.txt")
    wishes = Wishes({}, accept=True, positive_class="1")
    spec = TrainingSpec(
        "external_model", external=bring(opened, "m.txt", data.features, "1", wishes)
    )
    trained = train(data, spec)
    *_, (_, found) = explain_globally(data, trained)
    assert (found.method, found.explains, found.why_sampled) == ("trees", "log-odds", "")
    assert found.additivity_error < 1e-9
    assert set(found.features) == set(features)
    person = explain_person(data, trained, 0)
    assert person.shap.method == "trees"
    assert person.shap.values.sum() + person.shap.base == pytest.approx(
        float(logit(person.score)), abs=1e-6
    )
