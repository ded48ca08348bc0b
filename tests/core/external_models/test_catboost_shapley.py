"""Exact Shapley values of CatBoost's files, by the definition and by the library's own.

The peer is every coalition of the table's columns on the log-odds that CatBoost itself gives, and
CatBoost's own values against reference data.
"""

from __future__ import annotations

import json
import struct
from functools import cache
from pathlib import Path
from typing import Any

import catboost
import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from core.errors import InputError
from core.explanation.attribution import mixed_trees
from core.explanation.attribution.function_shapley import by_coalitions
from core.explanation.attribution.prepared_shapley import PreparedShapley
from core.explanation.attribution.shapley import shapley_values
from core.external_models.city_hash import category_hash
from core.external_models.matching import unknown_values
from core.external_models.opened import scorer_of
from core.external_models.proposals import propose
from core.external_models.sandbox.catboost.file import catboost_file
from core.external_models.sandbox.catboost.trees import CatboostTrees
from core.external_models.sandbox.model_process import open_model
from core.external_models.sandbox.opened_model import Coded
from core.external_models.tree_arrays import check
from tests.core.external_models.people import outcome, people
from tests.core.external_models.test_external_shapley import brought

CATEGORIES = ["town", "job", "owner"]


@cache
def table() -> pd.DataFrame:
    """Numbers with holes and categories without: CatBoost takes no missing category."""
    return people().replace({"town": {"(missing)": "none"}})


def trained(*, frame: pd.DataFrame | None = None, **options: Any) -> Any:
    frame = table() if frame is None else frame
    options = {"iterations": 12, "depth": 3, "max_ctr_complexity": 1, **options}
    model = catboost.CatBoostClassifier(
        verbose=0, allow_writing_files=False, thread_count=1, random_seed=0, **options
    )
    return model.fit(frame, outcome(people()), cat_features=[c for c in CATEGORIES if c in frame])


def file_of(model: Any, folder: Path) -> bytes:
    model.save_model(str(folder / "m.cbm"))
    return (folder / "m.cbm").read_bytes()


OPTIONS: dict[str, dict[str, Any]] = {
    "counted categories": {},
    "categories in every way": {
        "simple_ctr": ["Borders", "Buckets", "BinarizedTargetMeanValue:Prior=2", "Counter"],
        "one_hot_max_size": 2,
        "iterations": 30,
    },
    "one-hot": {"one_hot_max_size": 20},
    "missing above all": {"nan_mode": "Max", "one_hot_max_size": 20},
    "level by level": {"grow_policy": "Depthwise"},
    "leaf by leaf": {"grow_policy": "Lossguide", "max_leaves": 6, "nan_mode": "Max"},
    "two classes of several": {"loss_function": "MultiClass"},
    "other loss": {"loss_function": "CrossEntropy"},
    "categories together": {"max_ctr_complexity": 4, "iterations": 40, "depth": 5},
    "together, every category counted": {
        "max_ctr_complexity": 4,
        "iterations": 30,
        "depth": 6,
        "one_hot_max_size": 1,
        "nan_mode": "Max",
        "combinations_ctr": ["Borders:Prior=0.5/1", "Counter:Prior=0/1"],
    },
    "boosted from the mean": {"boost_from_average": True, "loss_function": "Logloss"},
    "no split at all": {"min_data_in_leaf": 10_000, "grow_policy": "Depthwise"},
}


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("name", list(OPTIONS))
def test_values_are_those_of_all_coalitions(name: str, tmp_path: Path) -> None:
    data = file_of(trained(**OPTIONS[name]), tmp_path)
    decider = brought(data, "m.cbm", frame=table())
    frame = table().iloc[:40].reset_index(drop=True)
    if "together" in name:
        counted = [one.counted for one in catboost_file(data).counts]
        assert any(one.above for one in counted)
        assert any(one.is_single for one in counted)
        every = "every" in name
        assert any(len(one.inputs) > 1 for one in counted) == every
        assert any(one.equal for one in counted) != every
    # What the model never saw is scored in a way of its own.
    frame.loc[[0, 35], "job"] = "never seen"
    frame.loc[1, "town"] = "never seen"
    assert frame["income"].isna().any()
    rows, behind = frame.iloc[:3].reset_index(drop=True), frame.iloc[30:38].reset_index(drop=True)
    found = shapley_values(decider, rows, behind)
    assert (found.method, found.explains, found.why_sampled) == ("trees", "log-odds", "")
    expected = by_coalitions(lambda X: logit(decider.predict_score(X)), rows, behind)
    assert found.values == pytest.approx(expected.values, abs=1e-9)
    assert found.base == pytest.approx(expected.base, abs=1e-9)
    assert (np.abs(found.values).max() > 0.03) == (name != "no split at all")
    many = shapley_values(decider, frame, behind)
    assert many.values[:3] == pytest.approx(found.values, abs=1e-12)
    own = logit(decider.predict_score(frame))
    assert many.base + many.values.sum(axis=1) == pytest.approx(own, abs=1e-9)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(("most", "together"), [(1, 1), (20, 1), (1, 4)])
