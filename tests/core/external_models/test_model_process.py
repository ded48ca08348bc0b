"""The process of a model keeps to its limits, is started again, and leaves nothing behind."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from core.errors import InputError
from core.external_models.sandbox.model_process import Limits, ModelProcess, open_model
from tests.core.external_models.onnx_files import matrix_file

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def forest() -> bytes:
    fitted = RandomForestClassifier(100, random_state=0).fit(X, X[:, 0] + X[:, 1] > 0)
    return matrix_file(fitted, 3)


def given(rows: int) -> dict[str, np.ndarray]:
    return {f"X {i}": np.resize(X[:, i - 1].astype(float), rows) for i in (1, 2, 3)}


def folder(model: ModelProcess) -> Path:
    assert model._child is not None
    return model._child._folder


def test_a_process_that_died_is_told_and_started_again(forest: bytes) -> None:
    with open_model(forest, "m.onnx") as model:
        before = model.score(given(10))
        assert model._child is not None
        model._child._process.kill()
        model._child._process.wait()
        assert np.array_equal(model.score(given(10)), before)


def test_a_request_beyond_the_wall_clock_ends_in_a_sentence(forest: bytes) -> None:
    with open_model(forest, "m.onnx") as model:
        assert model._child is not None
        model._child._limits = Limits(waiting=0.05)
        with pytest.raises(InputError, match=r"m\.onnx: the model took more than 0\.05 seconds"):
            model.score(given(400_000))
        assert len(model.score(given(10))) == 10


def test_a_request_beyond_its_computing_time_ends_in_a_sentence(forest: bytes) -> None:
    with open_model(forest, "m.onnx") as model:
        assert model._child is not None
        model._child._limits = Limits(seconds=0)
        with pytest.raises(InputError, match="more than 0 seconds of computing"):
            model.score(given(2_000_000))


def test_a_file_that_asks_for_more_memory_ends_in_a_sentence(forest: bytes) -> None:
    with pytest.raises(InputError) as refused:
        open_model(forest, "m.onnx", limits=Limits(memory=1 << 20))
    assert refused.value.remedy


def test_nothing_is_left_behind(forest: bytes) -> None:
    model = open_model(forest, "m.onnx")
    model.score(given(10))
    there, pid = folder(model), model._child._process.pid  # type: ignore[union-attr]
    assert sorted(path.name for path in there.iterdir()) == ["answers", "rows"]
    model.close()
    assert not there.exists()
    with pytest.raises(OSError, match="No such process"):
        os.kill(pid, 0)


def test_a_model_that_is_forgotten_ends_its_process(forest: bytes) -> None:
    model = open_model(forest, "m.onnx")
    there = folder(model)
    del model
    gc.collect()
    assert not there.exists()


def test_no_environment_is_passed_on(forest: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUIPOISE_TEST_SECRET", "seen")
    with open_model(forest, "m.onnx") as model:
        assert model._child is not None
        held = Path(f"/proc/{model._child._process.pid}/environ").read_bytes()
    assert b"seen" not in held


def test_facts_are_of_the_file(forest: bytes) -> None:
    with open_model(forest, "m.onnx") as model:
        facts = model.facts
    assert (facts.format, facts.title, facts.library) == (
        "onnx",
        "Ensemble of 100 trees",
        "skl2onnx",
    )
    assert (facts.size, len(facts.sha256)) == (len(forest), 64)
    # Truth values are written as whole numbers by skl2onnx.
    assert (facts.classes, facts.task) == (("0", "1"), "binary")


def test_no_rows_have_no_scores(forest: bytes) -> None:
    with open_model(forest, "m.onnx") as model:
        assert model.score(given(0)).shape == (0, 2)
