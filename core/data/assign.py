"""From a table and its roles to a dataset: labels recoded, groups named, losses counted."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import Flags, Ints
from core.data.content import cell_texts, row_hashes
from core.data.dataset import Dataset
from core.data.feature_columns import feature_columns, marker_columns
from core.data.labels import (
    canonical,
    canonical_series,
    distinct_labels,
    match_label,
    one_class,
    positive_label,
)
from core.data.roles.decisions import decisions, weights
from core.data.roles.groups import FEW, default_edges, group
from core.data.roles.merged_groups import in_order, merge_groups
from core.data.roles.role_checks import MANY_GROUPS, MANY_TOGETHER, check_roles, no_row
from core.data.roles.roles import Roles
from core.data.roles.suggest import RoleSuggestion, default_roles, suggest_roles
from core.data.roles.unknown_values import UNKNOWN_ROWS
from core.data.table import MISSING, Kind, Repair, Table
from core.errors import InputError

__all__ = ["RoleSuggestion", "assign", "default_roles", "fingerprint", "suggest_roles"]


def assign(table: Table, roles: Roles) -> Dataset:
    """Make the rows of a table ready for an audit.

    Rows without a target, an existing prediction or a score are dropped; features without
    information are left out; both are counted. The dataset's roles are those given with the
    positive label in canonical text, the bin edges that were used, what was put together in one
    order, and the features that were kept, so that assigning them again gives the same dataset.

    Raises
    ------
    InputError
        If the roles do not fit the table; see :mod:`core.data.roles.role_checks`.
    """
    check_roles(table, roles)
    repairs = list(table.repairs)
    rows = _rows(table, roles, repairs)
    frame = table.frame.iloc[rows].reset_index(drop=True)
    positive, outcome = _outcome(frame, roles, repairs)
    edges: list[tuple[str, tuple[float, ...]]] = []
    sensitive = _sensitive(frame, roles, edges, repairs)
    features = feature_columns(table, frame, roles.features, repairs)
    predictions, scores = decisions(frame, roles, positive)
    resolved = dataclasses.replace(
        roles,
        positive_label=positive,
        features=tuple(str(name) for name in features),
        edges=tuple(edges),
        merged_groups=in_order(roles.sensitive, roles.merged_groups),
        # 5 and 5.0 are one threshold and must have one fingerprint.
        threshold=None if roles.threshold is None else float(roles.threshold),
    )
    return Dataset(
        provenance=table.provenance,
        roles=resolved,
        rows=rows,
        features=features,
        outcome=outcome,
        sensitive=sensitive,
        weights=weights(frame, rows, roles),
        predictions=predictions,
        scores=scores,
        repairs=tuple(repairs),
        content=_content(table, roles, rows),
        fingerprint=fingerprint(table, resolved),
        identifiers=_identifiers(frame, roles),
        grouped_by_rows=tuple(
            name
            for name in roles.sensitive
            if frame[name].dtype.kind in "iuf" and name not in dict(roles.edges)
        ),
        negative_labels=_negative_labels(frame, roles, positive),
        markers=marker_columns(table, frame, roles),
        dates=tuple(name for name in map(str, features) if table.column(name).kind is Kind.DATE),
    )


def _negative_labels(frame: pd.DataFrame, roles: Roles, positive: str) -> tuple[str, ...]:
    columns = [name for name in (roles.target, roles.prediction) if name is not None]
    labels = {label for name in columns for label in distinct_labels(frame[name])}
    return tuple(sorted(labels - {positive}))


def _identifiers(frame: pd.DataFrame, roles: Roles) -> pd.DataFrame | None:
    if not roles.identifiers:
        return None
    # By what each cell says, so that who is one person hangs on no one else's identifier.
    return pd.DataFrame({name: cell_texts(frame[name]) for name in roles.identifiers})


def _content(table: Table, roles: Roles, rows: Ints) -> npt.NDArray[np.uint64]:
    frame = table.frame if roles.target is None else table.frame.drop(columns=[roles.target])
    return row_hashes(frame, table.source_hashes)[rows]


def fingerprint(table: Table, roles: Roles) -> str:
    """SHA-256 over the data's SHA-256, how it was read, the kinds and the roles.

    Parameters
    ----------
    table : Table
    roles : Roles
        With label, edges and features resolved, as :func:`assign` does.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    provenance = table.provenance
    fields = {
        "sha256": provenance.sha256,
        # Other bytes of the same file are read with another encoding, delimiter or sheet.
        "read": [
            provenance.format,
            provenance.encoding,
            provenance.delimiter,
            provenance.sheet,
            # What came later stands here only where it was said: other tables keep their prints.
            *([] if provenance.header_line is None else [provenance.header_line]),
            *([list(pair) for pair in provenance.notations]),
            *([["one-hot", name, *of] for name, of in provenance.one_hot]),
        ],
        "kinds": [[column.name, column.kind.value] for column in table.columns],
        "roles": roles.to_dict(),
    }
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _rows(table: Table, roles: Roles, repairs: list[Repair]) -> Ints:
    keep = np.ones(len(table.frame), dtype=np.bool_)
    for role, name in (
        ("target", roles.target),
        ("prediction", roles.prediction),
        ("score", roles.score),
    ):
        if name is None:
            continue
        lacks = table.frame[name].isna().to_numpy() & keep
        if lacks.any():
            repairs.append(Repair(f"Rows without a {role} were left out.", int(lacks.sum()), name))
            keep &= ~lacks
    if not keep.any():
        raise InputError(
            no_row(roles),
            where=f"column {roles.labelled or roles.score!r}",
            remedy="Choose columns that hold values in the same rows",
        )
    return np.flatnonzero(keep).astype(np.int64)


