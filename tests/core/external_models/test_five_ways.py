"""One model by five ways in: trained here, ONNX, skops, a server, an object in memory.

All judge the same people, so all figures are the same; ONNX compares and adds in single precision,
which moves scores by less than 1e-6 here, and the decisions that it flips are counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from skl2onnx import to_onnx

import equipoise
from core.audit.pipeline import run
from core.audit.result import AuditPlan
from core.data.frames import table_of
from core.data.roles.roles import Roles
from core.reporting.audit_json import audit_json
from core.training.spec import TrainingSpec
from tests.core.external_models.model_servers import serving

NUMBERS = [
    "duration_months", "credit_amount", "installment_rate", "residence_since", "age",
    "existing_credits", "dependents",
]  # fmt: skip
RECORD: dict[str, Any] = {
    "target": "credit_risk", "positive_label": "good", "sensitive": "sex", "explain": 0,
    "trained_on": ("part", "fit"),
}  # fmt: skip
SINGLE = 1e-6


class World:
    """German credit, a forest that was trained here, and its figures."""

    def __init__(self) -> None:
        frame = equipoise.load_sample("german_credit").frame[[*NUMBERS, "sex", "credit_risk"]]
        roles = Roles("credit_risk", "good", ("sex",), features=tuple(NUMBERS))
        plan = AuditPlan(roles, TrainingSpec("random_forest", seed=1), 0)
        result = run(table_of(frame, "credit"), plan)
        assert result.trained is not None
        self.estimator = result.trained.decider.model.estimator  # type: ignore[attr-defined]
        self.test = result.trained.split.test
        self.scores = result.trained.scores
        self.record = json.loads(json.dumps(audit_json(result)))
        judged = np.zeros(len(frame), dtype=bool)
        judged[self.test] = True
        self.frame = frame.assign(part=np.where(judged, "new", "fit"))


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def figures(record: dict[str, Any]) -> dict[str, Any]:
    """What is said of performance and of groups, without who says it."""
    performance = {k: v for k, v in record["performance"].items() if k != "baseline"}
    return {"performance": performance, "fairness": record["fairness"]}


def difference(a: Any, b: Any, path: str = "") -> tuple[float, str]:
    """The largest difference of two numbers in one place, and where; texts must be the same."""
    if isinstance(a, dict):
        assert a.keys() == b.keys(), path
        return max((difference(a[k], b[k], f"{path}/{k}") for k in a), default=(0.0, ""))
    if isinstance(a, list):
        assert len(a) == len(b), path
        pairs = enumerate(zip(a, b, strict=True))
        return max((difference(x, y, f"{path}/{i}") for i, (x, y) in pairs), default=(0.0, ""))
    if isinstance(a, float | int) and not isinstance(a, bool) and b is not None:
        return abs(a - b), path
    assert a == b, path
    return 0.0, ""


def by_object(world: World, stack: ExitStack, folder: Path) -> dict[str, Any]:
    return {"estimator": world.estimator, "features": NUMBERS, "positive_class": 1}


def by_skops(world: World, stack: ExitStack, folder: Path) -> dict[str, Any]:
    path = folder / "forest.skops"
    path.write_bytes(skops.io.dumps(world.estimator))
    return {"estimator": path, **BY_POSITION}


def by_onnx(world: World, stack: ExitStack, folder: Path) -> dict[str, Any]:
    path = folder / "forest.onnx"
    first = np.zeros((1, len(NUMBERS)), dtype=np.float32)
    made = to_onnx(world.estimator, first, options={"zipmap": False})
    path.write_bytes(made.SerializeToString())
    return {"estimator": path, **BY_POSITION}


def by_server(world: World, stack: ExitStack, folder: Path) -> dict[str, Any]:
    def answer(method: str, path: str, body: Any) -> tuple[int, Any]:
        table = body["dataframe_split"]
        rows = pd.DataFrame(table["data"], columns=table["columns"])[NUMBERS].to_numpy(float)
        return 200, {"predictions": world.estimator.predict_proba(rows).tolist()}

    server = stack.enter_context(serving(answer))
    return {"estimator": server.address, "features": NUMBERS, "positive_class": 1}


BY_POSITION: dict[str, Any] = {"accept_inputs": True, "positive_class": "1"}
WAYS: dict[str, tuple[Callable[..., dict[str, Any]], float]] = {
    "object": (by_object, 0.0), "skops": (by_skops, 0.0), "server": (by_server, 0.0),
    "onnx": (by_onnx, SINGLE),
}  # fmt: skip


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.mark.parametrize("way", WAYS)
def test_every_way_in_gives_the_figures_of_the_model_that_was_trained_here(
    way: str, world: World, stack: ExitStack, tmp_path: Path
) -> None:
    made, tolerance = WAYS[way]
    given = made(world, stack, tmp_path)
    if way in ("skops", "onnx"):
        # They go by position, so the table holds what they see, in their order.
        inputs = skops_or_onnx_inputs(given["estimator"])
        given["inputs"] = dict(zip(inputs, NUMBERS, strict=True))
    result = equipoise.audit(world.frame, **(RECORD | given))
    record = json.loads(result.to_json())
    apart, where = difference(figures(world.record), figures(record))
    assert apart <= tolerance, (way, where)
    assert record["performance"]["count"] == len(world.test)


def skops_or_onnx_inputs(path: Path) -> list[str]:
    from core.external_models.sandbox.model_process import open_model

    with open_model(path.read_bytes(), path.name) as model:
        assert not model.facts.named_inputs
        return [item.name for item in model.facts.inputs]


def test_single_precision_moves_scores_by_less_than_is_said_and_flips_no_decision(
    world: World, stack: ExitStack, tmp_path: Path
) -> None:
    from core.external_models.sandbox.model_process import open_model

    path = by_onnx(world, stack, tmp_path)["estimator"]
    with open_model(path.read_bytes(), path.name) as model:
        rows = world.frame[NUMBERS].iloc[world.test]
        names = [item.name for item in model.facts.inputs]
        given = {n: rows[c].to_numpy(float) for n, c in zip(names, NUMBERS, strict=True)}
        scores = model.score(given)[:, 1]
    assert 0 < np.abs(scores - world.scores).max() < SINGLE
    assert ((scores >= 0.5) != (world.scores >= 0.5)).sum() == 0
