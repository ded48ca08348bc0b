"""Specs to JSON and back, for the state of an audit in progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.data.reading import ReadOptions
from core.data.table import Notation
from core.learning.training import TrainingSpec
from core.privacy.domain import domains_from_json, domains_to_json


def training_to_json(spec: TrainingSpec) -> dict[str, Any]:
    """Write a training spec down."""
    return asdict(spec) | {
        "domains": None if spec.domains is None else domains_to_json(spec.domains)
    }


def training_from_json(told: Mapping[str, Any]) -> TrainingSpec:
    """Read a training spec back."""
    domains = told["domains"]
    return TrainingSpec(
        **{**told, "domains": None if domains is None else domains_from_json(domains)}
    )


def options_to_json(options: ReadOptions) -> dict[str, Any]:
    """Write read options down."""
    return asdict(options) | {"notations": dict(options.notations)}


def options_from_json(told: Mapping[str, Any]) -> ReadOptions:
    """Read options back."""
    notations = tuple((name, Notation(how)) for name, how in told.get("notations", {}).items())
    return ReadOptions(**{**told, "notations": notations})
