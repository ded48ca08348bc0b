"""The settings that whoever runs the program makes in the environment, in one table."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

PREFIX = "EQUIPOISE_"
SETTINGS = {
    "EQUIPOISE_WORKSPACE": "the folder that audits are kept in",
    "EQUIPOISE_MAX_UPLOAD_MB": "the largest upload",
    "EQUIPOISE_HOST": "the address that the server listens on",
    "EQUIPOISE_HOSTS": "the host names that the server answers to",
    "EQUIPOISE_SOURCES": "the folders that a page may open large tables in",
    "EQUIPOISE_CONNECTIONS": "the databases that a page may open",
    "EQUIPOISE_MODEL_SERVERS": "the servers of models that a page may ask",
    "EQUIPOISE_MODEL_TOKEN": "the bearer token that is sent to a served model",
    "EQUIPOISE_CLUSTERS": "the Dask schedulers that a sweep may run on",
}
"""Every setting, and what it is."""


def unknown_settings(names: Iterable[str]) -> tuple[str, ...]:
    """Say of each name that begins as settings do and is none that it is ignored.

    It is no error: a container platform sets names such as EQUIPOISE_SERVICE_HOST by itself where
    a service is called equipoise.

    Parameters
    ----------
    names : iterable of str
        Of environment variables.

    Returns
    -------
    tuple of str
        One sentence each, with the nearest setting, or with all of them where none is near.

    Examples
    --------
    >>> unknown_settings(["PATH", "EQUIPOISE_WORKSPCE"])
    ('EQUIPOISE_WORKSPCE is no setting and is ignored: did you mean EQUIPOISE_WORKSPACE?',)
    """
    parts = []
    for name in sorted(names):
        if name in SETTINGS or not name.upper().startswith(PREFIX):
            continue
        ends = [setting.removeprefix(PREFIX) for setting in SETTINGS]
        near = get_close_matches(name[len(PREFIX) :].upper(), ends, 1)
        hint = f"did you mean {PREFIX}{near[0]}?" if near else f"there are {', '.join(SETTINGS)}."
        parts.append(f"{name} is no setting and is ignored: {hint}")
    return tuple(parts)
