"""Counting in an engine against reading the same table into memory."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.__main__ import main
from core.data.assign import assign
from core.data.reading.reading import read_bytes, typed_table
from core.data.roles.roles import Roles
from core.data.sources.engine_source import Source, stays_in_engine
from core.data.table import Provenance
from core.errors import InputError
from core.fairness.assessment.assess import fairness_json
from core.fairness.assessment.scoring_rate import scores_json
from core.fairness.counts.score_cube import BINS, grid_of
from core.fairness.engine.engine import count_in_engine, engine_fairness_json
from core.fairness.engine.engine_query import Binning

LABELS = (
    st.sampled_from(["yes", "no", " yes", "YES", "?", None]),
    st.sampled_from([True, False, None]),
    st.sampled_from([0, 1, 2, None]),
    st.sampled_from([0.0, 1.0, float("nan"), None]),
    st.sampled_from(["true", "False", "TRUE", None]),
)
GROUPS = (
    st.sampled_from(["a", "A", "b ", "b", "", "(missing)", "ü'\"", None]),
    st.sampled_from([True, False, None]),
    st.sampled_from([1, 2, 3, None]),
    st.sampled_from([0.5, 1.0, float("inf"), float("nan"), None]),
    st.integers(0, 30),
)


def in_memory(arrow, roles):
    """Assign and assess an Arrow table, without the child process that opens files."""
    from core.data.reading.header import column_names
    from core.data.reading.sandbox.isolated_types import plain

    notes = []
    names, _ = column_names(arrow.column_names)
    columns = tuple(plain(n, c, notes) for n, c in zip(names, arrow.columns, strict=True))
    table = typed_table(names, columns, Provenance("t", "path", "0", 0, "parquet"), (), {})
    data = assign(table, roles)
    found = fairness_json(
        data.outcome,
        data.predictions,
        data.sensitive,
        scores=data.scores,
        weights=data.weights,
        positive_is_favourable=roles.positive_is_favourable,
    )
    return found, data


def scoring_in_memory(data):
    def rates(columns):
        asked = (data.scores, data.sensitive[list(columns)], data.weights)
        return scores_json(*asked)["scoring"]

    names = data.sensitive.columns
    return {"together": rates(names), "by_attribute": {name: rates([name]) for name in names}}


def in_engine(arrow, roles, folder):
    path = folder / "rows.parquet"
    pq.write_table(arrow, path)
    counted = count_in_engine(Source(str(path)), roles)
    return engine_fairness_json(counted), counted


def alike(ours, theirs, where="", areas=None):
    """The same JSON, numbers to 1e-9 and draws of scores' intervals to 1e-6."""
    if isinstance(theirs, dict):
        assert ours.keys() == theirs.keys(), where
        if "by_group" in theirs:
            areas = {" · ".join(g["group"].values()): g.get("roc_auc") for g in theirs["by_group"]}
        for key, value in theirs.items():
            if key == "between" and "roc_auc" in where:
                assert ours[key] == value or tied(ours[key], value, areas), where
            else:
                alike(ours[key], value, f"{where}/{key}", areas)
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), where
        for position, value in enumerate(theirs):
            alike(ours[position], value, f"{where}/{position}", areas)
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-9), where
    else:
        assert ours == theirs, where


def tied(ours, theirs, areas):
    """Whether the groups named have equal areas under the curve, to 1e-12.

    Areas summed by bins and by rows differ in the last digit, so either of two groups whose areas
    are tied may be named, or none where all are.
    """
    if ours and theirs:
        return all(abs(areas[a] - areas[b]) <= 1e-12 for a, b in zip(ours, theirs, strict=True))
    worst, best = ours or theirs
    return abs(areas[worst] - areas[best]) <= 1e-12


def outcome(work):
    try:
        return work()
    except InputError as error:
        return error