def test_values_are_the_librarys_own_against_the_same_rows(
    most: int, together: int, tmp_path: Path
) -> None:
    model = trained(one_hot_max_size=most, iterations=30, depth=4, max_ctr_complexity=together)
    decider = brought(file_of(model, tmp_path), "m.cbm", frame=table())
    rows, behind = (
        table().iloc[part].reset_index(drop=True) for part in (slice(30), slice(40, 100))
    )
    found = shapley_values(decider, rows, behind)
    pools = (
        catboost.Pool(X, np.arange(len(X)) % 2, cat_features=CATEGORIES) for X in (rows, behind)
    )
    peer = model.get_feature_importance(next(pools), "ShapValues", reference_data=next(pools))
    assert found.method == "trees"
    assert found.base == pytest.approx(peer[0, -1], abs=1e-9)
    if together == 1:
        assert found.values == pytest.approx(peer[:, :-1], abs=1e-9)
        return
    # Of columns that were counted together, CatBoost makes one player and shares what it gets.
    assert found.values.sum(axis=1) == pytest.approx(peer[:, :-1].sum(axis=1), abs=1e-9)
    assert np.abs(found.values - peer[:, :-1]).max() > 1e-3


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("mode", ["Min", "Max"])
def test_values_on_a_border_and_beside_it_go_where_the_library_sends_them(
    mode: str, tmp_path: Path
) -> None:
    data = file_of(trained(nan_mode=mode, frame=table()[["income", "debt"]]), tmp_path)
    borders = {one.input: one.borders for one in catboost_file(data).numbers}
    steps = []
    for place in (0, 1):
        near = [np.nextafter(borders[place], np.float32(side)) for side in (-np.inf, np.inf)]
        steps.append(np.r_[np.nan, borders[place], near[0], near[1], borders[place] + 1e-9])
    size = max(map(len, steps))
    frame = pd.DataFrame(
        {
            name: np.resize(s.astype(float), size)
            for name, s in zip(("income", "debt"), steps, strict=True)
        }
    )
    decider = brought(data, "m.cbm", frame=frame)
    found = shapley_values(decider, frame, frame)
    assert found.method == "trees"
    assert found.output == pytest.approx(logit(decider.predict_score(frame)), abs=1e-9)
    assert len(np.unique(found.output.round(6))) > 5


@pytest.mark.usefixtures("in_process")
def test_the_other_class_has_the_opposite_values(tmp_path: Path) -> None:
    data = file_of(trained(), tmp_path)
    rows, behind = table().iloc[:25], table().iloc[30:38]
    one, other = (
        shapley_values(brought(data, "m.cbm", c, table()), rows, behind) for c in ("1", "0")
    )
    assert (one.method, other.method) == ("trees", "trees")
    assert other.values == pytest.approx(-one.values, abs=1e-12)


