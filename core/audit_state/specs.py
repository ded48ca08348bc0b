"""Specs to JSON and back, for the state of an audit in progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.data.reading.reading import ReadOptions
from core.data.table import Notation
from core.errors import InputError
from core.training.spec import TrainingSpec
from core.training.training_options import OPTION, TRAINING_OPTIONS


def training_to_json(spec: TrainingSpec) -> dict[str, Any]:
    """Write a training spec down."""
    return {option.field: option.to_json(spec) for option in TRAINING_OPTIONS}


def training_from_json(record: Mapping[str, Any]) -> TrainingSpec:
    """Read a training spec back; a field that came later is at its default.

    Raises
    ------
    InputError
        If a field is unknown or of another kind.
    """
    for name in record:
        if name not in OPTION:
            raise InputError(
                "there is no such field in a training spec of this version", where=repr(name)
            )
    return TrainingSpec(**{name: OPTION[name].from_json(value) for name, value in record.items()})


def options_to_json(options: ReadOptions) -> dict[str, Any]:
    """Write read options down."""
    return asdict(options) | {"notations": dict(options.notations)}


def options_from_json(record: Mapping[str, Any]) -> ReadOptions:
    """Read options back."""
    notations = tuple((name, Notation(how)) for name, how in record.get("notations", {}).items())
    return ReadOptions(**{**record, "notations": notations})
