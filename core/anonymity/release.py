"""From a table and a spec to the table that may leave the house, with everything counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.anonymity.equivalence_classes import Coded, check_quasi, classes_of, code
from core.anonymity.hierarchies import ALL, Hierarchy, climb
from core.anonymity.inferred import infer
from core.anonymity.loss import Loss, measure_loss
from core.anonymity.measure import Anonymity, measure
from core.anonymity.methods import ANONYMISERS
from core.anonymity.pseudonymise import pseudonyms, read_key
from core.anonymity.spec import Anonymisation, AnonymisationTask, Found, Method, Recoded, check_spec
from core.arrays import Floats, Ints
from core.data.labels import near
from core.data.table import Repair
from core.errors import InputError


@dataclass(frozen=True, eq=False)
class Released:
    """An anonymised table.

    Attributes
    ----------
    spec : Anonymisation
        With the hierarchies that were used, inferred ones included.
    frame : DataFrame, shape (kept rows, p)
        What may be published.
    rows : ndarray of int64, shape (kept rows,)
        Position of each row in the table it was made from; not for publication.
    learned : DataFrame, shape (n, q)
        The quasi-identifiers of all rows as a learner may use them: the middle of a range for
        numbers, NaN where nothing is known; text elsewhere, "*" for rows left out.
    classes : ndarray of int64, shape (n,)
        Class of each row; -1 for rows left out.
    before, after : Anonymity
    loss : Loss
    how : tuple of (str, str)
        What was done to each quasi-identifier, in words.
    note : str
    repairs : tuple of Repair
        Rows left out, cells changed, columns left out or hashed.
    """

    spec: Anonymisation
    frame: pd.DataFrame
    rows: Ints
    learned: pd.DataFrame
    classes: Ints
    before: Anonymity
    after: Anonymity
    loss: Loss
    how: tuple[tuple[str, str], ...]
    note: str
    repairs: tuple[Repair, ...]


def hierarchies_for(
    frame: pd.DataFrame, quasi: tuple[str, ...], given: tuple[Hierarchy, ...] = ()
) -> tuple[Hierarchy, ...]:
    """Take the given hierarchies, and infer those of the other quasi-identifiers."""
    known = {hierarchy.column: hierarchy for hierarchy in given}
    return tuple(known[name] if name in known else infer(code(frame, name)) for name in quasi)


def task_of(frame: pd.DataFrame, spec: Anonymisation) -> AnonymisationTask:
    """Code the columns and apply the hierarchies; the spec must be checked after.

    Raises
    ------
    InputError
        If columns or hierarchies don't fit the table.
    """
    check_quasi(frame, spec.quasi, spec.sensitive)
    for name in (*spec.left_out, *spec.pseudonyms):
        if name not in frame.columns:
            raise InputError(
                "there is no such column",
                where=repr(name),
                remedy=near(name, tuple(str(column) for column in frame.columns)),
            )
        if name in spec.quasi or name == spec.sensitive:
            raise InputError(
                "a quasi-identifier or the sensitive value can't be left out or hashed too",
                where=f"column {name!r}",
                remedy="Choose one of the two",
            )
    columns = tuple(code(frame, name) for name in spec.quasi)
    ladders = tuple(
        climb(hierarchy, coded) for hierarchy, coded in zip(spec.hierarchies, columns, strict=True)
    )
    sensitive = None if spec.sensitive is None else code(frame, spec.sensitive)
    return AnonymisationTask(columns, ladders, sensitive, spec)


def anonymise(
    frame: pd.DataFrame,
    spec: Anonymisation,
    key: str | None = None,
    *,
    method: Method | None = None,
) -> Iterator[tuple[float, Released | None]]:
    """Anonymise a table.

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
    spec : Anonymisation
    key : str, optional
        For pseudonyms, 64 hexadecimal digits; never part of the result.
    method : callable, optional
        To run in place of the registered one.

    Yields
    ------
    tuple of (float, Released or None)
        Share done in [0, 1], and the result at the end.

    Raises
    ------
    InputError
        If the spec doesn't fit the table, or can't be kept.
    """
    check_quasi(frame, spec.quasi, spec.sensitive)
    spec = Anonymisation(
        **{
            **spec.__dict__,
            "hierarchies": hierarchies_for(frame, spec.quasi, spec.hierarchies),
        }
    )
    task = task_of(frame, spec)
    registered = check_spec(spec, len(frame), task.sensitive)
    secret = None
    if spec.pseudonyms:
        if key is None:
            raise InputError("hashed columns need a key", where="the key", remedy="Draw one")
        secret = read_key(key)
    before = measure(frame, spec.quasi, spec.sensitive)
    for share, found in (method or registered.run)(task):
        if found is None:
            yield min(share, 0.99), None
            continue
        if not found.kept.any():
            raise InputError("no row would be left", where=f"k = {spec.k}", remedy="Lower k")
        yield 1.0, _released(frame, task, found, before, secret)


def finished(work: Iterator[tuple[float, Released | None]]) -> Released:
    """Follow work to its end, without showing how far it is."""
    last = None
    for _, released in work:
        last = released
    assert last is not None
    return last


def _released(
    frame: pd.DataFrame,
    task: AnonymisationTask,
    found: Found,
    before: Anonymity,
    secret: bytes | None,
) -> Released:
    spec = task.spec
    kept = found.kept
    rows = np.flatnonzero(kept).astype(np.int64)
    out = frame.iloc[rows].reset_index(drop=True)
    repairs = []
    if len(rows) < len(frame):
        what = "Rows were left out, because their class was too small or too uniform."
        repairs.append(Repair(what, len(frame) - len(rows)))
    learned = {}
    for coded, recoded in zip(task.columns, found.columns, strict=True):
        texts = np.array(recoded.labels, dtype=object)[recoded.codes]
        changed = kept & (texts != np.array(coded.labels, dtype=object)[coded.codes])
        if changed.any():
            out[coded.name] = (
                recoded.middle[recoded.codes[rows]]
                if recoded.numbers and recoded.middle is not None
                else pd.Series(texts[rows], dtype=object)
            )
            what = "Cells were averaged." if recoded.numbers else "Cells were generalised."
            repairs.append(Repair(what, int(changed.sum()), coded.name))
        learned[coded.name] = _learned(coded, recoded, kept, texts)
    for name in spec.pseudonyms:
        assert secret is not None
        out[name] = pseudonyms(out[name], secret)
        what = "Values became keyed hashes."
        repairs.append(Repair(what, int(out[name].notna().sum()), name))
    for name in spec.left_out:
        out = out.drop(columns=name)
        repairs.append(Repair("The column was left out.", 1, name))
    classes = np.full(len(frame), -1, dtype=np.int64)
    # By label: two codes of one name can't be told apart by who reads the table.
    classes[kept] = classes_of(
        [_by_label(recoded)[recoded.codes[kept]] for recoded in found.columns], len(rows)
    )
    cells = np.stack([recoded.loss[recoded.codes] for recoded in found.columns], axis=1)
    cells[~kept] = 1.0
    return Released(
        spec,
        out,
        rows,
        pd.DataFrame(learned),
        classes,
        before,
        measure(out, spec.quasi, spec.sensitive),
        measure_loss(spec.quasi, cells, classes, spec.k if ANONYMISERS[spec.method].uses_k else 1),
        found.how,
        found.note,
        tuple(repairs),
    )


def _by_label(recoded: Recoded) -> Ints:
    where = {name: position for position, name in enumerate(dict.fromkeys(recoded.labels))}
    return np.array([where[name] for name in recoded.labels], dtype=np.int64)


def _learned(coded: Coded, recoded: Recoded, kept: np.ndarray, texts: np.ndarray) -> pd.Series:
    if recoded.middle is not None:
        values: Floats = recoded.middle[recoded.codes].copy()
        values[~kept] = np.nan
        return pd.Series(values)
    out = texts.copy()
    out[~kept] = ALL
    return pd.Series(out, dtype=object)
