"""The recipe: all that was done, as JSON, so that anyone with the table can do it again.

The key of pseudonyms is not in it, only a check value by which the right key is recognised.
"""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pandas as pd

from core.anonymity.pseudonymise import key_check, read_key
from core.anonymity.release import Released, anonymise, finished
from core.anonymity.spec import Anonymisation
from core.data.table import Provenance, Repair
from core.errors import InputError
from core.storage.json_format import from_json, json_of, to_json

FORMAT = "equipoise anonymisation recipe"
VERSION = 1
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\0")
"""First signs by which a spreadsheet takes a text cell for a formula."""


def csv_of(frame: pd.DataFrame) -> tuple[bytes, tuple[Repair, ...]]:
    """Write a table as CSV that no spreadsheet runs; count the cells that needed it.

    Text and column names that begin like a formula get an apostrophe in front. Numbers stay as
    they are, negative ones too.

    Returns
    -------
    tuple of (bytes, tuple of Repair)
        UTF-8, with a header; lines end as RFC 4180 says, so that a CR within text is quoted.
    """
    out = frame.copy()
    repairs = []
    for name in out.columns:
        if out[name].dtype.kind in "iufbM":
            continue
        out[name] = out[name].astype(object)
        texts = out[name].map(_safe, na_action="ignore")
        changed = int((texts.notna() & (texts != out[name])).sum())
        if changed:
            out[name] = texts
            what = "Text that a spreadsheet would run got an apostrophe in front."
            repairs.append(Repair(what, changed, str(name)))
    out.columns = pd.Index([_safe(str(name)) for name in out.columns])
    return out.to_csv(index=False, lineterminator="\r\n").encode("utf-8"), tuple(repairs)


def _safe(value: object) -> object:
    return "'" + value if isinstance(value, str) and value.startswith(DANGEROUS) else value


def recipe(released: Released, provenance: Provenance, key: str | None = None) -> bytes:
    """Write down all that was done.

    Parameters
    ----------
    released : Released
    provenance : Provenance
        Of the table it was made from.
    key : str, optional
        The key of its pseudonyms; only its check value is written.

    Returns
    -------
    bytes
        Indented JSON in UTF-8.
    """
    data, neutralised = csv_of(released.frame)
    after = released.after
    fields = {
        "format": FORMAT,
        "version": VERSION,
        "table": {
            "name": provenance.name,
            "sha256": provenance.sha256,
            "rows": len(released.classes),
        },
        "spec": to_json(released.spec),
        "key_check": key_check(read_key(key)) if key and released.spec.pseudonyms else None,
        "done": dict(released.how),
        "note": released.note,
        "changes": to_json((*released.repairs, *neutralised)),
        "outcome": {
            "sha256": hashlib.sha256(data).hexdigest(),
            "rows": after.rows,
            "classes": after.classes,
            "k": after.k,
            "distinct_l": after.distinct_l,
            "entropy_l": after.entropy_l,
            "t": after.t,
            "information_loss": released.loss.information,
            "discernibility": released.loss.discernibility,
            "average_class_over_k": released.loss.average_class,
        },
    }
    return json.dumps(fields, indent=2, ensure_ascii=False).encode("utf-8")


def repeat(
    frame: pd.DataFrame, provenance: Provenance, data: bytes, key: str | None = None
) -> Released:
    """Do again what a recipe says, and check that the same table comes out.

    Raises
    ------
    InputError
        If the recipe can't be read, is of another table or key, or gives another result.
    """
    record = json_of(data, "the recipe")
    try:
        of = record["table"]["sha256"]
        wanted, check, known = record["outcome"]["sha256"], record["key_check"], record["format"]
        spec = record["spec"]
    except (KeyError, TypeError) as error:
        missing = f": it has no {error.args[0]}" if isinstance(error, KeyError) else ""
        raise InputError(
            f"it is not whole{missing}",
            where="the recipe",
            remedy="Use a recipe as it was downloaded",
        ) from error
    if known != FORMAT or record.get("version") != VERSION:
        raise InputError("it isn't a recipe of this version", where="the recipe")
    if of != provenance.sha256:
        raise InputError(
            "it was made for another table", where="the recipe", remedy="Open the table it names"
        )
    if check is not None and (key is None or key_check(read_key(key)) != check):
        raise InputError("this isn't the key that the recipe was made with", where="the key")
    asked = from_json(Anonymisation, spec, "the recipe", "Use a recipe as it was downloaded")
    made = finished(anonymise(frame, asked, key))
    if hashlib.sha256(csv_of(made.frame)[0]).hexdigest() != wanted:
        raise InputError(
            "doing it again gave another table, so the version differs that made it",
            where="the recipe",
        )
    return made


def left_as_they_are(frame: pd.DataFrame, released: Released) -> tuple[tuple[str, float], ...]:
    """Columns that the release has untouched, with the share of rows each singles out alone.

    Those with a high share are quasi-identifiers that nobody chose.
    """
    spec = released.spec
    out = []
    for name in released.frame.columns:
        if name in spec.quasi or name == spec.sensitive:
            continue
        counts = frame.iloc[released.rows][name].value_counts(dropna=False).to_numpy()
        out.append((str(name), float(np.count_nonzero(counts == 1) / len(released.rows))))
    return tuple(sorted(out, key=lambda item: -item[1]))
