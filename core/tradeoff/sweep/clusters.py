"""Clusters that a page may send a sweep to: only those that whoever runs the server has named.

EQUIPOISE_CLUSTERS holds addresses of Dask schedulers, separated by commas. A page offers these and
takes no address from a visitor: a visitor's would make the server connect anywhere, send the rows
there, and unpickle, which is run, what comes back. The same reasons as for connections, in
docs/decisions/0012-places-a-page-may-open.md.
"""

from __future__ import annotations

from core.errors import InputError
from core.tradeoff.sweep.cluster_addresses import VARIABLE, named_addresses
from core.tradeoff.sweep.executors import Cluster

__all__ = ["VARIABLE", "cluster_at", "named_clusters"]


def named_clusters() -> tuple[Cluster, ...]:
    """Clusters that a page may offer, in the order they were given.

    Raises
    ------
    InputError
        If an address can't be read.
    """
    return tuple(map(Cluster, named_addresses()))


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
