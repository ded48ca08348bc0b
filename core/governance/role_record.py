"""Roles to JSON and back, apart from specs that bring all learners along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.data.roles import Roles


def roles_to_json(roles: Roles) -> dict[str, Any]:
    """Write roles down; tuples become lists."""
    return asdict(roles)


def roles_from_json(told: Mapping[str, Any]) -> Roles:
    """Read roles back."""
    return Roles(
        **{
            **told,
            "sensitive": tuple(told["sensitive"]),
            "features": tuple(told["features"]),
            "identifiers": tuple(told["identifiers"]),
            "edges": tuple((name, tuple(edges)) for name, edges in told["edges"]),
        }
    )
