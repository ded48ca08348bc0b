"""What whoever runs the server has set in the environment, checked before anything starts."""

from __future__ import annotations

import os

from core.data.reading.reading import upload_limit
from core.data.sources.connections import connection_names
from core.data.sources.locations import VARIABLE as SOURCES
from core.data.sources.locations import source_folders
from core.errors import InputError
from core.external_models.served.allowed_servers import named_servers
from core.storage.workspace import Workspace
from core.tradeoff.sweep.cluster_addresses import named_addresses


def check_settings() -> None:
    """Check what the settings of the environment hold; names are told by ``core.environment``.

    Raises
    ------
    InputError
        Naming the first that can't be used, and what it should hold.
    """
    upload_limit()
    connection_names()
    named_addresses()
    named_servers()
    if os.environ.get(SOURCES, "").strip():
        for folder in source_folders():
            if not folder.is_dir():
                raise InputError(
                    "it names a folder that isn't there",
                    where=f"{SOURCES}, {str(folder)!r}",
                    remedy=f"Write folders that exist, with {os.pathsep!r} between them",
                )
    try:
        Workspace()
    except InputError as error:
        raise InputError(
            f"audits can't be kept there: {error.problem}",
            where=f"EQUIPOISE_WORKSPACE, {error.where}",
            remedy="Set it to a folder that this user may write to",
        ) from None
