"""The ledgers of data sets: what was spent on a data set, in whichever audit, against one cap.

They belong to the data and not to an audit: two audits of the same rows, the command line and a
deleted audit all spent from one budget, since their results add up to what is known of the same
people. How they lie on disk, and what is noticed, says :mod:`core.ledger.files`; what
kept models and releases say they cost, :mod:`core.ledger.evidence`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.ledger.entries import Cap, caps_in, charged_to, charges_in, resolved
from core.ledger.evidence import check_evidence, evidence_of
from core.ledger.files import (
    Book,
    exclusive,
    folder_of,
    read_book,
    read_held,
    write_held,
)
from core.ledger.near import check_decided
from core.ledger.pending_folder import FolderPending
from core.ledger.take_over import take_over_plain
from core.privacy.accounting.budget import Budget, Charge, read_charges
from core.privacy.accounting.ledger import Ledger
from core.storage.disk import disk_errors
from core.storage.record import now


def charges_of(root: Path, data: str) -> tuple[Charge, ...]:
    """All that was ever charged to a data set, oldest first.

    Raises
    ------
    DamagedLedgerError
        If the ledger isn't as it was written.
    """
    return charges_in(_book(root, data))


def caps_of(root: Path, data: str) -> tuple[Cap, ...]:
    """All caps of a data set, oldest first.

    Raises
    ------
    DamagedLedgerError
        If the ledger isn't as it was written.
    """
    return caps_in(_book(root, data))


def cap_of(root: Path, data: str) -> Budget | None:
    """Return the cap that is in force, None if none was ever set."""
    caps = caps_of(root, data)
    return caps[-1].budget if caps else None


def notes_of(root: Path, data: str) -> tuple[dict[str, Any], ...]:
    """Return what is written in a ledger beside charges: that it was taken over or repaired."""
    return tuple(line.entry for line in _book(root, data).charges if "note" in line.entry)


def set_cap(root: Path, data: str, budget: Budget, *, reason: str = "", audit: str = "") -> Budget:
    """Set a data set's cap.

    Parameters
    ----------
    root : Path
        Of the workspace.
    data : str
        The data set's identity.
    budget : Budget
    reason : str
        Why; needed where a cap is raised, or set anew, after something was spent or the ledger
        was repaired.
    audit : str

    Raises
    ------
    InputError
        If it lies below what was spent, or is raised without a reason.
    DamagedLedgerError
        If the ledger isn't as it was written, or lacks what a kept model or release cost.
    """
    with disk_errors():
        data = _home(root, data)
        evidence = evidence_of(root, data)
        # The ledger's own lock, so that no charge slips in between the check and the new cap.
        with exclusive(root, data):
            book = read_held(root, data)
            caps, spent = caps_in(book), charges_in(book)
            check_evidence(evidence, spent)
            budget.covering(spent)
            if caps and caps[-1].budget == budget:
                return budget
            if _needs_reason(book, budget) and not reason.strip():
                raise InputError(
                    "raising a cap after something was spent needs a reason, which is kept"
                    if caps
                    else "something was spent and no cap of it is known, so a new one needs a "
                    "reason, which is kept",
                    where=f"cap ε = {budget.epsilon:g}, δ = {budget.delta:g}",
                    remedy="Say why more may be known about these people than was settled before",
                )
            cap = Cap(budget, reason.strip(), now(), audit)
            write_held(root, data, book, "caps", {"cap": asdict(cap)})
    return budget


def needs_reason(root: Path, data: str, budget: Budget) -> bool:
    """Whether a cap can be set with a reason only.

    That is so where something was spent, or the ledger was repaired, and no cap as large is known.
    """
    return _needs_reason(_book(root, data), budget)


def open_ledger(root: Path, data: str, audit: str = "") -> Ledger | None:
    """Open a data set's ledger; None if no cap was ever set.

    Raises
    ------
    DamagedLedgerError
        If it isn't as it was written, or lacks what a kept model or release says it cost.
    NearCopyError
        If most of these rows were spent on before, in another table, and nobody has chosen yet.
    """
    with disk_errors():
        home = _home(root, data)
        # Evidence first: what is charged while it is read has no result yet.
        evidence = evidence_of(root, home)
        book = _book(root, home)
        check_evidence(evidence, charges_in(book))
        check_decided(root, home)
    caps = caps_in(book)
    # By audit, so that one charge is never the result of two.
    pending = FolderPending(
        root, data, folder_of(root, data) / "pending" / (audit or "command-line")
    )
    return Ledger(caps[-1].budget, FolderCharges(root, home), audit, pending) if caps else None


@dataclass(frozen=True)
class FolderCharges:
    """Charges of a data set on disk, as :class:`core.privacy.accounting.ledger.Ledger` has them."""

    root: Path
    data: str

    def charges(self) -> tuple[Charge, ...]:
        """All so far, oldest first."""
        return charges_of(self.root, self.data)

    @contextmanager
    def exclusive(self) -> Iterator[HeldFolder]:
        """Hold it, so that nobody else charges until it is left."""
        with disk_errors():
            take_over_plain(self.root)
            with exclusive(self.root, self.data):
                book = read_held(self.root, self.data)
                if charged_to(book) is not None:
                    raise InputError(
                        "its charges go to another ledger since a moment ago",
                        where=f"ledger {self.data[:12]}",
                        remedy="Nothing was charged. Ask again",
                    )
                yield HeldFolder(self, book)


@dataclass(frozen=True)
class HeldFolder:
    """Charges of a data set that nobody else adds to meanwhile."""

    store: FolderCharges
    book: Book

    @property
    def charges(self) -> tuple[Charge, ...]:
        """All so far, oldest first."""
        return charges_in(self.book)

    @property
    def cap(self) -> Budget | None:
        """The cap in force by now, which another audit may have lowered."""
        caps = caps_in(self.book)
        return caps[-1].budget if caps else None

    def add(self, charge: Charge) -> None:
        """Write a charge down; it stands on disk in both places when this returns."""
        at = self.store
        write_held(at.root, at.data, self.book, "charges", {"charge": asdict(charge)})


def take_over(root: Path, data: str, before: Path) -> None:
    """Add the charges of an audit's own ledger, as there once were, to its data set's."""
    with disk_errors():
        data = _home(root, data)
        with exclusive(root, data):
            charges = read_charges(before)
            if charges:
                book, note = read_held(root, data), "taken over from an audit's own ledger"
                digest = hashlib.sha256(before.read_bytes()).hexdigest()
                mark: dict[str, Any] = {"note": note, "when": now(), "audit": before.parent.name}
                mark["sha256"] = digest
                entries = [mark, *({"charge": asdict(charge)} for charge in charges)]
                done = [
                    (line.entry.get("audit"), line.entry.get("sha256"))
                    for line in book.charges
                    if line.entry.get("note") == note
                ]
                # A crash may have come before the file was deleted.
                if (mark["audit"], digest) not in done:
                    write_held(root, data, book, "charges", *entries)
            before.unlink(missing_ok=True)


def _home(root: Path, data: str) -> str:
    """Return the data set whose ledger is charged for this one."""
    with disk_errors():
        take_over_plain(root)
        return resolved(root, data)


def _book(root: Path, data: str) -> Book:
    with disk_errors():
        return read_book(root, _home(root, data))


def _needs_reason(book: Book, budget: Budget) -> bool:
    caps = caps_in(book)
    repaired = any(line.entry.get("note") == "repaired" for line in book.caps)
    return bool(charges_in(book) or repaired) and (not caps or _raises(caps[-1].budget, budget))


def _raises(old: Budget, new: Budget) -> bool:
    return new.epsilon > old.epsilon or new.delta > old.delta or new.composition != old.composition
