"""What the commands' options say, read and checked in one place."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import NoReturn

from core.data.reading.formats import form_of
from core.data.reading.one_hot_text import parse_one_hot
from core.data.reading.reading import PATH_FACTOR, ReadOptions, upload_limit
from core.data.samples import SAMPLES
from core.data.table import Kind, Notation, Table
from core.errors import InputError
from core.fairness.metrics.impact_spec import ImpactSpec, impact_spec

NAME_IT = (
    "Scores have no labels: call the decision from the threshold on by any name, such as "
    "--favourable invited; add --adverse where people hope to be spared it"
)
"""What to do where scores alone are audited, and it isn't said what a high one decides."""

_READ_AS_TOLD = ("csv", "tsv", "xlsx", "xls")


def read_options(options: argparse.Namespace) -> ReadOptions | None:
    """How a file is to be read, where the options say it.

    Raises
    ------
    InputError
        If an option would be ignored in a file of this form.
    """
    fields = {
        name: getattr(options, name)
        for name in ("encoding", "delimiter", "sheet", "header_line")
        if getattr(options, name) is not None
    }
    notations, one_hot = parse_notations(options.notation), parse_one_hot(options.one_hot)
    file = options.predictions if options.command == "fairness" else options.data
    if fields and file not in SAMPLES:
        form, _ = form_of(file)
        for name in fields:
            either = name == "header_line"
            fits = either or (name == "sheet") == (form in ("xlsx", "xls"))
            if not fits or form not in _READ_AS_TOLD:
                option = f"--{name.replace('_', '-')}"
                refuse_ignored(option, f"a file of the form {form} has none to choose")
    if not fields and not notations and not one_hot:
        return None
    most = PATH_FACTOR * upload_limit()
    return ReadOptions(**fields, notations=notations, one_hot=one_hot, max_bytes=most)


def parse_kinds(texts: list[str]) -> dict[str, Kind]:
    """Read corrected kinds told as ``COL=KIND``."""
    found = {}
    for text in texts:
        name, _, kind = text.rpartition("=")
        if kind not in tuple(Kind) or not name:
            raise InputError(
                "it is not a column and a kind",
                where=f"--kind {text}",
                remedy=f"Write column=kind, the kind one of: {', '.join(Kind)}",
            )
        found[name] = Kind(kind)
    return found


def parse_notations(texts: list[str]) -> tuple[tuple[str, Notation], ...]:
    """Read notations told as ``COL=NOTATION``, each column once."""
    found: dict[str, Notation] = {}
    for text in texts:
        name, _, how = text.rpartition("=")
        if how not in tuple(Notation) or not name or name in found:
            raise InputError(
                "it is not a column and how it is written"
                if name not in found
                else f"a notation is given twice for {name!r}",
                where=f"--notation {text}",
                remedy=f"Write column=notation once, one of: {', '.join(Notation)}",
            )
        found[name] = Notation(how)
    return tuple(found.items())


def impact_told(options: argparse.Namespace) -> ImpactSpec:
    """How impact ratios compare groups.

    Raises
    ------
    InputError
        If what is said does not go together.
    """
    share, reason = options.smallest_share or 0.0, options.share_reason or ""
    if reason and not share:
        refuse_ignored("--share-reason", "no smallest share is given")
    if options.share_base and not share:
        refuse_ignored("--share-base", "no smallest share is given")
    return impact_spec(
        tuple(options.impact_reference),
        smallest_share=share,
        reason=reason,
        base=options.share_base or "all",
        compare_unknown=options.compare_unknown,
    )


def column_list(table: Table) -> tuple[str, ...]:
    """Names of the columns, in order."""
    return tuple(map(str, table.frame.columns))


def listed_columns(columns: tuple[str, ...], names: str) -> tuple[str, ...]:
    """Split a list of columns at its commas, unless it is itself the name of a column.

    Names that hold commas can be quoted as in CSV: ``"a,b",sex``.
    """
    parts = tuple(
        name.strip() for name in next(csv.reader([names], skipinitialspace=True)) if name.strip()
    )
    if names not in columns:
        return parts
    if len(parts) > 1 and set(parts) <= set(columns):
        raise InputError(
            "this is the name of one column and also a list of others",
            where=repr(names),
            remedy='Put the one column in double quotes, or each of the others: "a","b"',
        )
    return (names,)


def parse_edges(texts: list[str]) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """Read bins told as ``COL=A,B``."""
    found = []
    for text in texts:
        name, _, numbers = text.rpartition("=")
        try:
            found.append((name, tuple(float(number) for number in numbers.split(","))))
        except ValueError:
            raise InputError(
                "edges are numbers separated by commas",
                where=f"--edges {text}",
                remedy="Write them as column=25,60",
            ) from None
    return tuple(found)


def write_text(path: Path, text: str) -> None:
    """Write a file; InputError if it can't be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"it can't be written ({error.strerror})", where=str(path)) from None


def refuse_ignored(option: str, why: str) -> NoReturn:
    """Refuse an option that would be ignored: whoever gave it would believe that it counted."""
    raise InputError(f"{why}, so this option would be ignored", where=option, remedy="Leave it out")