def column(values):
    return pa.array(values, from_pandas=False)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_figures_are_those_of_reading_into_memory(tmp_path, data):
    n = data.draw(st.integers(2, 60), label="n")

    def drawn(values):
        return column(data.draw(st.lists(values, min_size=n, max_size=n)))

    labels = data.draw(st.sampled_from(LABELS))
    arrays = {
        "y": drawn(labels),
        "p": drawn(labels),
        "g": drawn(data.draw(st.sampled_from(GROUPS))),
        "h": drawn(data.draw(st.sampled_from(GROUPS))),
        "s": drawn(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.3, 1.0, float("nan"), None])),
        "w": drawn(st.sampled_from([0.0, 1.0, 0.25, 2.0])),
    }
    arrow = pa.table(arrays)
    scored, weighted = data.draw(st.booleans()), data.draw(st.booleans())
    roles = Roles(
        data.draw(st.sampled_from(["y", None])),
        data.draw(st.sampled_from(["yes", "1", "true"])),
        ("g", "h"),
        weight="w" if weighted else None,
        prediction=None if scored else "p",
        score="s" if scored or data.draw(st.booleans()) else None,
        threshold=0.25 if scored else None,
    )
    theirs = outcome(lambda: in_memory(arrow, roles))
    ours = outcome(lambda: in_engine(arrow, roles, tmp_path))
    if isinstance(theirs, InputError):
        assert isinstance(ours, InputError), theirs
        return
    assert not isinstance(ours, InputError), ours
    found, counted = ours
    bins, scoring = found.pop("score_bins", None), found.pop("scoring", None)
    means = [
        part.pop("mean_differences", None) for part in (found, *found["by_attribute"].values())
    ]
    if roles.score is not None:
        assert all("not defined, because" in mean["undefined"] for mean in means)
        assert bins["roc_auc_error_at_most"] in (0.0, None)
        alike(scoring, scoring_in_memory(theirs[1]))
    assert counted.cube.has_outcome == (roles.target is not None)
    alike(found, theirs[0])
    used = {roles.target, roles.prediction, roles.score, "g", "h"} - {None}

    def summary(repairs):
        # Which of two spellings is named first depends on the order of rows.
        kept = [r for r in repairs if r.column in used]
        return sorted(
            ("by case" if "by case" in r.what else r.what, r.count, r.column) for r in kept
        )

    assert summary(counted.repairs) == summary(theirs[1].repairs)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.floats(0, 1), min_size=4, max_size=200), st.integers(0, 5))
def test_scores_fall_into_the_bins_of_a_search(tmp_path, scores, seed):
    rng = np.random.default_rng(seed)
    scores = np.r_[scores, rng.integers(0, 1001, 20) / 1000, np.nextafter(0.3, [0, 1]), 0.3]
    n = len(scores)
    frame = pd.DataFrame(
        {"y": np.arange(n) % 2, "g": np.where(np.arange(n) % 3, "a", "b"), "s": scores}
    )
    roles = Roles("y", "1", ("g",), score="s", threshold=0.3)
    found, counted = in_engine(pa.Table.from_pandas(frame), roles, tmp_path)
    # Scores of one bin are told apart where the median lies.
    alike(found["scoring"], scoring_in_memory(in_memory(pa.Table.from_pandas(frame), roles)[1]))
    cube = counted.scores
    position = np.searchsorted(cube.edges, scores, side="right")
    np.testing.assert_array_equal(
        cube.count.sum(axis=(0, 1)), np.bincount(position, minlength=len(cube.edges) + 1)
    )
    exact, _ = in_memory(pa.Table.from_pandas(frame), roles)
    ours = engine_fairness_json(counted)
    error = ours["score_bins"]["roc_auc_error_at_most"]
    assert abs(ours["overall"]["roc_auc"] - exact["overall"]["roc_auc"]) <= error + 1e-12
    assert ours["overall"]["selection_rate"] == pytest.approx(exact["overall"]["selection_rate"])


AWKWARD_RANGES = (
    (0.0, 1.0),
    (0.0, 100.0),
    (-7.3, 11.1),
    (-3.0, -1.0),
    (float(np.nextafter(1, 0)), float(np.nextafter(1, 2))),
    (1e15, 1e15 + 2),
    (-8e307, 9e307),
    (-5e-321, 1e-320),
    (-1e-310, 3e-300),
)


