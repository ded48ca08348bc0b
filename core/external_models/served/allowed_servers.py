"""Which servers of models a page may ask.

Whoever types an address into a page makes this machine send rows, and a token, to it: on a shared
server that reaches what only the server can reach. So a page asks the servers that whoever runs
the program has named in EQUIPOISE_MODEL_SERVERS. Where none are named, the page asks any server if
only this machine reaches the page, and else none. A command and a notebook are their user's own.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from core.errors import InputError
from core.external_models.served.http_client import check_address

VARIABLE = "EQUIPOISE_MODEL_SERVERS"
_PORTS = {"http": 80, "https": 443}

Server = tuple[str, str, int]
"""Scheme, host name and port."""


def named_servers() -> tuple[str, ...] | None:
    """Servers that EQUIPOISE_MODEL_SERVERS names; None where it is not set.

    Raises
    ------
    InputError
        If one can't be read.
    """
    setting = os.environ.get(VARIABLE)
    if setting is None:
        return None
    named = tuple(filter(None, (text.strip() for text in setting.split(","))))
    for text in named:
        try:
            bare = urlsplit(check_address(text)).path == ""
        except InputError as error:
            raise InputError(
                f"the setting of this server can't be read: {error}",
                where=VARIABLE,
                remedy="It holds servers, as in https://models.example.org,http://10.0.0.5:8080",
            ) from error
        if not bare:
            raise InputError(
                "it names servers, without a path",
                where=f"{VARIABLE}, {text!r}",
                remedy="Write the scheme, the host and the port alone: http://10.0.0.5:8080",
            )
    return named


def check_allowed(address: str, *, only_this_machine: bool) -> None:
    """Refuse an address that a page may not ask.

    Parameters
    ----------
    address : str
        That :func:`core.external_models.served.http_client.check_address` took.
    only_this_machine : bool
        Whether nobody but people on this machine reaches the page.

    Raises
    ------
    InputError
        If it is not among those that are named, or none are and others reach the page.
    """
    named = named_servers()
    if named is None and only_this_machine:
        return
    if named is not None and server_of(address) in map(server_of, named):
        return
    parts = urlsplit(address)
    raise InputError(
        "this page may not ask it"
        + (
            ", as others can reach this page and no servers of models are named"
            if named is None
            else f": it may ask {', '.join(named)}"
            if named
            else ": no server may be asked from here"
        ),
        where=f"model at {parts.scheme}://{parts.netloc}",
        remedy=f"Whoever runs Equipoise here can name it in {VARIABLE}",
    )


def server_of(address: str) -> Server:
    """Return what tells one server from another."""
    parts = urlsplit(address)
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or _PORTS[parts.scheme]
