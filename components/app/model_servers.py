"""Which servers of models this app may ask, by how it is reached itself."""

from __future__ import annotations

import ipaddress
import os

import streamlit as st

from components.app.host_guard import LOCAL
from core.external_models.served.allowed_servers import check_allowed
from core.external_models.served.http_client import check_address


def check_askable(address: str) -> str:
    """Return an address that may be asked from here, without a slash at its end.

    Raises
    ------
    InputError
        If it is no address, holds a user or a password, or is of a server that may not be asked.
    """
    found = check_address(address)
    check_allowed(found, only_this_machine=only_this_machine())
    return found


def only_this_machine() -> bool:
    """Whether nobody but people on this machine reaches the app.

    It listens on loopback then, and answers to no other host names. Where it was not told what to
    listen on, it listens on all.
    """
    names = {name.strip().lower() for name in os.environ.get("EQUIPOISE_HOSTS", "").split(",")}
    if names - {"", "::1", *LOCAL}:
        return False
    address = str(st.get_option("server.address") or "").strip("[]")
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