@pytest.mark.parametrize(("least", "most"), AWKWARD_RANGES)
def test_edges_part_scores_as_the_steps_of_the_query_do(least, most):
    low, width = grid_of(least, most)
    binning = Binning(low, width)
    edges = binning.edges()
    assert len(edges) == BINS + 1
    assert (np.diff(edges) >= 0).all()
    rng = np.random.default_rng(0)
    near = [edges]
    for towards in (-np.inf, np.inf):
        beside = edges
        for _ in range(3):
            beside = np.nextafter(beside, towards)
            near.append(beside)
    spread = low + rng.random(20_000) * width
    scores = np.concatenate([*near, spread, [least, most]])
    scores = scores[(scores >= least) & (scores <= most)]
    # Rows are parted by the query's arithmetic, one at a time and without the search for edges.
    steps = [math.floor(binning.steps(float(score))) for score in scores]
    found = np.searchsorted(edges, scores, side="right") - 1
    np.testing.assert_array_equal(found, np.clip(steps, 0, BINS))
    assert min(steps) == 0
    assert max(steps) == BINS


def world(n=900, seed=0):
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, n)
    made = rng.choice(["yes", "no"], n)
    return pd.DataFrame(
        {"y": rng.choice(["yes", "no"], n), "p": made, "age": age, "sex": rng.choice(["f", "m"], n)}
    )


@pytest.mark.parametrize("edges", [(), (("age", (25.0, 60.0)),)])
def test_numbers_are_cut_at_the_same_edges(tmp_path, edges):
    arrow = pa.Table.from_pandas(world())
    roles = Roles("y", "yes", ("age", "sex"), prediction="p", edges=edges)
    theirs, data = in_memory(arrow, roles)
    ours, counted = in_engine(arrow, roles, tmp_path)
    alike(ours, theirs)
    assert counted.roles.edges == data.roles.edges
    assert {r.what for r in data.repairs} == {r.what for r in counted.repairs}


@pytest.mark.parametrize(
    "name", ["a b", 'a"b', "a'b", "a;drop table x--", "select", "ü", "[x]*", "a\\b", "c0", "count"]
)
def test_hostile_names_and_values_are_only_text(tmp_path, name):
    frame = world().rename(columns={"sex": name, "y": f"{name} y"})
    frame[name] = frame[name].map({"f": "x'); DROP TABLE t; --", "m": '"; select 1'})
    arrow = pa.Table.from_pandas(frame)
    roles = Roles(f"{name} y", "yes", (name,), prediction="p")
    theirs, _ = in_memory(arrow, roles)
    folder = tmp_path / "it's [a] *folder*"
    folder.mkdir()
    alike(in_engine(arrow, roles, folder)[0], theirs)


def command(out, *words):
    return main(
        [
            "fairness", *words, "--label", "y", "--prediction", "p", "--favourable", "yes",
            "--sensitive", "sex", "--out", str(out),
        ]
    )  # fmt: skip


def test_the_command_takes_folders_globs_and_backends(tmp_path, capsys):
    import duckdb

    whole = world()
    folder = tmp_path / "parts"
    folder.mkdir()
    for i, part in enumerate(np.array_split(np.arange(len(whole)), 3)):
        whole.iloc[part].to_parquet(folder / f"part{i}.parquet", index=False)
    whole.to_parquet(tmp_path / "whole.parquet", index=False)
    base = tmp_path / "base.db"
    with duckdb.connect(str(base)) as connection:
        connection.execute('create table "my \'table" as select * from whole')
    found = []
    for number, words in enumerate(
        (
            ("--predictions", str(tmp_path / "whole.parquet")),
            ("--predictions", str(folder)),
            ("--predictions", str(folder / "*.parquet")),
            ("--connect", f"duckdb://{base}", "--table", "my 'table"),
        )
    ):
        out = tmp_path / f"{number}.json"
        assert command(out, *words) == 0, capsys.readouterr().err
        found.append(json.loads(out.read_text()))
    for other in found[1:]:
        alike(other, found[0])


