"""MLflow's scoring server: rows as ``dataframe_split``, answers as ``predictions``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from core.external_models.model_facts import ModelInput
from core.external_models.served.http_client import Patience, ask_json

Ask = Callable[[Mapping[str, npt.NDArray[Any]]], Any]


def connect(address: str, patience: Patience) -> tuple[tuple[ModelInput, ...] | None, str, Ask]:
    """Return the inputs, which this protocol doesn't tell, a title, and how rows are asked."""
    route = address if address.endswith("/invocations") else f"{address}/invocations"

    def ask(columns: Mapping[str, npt.NDArray[Any]]) -> Any:
        body = {"dataframe_split": {"columns": list(columns), "data": rows_json(columns)}}
        answer = ask_json(route, body, patience)
        if not isinstance(answer, dict) or not isinstance(answer.get("predictions"), list):
            raise InputError(
                "the answer holds no list of predictions",
                where=f"model at {route}",
                remedy="See that the address is that of an MLflow scoring server",
            )
        return [_plain(item) for item in answer["predictions"]]

    return None, "Model served by MLflow", ask


def rows_json(columns: Mapping[str, npt.NDArray[Any]]) -> list[list[Any]]:
    """Write rows as JSON: whole numbers where a column holds nothing else, null where missing."""
    return [list(row) for row in zip(*(cells(v) for v in columns.values()), strict=True)]


def cells(values: npt.NDArray[Any]) -> list[Any]:
    """Write the values of one column as JSON values."""
    if values.dtype.kind not in "iuf":
        return [None if value is None or value != value else value for value in values.tolist()]
    numbers = np.asarray(values, dtype=np.float64)
    whole = np.isfinite(numbers).all() and (numbers == np.trunc(numbers)).all()
    if whole and (np.abs(numbers) < 2**53).all():
        return [int(value) for value in numbers]
    return [value if np.isfinite(value) else None for value in numbers.tolist()]


def _plain(item: Any) -> Any:
    """Take a row that is an object of one entry, or of one for each class, as a list."""
    if isinstance(item, dict):
        values = list(item.values())
        return values[0] if len(values) == 1 else values
    return item
