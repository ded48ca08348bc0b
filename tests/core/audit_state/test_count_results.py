"""Counts survive on disk as they were made; the process that makes them can be stopped."""

from __future__ import annotations

import json
import os
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from core.__main__ import main
from core.audit_state import counting
from core.audit_state.counting import count_and_store
from core.audit_state.results.count_results import (
    CountSpec,
    delete_count,
    list_counts,
    load_count,
    store_count,
)
from core.data.roles.roles import Roles
from core.data.sources.locations import SourceLocation, file_location, source_of
from core.errors import InputError
from core.fairness.assessment.assess import fairness_json, to_json
from core.fairness.engine.assess_counted import assess_counted
from core.fairness.engine.engine import count_in_engine, engine_fairness_json
from core.reporting.count_command import count_command

ROLES = Roles(
    target="paid",
    positive_label="yes",
    sensitive=("sex", "age"),
    positive_is_favourable=False,
    weight="people",
    prediction="granted",
    score="score",
    edges=(("age", (30.0, 60.5)),),
)
ARRAYS = ("count", "weight", "weight_squared")


def frame(rows: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    # Binary fractions: an engine's threads add in any order, and these add up exactly in each.
    score = rng.integers(0, 4096, rows) / 4096
    return pd.DataFrame(
        {
            "sex": rng.choice(["Female", "Male", None], rows),
            "age": rng.integers(18, 80, rows),
            "score": score,
            "paid": np.where(rng.random(rows) < score, "yes", "no"),
            "granted": np.where(score > 0.4, "yes", "no"),
            "people": rng.integers(1, 12, rows) / 4,
        }
    )


@pytest.fixture
def location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SourceLocation:
    """Make a folder of two Parquet files that may be opened."""
    folder = tmp_path / "sources" / "loans, and more"
    folder.mkdir(parents=True)
    made = frame()
    made[:200].to_parquet(folder / "a.parquet")
    made[200:].to_parquet(folder / "b.parquet")
    monkeypatch.setenv("EQUIPOISE_SOURCES", str(tmp_path / "sources"))
    return file_location("loans, and more")


def counted(location: SourceLocation, roles: Roles = ROLES):
    with source_of(location) as source:
        return count_in_engine(source, roles)


@pytest.mark.parametrize(
    "roles",
    [
        ROLES,
        replace(ROLES, score=None, weight=None, sensitive=("sex",), edges=()),
        replace(ROLES, target=None),
        replace(ROLES, target=None, prediction=None, threshold=0.4),
    ],
)
def test_what_is_kept_comes_back_the_same(
    tmp_path: Path, location: SourceLocation, roles: Roles
) -> None:
    made, spec = counted(location, roles), CountSpec(location, roles)
    kept = load_count(tmp_path, store_count(tmp_path, spec, made))
    assert kept.spec == spec
    assert kept.counted.roles == made.roles
    assert kept.counted.repairs == made.repairs
    assert kept.counted.cube.groups == made.cube.groups
    for name in ARRAYS:
        assert_array_equal(getattr(kept.counted.cube, name), getattr(made.cube, name))
    assert kept.counted.cube.has_outcome == (roles.target is not None)
    assert (kept.counted.scores is None) == (roles.score is None)
    if made.scores is not None and kept.counted.scores is not None:
        for name in (*ARRAYS, "edges", "score_weight", "single"):
            assert_array_equal(getattr(kept.counted.scores, name), getattr(made.scores, name))
    assert engine_fairness_json(kept.counted) == engine_fairness_json(made)
    (shown,) = {len(assess_counted(c, ("sex",)).scoring) for c in (made, kept.counted)}
    assert shown in ((1, 2) if roles.score is not None else (0,))


def test_an_assessment_is_the_one_of_the_json(location: SourceLocation) -> None:
    made = counted(location)
    record = engine_fairness_json(made)
    both, sex = assess_counted(made, ("sex", "age")), assess_counted(made, ("sex",))
    # What assessments don't hold: that scores in bins have no mean.
    why = record["by_attribute"]["sex"].pop("mean_differences")["undefined"]
    assert why == record["mean_differences"]["undefined"]
    assert to_json(sex.assessment) == record["by_attribute"]["sex"]
    for name, value in to_json(both.assessment).items():
        assert record[name] == value, name
    assert both.auc_error is not None
    assert sex.auc_error is not None
    assert max(both.auc_error, sex.auc_error) <= record["score_bins"]["roc_auc_error_at_most"]
    assert assess_counted(counted(location, replace(ROLES, score=None)), ("sex",)).auc_error is None


def test_the_stated_errors_hold_against_every_score_compared(location: SourceLocation) -> None:
    roles = replace(ROLES, sensitive=("sex",), edges=(), weight=None)
    data = frame()
    exact = fairness_json(
        (data["paid"] == "yes").to_numpy(),
        (data["granted"] == "yes").to_numpy(),
        data[["sex"]].fillna("(missing)"),
        scores=data["score"].to_numpy(),
        positive_is_favourable=False,
    )
    found = assess_counted(counted(location, roles), ("sex",))
    ours = to_json(found.assessment)
    assert found.auc_error is not None
    assert found.brier_error is not None
    for mine, theirs in zip(ours["by_group"], exact["by_group"], strict=True):
        assert mine["group"] == theirs["group"]
        assert mine["count"] == theirs["count"]
        assert abs(mine["roc_auc"] - theirs["roc_auc"]) <= found.auc_error + 1e-12
        assert -1e-12 <= theirs["brier"] - mine["brier"] <= found.brier_error + 1e-12


def test_counts_are_listed_latest_first_and_deleted(
    tmp_path: Path, location: SourceLocation
) -> None:
    assert list_counts(tmp_path) == []
    made, spec = counted(location), CountSpec(location, ROLES)
    ids = [store_count(tmp_path, spec, made) for _ in range(3)]
    assert len(set(ids)) == 3
    listed = list_counts(tmp_path)
    assert [record.id for record in listed] == ids[::-1]
    assert {record.rows for record in listed} == {600}
    assert {record.spec for record in listed} == {spec}
    delete_count(tmp_path, ids[0])
    delete_count(tmp_path, ids[0])
    assert [record.id for record in list_counts(tmp_path)] == ids[:0:-1]
    with pytest.raises(InputError, match="no count of that id"):
        load_count(tmp_path, ids[0])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a file of arrays" * 9, None])
def test_a_damaged_count_says_so_and_can_be_deleted(
    tmp_path: Path, location: SourceLocation, content: bytes | None
) -> None:
    count = store_count(tmp_path, CountSpec(location, ROLES), counted(location))
    path = tmp_path / "counts" / f"{count}.npz"
    path.write_bytes(path.read_bytes()[:-40] if content is None else content)
    (record,) = list_counts(tmp_path)
    assert record.damaged
    with pytest.raises(InputError, match="damaged"):
        load_count(tmp_path, count)
    delete_count(tmp_path, count)
    assert list_counts(tmp_path) == []


@pytest.mark.parametrize(
    "count", ["", "..", "../../x", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n"]
)
def test_ids_that_are_none_reach_no_file(tmp_path: Path, count: str) -> None:
    for act in (load_count, delete_count):
        with pytest.raises(InputError, match="isn't the id of a count"):
            act(tmp_path, count)


def test_counting_in_a_process_keeps_what_counting_here_gives(
    tmp_path: Path, location: SourceLocation
) -> None:
    *_, (seconds, count) = count_and_store(tmp_path, CountSpec(location, ROLES))
    assert seconds > 0
    assert count is not None
    assert engine_fairness_json(load_count(tmp_path, count).counted) == engine_fairness_json(
        counted(location)
    )


def test_a_problem_comes_out_of_the_process_in_its_words(
    tmp_path: Path, location: SourceLocation
) -> None:
    spec = CountSpec(location, replace(ROLES, positive_label="maybe"))
    with pytest.raises(InputError) as here:
        counted(location, spec.roles)
    with pytest.raises(InputError) as there:
        list(count_and_store(tmp_path, spec))
    assert str(there.value) == str(here.value)
    with pytest.raises(InputError, match="not inside"):
        list(count_and_store(tmp_path, CountSpec(SourceLocation("/etc"), ROLES)))
    assert list_counts(tmp_path) == []


def test_closing_the_iterator_stops_the_process(
    tmp_path: Path, location: SourceLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = tmp_path / "process"
    script = (
        "import os, pathlib, time\n"
        f"pathlib.Path({str(result)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(600)"
    )
    monkeypatch.setattr(counting, "_CHILD", (counting._CHILD[0], "-c", script))
    with closing(count_and_store(tmp_path, CountSpec(location, ROLES))) as work:
        for _, found in work:
            assert found is None
            if result.exists() and result.read_text():
                break
    with pytest.raises(ProcessLookupError):
        os.kill(int(result.read_text()), 0)


def test_a_process_that_dies_is_answered(
    tmp_path: Path, location: SourceLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "import os; os.kill(os.getpid(), 9)"
    monkeypatch.setattr(counting, "_CHILD", (counting._CHILD[0], "-c", script))
    with pytest.raises(InputError, match="ended before it was done"):
        list(count_and_store(tmp_path, CountSpec(location, ROLES)))


def test_no_password_reaches_the_disk_or_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "w.db"
    data = frame()
    with duckdb.connect(str(path)) as made:
        made.register("made", data)
        made.execute("create table loans as select * from made")
    url = f"duckdb://{path}?read_only=True&custom_user_agent=hush-hush"
    monkeypatch.setenv("EQUIPOISE_CONNECTIONS", f"warehouse={url}")
    spec = CountSpec(SourceLocation("warehouse", "loans"), ROLES)
    *_, (_, count) = count_and_store(tmp_path, spec)
    assert count is not None
    kept = load_count(tmp_path, count)
    assert kept.counted.cube.count.sum() == len(data)
    with np.load(tmp_path / "counts" / f"{count}.npz") as arrays:
        about = arrays["about"].tobytes().decode()
    assert "warehouse" in about
    result = about + count_command(spec.location, kept.counted.roles) + repr(kept.spec)
    assert "hush" not in result
    assert "w.db" not in result


def test_the_command_repeats_the_count(
    tmp_path: Path, location: SourceLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shlex

    monkeypatch.chdir(tmp_path)
    # Edges that were found near the quartiles are told, and cut the same groups again.
    for roles in (ROLES, replace(ROLES, edges=(), prediction=None, threshold=0.25)):
        made = counted(location, roles)
        words = shlex.split(count_command(location, made.roles))
        assert words[:3] == ["python", "-m", "core"]
        assert main(words[3:]) == 0
        found = json.loads((tmp_path / "fairness.json").read_text())
        # Edges that the command names were not found again, and that is all it leaves unsaid.
        said = found.pop("repairs")
        assert said
        assert said == [asdict(r) for r in made.repairs if "near the quartiles" not in r.what]
        assert found == json.loads(json.dumps(engine_fairness_json(made)))
