"""What the lines of a ledger say: charges, caps, and to which other ledger charges go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from core.errors import InputError
from core.ledger.files import FILES, Book, DamagedLedgerError, Part, read_book
from core.privacy.accounting.budget import Budget, Charge, charge_from_json
from core.storage.json_format import from_json

T = TypeVar("T")


@dataclass(frozen=True)
class Cap:
    """A cap as it was set.

    Attributes
    ----------
    budget : Budget
    reason : str
        Why, in the words of who set it; empty where it was the first.
    when : str
        UTC time, ISO 8601.
    audit : str
        Id of the audit it was set in; empty for the command line.
    """

    budget: Budget
    reason: str
    when: str
    audit: str


def charges_in(book: Book) -> tuple[Charge, ...]:
    """Return the charges that a book holds, oldest first."""
    return tuple(
        _read(charge_from_json, "charges", number, line.entry["charge"])
        for number, line in enumerate(book.charges, 1)
        if "charge" in line.entry
    )


def caps_in(book: Book) -> tuple[Cap, ...]:
    """Return the caps that a book holds, oldest first."""
    return tuple(
        _read(lambda record: from_json(Cap, record, "a cap"), "caps", number, line.entry["cap"])
        for number, line in enumerate(book.caps, 1)
        if "cap" in line.entry
    )


def charged_to(book: Book) -> str | None:
    """Return the data set to whose ledger charges go instead; None if they stay here."""
    found = [line.entry["charged_to"] for line in book.caps if "charged_to" in line.entry]
    return found[-1] if found else None


def resolved(root: Path, data: str) -> str:
    """Return the data set whose ledger is charged for this one: itself, if nobody chose another.

    Raises
    ------
    DamagedLedgerError
        If a ledger on the way isn't as it was written, or they charge each other in a circle.
    """
    passed = [data]
    while (other := charged_to(read_book(root, passed[-1]))) is not None:
        if other in passed:
            raise DamagedLedgerError(
                f"charges of {data[:12]} go to ledger {other[:12]} and from there back again, as "
                "where an older file was put back",
                FILES["caps"],
            )
        passed.append(other)
    return passed[-1]


def _read(read: Callable[[dict[str, Any]], T], part: Part, number: int, value: Any) -> T:
    try:
        return read(value)
    except InputError:
        # Taken over from before, when nothing was checked that was written by hand.
        raise DamagedLedgerError(
            "this line can't be read, so what was spent is not known",
            f"{FILES[part]} line {number}",
        ) from None