def _outcome(frame: pd.DataFrame, roles: Roles, repairs: list[Repair]) -> tuple[str, Flags | None]:
    """Find the positive label, and the true outcomes where the roles name them."""
    if roles.target is not None:
        return _recoded(frame, roles.target, roles, repairs)
    if roles.prediction is not None:
        # The decisions' own labels are the only ones there are.
        return _recoded(frame, roles.prediction, roles, repairs)[0], None
    return canonical(roles.positive_label), None


def _recoded(
    frame: pd.DataFrame, name: str, roles: Roles, repairs: list[Repair]
) -> tuple[str, Flags]:
    labels = canonical_series(frame[name])
    counts = labels.value_counts()
    positive = _positive(frame, name, roles, tuple(sorted(counts.index)), repairs)
    target = np.asarray(labels.to_numpy() == positive, dtype=np.bool_)
    if len(counts) > 2:
        others = sorted(((str(label), int(n)) for label, n in counts.items() if label != positive))
        text = ", ".join(f"{label!r} ({n})" for label, n in others[:10])
        text += f" and {len(others) - 10} more" if len(others) > 10 else ""
        what = f"{positive!r} ({int(target.sum())}) is set against the rest: {text}."
        repairs.append(Repair(what, int((~target).sum()), name))
    return positive, target


def _positive(
    frame: pd.DataFrame, name: str, roles: Roles, labels: tuple[str, ...], repairs: list[Repair]
) -> str:
    """Find the positive label; outcomes of one class can be audited, but not learned from."""
    where = f"column {name!r}"
    if name != roles.target or not roles.audits_existing_predictions:
        found = match_label(roles.positive_label, labels, where=where)
        if len(labels) == 1 and name == roles.target:
            raise InputError(
                f"the target has only one class, {labels[0]!r}",
                where=where,
                remedy="Choose a column with at least two labels",
            )
        return found
    said = None if roles.prediction is None else canonical_series(frame[roles.prediction])
    predicted = None if said is None else tuple(said.unique())
    found = positive_label(roles.positive_label, labels, predicted, where=where)
    if len(labels) == 1:
        repairs.append(Repair(one_class(labels[0], found), len(frame), name))
    return found


def _sensitive(
    frame: pd.DataFrame,
    roles: Roles,
    edges: list[tuple[str, tuple[float, ...]]],
    repairs: list[Repair],
) -> pd.DataFrame:
    given = dict(roles.edges)
    groups: dict[str, pd.Series] = {}
    alone: list[str] = []
    for name in roles.sensitive:
        series = frame[name]
        cut = given.get(name)
        if cut is None and series.dtype.kind in "iuf" and series.nunique() > FEW:
            cut = default_edges(series)
            text = ", ".join(canonical(edge) for edge in cut)
            what = f"Numbers were put into groups cut at {text}, near the quartiles."
            repairs.append(Repair(what, int(series.notna().sum()), name))
        if cut is not None:
            cut = tuple(float(edge) for edge in cut)
            edges.append((name, cut))
        groups[name] = merge_groups(group(series, cut), roles.merged_groups, repairs)
        _note_groups(groups[name], name, repairs)
        if groups[name].nunique() == 1:
            alone.append(name)
    if len(alone) == len(roles.sensitive):
        named = " and ".join(repr(name) for name in alone)
        raise InputError(
            f"all rows are of only one group, {groups[alone[0]].iloc[0]!r}: nothing to compare",
            where=f"column {named}",
            remedy="Choose a sensitive column with at least two groups",
        )
    for name in alone:
        repairs.append(Repair("All rows are of one group: nothing to compare.", len(frame), name))
    found = pd.DataFrame(groups)
    combined = len(found.drop_duplicates())
    if combined > MANY_TOGETHER:
        raise InputError(
            f"together they make {combined} groups, too many to compare",
            where=" and ".join(f"column {name!r}" for name in roles.sensitive),
            remedy=f"Choose fewer columns, or wider bins, for at most {MANY_TOGETHER} groups",
        )
    return found


def _note_groups(groups: pd.Series, name: str, repairs: list[Repair]) -> None:
    names = [str(value) for value in groups.unique()]
    if len(names) > MANY_GROUPS:
        raise InputError(
            f"it has {len(names)} groups, too many to compare",
            where=f"column {name!r}",
            remedy=f"Choose a column of at most {MANY_GROUPS} groups, or merge groups",
        )
    missing = int((groups == MISSING).sum())
    if missing:
        repairs.append(Repair(UNKNOWN_ROWS, missing, name))
    folded: dict[str, str] = {}
    for value in names:
        other = folded.setdefault(value.casefold(), value)
        if other != value:
            what = f"Groups {other!r} and {value!r} differ only by case and were kept apart."
            repairs.append(Repair(what, int(groups.isin([other, value]).sum()), name))
