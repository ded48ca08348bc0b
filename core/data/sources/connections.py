"""Databases that a page may open: only those that whoever runs the server has named.

EQUIPOISE_CONNECTIONS holds ``NAME=URL,NAME=URL``. A page knows the names alone; a URL may hold a
password, so it is looked up where it is used, and leaves by no message. Reasons are in
docs/decisions/0012-places-a-page-may-open.md.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from core.errors import InputError

VARIABLE = "EQUIPOISE_CONNECTIONS"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,59}")
_SECRET_OPTION = re.compile(r"pass|pwd|secret|token|key|credential|auth", re.IGNORECASE)
_UNSAID = "•••"


def connection_names() -> tuple[str, ...]:
    """Names of the connections that a page may offer, in the order they were given.

    Raises
    ------
    InputError
        If the setting can't be read; the message holds nothing of it, for it may hold a password.
    """
    return tuple(_named())


def connection_url(name: str) -> str:
    """Look up the URL of a named connection.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    named = _named()
    if name not in named:
        raise InputError(
            "this server has no connection of that name",
            where=repr(name)[:80],
            remedy=f"Choose one that {VARIABLE} names",
        )
    return named[name]


def table_names(name: str) -> tuple[str, ...]:
    """List the tables and views that a connection offers, sorted.

    Only these may be opened: DuckDB takes the path of a file for the name of a table, so a name
    that isn't listed could be any file of the server.

    Raises
    ------
    InputError
        If there is no such connection, or it can't be reached.
    """
    url = connection_url(name)
    with shielded(name):
        import ibis

        connection = ibis.connect(url)
        try:
            return tuple(sorted(map(str, _listed(connection))))
        finally:
            connection.disconnect()


@contextmanager
def shielded(name: str) -> Iterator[None]:
    """Let errors of a connection out without its URL, host, user or password.

    Raises
    ------
    InputError
        In place of every error.
    """
    url = connection_url(name)
    where = f"connection {name!r}"
    try:
        yield
    except InputError as error:
        location = error.where or ""
        if "://" in location or location.startswith("--connect"):
            raise InputError(
                _without_detail(error.problem),
                where=where,
                remedy="Ask whoever runs this server to check it",
            ) from None
        raise InputError(
            scrubbed(error.problem, url),
            where=scrubbed(location, url) or where,
            remedy=scrubbed(error.remedy or "", url) or None,
        ) from None
    except Exception:  # Whatever a driver says may hold the URL.
        raise InputError(
            "the database can't be reached or gave no usable answer",
            where=where,
            remedy="Ask whoever runs this server to check it",
        ) from None


def _named() -> dict[str, str]:
    found: dict[str, str] = {}
    given = os.environ.get(VARIABLE, "")
    for position, entry in enumerate(filter(None, map(str.strip, given.split(","))), start=1):
        name, mark, url = entry.partition("=")
        name, url = name.strip(), url.strip()
        if not mark or not _NAME.fullmatch(name) or "://" not in url or name in found:
            raise InputError(
                f"entry {position} is not a new name, an equals sign and a URL",
                where=VARIABLE,
                remedy="Ask whoever runs this server to write it as NAME=URL,NAME=URL, a comma "
                "within a URL as %2C",
            )
        found[name] = url
    return found


def _listed(connection: Any) -> list[Any]:
    if connection.name == "duckdb":
        # list_tables of ibis 12 calls a method that DuckDB 2 no longer has.
        return [row[0] for row in connection.raw_sql("SHOW TABLES").fetchall()]
    return list(connection.list_tables())


def _without_detail(problem: str) -> str:
    """Cut what a driver says, in brackets after what it means: it names host and user."""
    return problem.split(" (")[0]


def without_secrets(url: str) -> str:
    """Return a URL to show: scheme, user, host and path; options without what they are set to.

    Parameters
    ----------
    url : str
        A URL, or a path, which is returned as it is.
    """
    scheme, mark, rest = url.partition("://")
    if not mark:
        return url
    # A "/", "?" or "#" in a password that nobody encoded doesn't end the host for drivers.
    user, at, location = rest.rpartition("@")
    location, *options = re.split(r"[?#]", location, maxsplit=1)
    text = f"{scheme}://{user.split(':')[0] + '@' if at else ''}{location}"
    names = [part.partition("=")[0] for part in re.split("[&;#?]", options[0])] if options else []
    shown = [name for name in names if re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]{0,40}", name)]
    return text + ("?" + "&".join(f"{name}={_UNSAID}" for name in shown) if shown else "")


def scrubbed(text: str, url: str) -> str:
    """Take the URL, its user and host, and every secret in it out of a text.

    Parameters
    ----------
    text : str
        What a driver says.
    url : str
        Of a backend.
    """
    try:
        parts = urlsplit(url)
        secrets = {parts.password, parts.netloc, parts.netloc.partition(":")[2]}
        options = (*parse_qsl(parts.query), *parse_qsl(parts.fragment))
        secrets |= {value for key, value in options if _SECRET_OPTION.search(key)}
    except ValueError:
        secrets = set()
    # A "/" or "?" in a password that nobody encoded ends the host for urlsplit, not for drivers.
    user = url.partition("://")[2].rpartition("@")[0]
    secrets |= {url, user.partition(":")[2]}
    plain = {form for secret in secrets if secret for form in (secret, unquote(secret))}
    spellings = plain | {quote(secret, safe="") for secret in plain}
    for secret in sorted(spellings, key=len, reverse=True):
        text = text.replace(secret, _UNSAID)
    return text
