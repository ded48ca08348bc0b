"""A table whose columns are called like parameters of the code, of pandas and of plotly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.data.domains import CategoryDomain, Domains, NumberDomain
from core.data.reading.reading import read_bytes
from core.data.roles.roles import Roles
from core.data.table import Table

NAMES = (
    "self", "index", "level_0", "columns", "y", "sample_weight", "X", "groups", "data", "name",
    "count", "size", "", "group", "target", "score", "0", "values", "x:Q", "a.b[0]", "T", "c0",
)  # fmt: skip
"""An empty name becomes "column 13"; "x:Q" and "a.b[0]" mean something to drawing libraries."""
PLAIN = tuple(f"feature {number}" for number in range(len(NAMES)))


def frame(names: tuple[str, ...] = NAMES, rows: int = 400) -> pd.DataFrame:
    """Make a table whose values don't depend on what its columns are called."""
    rng = np.random.default_rng(0)
    sex = rng.choice(["f", "m"], rows)
    found: dict[str, object] = {}
    for position, name in enumerate(NAMES):
        numbers = np.round(rng.normal(0, 1, rows) + 0.3 * (sex == "m"), 3)
        letters = rng.choice(["a", "b", "c"], rows)
        found[name] = letters if position % 3 == 2 else numbers
    margin = np.asarray(found["index"]) + (sex == "m") - 0.5
    found["self"] = sex
    found["group"] = rng.choice(["g", "h"], rows)
    found["target"] = np.where(rng.random(rows) < 1 / (1 + np.exp(-1.5 * margin)), "yes", "no")
    out = pd.DataFrame(found)
    return out.set_axis(list(names), axis=1)


def called(table: Table, name: str) -> str:
    """Name of a table's column that stands where :data:`NAMES` has that name."""
    return str(table.frame.columns[NAMES.index(name)])


def roles_of(table: Table) -> Roles:
    """Every column is a feature, the sensitive ones too."""
    target = called(table, "target")
    sensitive = (called(table, "self"), called(table, "group"))
    roles = default_roles(table, target, "yes", sensitive)[0]
    features = tuple(str(name) for name in table.frame.columns if name != target)
    return replace(roles, identifiers=(), features=features)


def domains_of(table: Table) -> Domains:
    """Declare bounds and categories of every feature."""
    return Domains(
        tuple(
            NumberDomain(name, -5.0, 5.0)
            if table.frame[name].dtype.kind == "f"
            else CategoryDomain(name, tuple(sorted(set(table.frame[name]))))
            for name in roles_of(table).features
        )
    )


def dataset(names: tuple[str, ...] = NAMES) -> tuple[Dataset, Domains]:
    """Read the table as an upload would be, with roles and domains."""
    table = read_bytes(frame(names).to_csv(index=False).encode(), "awkward.csv")
    return assign(table, roles_of(table)), domains_of(table)
