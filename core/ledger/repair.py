"""The way out of a damaged ledger: adopt what can be proven, count all that may have been spent.

Counted are the charges of every line that can be read, in the file, its copy and the register,
whether its signature holds or not, and what kept models and releases say they cost beyond that. So
nothing is given back; where a line was edited both figures count. The cap is the last one whose
seal holds, or what was spent where that is more or there is none. That it was repaired, why and by
whom, stands in the new ledger for ever, with what earlier repairs said; the damaged files are kept
beside it.
"""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from core.errors import InputError
from core.ledger.entries import Cap, caps_in, charged_to, charges_in
from core.ledger.evidence import Paid, evidence_of, unpaid
from core.ledger.files import (
    FILES,
    KEY,
    KEY_TOLD,
    REPAIR,
    Book,
    copy_of,
    data_sets,
    exclusive,
    extended,
    folder_of,
    lines_of,
    parts_of,
    paths_of,
    read_book,
    read_files,
    read_held,
)
from core.ledger.near import sketch_lost
from core.ledger.register import (
    DamagedRegisterError,
    Lines,
    read_register,
    registered_unproven,
    write_register,
)
from core.ledger.salvage import salvage
from core.ledger.take_over import take_over_plain
from core.privacy.accounting.budget import Budget, Charge, Neighbouring
from core.storage.chain import Line, format_chain
from core.storage.disk import disk_errors, locked, make_folder, write_all_atomic
from core.storage.record import now
from core.storage.sign_off import check_sign_off
from core.storage.signed_pickle import key_file

_DECISIONS = {"charged_to", "apart_from", "sketch"}
"""What is kept of the file of caps beside the cap itself."""


@dataclass(frozen=True)
class Repaired:
    """What a repair counted.

    Attributes
    ----------
    charges : tuple of Charge
    proven : int
        Of them, those whose signature holds.
    from_results : int
        Of them, those that only a kept model or release tells of.
    cap : Budget or None
        In force from now on; None if nothing was spent and no cap can be proven.
    """

    charges: tuple[Charge, ...]
    proven: int
    from_results: int
    cap: Budget | None


def repair(root: Path, data: str, *, reason: str, name: str) -> Repaired:
    """Write a data set's ledger anew from all that is left of it.

    Parameters
    ----------
    root : Path
        Of the workspace.
    data : str
        The data set's identity.
    reason : str
        What happened, in the words of who repairs; kept for ever.
    name : str
        Of who repairs.

    Raises
    ------
    InputError
        If the ledger isn't damaged, or reason or name is missing.
    """
    check_sign_off("a repair", reason, name, "Say what happened to the ledger, and who repairs it")
    with disk_errors():
        with suppress(InputError):
            take_over_plain(root)  # What was never opened since lines are sealed isn't damaged.
        evidence = evidence_of(root, data)
        with exclusive(root, data):
            _check_damaged(root, data, evidence)
        key = _usable_key(root)
        with exclusive(root, data):
            _check_damaged(root, data, evidence)  # Another process may have repaired it.
            left = salvage(root, data, key)
            missing = [_charge(paid) for paid in unpaid(evidence, left.charges)]
            charges = (*left.charges, *missing)
            decided = [
                entry
                for entry in left.caps
                if _DECISIONS & entry.keys() and not _in_circle(root, data, entry)
            ]
            if sketch_lost(root, data, Book(caps=tuple(Line(entry, "") for entry in decided))):
                decided = [entry for entry in decided if "sketch" not in entry]
            cap = _cap(left.cap, charges)
            budget = None if cap is None else cap.budget
            found = Repaired(charges, left.proven, len(missing), budget)
            note = {
                "note": "repaired",
                "reason": reason.strip(),
                "name": name.strip(),
                "when": now(),
                "charges": len(charges),
                "proven": left.proven,
                "from_results": len(missing),
            }
            _write(root, data, key, [*left.notes, note], charges, decided, cap)
    return found


