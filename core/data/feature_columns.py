"""From columns of a table to features: numbers and dates as floats, everything else as text."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.data.days import MICROSECONDS
from core.data.labels import canonical_series
from core.data.roles.roles import Roles
from core.data.table import MISSING, Kind, Repair, Table
from core.errors import InputError


def feature_columns(
    table: Table, frame: pd.DataFrame, names: tuple[str, ...], repairs: list[Repair]
) -> pd.DataFrame:
    """Write features as a dataset holds them, without those that tell nothing; note what was done.

    Raises
    ------
    InputError
        If none is left.
    """
    made: dict[str, pd.Series] = {}
    for name in names:
        series = frame[name]
        distinct, missing = series.nunique(), int(series.isna().sum())
        if distinct == 0 or (distinct == 1 and not missing):
            holds = "no value" if distinct == 0 else "only one value"
            repairs.append(Repair(f"The feature holds {holds} and was left out.", 1, name))
            continue
        kind = table.column(name).kind
        made[name] = _as_feature(series, kind)
        if kind is Kind.DATE:
            what = "Dates became days since 1970-01-01."
            repairs.append(Repair(what, len(series) - missing, name))
    if names and not made:
        raise InputError(
            "no feature holds more than one value",
            where=", ".join(names[:5]),
            remedy="Choose features that differ between rows",
        )
    return pd.DataFrame(made, index=frame.index)


def _as_feature(series: pd.Series, kind: Kind) -> pd.Series:
    """Write numbers and dates as floats, everything else as text."""
    if kind is Kind.NUMBER:
        return series.astype(np.float64)
    if kind is Kind.DATE:
        return _days(series)
    return canonical_series(series).fillna(MISSING).astype(object)


def marker_columns(table: Table, frame: pd.DataFrame, roles: Roles) -> pd.DataFrame | None:
    """Write columns that mark training rows as features are written; None where there are none."""
    if not roles.markers:
        return None
    return pd.DataFrame(
        {name: _as_feature(frame[name], table.column(name).kind) for name in roles.markers}
    )


def _days(series: pd.Series) -> pd.Series:
    moments = series.to_numpy().astype("datetime64[us]")
    days = moments.astype(np.int64) / MICROSECONDS
    days[np.isnat(moments)] = np.nan
    return pd.Series(days, index=series.index, name=series.name)