@pytest.mark.parametrize("judged", ["decisions", "scores"])
def test_the_command_counts_decisions_and_scores_without_outcomes(tmp_path, capsys, judged):
    whole = world().assign(s=np.random.default_rng(3).integers(0, 65, 900) / 64)
    whole.loc[whole.index[::9], "sex"] = None
    whole.to_parquet(tmp_path / "whole.parquet", index=False)
    (tmp_path / "parts").mkdir()
    whole.to_parquet(tmp_path / "parts" / "whole.parquet", index=False)
    words = {
        "decisions": ("--prediction", "p"),
        "scores": ("--score", "s", "--threshold", "0.5"),
    }[judged]
    found = []
    for place in ("whole.parquet", "parts"):
        out = tmp_path / f"{place}.json"
        asked = ("--predictions", str(tmp_path / place), *words, "--favourable", "yes")
        told = main(["fairness", *asked, "--sensitive", "sex", "--out", str(out)])
        assert told == 0, capsys.readouterr().err
        found.append(json.loads(out.read_text()))
    memory, engine = found
    for part in (memory, memory["by_attribute"]["sex"], engine, engine["by_attribute"]["sex"]):
        for name in ("mean_differences", "score_bins"):
            part.pop(name, None)
    alike(engine, memory)
    assert ("scoring" in engine) == (judged == "scores")
    known = whole.dropna(subset=["sex"])
    chosen = known["p"] == "yes" if judged == "decisions" else known["s"] >= 0.5
    rates = {
        g["group"]["sex"]: g["selection_rate"]
        for g in engine["by_group"]
        if g["group"]["sex"] != "(missing)"
    }
    assert rates == pytest.approx(chosen.groupby(known["sex"]).mean().to_dict())
    told = engine["overall"]["undefined"]["true_positive_rate"]
    assert told == "no true outcome was given"


def test_labels_that_are_not_among_the_decisions_are_named(tmp_path):
    place = tmp_path / "a.parquet"
    world().to_parquet(place)
    with pytest.raises(InputError, match="no label 'maybe'") as error:
        count_in_engine(Source(str(place)), Roles(None, "maybe", ("sex",), prediction="p"))
    assert error.value.where == "column 'p'"


def test_bad_sources_are_named(tmp_path, capsys):
    out = tmp_path / "out.json"
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "x.parquet").write_bytes(b"no parquet")
    for words, message in (
        (("--predictions", str(tmp_path / "empty")), "no Parquet file"),
        (("--predictions", str(tmp_path / "none*.parquet")), "no Parquet file"),
        (("--predictions", str(tmp_path / "bad")), "can't be read as Parquet"),
        (("--connect", "nonsense", "--table", "t"), "not the URL"),
        (("--connect", "nonsense://x", "--table", "t"), "not known or not installed"),
        (("--connect", f"duckdb://{tmp_path}/new.db", "--table", "t"), "no table of that name"),
        (("--connect", f"duckdb://{tmp_path}/new.db"), "--table"),
        (("--table", "t", "--predictions", "x.csv"), "--connect"),
        ((), "--predictions"),
    ):
        assert command(out, *words) == 2
        error = capsys.readouterr().err
        assert message in error
        assert len(error.strip().splitlines()) == 1
    world().to_parquet(tmp_path / "empty" / "x.parquet")
    assert command(out, "--predictions", str(tmp_path / "empty"), "--kind", "sex=text") == 2
    assert "--kind" in capsys.readouterr().err
    for column, message in (("y", "can't be both"), ("sexx", "Perhaps 'sex'")):
        with pytest.raises(InputError, match=message):
            count_in_engine(
                Source(str(tmp_path / "empty")), Roles("y", "yes", (column,), prediction="p")
            )


