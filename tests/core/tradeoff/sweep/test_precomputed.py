"""Sweeps that are shipped with the samples: written, read, and shown for their own rows only."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.data.samples import SAMPLES
from core.errors import InputError
from core.tradeoff.frontier.frontier_json import frontier_json
from core.tradeoff.sweep import precomputed
from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.executors import Here
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.point import Estimate, SweepPoint
from core.tradeoff.sweep.point_store import PointStore
from core.tradeoff.sweep.precomputed import (
    PrecomputedSweep,
    all_precomputed,
    path_of,
    precomputed_sweep,
    write_precomputed,
)
from core.tradeoff.sweep.sweep import sweep
from tests.core.worlds import DOMAINS, dataset

GRID = Grid(
    ("logistic_regression", "dp_binned_regression"),
    (None, 1.0),
    (("sex",),),
    split_seeds=(0, 3),
    noise_seeds=(4,),
    domains=DOMAINS,
)
ROWS = dataset(400)


@pytest.fixture(scope="module")
def made() -> PrecomputedSweep:
    *_, last = sweep(ROWS, GRID, PointStore(), Here())
    # A setting that failed, and a figure that is not defined, have to survive too.
    failed = SweepPoint(last.points[0].run, reason="it failed", seconds=0.12345)
    first = replace(
        last.points[1], figures={**last.points[1].figures, "roc_auc": Estimate(None, reason="why")}
    )
    points = (failed, first, *last.points[2:])
    return PrecomputedSweep("world", ROWS.fingerprint, GRID, Basis("public"), points, "2026-01-02")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(precomputed, "FOLDER", tmp_path)
    return tmp_path


def test_it_comes_back_as_it_was_but_for_rounding(made: PrecomputedSweep, folder: Path) -> None:
    assert precomputed_sweep("world") is None
    size = write_precomputed(made)
    assert path_of("world") == folder / "sweeps" / "world.json.gz"
    assert path_of("world").stat().st_size == size
    found = precomputed_sweep("world", ROWS)
    assert found is not None
    assert replace(found, points=()) == replace(made, points=())
    assert len(found.points) == len(made.points)
    for one, other in zip(found.points, made.points, strict=True):
        assert (one.run, one.groups, one.reason) == (other.run, other.groups, other.reason)
        assert (one.test_rows, one.train_rows) == (other.test_rows, other.train_rows)
        assert set(one.figures) == set(other.figures)
        for name, figure in one.figures.items():
            assert figure.reason == other.figures[name].reason
            assert figure.value == pytest.approx(other.figures[name].value, abs=5.1e-7)
            assert figure.error == pytest.approx(other.figures[name].error, abs=5.1e-7)
    record = frontier_json(found.points, found.grid, found.label)
    assert record["failed"] == [{"reason": "it failed", "count": 1}]
    assert all_precomputed(["nothing", "world"]) == (found,)


def test_equal_points_make_equal_files(made: PrecomputedSweep) -> None:
    write_precomputed(made)
    before = path_of("world").read_bytes()
    write_precomputed(made)
    assert path_of("world").read_bytes() == before


def test_writing_again_is_seen_at_once(made: PrecomputedSweep) -> None:
    write_precomputed(made)
    assert precomputed_sweep("world") is not None
    write_precomputed(replace(made, made="2026-03-04"))
    found = precomputed_sweep("world")
    assert found is not None
    assert found.made == "2026-03-04"


def test_it_is_shown_for_its_own_rows_only(made: PrecomputedSweep) -> None:
    write_precomputed(made)
    assert precomputed_sweep("world", dataset(401)) is None
    assert precomputed_sweep("world", replace(ROWS, fingerprint="0" * 64)) is None


def test_its_label_says_how_it_was_made(made: PrecomputedSweep) -> None:
    assert "2026-01-02" in made.label
    assert "split seeds 0, 3, noise seeds 4" in made.label
    assert made.basis.label in made.label


def test_its_label_says_when_its_rows_were_split_by_an_earlier_rule(made: PrecomputedSweep) -> None:
    assert "earlier rule" not in made.label
    write_precomputed(made)
    path = path_of("world")
    record = json.loads(gzip.decompress(path.read_bytes()))["content"]
    del record["split_rule"]
    path.write_bytes(gzip.compress(json.dumps(record).encode(), mtime=0))
    precomputed._read.cache_clear()
    found = precomputed_sweep("world")
    assert found is not None
    assert "Its rows were split by an earlier rule" in found.label


@pytest.mark.parametrize(
    "content",
    [
        b"no gzip",
        gzip.compress(b"no json", mtime=0),
        gzip.compress(b"[]", mtime=0),
        gzip.compress(b"{}", mtime=0),
        "cut short",
        "a point of another version",
        "a grid of another version",
    ],
    ids=[
        "no gzip",
        "no json",
        "a list",
        "an empty object",
        "cut short",
        "another version of a point",
        "another version of a grid",
    ],
)
def test_a_damaged_file_is_named(made: PrecomputedSweep, content: bytes | str) -> None:
    write_precomputed(made)
    whole = path_of("world").read_bytes()
    record = json.loads(gzip.decompress(whole))["content"]
    if content == "a point of another version":
        record["points"][0]["other"] = record["points"][0].pop("run")
        content = gzip.compress(json.dumps(record).encode())
    elif content == "a grid of another version":
        record["grid"]["other"] = 1
        content = gzip.compress(json.dumps(record).encode())
    elif isinstance(content, str):
        content = whole[: len(whole) // 2]
    path_of("world").write_bytes(content)
    with pytest.raises(InputError, match=r"world\.json\.gz"):
        precomputed_sweep("world")


def test_what_is_shipped_can_be_read_and_is_of_its_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.data.assign import assign
    from core.data.samples import FOLDER, load_sample

    monkeypatch.setattr(precomputed, "FOLDER", FOLDER)
    for found in all_precomputed([sample.name for sample in SAMPLES]):
        rows = assign(load_sample(found.sample), SAMPLES[found.sample].roles)
        assert precomputed_sweep(found.sample, rows) == found
        assert found.basis.kind == "public"
        assert found.points
        assert all(point.charged is None for point in found.points)
