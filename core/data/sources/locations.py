"""Places that a page may open: folders of this server that are named, and named connections.

Whoever types a path into a page reads with the server's rights, so only what lies inside the
folders of EQUIPOISE_SOURCES is opened, wherever links and ``..`` lead. Reasons are in
docs/decisions/0012-places-a-page-may-open.md.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from core.data.sources.connections import connection_url, shielded, table_names
from core.data.sources.engine_source import Source, parquet_files
from core.errors import InputError
from core.installation import ROOT

VARIABLE = "EQUIPOISE_SOURCES"
MOST_OFFERED = 100
MOST_VISITED = 2_000
"""Folders that are looked into for Parquet files to offer."""


@dataclass(frozen=True)
class SourceLocation:
    """Where a table is, as a page may name it: never a URL.

    Attributes
    ----------
    where : str
        Absolute path of a Parquet file or folder, or a pattern of paths; with ``table`` the name
        of a connection.
    table : str or None
        Name of a table or view of that connection.
    """

    where: str
    table: str | None = None

    @property
    def title(self) -> str:
        """The place in a few words."""
        return self.where if self.table is None else f"{self.table} in {self.where}"


def source_folders() -> tuple[Path, ...]:
    """Folders that a page may open, links resolved.

    Returns
    -------
    tuple of Path
        Those of EQUIPOISE_SOURCES, separated as in PATH; without it the samples' folder and
        ``data`` of the working directory.
    """
    parts = [part for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part.strip()]
    folders = parts or [str(ROOT / "data"), "data"]
    return tuple(dict.fromkeys(Path(os.path.realpath(folder)) for folder in folders))


def file_location(text: str) -> SourceLocation:
    """Make a place of what a person typed, if it is inside the folders that may be opened.

    Parameters
    ----------
    text : str
        Path of a Parquet file or folder, or a pattern; a relative one is looked for in each of
        :func:`source_folders`.

    Raises
    ------
    InputError
        If it is a URL, leads outside by whatever way, or holds no Parquet file. Outside, the
        message is the same whether something is there or not.
    """
    text = text.strip()
    if not text:
        raise InputError("no place is given", remedy="Type a file, a folder or a pattern")
    if "://" in text or text.lower().startswith("file:"):
        raise InputError(
            "it is a URL, and only folders of this server are opened here",
            where=text.partition(":")[0] + ":",
            remedy=_remedy(),
        )
    if "\0" in text:
        raise _outside(text.replace("\0", "?"))
    folders = source_folders()
    candidates = (
        [Path(text)] if os.path.isabs(text) else [_joined(folder, text) for folder in folders]
    )
    missing: InputError | None = None
    for candidate in candidates:
        location = SourceLocation(_resolved(candidate, folders, text))
        try:
            checked_files(location)
        except InputError as error:
            if not error.problem.startswith("there is no Parquet file"):
                raise
            missing = InputError(error.problem, where=text, remedy=error.remedy)
        else:
            return location
    raise missing or _outside(text)


def checked_files(location: SourceLocation) -> tuple[str, ...]:
    """List the files of a place, each of which lies inside the folders that may be opened.

    Raises
    ------
    InputError
        If one doesn't, or there is none.
    """
    folders = source_folders()
    _resolved(Path(location.where), folders, location.where)
    try:
        files = tuple(parquet_files(location.where))
    except OSError as error:
        raise InputError(
            f"it can't be read ({error.strerror})",
            where=location.where[:200],
            remedy="Check the name, and that this server may read it",
        ) from None
    for file in files:
        if not _inside(os.path.realpath(file), folders):
            raise InputError(
                "it is a link that leads out of the folders that may be opened",
                where=file,
                remedy=f"Remove the link, or have its target's folder added to {VARIABLE}",
            )
    return files


@contextmanager
def source_of(location: SourceLocation) -> Iterator[Source]:
    """Check a place once more and hand it to the engine; errors come out without any secret.

    Raises
    ------
    InputError
        If the place may not be opened, or if whatever is done with it fails.
    """
    if location.table is None:
        checked_files(location)
        yield Source(location.where)
        return
    if location.table not in table_names(location.where):
        raise InputError(
            "the connection offers no table of that name",
            where=repr(location.table)[:80],
            remedy="Choose one from the list",
        )
    with shielded(location.where):
        yield Source(connection_url(location.where), location.table)


def offered_locations() -> tuple[str, ...]:
    """Parquet folders and files inside the folders that may be opened, as absolute paths.

    A folder of several Parquet files is offered as one; links are not followed.
    """
    return tuple(islice(_found(), MOST_OFFERED))


def _found() -> Iterator[str]:
    visited = 0
    for top in source_folders():
        for folder, inner, files in os.walk(top):
            visited += 1
            if visited > MOST_VISITED:
                return
            inner.sort()
            inside = sorted(
                name
                for name in files
                if name.lower().endswith((".parquet", ".pq"))
                and not os.path.islink(os.path.join(folder, name))
            )
            if len(inside) > 1 and folder != str(top):
                yield folder
            yield from (os.path.join(folder, name) for name in inside[:5])


def _joined(folder: Path, text: str) -> Path:
    path = folder / text
    if os.path.lexists(path) or not glob.has_magic(text):
        return path
    # The folder's own name may hold signs of patterns, which are meant as they stand.
    return Path(glob.escape(str(folder))) / text


def _resolved(path: Path, folders: tuple[Path, ...], text: str) -> str:
    """Resolve a path, or the part of a pattern before its first sign; refuse what is outside."""
    if os.path.lexists(path) or not glob.has_magic(str(path)):
        start, rest = os.path.realpath(path), tuple[str, ...]()
    else:
        plain = [_as_it_stands(part) for part in path.parts]
        first = plain.index(None) if None in plain else len(plain)
        start = os.path.realpath(Path(*(part for part in plain[:first] if part is not None)))
        rest = path.parts[first:]
        if ".." in rest:
            raise _outside(text)
    if not _inside(start, folders):
        raise _outside(text)
    return str(Path(glob.escape(start), *rest)) if rest else start


def _inside(real: str, folders: tuple[Path, ...]) -> bool:
    return any(Path(real).is_relative_to(folder) for folder in folders)


def _as_it_stands(part: str) -> str | None:
    """Read a part of a path in which each sign stands for itself, ``[*]`` for ``*``; else None."""
    plain = part
    for sign in "*?[":
        plain = plain.replace(f"[{sign}]", sign)
    return plain if not glob.has_magic(part) or glob.escape(plain) == part else None


def _outside(text: str) -> InputError:
    return InputError(
        "it is not inside a folder that this server opens", where=text[:200], remedy=_remedy()
    )


def _remedy() -> str:
    return f"Choose a place in one of the folders that {VARIABLE} names"
