"""The process that counts: what to count comes on standard input, the id or a problem goes out."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from core.audit_state.results.count_results import CountSpec, store_count
from core.data.sources.locations import source_of
from core.errors import InputError
from core.fairness.engine.engine import count_in_engine
from core.storage.json_format import from_json


def main() -> None:
    """Count what standard input asks for, once."""
    request = json.loads(sys.stdin.buffer.read())
    # Whatever a driver prints must not mix with the answer.
    out = os.dup(1)
    os.dup2(2, 1)
    answer = json.dumps(counted(request))
    with os.fdopen(out, "wb") as stream:
        stream.write(answer.encode())


def counted(request: dict[str, Any]) -> dict[str, Any]:
    """Count and keep; the id of what is kept, or what was wrong, where, and what to do."""
    spec = from_json(CountSpec, request["spec"], "what to count")
    try:
        with source_of(spec.location) as source:
            found = count_in_engine(source, spec.roles)
        return {"id": store_count(Path(request["root"]), spec, found)}
    except InputError as error:
        return {"problem": error.problem, "where": error.where, "remedy": error.remedy}
