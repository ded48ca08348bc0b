"""Fairness counted inside an engine: only the cube of counts leaves it.

The same recoding as in memory is applied to the distinct values that come out: DuckDB, PostgreSQL
or Spark group the raw values, and :mod:`core.data` says what they mean. Reasons are in
docs/decisions/0011-counting-in-the-engine.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.data.labels import canonical
from core.data.reading.header import column_names
from core.data.roles.groups import FEW, check_edges, default_edges
from core.data.roles.role_checks import check_roles
from core.data.roles.roles import Roles
from core.data.sources.engine_columns import described, typed
from core.data.sources.engine_source import Source, opened
from core.data.table import Column, Kind, Repair
from core.errors import InputError
from core.fairness.assessment.assess import assess_cube, to_json
from core.fairness.counts.score_cube import binned_auc
from core.fairness.engine.engine_cells import Cells
from core.fairness.engine.engine_counted import Counted
from core.fairness.engine.engine_query import (
    cells,
    schema_kinds,
    score_binning,
    value_counts,
)
from core.fairness.engine.engine_scoring import CHANGED, median_bins, near_median, scoring_of
from core.fairness.metrics.impact_spec import DEFAULT, ImpactSpec
from core.fairness.metrics.score_calibration import score_estimates

REPEATED = 10_000_000
"""Up to so many rows the quartiles of a numeric column are found without edges being given."""


def count_in_engine(source: Source, roles: Roles) -> Counted:
    """Count outcomes and scores by group inside an engine.

    Parameters
    ----------
    source : Source
    roles : Roles
        Of existing decisions or scores; without a target nothing that needs an outcome is defined.

    Raises
    ------
    InputError
        If the source can't be opened, or the roles do not fit it, as in
        :func:`core.data.assign.assign`.
    """
    with opened(source) as raw:
        names, repairs = column_names(tuple(raw.columns))
        there = dict(zip(names, raw.columns, strict=True))
        kinds = schema_kinds(raw)
        columns = {name: Column(name, kinds[there[name]], 0, 0) for name in names}
        check_roles(described(columns, source), roles)
        # From here on the columns go by the names that people see.
        used = {name: raw[there[name]] for name in _used(roles)}
        table = raw.select(**{f"c{i}": column for i, column in enumerate(used.values())})
        inside = _renamed(roles, {name: f"c{i}" for i, name in enumerate(used)})
        given = {name: tuple(float(e) for e in edges) for name, edges in roles.edges}
        notes = list(repairs)
        edges = _edges(table, roles, inside, columns, given, source, notes)
        renamed = dict(zip(roles.sensitive, inside.sensitive, strict=True))
        binning = None if inside.score is None else score_binning(table, inside.score, source)
        coded = {renamed[name]: cut for name, cut in edges.items()}
        found = cells(table, inside, coded, binning, source)
        made = Cells(found, roles, edges, binning, columns, source, notes)
        counted = made.counted()
        if counted.scores is None:
            return counted
        try:
            near = cells(table, inside, coded, binning, source, median_bins(counted.scores))
        except InputError as error:  # Too many scores in one bin; all else is counted.
            return replace(counted, no_scoring=error.problem)
        scores = near_median(counted.scores, found, near, made.group_of, made.bins)
        return replace(counted, near=scores, no_scoring="" if scores else CHANGED)


NO_MEANS = (
    "not defined, because scores of a table that stays in its engine are counted in bins, which "
    "tell neither the mean nor the standard deviation"
)


def engine_fairness_json(counted: Counted, impact: ImpactSpec = DEFAULT) -> dict[str, Any]:
    """Write what was counted as :func:`core.fairness.assessment.assess.fairness_json` does.

    Returns
    -------
    dict
        With ``score_bins`` besides, where there are scores: the number of bins and the largest
        error of the area under the curve, in any group, that comes from counting in bins; None
        where no such area is defined. ``scoring``: rates above the exact median. And why there
        are no ``mean_differences``.
    """
    scores = counted.ranked_scores
    everyone = None if scores is None else score_estimates(scores.overall())

    def assessed(attributes: tuple[str, ...]) -> dict[str, Any]:
        return to_json(
            assess_cube(
                counted.cube.marginal(attributes),
                scores=None if scores is None else score_estimates(scores.marginal(attributes)),
                overall_scores=everyone,
                positive_is_favourable=counted.roles.positive_is_favourable,
                impact=impact,
            )
        )

    out = assessed(counted.cube.attributes)
    out["by_attribute"] = {name: assessed((name,)) for name in counted.cube.attributes}
    if counted.scores is not None:
        known = np.zeros(0)
        if scores is not None:
            errors = [binned_auc(scores)[1], binned_auc(scores.overall())[1]]
            errors += [binned_auc(scores.marginal((n,)))[1] for n in counted.cube.attributes]
            known = np.concatenate(errors)
            known = known[~np.isnan(known)]
        out["score_bins"] = {
            "bins": len(counted.scores.edges) + 1,
            "roc_auc_error_at_most": float(known.max()) if len(known) else None,
        }
        out["scoring"] = _scoring_json(counted, impact)
        for part in (out, *out["by_attribute"].values()):
            part["mean_differences"] = {"undefined": NO_MEANS}
    return out


def _scoring_json(counted: Counted, impact: ImpactSpec) -> dict[str, Any]:
    """Write scoring rates as of rows in memory, or why there are none."""
    scores, near = counted.scores, counted.near
    if scores is None or near is None:
        return {"undefined": counted.no_scoring}

    def rates(attributes: tuple[str, ...]) -> list[dict[str, Any]]:
        return [item.to_json() for item in scoring_of(scores, near, attributes, impact)]

    names = counted.cube.attributes
    return {"together": rates(names), "by_attribute": {name: rates((name,)) for name in names}}


def _used(roles: Roles) -> tuple[str, ...]:
    single = (roles.target, roles.prediction, roles.score, roles.weight)
    return (*(name for name in single if name is not None), *roles.sensitive)


def _renamed(roles: Roles, names: dict[str, str]) -> Roles:
    def new(name: str | None) -> str | None:
        return None if name is None else names[name]

    return replace(
        roles,
        target=new(roles.target),
        prediction=new(roles.prediction),
        score=new(roles.score),
        weight=new(roles.weight),
        sensitive=tuple(names[name] for name in roles.sensitive),
        edges=(),
    )


def _edges(
    table: Any,
    roles: Roles,
    inside: Roles,
    columns: dict[str, Column],
    given: dict[str, tuple[float, ...]],
    source: Source,
    notes: list[Repair],
) -> dict[str, tuple[float, ...]]:
    """Edges that are given, and those near the quartiles of other numeric columns."""
    found: dict[str, tuple[float, ...]] = {}
    for name, inner in zip(roles.sensitive, inside.sensitive, strict=True):
        where = f"column {name!r}"
        if name in given:
            if columns[name].kind is not Kind.NUMBER:
                raise InputError(
                    "only a numeric column has bin edges", where=where, remedy="Leave them out"
                )
            # Both sides of each edge hold a row, as far as this first check goes.
            cut = given[name]
            check_edges(np.r_[np.nextafter(cut[:1], -np.inf), cut], cut, name)
            found[name] = cut
        elif columns[name].kind is Kind.NUMBER:
            quartiles = _quartiles(table, name, inner, inside, source)
            if quartiles is not None:
                found[name], rows = quartiles
                text = ", ".join(canonical(edge) for edge in found[name])
                what = f"Numbers were put into groups cut at {text}, near the quartiles."
                notes.append(Repair(what, rows, name))
    return {name: found[name] for name in roles.sensitive if name in found}


def _quartiles(
    table: Any, name: str, inner: str, inside: Roles, source: Source
) -> tuple[tuple[float, ...], int] | None:
    counted = value_counts(table, inner, inside, source)
    count = counted.column("count").to_numpy().astype(np.int64)
    keep = np.ones(len(count), dtype=np.bool_)
    for role in ("target", "prediction"):
        if role in counted.column_names:
            labels = typed(role, counted.column(role), count).labels
            keep &= np.array([label is not None for label in labels], dtype=np.bool_)
    if "scored" in counted.column_names:
        keep &= counted.column("scored").to_numpy().astype(np.bool_)
    values = typed(name, counted.column("value"), count).values
    if values.dtype.kind not in "iuf":
        return None
    held = keep & values.notna().to_numpy()
    if values[held].nunique() <= FEW:
        return None
    rows = int(count[held].sum())
    if rows > REPEATED:
        raise InputError(
            f"it holds more than {FEW} different numbers in {rows:,} rows",
            where=f"column {name!r}",
            remedy=f"Say where to cut them: --edges {name}=25,60",
        )
    return default_edges(pd.Series(np.repeat(values[held].to_numpy(), count[held]))), rows
