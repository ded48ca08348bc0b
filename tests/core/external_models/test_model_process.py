"""The process of a model keeps to its limits, is started again, and leaves nothing behind."""

from __future__ import annotations

import gc
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from core.errors import InputError
from core.external_models.sandbox.model_process import Limits, ModelProcess, open_model
from core.external_models.sandbox.told_facts import facts_of
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


def test_two_who_ask_at_once_have_their_own_answers(forest: bytes) -> None:
    with open_model(forest, "m.onnx") as model:
        rows = [given(300), {name: -column for name, column in given(300).items()}]
        expected = [model.score(each) for each in rows]
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(model.score, rows * 10))
    for place, answer in enumerate(answers):
        assert np.array_equal(answer, expected[place % 2])


TOLD = {
    "title": "A tree", "library": "lib\u200b", "version": "1", "task": "binary",
    "output": "probability",
    "named_inputs": True, "named_classes": True, "notes": [], "classes": [0, 1],
    "inputs": [{"name": "age", "kind": "number", "dtype": "float64"}],
}  # fmt: skip


def test_what_a_process_says_is_checked() -> None:
    assert facts_of(TOLD, "m").library == "lib"
    assert len(facts_of({**TOLD, "library": "x" * 1000}, "m").library) == 80
    wrong: dict[str, dict[str, Any]] = {
        "two of the model's inputs are called 'age'": {"inputs": TOLD["inputs"] * 2},  # type: ignore[operator]
        "two of the model's classes are called '1'": {"classes": [1, "1"]},
        "the model has no input": {"inputs": []},
        "task": {"task": "anything"},
        "notes": {"notes": [1]},
    }
    for sentence, change in wrong.items():
        with pytest.raises(InputError, match=sentence):
            facts_of({**TOLD, **change}, "m")


def test_categories_that_look_alike_are_noted() -> None:
    town = {"name": "town", "kind": "category", "dtype": "string"}
    told = {**TOLD, "inputs": [{**town, "category_values": ["Brno", "Brno ", "Delft"]}]}
    (note,) = facts_of(told, "m").notes
    assert note == "Input 'town' has 2 categories that look like 'Brno': the first is meant."
