"""Addresses of clusters, and those that whoever runs the server has named.

Apart from the clusters themselves: the server reads its settings before it loads what learns.
"""

from __future__ import annotations

import os
import re

from core.data.sources.connections import without_secrets
from core.errors import InputError

VARIABLE = "EQUIPOISE_CLUSTERS"


def check_address(address: str) -> None:
    """Check that a text is the address of a Dask scheduler.

    Raises
    ------
    InputError
        If it is not.
    """
    scheme, _, rest = address.partition("://")
    host, _, port = rest.rpartition(":")
    fits = port.isdecimal() and len(port) < 6 and int(port) < 2**16
    if scheme not in ("tcp", "tls") or not host or not fits or "@" in host:
        raise InputError(
            "it is not the address of a scheduler",
            # Never the whole of what may hold a password.
            where=f"cluster {_shown(address)!r}",
            remedy="Write tcp://host:port, as the scheduler prints it when it starts",
        )


def named_addresses() -> tuple[str, ...]:
    """Addresses that EQUIPOISE_CLUSTERS holds, each once, in the order they were given.

    Raises
    ------
    InputError
        If one can't be read.
    """
    texts = [text.strip() for text in os.environ.get(VARIABLE, "").split(",")]
    addresses = tuple(text for text in dict.fromkeys(texts) if text)
    try:
        for address in addresses:
            check_address(address)
    except InputError as error:
        raise InputError(
            f"the setting of this server can't be read: {error}",
            where=VARIABLE,
            remedy="It holds addresses, as in tcp://host:8786,tcp://other:8786",
        ) from error
    return addresses


def _shown(address: str) -> str:
    """Return what of an address holds no password."""
    if "://" in address:
        return without_secrets(address)[:80]
    return re.split("[?#]", address.rpartition("@")[2])[0][:80]
