"""Models open in the process of the test itself where a test asks for it: that takes no start."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import pytest

from core.arrays import Floats
from core.external_models.packed_trees import packed
from core.external_models.sandbox import model_child, model_process
from core.external_models.sandbox.child_process import Limits, refuse_if_told
from core.external_models.sandbox.opened_model import Coded, Column
from core.external_models.sandbox.sent_columns import Sent


class InProcess:
    """What stands in for the child process: the same readers and answers, no limits."""

    def __init__(self, data: bytes, request: dict[str, Any], where: str, limits: Limits):
        reader = import_module(f"core.external_models.sandbox.{request['format']}.reader")
        self._where = where
        try:
            self._model = reader.read(data, 1, request["accepted_types"])
            answer = model_child.told(self._model)
        except Exception as error:
            answer = model_child.answer_of(error)
        self.told = json.loads(json.dumps(answer))
        refuse_if_told(self.told, where)

    def is_alive(self) -> bool:
        return True

    def end(self) -> None:
        """There is nothing to end."""

    def trees(self) -> tuple[dict[str, Any], bytes]:
        try:
            told, raw = packed(model_child.tree_reader(self._model).arrays())
        except Exception as error:
            refuse_if_told(model_child.answer_of(error), self._where)
            raise
        return json.loads(json.dumps(told)), raw

    def ask(
        self, prepared: Sequence[Sent], part: slice, shape: tuple[int, ...], what: str = "scores"
    ) -> Floats:
        columns: list[Column] = [
            one.array[part]
            if one.described is None
            else Coded(one.array[part], tuple(one.described["values"]), one.described["missing"])
            for one in prepared
        ]
        try:
            whole = what == "scores"
            ask = self._model.predict if whole else model_child.tree_reader(self._model).columns
            scores: Floats = ask(columns)
        except Exception as error:
            refuse_if_told(model_child.answer_of(error), self._where)
            raise
        assert scores.shape == (part.stop - part.start, *shape)
        return scores


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Open models in this process."""
    monkeypatch.setattr(model_process, "ChildProcess", InProcess)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
