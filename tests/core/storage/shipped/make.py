"""Write the shipped workspace: ``python -m tests.core.storage.shipped.make FILE``.

It was run once, with the build whose files it ships. Run with a later one it makes another file,
which is to be shipped beside the first and never in its place.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tarfile
import tempfile
from pathlib import Path

import pandas as pd

from core.audit_state import state as audits
from core.audit_state.results.count_results import CountSpec, store_count
from core.audit_state.state import AuditState
from core.data.dataset import Dataset
from core.data.roles.roles import Roles
from core.data.sources.locations import file_location, source_of
from core.fairness.engine.engine import count_in_engine
from core.storage.workspace import Workspace
from tests.core.storage.shipped import work
from tests.core.worlds import frame


def main(file: str) -> None:
    """Make all of it, and pack it with what its models say of the test rows."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "workspace")
        state, dataset = work.begin(workspace)
        state = audits.update_state(workspace, state, training=work.AUDITED)
        fields = {}
        for spec in (*work.PAID, *work.FREE):
            trained = work.model(workspace, state, dataset, spec)
            fields[work.name_of(spec)] = hashlib.sha256(trained.scores.tobytes()).hexdigest()
        for name, found in work.results(workspace, state, dataset):
            print(name, type(found).__name__)
        _interrupted(workspace, state, dataset)
        _count(workspace, Path(folder) / "sources")
        (workspace.root / "scores.json").write_text(json.dumps(fields, indent=1))
        with tarfile.open(file, "w:xz", preset=9) as archive:
            archive.add(workspace.root, "workspace", filter=_plain)
    print(os.path.getsize(file))


def _interrupted(workspace: Workspace, state: AuditState, dataset: Dataset) -> None:
    """Leave a paid model as a process leaves it that dies before it is delivered."""

    class Dies(Workspace):
        def put_model(self, *_: object) -> None:
            raise KeyboardInterrupt

    try:
        work.model(Dies(workspace.root), state, dataset, work.INTERRUPTED)
    except KeyboardInterrupt:
        return
    raise AssertionError("it did not die")


def _count(workspace: Workspace, sources: Path) -> None:
    (sources / "loans").mkdir(parents=True)
    os.environ["EQUIPOISE_SOURCES"] = str(sources)
    data: pd.DataFrame = frame(300)
    data["granted"] = data["income"].gt(5).map({True: "yes", False: "no"})
    data.to_parquet(sources / "loans" / "a.parquet")
    location = file_location("loans")
    roles = Roles(
        target="paid", positive_label="yes", sensitive=("sex",), prediction="granted",
        positive_is_favourable=True,
    )  # fmt: skip
    with source_of(location) as source:
        store_count(workspace.root, CountSpec(location, roles), count_in_engine(source, roles))


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    main(sys.argv[1])
