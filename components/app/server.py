"""Start the app: ``python -m components.app.server [streamlit options]``.

It listens on this machine alone unless EQUIPOISE_HOST or ``--server.address`` names another
address, and answers to the host names of this machine, to that address, and to those of
EQUIPOISE_HOSTS.

Streamlit takes a folder named ``pages`` for its older kind of multipage app until the script has
called ``st.navigation`` once, and greets the first deep link after a start with "Page not found".
Saying beforehand that this app navigates by itself avoids it.
"""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from streamlit import config
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web import cli
from streamlit.web.server.starlette import starlette_server

from components.app.host_guard import HostGuard
from core.data.reading.reading import upload_limit
from core.environment import unknown_settings
from core.errors import InputError
from core.governance.settings import check_settings
from core.installation import ROOT

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from streamlit.runtime import Runtime

APP = ROOT / "app.py"
LOOPBACK = "127.0.0.1"
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?", re.IGNORECASE)


def host_names(text: str) -> tuple[str, ...]:
    """Read the host names that the server answers to, separated by commas.

    Raises
    ------
    InputError
        For what is no host name: a port, a path or a wildcard does not belong to it.
    """
    found = []
    for name in filter(None, (part.strip() for part in text.split(","))):
        try:
            address = ipaddress.ip_address(name.strip("[]"))
            found.append(f"[{address}]" if address.version == 6 else str(address))
        except ValueError:
            if not _NAME.fullmatch(name):
                raise InputError(
                    "this is no host name",
                    where=f"EQUIPOISE_HOSTS: {name!r}",
                    remedy="Write names alone, separated by commas: audit.example.org,10.0.0.5",
                ) from None
            found.append(name.lower())
    return tuple(found)


def address_names(address: str | None) -> tuple[str, ...]:
    """Return the host name that an address to listen on is reached by; none if it stands for all.

    Raises
    ------
    InputError
        As :func:`host_names`.
    """
    if not address or address in ("0.0.0.0", "::", "*"):
        return ()
    return host_names(address)


def opened_at(names: tuple[str, ...], port: int) -> str:
    """Say where the app is open, in one line.

    Parameters
    ----------
    names : tuple of str
        Of the address that it listens on; none if it listens on all.
    port : int

    Examples
    --------
    >>> opened_at((), 8501)
    'Equipoise is open at http://localhost:8501'
    """
    return f"Equipoise is open at http://{names[0] if names else 'localhost'}:{port}"


def guard(names: tuple[str, ...]) -> None:
    """Put the guard before the application that Streamlit makes when its server starts."""
    # Streamlit has no setting for it: the name by which its server calls the maker is put anew.
    called_by = vars(starlette_server)
    made: Callable[[Runtime], Starlette] = called_by["create_starlette_app"]

    def guarded(runtime: Runtime) -> HostGuard:
        address = address_names(config.get_option("server.address"))
        print(opened_at(address, config.get_option("server.port")), flush=True)
        return HostGuard(made(runtime), (*names, *address))

    called_by["create_starlette_app"] = guarded


def serve(options: Sequence[str]) -> None:
    """Run the Streamlit server.

    Parameters
    ----------
    options : sequence of str
        Of ``streamlit run``.
    """
    PagesManager.uses_pages_directory = False
    for sentence in unknown_settings(os.environ):
        print(f"equipoise: {sentence}", file=sys.stderr, flush=True)
    try:
        check_settings()
        megabytes = -(-upload_limit() // 10**6)
        names = host_names(os.environ.get("EQUIPOISE_HOSTS", ""))
        address = os.environ.get("EQUIPOISE_HOST", "").strip() or LOOPBACK
        address_names(address)
    except InputError as error:
        sys.exit(f"equipoise can't start: {error}")
    os.environ.setdefault("STREAMLIT_SERVER_MAX_UPLOAD_SIZE", str(megabytes))
    os.environ.setdefault("STREAMLIT_SERVER_ADDRESS", address)
    guard(names)
    cli.main(["run", str(APP), *options], prog_name="streamlit")


if __name__ == "__main__":
    serve(sys.argv[1:])
