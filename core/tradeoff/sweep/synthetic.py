"""Synthetic rows from declared bounds and categories: which looks at no person.

Numbers follow a bell between their bounds, categories fall off by a third each, all independent.
The label is drawn from a logistic model with weights drawn from the seed, in which each sensitive
column shifts the odds of its groups: there is something to learn, something that noise can drown,
and a gap that a mitigation can narrow. Nothing of it says how it is among real people.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd

from core.arrays import Floats
from core.data.content import row_hashes
from core.data.dataset import Dataset
from core.data.domains import CategoryDomain, Domain, Domains
from core.data.roles.groups import FEW, default_edges, group
from core.data.roles.merged_groups import name_of_value
from core.data.roles.roles import Roles
from core.data.table import Provenance
from core.errors import InputError

FEWEST, MOST = 200, 1_000_000
SHARE_OF_POSITIVES = 0.3
STRENGTH = 2.0
"""Standard deviation of the log odds that features explain: about 0.87 of ROC AUC to reach."""
GROUP_STRENGTH = 0.5
"""Standard deviation of the log odds that each sensitive column explains."""


def synthetic_rows(roles: Roles, domains: Domains, rows: int, seed: int = 0) -> Dataset:
    """Make rows up.

    Parameters
    ----------
    roles : Roles
        Which columns are features and which are sensitive; numeric ones get bins of their own,
        which are not put together.
    domains : Domains
        Declared, for each of them.
    rows : int
        From 200 to 1,000,000.
    seed : int

    Raises
    ------
    InputError
        If a column has no declared domain, or the number of rows is out of range.
    """
    if not FEWEST <= rows <= MOST:
        raise InputError(
            f"synthetic rows number from {FEWEST:,} to {MOST:,}", where=f"{rows:,} rows"
        )
    known = {item.name: item for item in domains.items}
    names = dict.fromkeys((*roles.features, *roles.sensitive))
    missing = [name for name in names if name not in known]
    if missing:
        raise InputError(
            "it has no declared bounds or categories to make rows up from",
            where=f"column {', '.join(map(repr, missing[:5]))}",
            remedy="Declare them on the budget page, or choose a public sample",
        )
    rng = np.random.default_rng([seed, 0x3ADE])
    columns = {name: _column(known[name], rows, rng) for name in names}
    # Bins of the audit may be quartiles of real rows; these are cut where synthetic rows say.
    edges = {
        name: default_edges(columns[name])
        for name in roles.sensitive
        if columns[name].dtype.kind == "f" and columns[name].nunique() > FEW
    }
    merged_groups = tuple(item for item in roles.merged_groups if item[0] not in edges)
    roles = replace(roles, edges=tuple(edges.items()), merged_groups=merged_groups)
    named = {name: group(columns[name], edges.get(name)) for name in roles.sensitive}
    # A value that few have may not be made up, which is no reason to refuse.
    under = {name: name_of_value(merged_groups, name) for name in named}
    sensitive = pd.DataFrame(
        {name: groups.map(lambda v, to=under[name]: to.get(v, v)) for name, groups in named.items()}
    )
    odds = _scaled([_effect(columns[name], rng) for name in roles.features], STRENGTH)
    for name in roles.sensitive:
        odds = odds + _scaled([_effect(sensitive[name], rng)], GROUP_STRENGTH)
    odds = odds + np.log(SHARE_OF_POSITIVES / (1 - SHARE_OF_POSITIVES))
    target = rng.random(rows) < 1 / (1 + np.exp(-odds))
    features = pd.DataFrame({name: columns[name] for name in roles.features})
    text = f"made up {seed} {rows} {roles!r} {domains.items!r}"
    sha = hashlib.sha256(text.encode()).hexdigest()
    return Dataset(
        Provenance("synthetic rows", "made_up", sha, 0, "none"),
        roles,
        np.arange(rows, dtype=np.int64),
        features,
        target,
        sensitive,
        None,
        None,
        None,
        (),
        row_hashes(pd.DataFrame(columns)),
        sha,
    )


def _column(domain: Domain, rows: int, rng: np.random.Generator) -> pd.Series:
    if isinstance(domain, CategoryDomain):
        chance = (2 / 3) ** np.arange(len(domain.categories), dtype=np.float64)
        drawn = rng.choice(len(chance), rows, p=chance / chance.sum())
        return pd.Series(np.array(domain.categories, dtype=object)[drawn], dtype=object)
    middle, spread = (domain.low + domain.high) / 2, (domain.high - domain.low) / 6
    values = np.clip(rng.normal(middle, spread, rows), domain.low, domain.high)
    whole = float(domain.low).is_integer() and float(domain.high).is_integer()
    return pd.Series(np.rint(values) if whole and domain.high - domain.low > 1 else values)


def _effect(values: pd.Series, rng: np.random.Generator) -> Floats:
    """Log odds of one column: a slope for numbers, a shift for each category."""
    if values.dtype.kind == "f":
        return np.asarray(rng.normal() * values.to_numpy(dtype=np.float64), dtype=np.float64)
    codes, found = pd.factorize(values, sort=True)
    return np.asarray(rng.normal(size=len(found))[codes], dtype=np.float64)


def _scaled(parts: list[Floats], size: float) -> Floats:
    """Add up parts of equal spread, brought to a mean of 0 and so large a standard deviation."""
    total = np.zeros(len(parts[0]) if parts else 1)
    for part in parts:
        spread = float(part.std())
        total = total + (part - part.mean()) / spread if spread > 0 else total
    spread = float(total.std())
    return size * total / spread if spread > 0 else total
