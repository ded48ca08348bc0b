"""The way out of a damaged ledger: adopt what can be proven, count all that may have been spent.

Counted are the charges of every line that can be read, in the file, its copy and the register,
whether its signature holds or not, and what kept models and releases say they cost beyond that. So
nothing is given back; where a line was edited both figures count. The cap is the last one whose
signature holds, or what was spent where that is more or there is none. That it was repaired, why
and by whom, is the first line of the new ledger for ever, and the damaged files are kept beside it.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from core.errors import InputError
from core.ledger.entries import Cap, cap_from_json, charges_in
from core.ledger.evidence import Paid, evidence_of, unpaid
from core.ledger.files import (
    FILES,
    KEY,
    KEY_TOLD,
    REPAIR,
    Book,
    Part,
    copy_of,
    data_sets,
    exclusive,
    extended,
    folder_of,
    lines_of,
    parts_of,
    paths_of,
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
from core.privacy.accounting.budget import Budget, Charge, Neighbouring, charge_from_json
from core.storage.chain import BrokenChainError, Line, format_chain, parse_chain
from core.storage.disk import disk_errors, locked, make_folder, write_all_atomic
from core.storage.record import now
from core.storage.sign_off import check_sign_off
from core.storage.signed_pickle import key_file

_DECISIONS = {"charged_to", "apart_from", "sketch"}
"""What is kept of the file of caps beside the cap itself."""

_OF_LINES = ("seal", "beside", "registered")
"""What is written with each line, beside what it says."""


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
        key = _usable_key(root)
        evidence = evidence_of(root, data)
        with exclusive(root, data):
            _check_damaged(root, data, evidence)
            proven, counted = _charges(root, data, key)
            missing = [_charge(paid) for paid in unpaid(evidence, counted)]
            charges = (*counted, *missing)
            decided = _proven_caps(root, data, key)
            if sketch_lost(root, data, Book(caps=tuple(Line(entry, "") for entry in decided))):
                decided = [entry for entry in decided if "sketch" not in entry]
            cap = _cap(decided, charges)
            found = Repaired(charges, proven, len(missing), None if cap is None else cap.budget)
            _write(
                root,
                data,
                key,
                found,
                [entry for entry in decided if _DECISIONS & entry.keys()],
                cap,
                {"reason": reason.strip(), "name": name.strip()},
            )
    return found


def _check_damaged(root: Path, data: str, evidence: tuple[Paid, ...]) -> None:
    try:
        book = read_held(root, data)
        whole = not unpaid(evidence, charges_in(book)) and not sketch_lost(root, data, book)
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
    try:
        return key_file(root / KEY, KEY_TOLD, REPAIR)
    except InputError:
        (root / KEY).rename(root / f"{KEY}.damaged-{_stamp()}")
        return key_file(root / KEY, KEY_TOLD, REPAIR)


def _charges(root: Path, data: str, key: bytes) -> tuple[int, tuple[Charge, ...]]:
    """Return how many charges are proven, and all that any line tells of."""
    proven: Counter[Charge] = Counter()
    all_told: Counter[Charge] = Counter()
    for content in _contents(root, data, "charges"):
        entries, count = _entries(content, key, (data, "charges"))
        told = [_charge_in(entry) for entry in entries]
        proven |= Counter(charge for charge in told[:count] if charge is not None)
        all_told |= Counter(charge for charge in told if charge is not None)
    return proven.total(), tuple(sorted(all_told.elements(), key=lambda charge: charge.when))


def _proven_caps(root: Path, data: str, key: bytes) -> list[dict[str, Any]]:
    """Return the longest list of entries of the file of caps whose signatures hold."""
    found = []
    for content in _contents(root, data, "caps"):
        entries, count = _entries(content, key, (data, "caps"))
        proven = [dict(entry) for entry in entries[:count]]
        for entry in proven:  # They are signed anew.
            for name in _OF_LINES:
                entry.pop(name, None)
        found.append(proven)
    return max(found, key=len)


def _cap(proven: list[dict[str, Any]], charges: tuple[Charge, ...]) -> Cap | None:
    """Return the last proven cap if it covers the charges, else one that is spent."""
    caps = [cap_from_json(entry["cap"]) for entry in proven if "cap" in entry]
    if caps and caps[-1].budget.covers(charges):
        return caps[-1]
    if not charges:
        return None
    spent = Budget(1.0).spent(charges)
    return Cap(
        Budget(spent.epsilon, min(spent.delta, 0.999)), "what was spent, at a repair", now(), ""
    )


def _contents(root: Path, data: str, part: Part) -> list[bytes]:
    """Return what each of a file's three places holds, nothing where it is gone."""
    paths = paths_of(root, data, part).values()
    files = [path.read_bytes() for path in paths if path.exists()]
    return [*files, format_chain(registered_unproven(root).get(data, {}).get(part, ()))]


def _entries(
    content: bytes, key: bytes, belongs_to: tuple[str, ...]
) -> tuple[list[dict[str, Any]], int]:
    """Return the entries of all lines that are JSON objects, and how many first ones are proven."""
    lines = content.splitlines(keepends=True)
    try:
        count = len(parse_chain(b"".join(lines), key, belongs_to))
    except BrokenChainError as error:
        count = error.number - 1
    found = []
    # No two signed lines are alike, so one that is there twice was copied.
    for line in dict.fromkeys(lines) if any(b'"seal"' in line for line in lines) else lines:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            found.append(entry)
    return found, count


def _charge_in(entry: dict[str, Any]) -> Charge | None:
    told = entry.get("charge", {k: v for k, v in entry.items() if k not in _OF_LINES})
    try:
        return charge_from_json(told)
    except (ValueError, TypeError):
        return None


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
    found: Repaired,
    decided: list[dict[str, Any]],
    cap: Cap | None,
    signed: dict[str, str],
) -> None:
    """Keep the damaged files aside, and write both new ones in both places."""
    stamp = _stamp()
    for folder in (folder_of(root, data), copy_of(root, data)):
        aside = folder / f"damaged-{stamp}"
        make_folder(aside)
        for name in FILES.values():
            if (folder / name).exists():
                shutil.copy2(folder / name, aside / name)
    note = {
        "note": "repaired",
        **signed,
        "when": now(),
        "charges": len(found.charges),
        "proven": found.proven,
        "from_results": found.from_results,
    }
    charges = [{"charge": asdict(charge)} for charge in found.charges]
    book = extended(Book(), "charges", [note, *charges], key, data)
    caps = [] if cap is None else [{"cap": asdict(cap)}]
    book = extended(book, "caps", [note, *decided, *caps], key, data)
    contents = {}
    for part in FILES:
        for path in paths_of(root, data, part).values():
            contents[path] = format_chain(lines_of(book, part))
    registered = _repaired_register(root, key)
    write_all_atomic(contents)
    with locked(root / ".register.lock"):
        write_register(root, key, {**registered, data: parts_of(book)})


def _stamp() -> str:
    return now().replace(":", "").replace("+0000", "")