def _check_damaged(root: Path, data: str, evidence: tuple[Paid, ...]) -> None:
    try:
        book = read_held(root, data)
        whole = not unpaid(evidence, charges_in(book)) and not sketch_lost(root, data, book)
        caps_in(book)
        fields = {"charged_to": charged_to(book)}
        whole = whole and not _in_circle(root, data, fields)
    except InputError:
        return
    if whole:
        raise InputError(
            "this ledger is as it was written, and every kept result has its charge",
            where=f"ledger {data[:12]}",
            remedy="There is nothing to repair, and nothing was changed",
        )


def _repaired_register(root: Path, key: bytes) -> dict[str, Lines]:
    """Return the register, made anew of all ledgers that can be read where it is damaged.

    Of the others it keeps what it told, so that they stay damaged until they are repaired too.
    """
    try:
        return read_register(root, key)
    except DamagedRegisterError:
        found = registered_unproven(root)
        for other in data_sets(root):
            with suppress(InputError):
                book = read_files(root, other)
                if book != Book():
                    found[other] = parts_of(book)
        return found


def _usable_key(root: Path) -> bytes:
    """Return the key, a new one where it is gone, damaged or may be known to others."""
    make_folder(root)
    # Alone, so that of two repairs at once none puts the other's new key aside.
    with locked(root / ".ledgers.lock"):
        try:
            return key_file(root / KEY, KEY_TOLD, REPAIR)
        except InputError:
            (root / KEY).rename(root / f"{KEY}.damaged-{_stamp()}")
            return key_file(root / KEY, KEY_TOLD, REPAIR)


def _cap(last: Cap | None, charges: tuple[Charge, ...]) -> Cap | None:
    """Return the last proven cap if it covers the charges, else one that is spent."""
    if last is not None and last.budget.covers(charges):
        return last
    if not charges:
        return None
    spent = Budget(1.0).spent(charges)
    budget = Budget(min(spent.epsilon, sys.float_info.max), min(spent.delta, 0.999))
    return Cap(budget, "what was spent, at a repair", now(), "")


def _in_circle(root: Path, data: str, decided: dict[str, Any]) -> bool:
    """Whether charges of this ledger would come back to it."""
    passed = [data]
    while (other := decided.get("charged_to")) is not None:
        if other in passed:
            return True
        passed.append(other)
        with suppress(InputError):
            decided = {"charged_to": charged_to(read_book(root, other))}
            continue
        return False
    return False


def _charge(paid: Paid) -> Charge:
    assert paid.neighbouring in get_args(Neighbouring)
    return Charge(
        f"{paid.what}, counted at a repair",
        paid.epsilon,
        paid.delta,
        paid.neighbouring,  # type: ignore[arg-type]
        paid.unit,
        now(),
        paid.audit,
    )


def _write(
    root: Path,
    data: str,
    key: bytes,
    notes: list[dict[str, Any]],
    charges: tuple[Charge, ...],
    decided: list[dict[str, Any]],
    cap: Cap | None,
) -> None:
    """Keep the damaged files aside, and write both new ones in both places."""
    stamp = _stamp()
    for folder in (folder_of(root, data), copy_of(root, data)):
        aside = folder / f"damaged-{stamp}"
        make_folder(aside)
        for name in FILES.values():
            if (folder / name).exists():
                shutil.copy2(folder / name, aside / name)
    entries = [*notes, *({"charge": asdict(charge)} for charge in charges)]
    book = extended(Book(), "charges", entries, key, data)
    caps = [] if cap is None else [{"cap": asdict(cap)}]
    book = extended(book, "caps", [*notes, *decided, *caps], key, data)
    contents = {}
    for part in reversed(FILES):  # Charges last: beside older caps a crash would leave none proven.
        for path in paths_of(root, data, part).values():
            contents[path] = format_chain(lines_of(book, part))
    registered = _repaired_register(root, key)
    write_all_atomic(contents)
    with locked(root / ".register.lock"):
        write_register(root, key, {**registered, data: parts_of(book)})


def _stamp() -> str:
    return now().replace(":", "").replace("+0000", "")
