"""Clusters that a page may send a sweep to: only those that whoever runs the server has named.

EQUIPOISE_CLUSTERS holds addresses of Dask schedulers, separated by commas. A page offers these and
takes no address from a visitor: a visitor's would make the server connect anywhere, send the rows
there, and unpickle, which is run, what comes back. The same reasons as for connections, in
docs/decisions/0012-places-a-page-may-open.md.
"""

from __future__ import annotations

import os

from core.errors import InputError
from core.tradeoff.sweep.executors import Cluster

VARIABLE = "EQUIPOISE_CLUSTERS"


def named_clusters() -> tuple[Cluster, ...]:
    """Clusters that a page may offer, in the order they were given.

    Raises
    ------
    InputError
        If an address can't be read.
    """
    addresses = [text.strip() for text in os.environ.get(VARIABLE, "").split(",")]
    try:
        return tuple(Cluster(text) for text in dict.fromkeys(addresses) if text)
    except InputError as error:
        raise InputError(
            f"the setting of this server can't be read: {error}",
            where=VARIABLE,
            remedy="It holds addresses, as in tcp://host:8786,tcp://other:8786",
        ) from error


def cluster_at(address: str) -> Cluster:
    """Look up a cluster by its address.

    Raises
    ------
    InputError
        If this server names none at that address.
    """
    for cluster in named_clusters():
        if cluster.address == address:
            return cluster
    raise InputError(
        "this server names no cluster at that address",
        where=repr(address)[:80],
        remedy=f"Choose one that {VARIABLE} names",
    )
