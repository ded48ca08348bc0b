"""Ledgers of tables that share rows: near copies get no fresh budget without a word.

A ledger goes by a table's values, so one cell, row or column more or less makes another. So a
sketch of the rows (:mod:`core.data.row_sketch`) is kept with each ledger, its SHA-256 in a signed
line. Where half of the rows or more are those of a table that was spent on, nothing is charged
before a person has chosen: charge that ledger, or give a reason that is kept.

Hashes of the sketch are made under the workspace's ledger key. Who has both can ask whether a
guessed row is among the few hundred that are kept, and can't read one; of an upload the workspace
keeps the rows themselves anyway.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from core.data.row_overlap import overlap
from core.data.row_sketch import RowSketch, sketch
from core.data.table import Table
from core.errors import InputError
from core.installation import PROGRAM
from core.ledger.entries import caps_in, charged_to, charges_in, resolved
from core.ledger.files import (
    Book,
    DamagedLedgerError,
    copy_of,
    data_sets,
    exclusive,
    folder_of,
    ledger_key,
    read_book,
    read_held,
    write_held,
)
from core.ledger.take_over import take_over_plain
from core.privacy.accounting.budget import Budget, Spent, charge_from_json
from core.storage.disk import disk_errors, make_folder, write_all_atomic
from core.storage.record import now
from core.storage.record_store import RecordKind

TOLD, DECIDED = 0.1, 0.5
"""Shares of common rows from which on they are told, and a person has to choose."""

_FILE = "rows.json"
SKETCH = RecordKind("row sketch", RowSketch, what="the sketch of a table's rows")


@dataclass(frozen=True)
class Near:
    """Another ledger that was charged for some of the same rows.

    Attributes
    ----------
    data : str
        Identity of its data set.
    name : str
        Of its table, as it was read.
    of_these, of_those : float
        Share of this table's rows that it has, and of its rows that this one has; in [0, 1]. NaN
        where its sketch was lost before it was repaired, so that it isn't known.
    spent : Spent
    cap : Budget or None
    """

    data: str
    name: str
    of_these: float
    of_those: float
    spent: Spent
    cap: Budget | None

    @property
    def asks(self) -> bool:
        """Whether a person has to choose before anything is charged."""
        return self.unknown or max(self.of_these, self.of_those) >= DECIDED

    @property
    def unknown(self) -> bool:
        """Whether nobody can tell which rows it shares."""
        return math.isnan(self.of_these)

    @property
    def sentence(self) -> str:
        """What there is to know, without a full stop."""
        cap = "" if self.cap is None else f" of a cap of {self.cap.epsilon:g}"
        if self.unknown:
            return (
                f"It is not known whether these rows are those of the table “{self.name}” (ledger "
                f"{self.data[:12]}), on which ε = {self.spent.epsilon:.4g}, "
                f"δ = {self.spent.delta:g}{cap} were spent before: that ledger was repaired and "
                "lost the sketch of its rows. Opened again for a private run, that table is "
                "sketched anew"
            )
        return (
            f"About {100 * self.of_these:.0f}% of these rows were spent on before, in the table "
            f"“{self.name}” (ledger {self.data[:12]}; about {100 * self.of_those:.0f}% of its "
            f"rows are here): ε = {self.spent.epsilon:.4g}, δ = {self.spent.delta:g}{cap}"
        )


class NearCopyError(InputError):
    """A fresh budget was about to be spent on rows that were spent on before."""

    def __init__(self, near: Near):
        super().__init__(
            near.sentence,
            where="privacy budget",
            remedy="Nothing was charged. Charge that ledger, or say why these rows have a budget "
            "of their own: on the budget page, or by --charge-to or --apart-because of "
            f"{PROGRAM} audit and {PROGRAM} ledger choose",
        )
        self.near = near


def is_known(root: Path, data: str) -> bool:
    """Whether the rows of a data set are sketched already."""
    with disk_errors():
        take_over_plain(root)
        return _sketch(root, data, read_book(root, data)) is not None


def sketch_lost(root: Path, data: str, book: Book) -> bool:
    """Whether the rows were sketched and no place holds that sketch any more."""
    return _named(book) is not None and _sketch(root, data, book) is None


def know(root: Path, data: str, table: Callable[[], Table]) -> None:
    """Sketch the rows of a data set, if that wasn't done.

    Parameters
    ----------
    root : Path
        Of the workspace.
    data : str
        Identity of the data set.
    table : callable
        Reads it, as it was read at first; called only if need be.
    """
    if is_known(root, data):
        return
    with disk_errors():
        found = table()
        content = json.dumps(SKETCH.to_json(sketch(found, _sketch_key(root)))).encode("ascii")
        with exclusive(root, data):
            book = read_held(root, data)
            if _sketch(root, data, book) is not None:
                return
            make_folder(copy_of(root, data))
            write_all_atomic({folder / _FILE: content for folder in _folders(root, data)})
            digest = hashlib.sha256(content).hexdigest()
            entry = {"sketch": digest, "name": found.provenance.name, "when": now()}
            write_held(root, data, book, "caps", entry)


def near_ledgers(root: Path, data: str) -> tuple[Near, ...]:
    """Find ledgers that were charged for rows of this data set, the nearest first.

    Returns
    -------
    tuple of Near
        Those that share a tenth of the rows or more; empty where the rows aren't sketched, or
        where another ledger is charged for them already.
    """
    with disk_errors():
        book = read_book(root, data)
        own = _sketch(root, data, book)
        if own is None or charged_to(book) is not None:
            return ()
        found = [_near(root, own, other) for other in data_sets(root) if other != data]
    near = [item for item in found if item is not None and resolved(root, item.data) != data]
    return tuple(sorted(near, key=lambda item: (item.unknown, -max(item.of_these, item.of_those))))


def undecided(root: Path, data: str) -> tuple[Near, ...]:
    """Return the ledgers about which a person has to choose before anything is charged."""
    decided = {
        other
        for line in read_book(root, data).caps
        if "apart_from" in line.entry
        for other in line.entry["apart_from"]
    }
    return tuple(
        near for near in near_ledgers(root, data) if near.asks and near.data not in decided
    )


def check_decided(root: Path, data: str) -> None:
    """Refuse to charge before a person has chosen.

    Raises
    ------
    NearCopyError
        If rows were spent on before, and nobody chose.
    """
    for near in undecided(root, data):
        raise NearCopyError(near)


def charge_to(root: Path, data: str, other: str, *, audit: str = "") -> None:
    """Let all charges of a data set go to the ledger of another one, those made so far too.

    Raises
    ------
    InputError
        If that one is charged to this one's ledger itself, or there is none.
    """
    with disk_errors():
        take_over_plain(root)
        target = resolved(root, other)
        if target == data or not read_book(root, target).caps:
            raise InputError(
                "this is no ledger that could be charged instead",
                where=f"ledger {other[:12]}",
                remedy=f"See {PROGRAM} ledger for those there are",
            )
        # In one order whoever asks, so that two who ask the opposite don't wait for each other.
        first, second = sorted((data, target))
        with exclusive(root, first), exclusive(root, second):
            book, there = read_held(root, data), read_held(root, target)
            if charged_to(book) is not None or charged_to(there) is not None:
                return
            # First what was charged here so far: after a crash in between it counts in both.
            brought = Counter(
                charge_from_json(line.entry["charge"])
                for line in there.charges
                if line.entry.get("from") == data
            )
            left = (Counter(charges_in(book)) - brought).elements()
            before = [{"charge": asdict(charge), "from": data} for charge in left]
            if before:
                write_held(root, target, there, "charges", *before)
            entry = {"charged_to": target, "when": now(), "audit": audit}
            write_held(root, data, book, "caps", entry)


def keep_apart(root: Path, data: str, reason: str, *, audit: str = "") -> None:
    """Keep, for ever, why these rows have a budget of their own.

    Raises
    ------
    InputError
        If no reason is given.
    """
    if not reason.strip():
        raise InputError(
            "a budget of its own for rows that were spent on before needs a reason, which is kept",
            where="reason",
            remedy="Say why more may be known about these people than was settled before",
        )
    with disk_errors():
        others = [near.data for near in undecided(root, data)]
        if others:
            with exclusive(root, data):
                entry = {
                    "apart_from": others,
                    "reason": reason.strip(),
                    "when": now(),
                    "audit": audit,
                }
                write_held(root, data, read_held(root, data), "caps", entry)


def reasons_apart(root: Path, data: str) -> tuple[str, ...]:
    """Return why a data set has a budget of its own beside near ones, oldest first."""
    entries = [line.entry for line in read_book(root, data).caps]
    return tuple(entry["reason"] for entry in entries if "apart_from" in entry)


def charged_elsewhere(root: Path, data: str) -> tuple[str, str] | None:
    """Return identity and name of the data set whose ledger is charged instead, None if none."""
    with disk_errors():
        target = resolved(root, data)
        return None if target == data else (target, _named(read_book(root, target)) or target[:12])


def _near(root: Path, own: RowSketch, other: str) -> Near | None:
    try:
        book = read_book(root, other)
        charges, caps = charges_in(book), caps_in(book)
    except DamagedLedgerError as error:
        _check_unlike_damaged(root, own, other, error)
        return None
    found = _sketch(root, other, book)
    if not charges:
        return None
    if sketch_lost(root, other, book):
        raise _unknown(other, "the sketch of its rows is gone or was changed")
    cap = caps[-1].budget if caps else None
    spent = (cap or Budget(1.0)).spent(charges)
    name = _named(book) or other[:12]
    if found is None:
        # From before rows were sketched, which the list of ledgers says, or lost at a repair.
        repaired = any(line.entry.get("note") == "repaired" for line in book.caps)
        return Near(other, name, math.nan, math.nan, spent, cap) if repaired else None
    common = overlap(own, found)
    if common.most < TOLD:
        return None
    return Near(other, name, common.of_first, common.of_second, spent, cap)


def _check_unlike_damaged(
    root: Path, own: RowSketch, other: str, damage: DamagedLedgerError
) -> None:
    """Refuse where rows are those of a damaged ledger, or it can't be known that they aren't."""
    sketches = []
    for folder in _folders(root, other):
        with suppress(OSError, ValueError, RecursionError):
            sketches.append(SKETCH.from_json(json.loads((folder / _FILE).read_bytes())))
    if not sketches:
        raise _unknown(other, f"it is damaged ({damage.where}: {damage.problem})")
    if max(overlap(own, found).most for found in sketches) >= TOLD:
        raise DamagedLedgerError(
            "some of these rows were spent on before, in a ledger that is damaged "
            f"({damage.where}: {damage.problem})",
            f"ledger {other[:12]}",
        )


def _unknown(other: str, why: str) -> DamagedLedgerError:
    return DamagedLedgerError(
        f"{why}, so it is not known whether these rows were spent on before", f"ledger {other[:12]}"
    )


def _sketch(root: Path, data: str, book: Book) -> RowSketch | None:
    """Return the sketch whose SHA-256 the ledger holds, from either place."""
    digests = [line.entry["sketch"] for line in book.caps if "sketch" in line.entry]
    for folder in _folders(root, data) if digests else ():
        try:
            content = (folder / _FILE).read_bytes()
        except FileNotFoundError:
            continue
        if hashlib.sha256(content).hexdigest() == digests[-1]:
            found: RowSketch = SKETCH.from_json(json.loads(content))
            return found
    return None


def _named(book: Book) -> str | None:
    names = [line.entry["name"] for line in book.caps if "sketch" in line.entry]
    return names[-1] if names else None


def _folders(root: Path, data: str) -> tuple[Path, Path]:
    return folder_of(root, data), copy_of(root, data)


def _sketch_key(root: Path) -> bytes:
    return hmac.digest(ledger_key(root), b"sketch of rows", "sha256")
