"""The ledgers of data sets: what was spent on a data set, in whichever audit, against one cap.

``root/ledgers/<identity of the data set>/ledger.jsonl`` holds charges, ``caps.jsonl`` each cap with
the reason it was set. They belong to the data and not to an audit: two audits of the same rows, the
command line and a deleted audit all spent from one budget, since their results add up to what is
known of the same people.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import InputError
from core.governance.disk import disk_errors, locked, make_folder, write_atomic
from core.governance.pending import FolderPending
from core.governance.record import now
from core.privacy.budget import Budget, Charge, Ledger, read_charges

_IDENTITY = re.compile(r"[0-9a-f]{64}")


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


def charges_of(root: Path, data: str) -> tuple[Charge, ...]:
    """All that was ever charged to a data set, oldest first."""
    with disk_errors():
        return read_charges(_folder(root, data) / "ledger.jsonl")


def caps_of(root: Path, data: str) -> tuple[Cap, ...]:
    """All caps of a data set, oldest first.

    Raises
    ------
    InputError
        If the file is damaged: a cap that can't be read must not count as none.
    """
    path = _folder(root, data) / "caps.jsonl"
    found = []
    with disk_errors():
        # A file without any line is a damaged one: a cap is written with its file.
        lines = (path.read_bytes().splitlines() or [b""]) if path.exists() else []
    for number, line in enumerate(lines, 1):
        try:
            told = json.loads(line)
            found.append(Cap(Budget(**told.pop("budget")), **told))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(
                "this line of the caps of a privacy budget can't be read, so what may be spent is "
                "not known",
                where=f"{path.name} line {number}",
                remedy="Restore the file from a backup; no private release runs until then",
            ) from error
    return tuple(found)


def cap_of(root: Path, data: str) -> Budget | None:
    """Return the cap that is in force, None if none was ever set."""
    caps = caps_of(root, data)
    return caps[-1].budget if caps else None


def settle_cap(
    root: Path, data: str, budget: Budget, *, reason: str = "", audit: str = ""
) -> Budget:
    """Set a data set's cap.

    Parameters
    ----------
    root : Path
        Of the workspace.
    data : str
        The data set's identity.
    budget : Budget
    reason : str
        Why; needed where a cap is raised after something was spent.
    audit : str

    Returns
    -------
    Budget

    Raises
    ------
    InputError
        If it lies below what was spent, or is raised without a reason.
    """
    folder = _folder(root, data)
    with disk_errors():
        make_folder(folder)
        # The ledger's own lock, so that no charge slips in between the check and the new cap.
        with locked(folder / "ledger.lock"):
            caps, spent = caps_of(root, data), charges_of(root, data)
            budget.covering(spent)
            if caps and caps[-1].budget == budget:
                return budget
            if caps and spent and _raises(caps[-1].budget, budget) and not reason.strip():
                raise InputError(
                    "raising a cap after something was spent needs a reason, which is kept",
                    where=f"cap ε = {budget.epsilon:g}, δ = {budget.delta:g}",
                    remedy="Say why more may be known about these people than was settled before",
                )
            new = Cap(budget, reason.strip(), now(), audit)
            lines = [json.dumps(asdict(cap), allow_nan=False) for cap in (*caps, new)]
            write_atomic(folder / "caps.jsonl", ("\n".join(lines) + "\n").encode("utf-8"))
    return budget


def open_ledger(root: Path, data: str, audit: str = "") -> Ledger | None:
    """Open a data set's ledger; None if no cap was ever set."""
    cap = cap_of(root, data)
    if cap is None:
        return None

    def in_force() -> Budget:
        return cap_of(root, data) or cap

    pending = FolderPending(root, data, _folder(root, data) / "pending")
    return Ledger(cap, _folder(root, data) / "ledger.jsonl", audit, in_force, pending)


def take_over(root: Path, data: str, before: Path) -> None:
    """Add the charges of an audit's own ledger, as there once were, to its data set's."""
    folder = _folder(root, data)
    with disk_errors():
        make_folder(folder)
        with locked(folder / "ledger.lock"):
            charges = (*charges_of(root, data), *read_charges(before))
            lines = [json.dumps(asdict(charge), allow_nan=False) for charge in charges]
            text = "".join(f"{line}\n" for line in lines)
            write_atomic(folder / "ledger.jsonl", text.encode("utf-8"))
            before.unlink(missing_ok=True)


def _raises(old: Budget, new: Budget) -> bool:
    return new.epsilon > old.epsilon or new.delta > old.delta or new.composition != old.composition


def _folder(root: Path, data: str) -> Path:
    if not _IDENTITY.fullmatch(data):
        raise ValueError(f"no identity of a data set: {data!r}")
    return root / "ledgers" / data
