"""Counting in a process of its own, so that it can be stopped and its memory is given back."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

from core.audit_state.results.count_results import CountSpec
from core.errors import InputError
from core.installation import isolated_command
from core.storage.json_format import to_json

BETWEEN = 0.25
"""Seconds between two looks at the process."""

_CHILD = isolated_command(f"{__package__}.counting_child")


def count_and_store(root: Path, spec: CountSpec) -> Generator[tuple[float, str | None]]:
    """Count inside the engine and keep what comes out; closing the iterator stops the count.

    Parameters
    ----------
    root : Path
        Of the workspace.
    spec : CountSpec

    Yields
    ------
    tuple of (float, str or None)
        Seconds so far, and the id of the kept count once it is there.

    Raises
    ------
    InputError
        If the place may not be opened, or the roles do not fit its table.
    """
    request = {"root": str(root), "spec": to_json(spec)}
    began = time.monotonic()
    # Its standard error is dropped: what a driver writes there may hold the URL of a connection.
    with subprocess.Popen(
        _CHILD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        try:
            payload = json.dumps(request).encode()
            while True:
                try:
                    answer, _ = child.communicate(payload, timeout=BETWEEN)
                    break
                except subprocess.TimeoutExpired:
                    payload = b""
                    yield time.monotonic() - began, None
        finally:
            child.kill()
    yield time.monotonic() - began, _kept(answer, child.returncode)


def _kept(answer: bytes, status: int) -> str:
    try:
        found: dict[str, Any] = json.loads(answer)
    except ValueError:
        raise InputError(
            f"the count ended before it was done (exit status {status})",
            remedy="Try again; if memory ran out, choose fewer columns, or give edges for numbers",
        ) from None
    if "problem" in found:
        raise InputError(found["problem"], where=found["where"], remedy=found["remedy"])
    return str(found["id"])
