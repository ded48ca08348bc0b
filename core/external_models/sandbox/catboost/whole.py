"""Whether a CatBoost file is whole: it ends where the last of its parts does."""

from __future__ import annotations

import struct

from core.errors import InputError
from core.external_models.sandbox.catboost.file import MAGIC, TABLES
from core.external_models.sandbox.catboost.flat_buffer import DamagedError, root, sized


def check_whole(data: bytes) -> None:
    """Refuse a file that was cut off.

    CatBoost 1.2.10 takes what is left of its last tables and scores otherwise, or dies.

    Raises
    ------
    InputError
        If the file doesn't end where its parts do.
    """
    try:
        core, at = sized(data, len(MAGIC))
        parts = root(core).texts(3)
        if set(parts) - {TABLES}:
            return
        if parts:
            count = struct.unpack_from("<I", data, at)[0]
            at += 4
            for _ in range(count):
                _, at = sized(data, at)
        is_whole = at == len(data)
    except (DamagedError, struct.error):
        is_whole = False
    if not is_whole:
        raise InputError(
            "the file is damaged or was cut off",
            remedy='Save the model again: save_model("model.cbm")',
        )