def test_a_file_is_no_table_of_duckdb(tmp_path, capsys):
    import duckdb

    world().to_csv(tmp_path / "rows.csv", index=False)
    world().to_parquet(tmp_path / "rows.parquet", index=False)
    base = tmp_path / "base.db"
    with duckdb.connect(str(base)) as connection:
        connection.execute(f"create table rows as select * from '{tmp_path}/rows.parquet'")
        connection.execute("create view seen as select * from rows")
    for table in ("rows.csv", "rows.parquet", "*.parquet", "none.csv"):
        words = ("--connect", f"duckdb://{base}", "--table", str(tmp_path / table))
        assert command(tmp_path / "out.json", *words) == 2
        assert "no table of that name" in capsys.readouterr().err
    assert not (tmp_path / "out.json").exists()
    found = []
    for table in ("rows", "seen"):
        words = ("--connect", f"duckdb://{base}", "--table", table)
        assert command(tmp_path / "out.json", *words) == 0, capsys.readouterr().err
        found.append(json.loads((tmp_path / "out.json").read_text()))
    alike(found[1], found[0])


@pytest.mark.parametrize(
    "url",
    [
        "nonsense://me:hush!hush@host/x",
        "nonsense://me:hu/sh@ho!hush@host/x",
        "nonsense://host/x?user=me&password=hush!hush",
        "nonsense://host/x?access_token=hush%21hush",
        "nonsense://host/x#token=hush!hush",
        "postgres://me:hush!hush@127.0.0.1:9/db",
        "postgres://127.0.0.1:9/db?user=me&password=hush!hush",
        "postgres:me:hush!hush@host/db",
        "me:hush!hush@host/db",
        "duckdb:///nowhere/a.db?password=hush!hush",
    ],
)
def test_no_part_of_a_url_that_may_be_a_password_is_repeated(tmp_path, capsys, url):
    assert command(tmp_path / "o", "--connect", url, "--table", "t") == 2
    output = capsys.readouterr().err
    assert "hush" not in output
    assert "--connect" in output or "duckdb" in output


def test_bad_weights_and_scores_are_named(tmp_path):
    frame = world().assign(w=1.0, s=0.5)
    roles = Roles("y", "yes", ("sex",), prediction="p", weight="w")
    for value in (-1.0, None, float("inf")):
        frame.loc[3, "w"] = value
        with pytest.raises(InputError, match="missing or negative in 1 row"):
            in_engine(pa.Table.from_pandas(frame), roles, tmp_path)
    frame["w"] = 0.0
    with pytest.raises(InputError, match="add up to zero"):
        in_engine(pa.Table.from_pandas(frame), roles, tmp_path)
    frame["s"] = np.nan
    with pytest.raises(InputError, match="no finite number"):
        in_engine(
            pa.Table.from_pandas(frame),
            Roles("y", "yes", ("sex",), score="s", threshold=0.5),
            tmp_path,
        )


def test_what_is_counted_where(tmp_path):
    assert stays_in_engine(str(tmp_path))
    assert stays_in_engine(str(tmp_path / "*.parquet"))
    small = tmp_path / "a.parquet"
    world().to_parquet(small)
    assert not stays_in_engine(str(small))
    assert not stays_in_engine("missing.csv")
    assert read_bytes(small.read_bytes(), "a.parquet").frame.shape == (900, 4)


@pytest.mark.parametrize("threshold", [0.25, None])
def test_a_score_of_nan_that_the_statistics_of_a_file_hide_is_left_out(tmp_path, threshold):
    arrow = pa.table(
        {
            "y": column([True] * 5 + [False]),
            "p": column([True] * 6),
            "g": column(["a"] * 5 + ["b"]),
            "s": column([0.0, 0.0, 0.0, 0.0, float("nan"), 0.0]),
        }
    )
    prediction = "p" if threshold is None else None
    roles = Roles("y", "true", ("g",), prediction=prediction, score="s", threshold=threshold)
    found, _ = in_engine(arrow, roles, tmp_path)
    assert found["overall"]["count"] == 5
