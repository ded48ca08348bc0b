"""Counts of tables that stay where they are, kept on disk so that a page can show them again.

Each is one file ``root/counts/<id>.npz``: cells as arrays, and beside them what was asked and when.
The id is the key of both, so that a later count of the same table is another one: the rows may
have changed in between. A place names a connection and never holds its URL.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.data.roles.roles import Roles
from core.data.sources.locations import SourceLocation
from core.data.table import Repair
from core.errors import InputError
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.score_cube import ScoreCube
from core.fairness.engine.engine_counted import Counted
from core.fairness.engine.engine_scoring import NearMedian
from core.storage.canonical import key
from core.storage.disk import disk_errors, make_folder, write_atomic
from core.storage.record import now
from core.storage.record_store import RecordKind

_ID = re.compile(r"[0-9a-f]{64}")
_OUTCOMES = ("count", "weight", "weight_squared")
_NEAR = ("group", "bin", "score", "count", "weight", "weight_squared")
_SCORES = ("edges", "count", "weight", "weight_squared", "score_weight", "single")


@dataclass(frozen=True)
class CountSpec:
    """What is counted where.

    Attributes
    ----------
    location : SourceLocation
    roles : Roles
        Of existing decisions or scores.
    """

    location: SourceLocation = field(metadata={"first_name": "place"})
    roles: Roles


@dataclass(frozen=True)
class CountRecord:
    """A kept count as it stands in the list.

    Attributes
    ----------
    id : str
        64 hexadecimal digits.
    counted_at : str
        ISO 8601 in UTC; empty if damaged.
    spec : CountSpec or None
        None if damaged.
    rows : int
        Rows that were judged.
    damaged : str or None
        Why it can't be opened, None if it can.
    """

    id: str
    counted_at: str = ""
    spec: CountSpec | None = None
    rows: int = 0
    damaged: str | None = None


@dataclass(frozen=True, eq=False)
class StoredCount:
    """A kept count with its cells."""

    id: str
    counted_at: str
    spec: CountSpec
    counted: Counted


@dataclass(frozen=True)
class CountAbout:
    """What stands beside a count's cells.

    Attributes
    ----------
    counted_at : str
        ISO 8601 in UTC.
    asked : CountSpec
    roles : Roles
        As they were resolved.
    repairs : tuple of Repair
    attributes : tuple of str
    groups : tuple of tuple of str
    weighted, scores : bool
        Whether rows have weights, and whether scores were counted.
    rows : int
    no_scoring : str
        Why scores have no scoring rates beside them.
    """

    counted_at: str
    asked: CountSpec
    roles: Roles
    repairs: tuple[Repair, ...]
    attributes: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    weighted: bool
    scores: bool
    rows: int
    no_scoring: str = "it was counted before scoring rates were; count it again"


COUNT = RecordKind(
    "count",
    CountAbout,
    what="a count",
    earlier=lambda record: {name: item for name, item in record.items() if name != "schema"},
)


def store_count(root: Path, spec: CountSpec, counted: Counted) -> str:
    """Write a finished count into the workspace; return its id.

    Raises
    ------
    InputError
        If the disk is full or forbids it.
    """
    moment = now()
    count_id = key(moment, spec)
    cube, scores = counted.cube, counted.scores
    about = CountAbout(
        moment,
        spec,
        counted.roles,
        counted.repairs,
        cube.attributes,
        cube.groups,
        cube.weighted,
        scores is not None,
        int(cube.count.sum()),
        counted.no_scoring,
    )
    text = json.dumps(COUNT.to_json(about)).encode("ascii")
    arrays = {"about": np.frombuffer(text, dtype=np.uint8)}
    arrays |= {f"outcome_{name}": getattr(cube, name) for name in _OUTCOMES}
    if scores is not None:
        arrays |= {f"score_{name}": getattr(scores, name) for name in _SCORES}
    if counted.near is not None:
        arrays |= {f"near_{name}": getattr(counted.near, name) for name in _NEAR}
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    with disk_errors():
        make_folder(root / "counts")
        write_atomic(_path(root, count_id), content.getvalue())
    return count_id


def list_counts(root: Path) -> list[CountRecord]:
    """List the kept counts, latest first; a damaged one says so and comes last."""
    with disk_errors():
        paths = [p for p in (root / "counts").glob("*.npz") if _ID.fullmatch(p.stem)]
    found = []
    for path in paths:
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                about = _about(arrays)
            found.append(CountRecord(path.stem, about.counted_at, about.asked, about.rows))
        except FileNotFoundError:  # Deleted by someone else just now.
            continue
        except Exception as error:  # A broken file breaks in many ways.
            found.append(CountRecord(path.stem, damaged=_reason(error)))
    return sorted(found, key=lambda record: (record.counted_at, record.id), reverse=True)


def load_count(root: Path, count_id: str) -> StoredCount:
    """Open a kept count.

    Raises
    ------
    InputError
        If there is none of that id, or it can't be read.
    """
    path = _path(root, count_id)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _read(count_id, _about(arrays), arrays)
    except FileNotFoundError:
        raise InputError(
            "there is no count of that id: it was deleted, or its address is mistyped",
            where=count_id[:12],
            remedy="Choose one from the list",
        ) from None
    except Exception as error:  # A broken file breaks in many ways.
        raise InputError(
            f"this count is damaged: {_reason(error)}",
            where=count_id[:12],
            remedy="Delete it and count again",
        ) from None


def delete_count(root: Path, count_id: str) -> None:
    """Remove a kept count, damaged or not, for good."""
    with disk_errors(), suppress(FileNotFoundError):
        _path(root, count_id).unlink()


def _read(count_id: str, about: CountAbout, arrays: Mapping[str, Any]) -> StoredCount:
    cells = {name: arrays[f"outcome_{name}"] for name in _OUTCOMES}
    told: dict[str, Any] = {
        "weighted": about.weighted,
        "has_outcome": about.roles.target is not None,
    }
    cube = OutcomeCube(about.attributes, about.groups, **cells, **told)
    scores = None
    if about.scores:
        cells = {name: arrays[f"score_{name}"] for name in _SCORES}
        scores = ScoreCube(about.attributes, about.groups, **cells, **told)
    if cube.count.shape != (len(about.groups), 2, 2) or int(cube.count.sum()) != about.rows:
        raise ValueError("its cells are not those that were counted")
    near = None
    if "near_score" in arrays:
        near = NearMedian(**{name: arrays[f"near_{name}"] for name in _NEAR})
    counted = Counted(cube, scores, about.roles, about.repairs, near, about.no_scoring)
    return StoredCount(count_id, about.counted_at, about.asked, counted)


def _about(arrays: Mapping[str, Any]) -> CountAbout:
    about: CountAbout = COUNT.from_json(json.loads(arrays["about"].tobytes()))
    return about


def _reason(error: Exception) -> str:
    if isinstance(error, InputError):
        return error.problem
    own = isinstance(error, ValueError) and str(error).startswith("it")
    return str(error) if own else "its file can't be read"


def _path(root: Path, count_id: str) -> Path:
    # Ids come from URLs: nothing but the strict pattern reaches the file system.
    if not isinstance(count_id, str) or not _ID.fullmatch(count_id):
        raise InputError(
            "this isn't the id of a count",
            where=repr(count_id)[:60],
            remedy="Choose one from the list",
        )
    return root / "counts" / f"{count_id}.npz"
