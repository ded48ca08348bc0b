"""Roles to JSON and back, apart from specs that bring all learners along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.data.roles.roles import Roles


def roles_to_json(roles: Roles) -> dict[str, Any]:
    """Write roles down; tuples become lists."""
    return roles.to_dict()


def roles_from_json(fields: Mapping[str, Any]) -> Roles:
    """Read roles back."""
    record = dict(fields)
    merged = record.pop("together", ())
    return Roles(
        **{
            **record,
            "sensitive": tuple(fields["sensitive"]),
            "features": tuple(fields["features"]),
            "identifiers": tuple(fields["identifiers"]),
            "edges": tuple((name, tuple(edges)) for name, edges in fields["edges"]),
            # Absent where there are none, as in records from before there were any.
            "merged_groups": tuple((of, name, tuple(v)) for of, name, v in merged),
        }
    )