@pytest.mark.usefixtures("in_process")
def test_what_is_no_sum_of_leaves_says_so(tmp_path: Path) -> None:
    each = trained(loss_function="MultiClassOneVsAll")
    with pytest.raises(InputError, match="log-odds of two classes"):
        open_model(file_of(each, tmp_path), "m.cbm").trees()
    numbers = people()[["age"]]
    three = catboost.CatBoostClassifier(iterations=3, verbose=0, allow_writing_files=False)
    three.fit(numbers, outcome(people()) + (numbers["age"] > 60))
    with pytest.raises(InputError, match="log-odds of two classes"):
        open_model(file_of(three, tmp_path), "m.cbm").trees()


def test_trees_come_through_the_limited_process(tmp_path: Path) -> None:
    decider = brought(file_of(trained(), tmp_path), "m.cbm", frame=table())
    rows = table().iloc[:40].reset_index(drop=True)
    found = shapley_values(decider, rows, rows)
    assert (found.method, found.why_sampled) == ("trees", "")
    assert found.additivity_error < 1e-9
    assert scorer_of(decider.model.external).trees().owner.max() == 5


def test_texts_of_every_length_have_the_hash_that_the_library_keeps(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    letters = list("abcXYZ 09é中")
    texts = ["".join(rng.choice(letters, size)) for size in [*range(1, 140), 200, 513, 1000]]
    pool = catboost.Pool([[t] for t in texts], np.arange(len(texts)) % 2, cat_features=[0])
    model = catboost.CatBoostClassifier(iterations=2, verbose=0, allow_writing_files=False)
    model.fit(pool).save_model(str(tmp_path / "m.json"), format="json", pool=pool)
    said = json.loads((tmp_path / "m.json").read_text())["features_info"]["cat_features_hash"]
    assert {one["value"] for one in said} == set(texts)
    for one in said:
        assert category_hash(one["value"]) % 2**32 == one["hash"]
    assert category_hash("") == 0x2F90_404F


@pytest.mark.parametrize(
    "options",
    [{}, {"grow_policy": "Lossguide"}, {"one_hot_max_size": 20}, OPTIONS["categories together"]],
)
def test_damaged_files_are_refused_and_never_believed(
    options: dict[str, Any], tmp_path: Path
) -> None:
    data = file_of(trained(**{"iterations": 3, **options}), tmp_path)
    names = list(table())
    rng = np.random.default_rng(0)
    core = 8 + struct.unpack_from("<I", data, 4)[0]
    numbers, codes = np.linspace(0, 1, 5), np.arange(5, dtype=np.int32)
    given = [numbers] * 3 + [Coded(codes, ("none", "a", "b", "yes", "other"))] * 3
    refused = 0
    damaged = [data[:size] for size in (3, 4, 7, 8, 60, core - 1, core, core + 3)]
    for at in rng.integers(4, len(data) - 4, 1500):
        word = int(rng.choice([0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF, rng.integers(2**32)]))
        damaged.append(data[:at] + struct.pack("<I", word) + data[at + 4 :])
    for raw in damaged:
        trees = CatboostTrees(raw, names, "Logloss", 1.0, (0.0,))
        try:
            found = trees.arrays()
            check(found, len(names), "m.cbm")
            assert trees.columns(given).shape == (5, len(found.owner))
        except InputError:
            refused += 1
    assert refused > 80
    for raw in damaged[:6]:
        with pytest.raises(InputError, match="trees can't be read"):
            CatboostTrees(raw, names, "Logloss", 1.0, (0.0,)).arrays()


def test_categories_that_the_model_never_saw_are_counted_by_group(tmp_path: Path) -> None:
    data = file_of(trained(), tmp_path)
    frame = table().iloc[:20].reset_index(drop=True)
    groups = pd.Series(["a", "b"] * 10, name="group")
    frame.loc[[0, 1, 3], "job"] = "never seen"
    frame.loc[1, "town"] = "ANYWHERE"
    with open_model(data, "m.cbm") as opened:
        facts = opened.facts
    known = {one.name: one.category_hashes for one in facts.inputs}
    assert [len(known[name] or ()) for name in CATEGORIES] == [5, 9, 0]
    for name in ("town", "job"):
        assert {category_hash(value) for value in table()[name].unique()} == set(known[name])
    # Of two values asked one by one the file may hold one only, so nothing is said of others.
    (note,) = facts.notes
    assert ("'owner'" in note, "'job'" in note) == (True, False)
    frame.loc[5, "owner"] = "never seen"
    matching = propose(facts, frame).matching
    unknown, rows = unknown_values(matching, facts, frame, groups)
    found = {one.input: one for one in unknown}
    assert set(found) == {"town", "job"}
    assert found["job"].values == (("never seen", 3),)
    assert found["job"].by_group == {"b": 2, "a": 1}
    assert found["town"].values == (("ANYWHERE", 1),)
    assert rows.sum() == 3


def test_truth_values_are_written_as_the_file_knows_them(tmp_path: Path) -> None:
    said = {}
    flags = pd.DataFrame({"age": people()["age"], "job": np.tile(["true", "false"], 200)})
    for written in ("true", "True"):
        frame = flags.assign(
            job=flags["job"].str.capitalize() if written == "True" else flags["job"]
        )
        data = file_of(trained(frame=frame, one_hot_max_size=1, iterations=40), tmp_path)
        with open_model(data, "m.cbm") as opened:
            assert opened.facts.inputs[1].category_hashes is not None
            matching = propose(opened.facts, flags).matching
        said[written] = [(one.how, one.recode) for one in matching.inputs][1]
    assert said == {
        "true": ("same", ()),
        "True": ("recoded", (("false", "False"), ("true", "True"))),
    }


@pytest.mark.usefixtures("in_process")
def test_one_person_after_another_has_the_same_values_and_too_large_a_game_is_sampled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = file_of(trained(**OPTIONS["categories together"]), tmp_path)
    decider = brought(data, "m.cbm", frame=table().assign(x=1.0, y=2.0, z=3.0))
    frame = table().assign(x=1.0, y=2.0, z=3.0)
    # More rows than are told apart together.
    rows, behind = frame.iloc[:60].reset_index(drop=True), frame.iloc[100:130]
    found = shapley_values(decider, rows, behind)
    prepared = PreparedShapley(decider, behind)
    for place in (0, 59):
        one = rows.iloc[[place]].reset_index(drop=True)
        assert prepared.values(one).values[0] == pytest.approx(found.values[place], abs=1e-12)
    assert not found.values[:, 6:].any()
    monkeypatch.setattr(mixed_trees, "_MOST_CELLS", 3)
    sampled = [shapley_values(decider, one, behind), prepared.values(one)]
    for of in sampled:
        assert (of.method, of.explains) == ("any", "log-odds")
        assert "combinations of values apart" in of.why_sampled
        assert of.additivity_error < 1e-9


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("text", ["nan", "None", "", "none"])
def test_missing_categories_are_given_as_the_text_that_the_model_learned(
    text: str, tmp_path: Path
) -> None:
    learned = people().replace({"town": {"(missing)": text}})
    model = trained(frame=learned)
    data = file_of(model, tmp_path)
    asked = people().iloc[:40].reset_index(drop=True)
    assert (asked["town"] == "(missing)").any()
    decider = brought(data, "m.cbm", frame=people())
    (town,) = (one for one in scorer_of(decider.model.external).facts.inputs if one.name == "town")
    if text == "none":  # A word of somebody's own: a person says so.
        assert (town.missing, town.missing_as) == ("refused", None)
        with pytest.raises(InputError, match="missing"):
            decider.predict_score(asked)
        return
    assert (town.missing, town.missing_as) == ("allowed", text)
    own = model.predict_proba(learned.iloc[:40])[:, 1]
    assert decider.predict_score(asked) == pytest.approx(own, abs=1e-9)
    found = shapley_values(decider, asked, asked.iloc[:8])
    assert found.method == "trees"
    assert found.output == pytest.approx(logit(own), abs=1e-9)
